"""The list of analyses. It imports the standard library alone, because the command line and the workflow read it first.

An analysis is the folder of its name below this one. Each of its parts is a module:

    section     `SECTION`: its keys in the config, under `analyses`, and what must go together. An analysis without it
                has no keys, and belongs to every run, as may one with it (parameters, covariates): its `outputs` decide
    outputs     `tables(config)` and `figures(config, fits)`: names of what a run gets of it; `exports(config, layout,
                fits)`: paths of what it gets beside these; `computed` and `drawings(config, dataset, model, dim)`: what
                is computed and drawn of each model of a subject, which one job does with that of other analyses
    tables      `TABLES`: descriptions of its tables, which their writers and the codebook use; `FILES`: of other files
    command     `COMMANDS`, `ANALYSES`, `PLOTS`: sub-commands of `python -m tinycog`, of its `analyse`, of its `plot`
    compute     arrays and tables in, tables out; it touches no file
    step        reads files, computes, writes tables; further steps have names of their own (gather, ...), and so do
                further computations
    figure      tables in, a Matplotlib figure out; it computes no statistics
    plot        reads tables, writes the figure

Its other rules are `workflow/rules/{name}.smk`, which the Snakefile includes.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

NAMES = (
    "description",
    "performance",
    "advantage",
    "dimensionality",
    "data_requirement",
    "portraits",
    "stability",
    "fields",
    "trajectories",
    "drift",
    "signatures",
    "dynamical_regression",
    "symbolic_regression",
    "behaviour",
    "parameter_recovery",
    "model_recovery",
    "parameters",
    "trials",
    "agreement",
    "strategy",
    "covariates",
    "distillation",
    "zero_shot",
)


def modules(part: str) -> Iterator[str]:
    """Full names of the modules with this part, of each analysis that has it, in the order of the list."""
    paths = (f"{__package__}.{name}.{part}" for name in NAMES)
    return (path for path in paths if importlib.util.find_spec(path))


def parts(part: str) -> Iterator[tuple[str, ModuleType]]:
    """The same, imported: name of the analysis and module."""
    return ((path.split(".")[-2], importlib.import_module(path)) for path in modules(part))
