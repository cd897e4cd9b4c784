"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, OfModel, actions_option, labels_option


@click.command("portrait")
@click.pass_obj
def portrait(of: OfModel) -> None:
    """Exact maps, fixed points and setpoints of one model with d = 1."""
    from tinycog.analyses.portraits.step import portrait as step

    step(of.selected, of.scored, of.output, **of.options)


@click.command("gather-portraits")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
@labels_option
def gather(root: Path, **options: Any) -> None:
    """Put the setpoints of every subject and model together."""
    from tinycog.analyses.portraits.gather import gather as step

    step(root, **options)


@click.command("portrait")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--limit", type=float, help="largest logit on the axes; by default they fit the trials")
@click.option("--output", type=PATH, required=True)
def plot_portrait(**options: Any) -> None:
    """Logit change against logit."""
    from tinycog.analyses.portraits.plot import plot_portrait as step

    step(**options)


@click.command("variants")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--variant", "variants", multiple=True, required=True, help="a view, see analyses.portraits.variants")
@click.option("--output", type=PATH, required=True)
def plot_variants(variants: tuple[str, ...], **options: Any) -> None:
    """Other views of a portrait: next logits, probabilities, relative to the choice, histograms, delays."""
    from tinycog.analyses.portraits.plot import plot_variants as step

    step(variants=list(variants), **options)


@click.command("setpoints")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--output", type=PATH, required=True)
def plot_setpoints(**options: Any) -> None:
    """Preference setpoints over outer folds."""
    from tinycog.analyses.portraits.plot import plot_setpoints as step

    step(**options)


COMMANDS = (gather,)
ANALYSES = (portrait,)
PLOTS = (plot_portrait, plot_variants, plot_setpoints)
