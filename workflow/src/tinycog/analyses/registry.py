"""The list of analyses. It imports the standard library alone, because the command line and the workflow read it first.

An analysis is the folder of its name below this one. Each of its parts is a module:

    section     `SECTION`: its keys in the config, under `analyses`, and what must go together. An analysis without it
                has no keys, and belongs to every run
    outputs     `tables(config)` and `figures(config, fits)`: names of what a run gets of it
    tables      `TABLES`: descriptions of its tables, which their writers and the codebook use
    command     `COMMANDS`, sub-commands of `python -m tinycog`, and `PLOTS`, sub-commands of `python -m tinycog plot`
    compute     arrays and tables in, tables out; it touches no file
    step        reads files, computes, writes tables; further steps have names of their own (gather, ...), and so do
                further computations
    figure      tables in, a Matplotlib figure out; it computes no statistics
    plot        reads tables, writes the figure

Its rules are `workflow/rules/{name}.smk`, which the Snakefile includes.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

NAMES = ("description", "performance", "dimensionality", "portraits", "parameter_recovery", "parameters")


def parts(module: str) -> Iterator[tuple[str, ModuleType]]:
    """Each analysis that has a module of this name: its own name and the module, in the order of the list."""
    for name in NAMES:
        path = f"{__package__}.{name}.{module}"
        if importlib.util.find_spec(path):
            yield name, importlib.import_module(path)
