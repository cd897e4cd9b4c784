"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, OfModel


@click.command("stability")
@click.pass_obj
def stability(of: OfModel) -> None:
    """Fixed points, attractors and Lyapunov exponents of one model."""
    from tinycog.analyses.stability.step import stability as step

    step(of.selected, of.scored, of.output, **of.options)


@click.command("gather-stability")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, **options: Any) -> None:
    """Put tables fixed_points, attractors and stability of every subject together."""
    from tinycog.analyses.stability.gather import gather as step

    step(root, **options)


COMMANDS = (gather,)
ANALYSES = (stability,)
