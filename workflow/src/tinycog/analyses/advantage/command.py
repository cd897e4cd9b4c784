"""Sub-commands of this analysis."""

from __future__ import annotations

from typing import Any

import click

from tinycog.options import PATH, Json


@click.command("advantage")
@click.option("--performance", type=PATH, required=True, help="table performance, Parquet")
@click.option("--models", type=Json(), required=True, help="names of the models that are compared, JSON")
@click.option("--rivals", type=Json(), required=True, help="names of the cognitive models among them, JSON")
@click.option("--seed", type=int, required=True, help="of the bootstrap")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def compare(**options: Any) -> None:
    """How far each model is ahead of the best cognitive model, over subjects."""
    from tinycog.analyses.advantage.step import compare as step

    step(**options)


@click.command("advantage")
@click.option("--table", type=PATH, required=True, help="table advantage, Parquet")
@click.option("--dataset", required=True)
@click.option("--output", type=PATH, required=True)
def plot(**options: Any) -> None:
    """Difference of test NLL from the best cognitive model, with intervals over subjects."""
    from tinycog.analyses.advantage.plot import plot as step

    step(**options)


COMMANDS = (compare,)
PLOTS = (plot,)
