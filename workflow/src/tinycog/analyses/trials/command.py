"""The sub-command of this analysis."""

from __future__ import annotations

from typing import Any

import click

from tinycog.options import PATH, model_options


@click.command("export-trials")
@click.option("--trials", type=PATH, multiple=True, required=True, help="trial table of each subject")
@click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of each outer fold")
@click.option("--scores", "scored", type=PATH, multiple=True, required=True, help="scores of each outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@model_options
@click.option("--dim", type=int, required=True, help="units of a network; dynamical variables of a cognitive model")
@click.option("--output", type=PATH, multiple=True, required=True, help="file of trials, .parquet or .csv")
def export_trials(**options: Any) -> None:
    """Write probabilities, states and prediction errors of every trial."""
    from tinycog.analyses.trials.step import export as step

    files = {name: list(options.pop(name)) for name in ("trials", "selected", "scored", "output")}
    step(**files, **options)


COMMANDS = (export_trials,)
