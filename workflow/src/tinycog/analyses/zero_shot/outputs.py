"""Tables and figures that this analysis adds to a run, and the results of which they are made."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.advantage import outputs as advantage
from tinycog.analyses.zero_shot.tables import TABLES
from tinycog.results.layout import Layout
from tinycog.trials.subjects import POOLED


def datasets(config: Any) -> list[str]:
    section = config.analyses.zero_shot
    return section.pools(config) if section else []


def units(config: Any, dataset: str) -> int:
    """Units of the teacher."""
    section = config.analyses.zero_shot
    return section.units or max(config.dims(section.teacher)[dataset])


def teacher(config: Any, layout: Layout, dataset: str, outer: int) -> list[str]:
    """What was selected of the teacher in an outer fold, and its parameters."""
    key = (dataset, POOLED, config.analyses.zero_shot.teacher, units(config, dataset), outer)
    return [str(layout.selected(*key)), str(layout.parameters(*key))]


def selected(config: Any, layout: Layout, dataset: str, outer: int) -> list[str]:
    """What was selected of every model of the run in an outer fold; with `allow_missing` of those that were fitted."""
    keys = [(dataset, POOLED, name, dim, outer) for name in config.models for dim in config.dims(name)[dataset]]
    return [str(layout.selected(*key)) for key in keys if not config.allow_missing or layout.fit(*key).exists()]


def students(config: Any, dataset: str) -> list[tuple[str, int]]:
    """(model, dim) of every student."""
    task = config.datasets[dataset].task_object
    names = dict.fromkeys(config.analyses.zero_shot.students)
    return [(name, dim) for name in names for dim in config.models[name].dims_on(name, task)]


def rivals(config: Any) -> list[str]:
    """Cognitive models that students and networks are held against: fitted to others, and no students."""
    return [name for name in advantage.rivals(config) if name not in config.analyses.zero_shot.students]


def student_training(config: Any, model: str) -> dict[str, Any]:
    """Training options of a student's fits, which use all of the subject's blocks at once."""
    return {key: value for key, value in config.training_slice(model).items() if key != "batch"}


def parts(config: Any, layout: Layout) -> list[str]:
    """Files of which the tables are made; with `allow_missing` those that exist."""
    found = []
    for dataset in datasets(config):
        for outer in range(config.folds(dataset)["outer"]):
            found.append(layout.held_out(dataset, outer))
            found += [layout.zero_shot(dataset, *student, outer) for student in students(config, dataset)]
    return [str(path) for path in found if not config.allow_missing or path.exists()]


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if datasets(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"{kind}__{name}" for name in datasets(config) for kind in ("zero_shot", "zero_shot_advantage")]
