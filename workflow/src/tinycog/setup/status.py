"""What there is of a run, from its files alone: fits that are done, missing, failed or damaged, and the time left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinycog.analyses.data_requirement import outputs as data_requirement
from tinycog.analyses.data_requirement.tables import NOT_FITTED, PARTS
from tinycog.analyses.distillation.design import CHOICES
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results.layout import Layout
from tinycog.setup import costs, expected, planning
from tinycog.setup.expected import Jobs
from tinycog.storage import read_columns, read_json, readable


def _of_fit(layout: Layout, w: Mapping[str, str], k: int) -> list[Path]:
    table = layout.fit(w["dataset"], w["subject"], w["model"], int(w["dim"]), k)
    return [table, table.with_suffix(".safetensors")]


def _of_share(kind: str) -> Callable[[Layout, Mapping[str, str], int], list[Path]]:
    def files(layout: Layout, w: Mapping[str, str], k: int) -> list[Path]:
        place = (w["dataset"], w["subject"], w["model"], int(w["dim"]), k)
        return [layout.share(kind, *place, table.name) for table in PARTS]

    return files


def _of_equations(*names: str) -> Callable[[Layout, Mapping[str, str], int], list[Path]]:
    def files(layout: Layout, w: Mapping[str, str], k: int) -> list[Path]:
        folder = layout.dynamics(w["dataset"], w["subject"], w["model"], int(w["dim"]), "").parent
        return [folder / name for name in names]

    return files


def _of_learner(layout: Layout, w: Mapping[str, str], k: int) -> list[Path]:
    """The fits first, of several targets maybe, and what was selected of them."""
    folder = layout.distilled(w["dataset"], w["target"], int(w["n"])) / w["method"] / w["model"] / f"d{w['dim']}"
    return [folder / f"{w.get('mode', CHOICES)}{suffix}" for suffix in (".parquet", ".json")]


# rule: what a job of it makes, from the wildcards and the number of the outer fold or the simulation
FILES: Mapping[str, Callable[[Layout, Mapping[str, str], int], list[Path]]] = {
    "fit_model": _of_fit,
    "fit_population": lambda layout, w, k: [layout.population(w["dataset"], w["model"], k)],
    "fit_teacher": lambda layout, w, k: [layout.teacher(w["dataset"], w["teacher"], k)],
    "refit_parameters": lambda layout, w, k: [layout.refit(w["dataset"], w["subject"], w["model"])],
    "fit_shares": _of_share(data_requirement.OWN),
    "fit_simulated": _of_share(data_requirement.SIMULATED),
    "simulate_networks": lambda layout, w, k: [layout.simulation(w["dataset"], w["subject"], k)],
    "fit_played": lambda layout, w, k: [layout.played(w["dataset"], w["subject"], w["model"], int(w["dim"]), k)],
    "fit_held_out_students": lambda layout, w, k: [layout.zero_shot(w["dataset"], w["model"], int(w["dim"]), k)],
    "fit_target_teacher": lambda layout, w, k: [
        layout.distilled(w["dataset"], w["target"], int(w["n"])) / "teacher" / f"w{w['width']}.parquet"
    ],
    "fit_student": _of_learner,
    "fit_without_teacher": _of_learner,
    "recover_parameters": lambda layout, w, k: [layout.root / "recovery" / w["dataset"] / f"{w['model']}.parquet"],
    "search_equations": _of_equations("operon.json"),
    "search_equations_with_pysr": _of_equations("pysr.json"),
    "choose_equations": _of_equations(
        "rules.json", "symbolic_regression.parquet", "formula_points.parquet", "formula_curves.parquet"
    ),
    "fit_formula": _of_equations("formula_fits.parquet", "formula_rules.parquet", "formula_found.parquet"),
}
# rules that make a folder of files, after which their log is named
OF_FOLDER = (
    "fit_shares",
    "fit_simulated",
    "search_equations",
    "search_equations_with_pysr",
    "choose_equations",
    "fit_formula",
)

NUMBERS = ("done", "jobs", "fits", "failed", "seconds")


@dataclass
class State:
    """Of the jobs of one kind.

    Attributes:
        done, jobs: how many have all their files, and how many there are.
        fits, failed: in the files, and those of them that failed; `reasons` counts these by their reason.
        not_fitted: shares of the data that are no fits, too small or of what cannot be played; counted by their reason.
        seconds: of one core, that the others are expected to take.
        damaged: files that cannot be read, with what is wrong.
        stopped: the last line that jobs without files wrote to their log, counted.
    """

    dataset: str
    name: str
    done: int = 0
    jobs: int = 0
    fits: int = 0
    failed: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    not_fitted: Counter[str] = field(default_factory=Counter)
    damaged: dict[Path, str] = field(default_factory=dict)
    stopped: Counter[str] = field(default_factory=Counter)

    def count(self, layout: Layout, jobs: Jobs, number: int) -> None:
        files = FILES[jobs.rule](layout, jobs.where, number)
        self.jobs += 1
        if not all(file.is_file() for file in files):
            self.seconds += jobs.seconds
            if said := _last_line(layout, jobs.rule, files[0]):
                self.stopped[said] += 1
            return
        damaged = {file: problem for file in files if (problem := readable(file))}
        self.damaged |= damaged
        if damaged:
            self.seconds += jobs.seconds
            return
        self.done += 1
        said = list(_reasons(files[0]))
        reasons = [reason for reason in said if not reason.startswith(NOT_FITTED)]
        self.not_fitted.update(reason.removeprefix(NOT_FITTED) for reason in said if reason.startswith(NOT_FITTED))
        self.fits += len(reasons)
        self.failed += sum(map(bool, reasons))
        self.reasons.update(filter(None, reasons))


def states(config: Config, root: Path) -> Iterator[State]:
    """Of every data set, one for each model, and for each other rule that fits.

    Data that have not been prepared are read or simulated, as for a plan.

    Args:
        root: the run's results folder.
    """
    layout, measured = Layout(root, config.chunks), costs.read()
    for dataset in config.datasets:
        meta = layout.meta(dataset)
        about = read_json(meta) if meta.is_file() else planning.meta(config, dataset)
        found: dict[str, State] = {}
        for jobs in expected.jobs(config, about, measured):
            name = jobs.where["model"] if jobs.rule == "fit_model" else jobs.rule
            state = found.setdefault(name, State(dataset, name))
            for number in range(jobs.n):
                state.count(layout, jobs, number)
        yield from found.values()


def total(found: Sequence[State]) -> State:
    """Numbers of all together."""
    numbers = {name: sum(getattr(state, name) for state in found) for name in NUMBERS}
    return State("total", "", **numbers)


def _reasons(file: Path) -> Iterator[str]:
    """Why each fit in a file failed, empty where it did not; nothing of a file that says nothing of fits."""
    if file.suffix == ".parquet":
        columns: Mapping[str, Any] = read_columns(file, ["reason"])
        yield from (reason or "" for reason in columns.get("reason", ()))
    elif isinstance(content := read_json(file), dict):
        yield content.get("reason") or ""


def _last_line(layout: Layout, rule: str, file: Path) -> str:
    """What the log of a job ends with that did not make its files; empty if it wrote nothing."""
    place = file.parent if rule in OF_FOLDER else file
    log = layout.root / "logs" / rule / Path(*place.relative_to(layout.root).parts[1:]).with_suffix(".log")
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def need_of_folder(root: Path) -> None:
    """Raise InputError if there is nothing of the run here."""
    if not root.is_dir():
        runs = sorted(path.name for path in root.parent.iterdir()) if root.parent.is_dir() else []
        there = f"; runs there: {', '.join(runs)}" if runs else ""
        raise InputError(f"{root.absolute()}: no such folder: the run has not been started from here{there}")
