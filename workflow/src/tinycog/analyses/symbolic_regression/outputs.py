"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.symbolic_regression.tables import FORMULA_FITS, FORMULA_RULES, FOUND, SYMBOLIC_REGRESSION, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> coverage.Dims:
    """What is analysed: models with one or two dynamical variables and nothing that they remember beside these, where
    a trial is one choice of two actions and shows no stimulus.
    """
    return coverage.dims(config, config.analyses.symbolic_regression, _covers)


def _covers(task: Any, spec: dict[str, Any], dim: int) -> bool:
    if task.stimulus or task.n_actions > 2 or task.stages > 1:
        return False
    model = registry.build(task, spec, dim)
    return model.n_state == model.n_dynamical in (1, 2)


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the tables are made."""
    made = [SYMBOLIC_REGRESSION, FORMULA_RULES, FORMULA_FITS, FOUND]
    return coverage.files(layout, coverage.places(dims(config), fits), made)


def further(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Tables of fits to the choices that stand in table `performance` as well."""
    return coverage.files(layout, coverage.places(dims(config), fits), [FORMULA_FITS])


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """The equations of each, and one comparison of test NLL for each data set."""
    places = coverage.places(dims(config), fits)
    each = ["__".join(("equations", dataset, subject, model, f"d{dim}")) for dataset, subject, model, dim in places]
    return each + [f"formulas__{dataset}" for dataset in dict.fromkeys(place[0] for place in places)]


def searched(config: Any, layout: Layout, *place: Any) -> list[str]:
    """What the engine finds in the fits of a data set, subject, model and dim; nothing for sparse regression alone."""
    engine = config.analyses.symbolic_regression.engine
    return [] if engine == "sparse" else [str(layout.dynamics(*place, engine).with_suffix(".json"))]
