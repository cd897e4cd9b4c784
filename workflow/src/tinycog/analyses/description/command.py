"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, actions_option, labels_option


@click.command()
@click.option("--meta", type=PATH, required=True, help="meta.json of the data set")
@click.option("--output", type=PATH, required=True, help="table of statistics")
def describe(meta: Path, output: Path) -> None:
    """Count and describe the trials of one data set."""
    from tinycog.analyses.description.step import describe as step

    step(meta, output)


@click.command("gather-descriptions")
@click.argument("descriptions", nargs=-1, type=PATH, required=True)
@labels_option
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def gather_descriptions(descriptions: tuple[Path, ...], folder: Path, **options: Any) -> None:
    """Put the statistics of all data sets together."""
    from tinycog.analyses.description.gather import gather as step

    step(list(descriptions), folder, **options)


@click.command("gather-subjects")
@click.argument("metas", nargs=-1, type=PATH, required=True)
@click.option("--covariates", "files", type=Json(), default="{}", help="of each data set with a file of its own")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def gather_subjects(metas: tuple[Path, ...], folder: Path, files: dict[str, Any]) -> None:
    """Put together what is known of each subject as a whole."""
    from tinycog.analyses.description.subjects import subjects as step

    step(list(metas), folder, files)


@click.command("description")
@click.option("--trials", type=PATH, required=True, help="trial table of the example subject")
@click.option("--description", type=PATH, required=True, help="statistics of the data set")
@actions_option
@click.option("--rewards", type=(float, float), default=(0, 1), show_default=True, help="what rewards 0 and 1 were")
@click.option("--output", type=PATH, required=True)
def plot_description(**options: Any) -> None:
    """Example block, schedule and stay probabilities."""
    from tinycog.analyses.description.plot import plot as step

    step(**options)


COMMANDS = (describe, gather_descriptions, gather_subjects)
PLOTS = (plot_description,)
