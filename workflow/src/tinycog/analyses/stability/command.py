"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, model_options


@click.command()
@click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of each outer fold")
@click.option("--scores", "scored", type=PATH, multiple=True, required=True, help="scores of each outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@model_options
@click.option("--dim", type=int, required=True, help="units of a network, dynamical variables of a cognitive model")
@click.option("--output", type=PATH, required=True, help="folder of tables")
def stability(selected: tuple[Path, ...], scored: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fixed points, attractors and Lyapunov exponents of one model."""
    from tinycog.analyses.stability.step import stability as step

    step(list(selected), list(scored), output, **options)


@click.command("gather-stability")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, **options: Any) -> None:
    """Put tables fixed_points, attractors and stability of every subject together."""
    from tinycog.analyses.stability.gather import gather as step

    step(root, **options)


COMMANDS = (stability, gather)
