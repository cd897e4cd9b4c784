"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, fold_options


@click.command()
@fold_options
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
