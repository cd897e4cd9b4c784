"""Tables and figures that this analysis adds to a run, and the results of which they are made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinycog.analyses.distillation import design
from tinycog.analyses.distillation.tables import TABLES
from tinycog.results.layout import Layout
from tinycog.storage import read_json
from tinycog.trials.subjects import directory


def datasets(config: Any) -> list[str]:
    section = config.analyses.distillation
    return section.pools(config) if section else []


def plain(config: Any) -> dict[str, Any]:
    """What tells which results there are, as plain values that a rule can pass: the section, models and their dims."""
    section = config.analyses.distillation
    named = {"solo": section.networks(config), "cognitive": section.baselines(config)}
    return {
        "section": section.model_dump(exclude={"bootstrap", "proportion", "temperature", "align", "relabel"}),
        "datasets": datasets(config),
        "chunks": config.chunks,
        "dims": {
            method: {
                name: {d: config.models[name].dims_on(name, config.datasets[d].task_object) for d in datasets(config)}
                for name in names
            }
            for method, names in named.items()
        },
    }


def pool(layout: Layout, given: dict[str, Any], dataset: str) -> design.Pool:
    """Targets and subsets of a data set that has been prepared; `given` is what `plain` gives."""
    return design.pool(read_json(layout.meta(dataset)), given["section"])


def grouped(layout: Layout, found: design.Pool, *, unseen: bool) -> dict[tuple[str, int], list[str]]:
    """Ids of the targets of a directory, one or those of a chunk, who have a subset of so many blocks.

    Args:
        unseen: whether there are teachers that never see a target, who then has a subset of 0 blocks as well.
    """
    together: dict[tuple[str, int], list[str]] = {}
    for target in found.targets:
        place = layout.directory(found.dataset, directory(target.subject))
        without = [0] if unseen and target.sizes and any(found.widths) else []
        for n in (*without, *target.sizes.values()):
            together.setdefault((place, n), []).append(target.subject)
    return together


def targets(config: Any, layout: Layout, dataset: str) -> dict[tuple[str, int], list[str]]:
    """Directory names of the targets whose results lie in the same files, see `grouped`."""
    found = grouped(layout, pool(layout, plain(config), dataset), unseen=config.analyses.distillation.new_subjects)
    return {place: list(map(directory, subjects)) for place, subjects in found.items()}


def results(layout: Layout, given: dict[str, Any], dataset: str) -> Iterator[Path]:
    """Every file of results of a data set."""
    found, section = pool(layout, given, dataset), given["section"]
    for place, n in grouped(layout, found, unseen=section["new_subjects"]):
        here = layout.distilled(dataset, place, n)
        yield here / "teacher.json"
        if n == 0:
            continue
        if section["new_subjects"] and any(found.widths):
            yield here / "new_subject.json"
        for method, soft in (("solo", "student"), ("cognitive", "soft_cognitive")):
            modes = section["modes"] if method == "solo" else ["soft"]
            for model, dims in given["dims"][method].items():
                for dim in dims[dataset]:
                    yield here / method / model / f"d{dim}" / f"{design.CHOICES}.json"
                    for mode in modes:
                        yield here / soft / model / f"d{dim}" / f"{mode}.json"


def parts(config: Any, layout: Layout) -> list[str]:
    """Files of all results."""
    given = plain(config)
    return [str(path) for dataset in datasets(config) for path in results(layout, given, dataset)]


def teachers(config: Any, layout: Layout, dataset: str, target: str, n: int) -> list[str]:
    """Files of the teachers of every width; one that never sees the target is told subjects."""
    widths = pool(layout, plain(config), dataset).widths
    folder = layout.distilled(dataset, target, n) / "teacher"
    return [str(folder / f"w{width}.parquet") for width in widths if n or width]


def teacher(config: Any, width: int) -> dict[str, Any]:
    """The slice of a teacher, as of a model of the run."""
    return config.analyses.distillation.teacher.network(width).slice("teacher", None)


def training(config: Any, *, of_teacher: bool) -> dict[str, Any]:
    """Training options of teachers, or of all else, which trains on all its blocks at once."""
    own = config.analyses.distillation.teacher.training if of_teacher else None
    exclude = set() if of_teacher else {"batch"}
    options = (own or config.training).model_dump(exclude={"seeds", *exclude}, exclude_none=True)
    return {**options, "device": config.device}


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if datasets(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"distillation__{dataset}" for dataset in datasets(config)]


def softness(config: Any, method: str, mode: str) -> str:
    """Options of the command that fits a student: what it is compared with."""
    section = config.analyses.distillation
    proportion = section.proportion if mode == "mixed" else 1.0
    if mode == "align":
        return f"--align {section.align}"
    temperature = section.temperature if method == "student" else 1.0
    return f"--proportion {proportion} --temperature {temperature}"
