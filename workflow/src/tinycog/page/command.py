"""Sub-commands of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, together

of_run = together(
    click.option("--root", type=PATH, required=True, help="results folder of the run"),
    click.option("--about", type=Json(), required=True, help="what the page says of the config, JSON"),
    click.option("--tables", type=PATH, multiple=True, required=True, help="a table of the run (Parquet)"),
    click.option("--output", type=PATH, required=True, help="HTML file to write"),
)


@click.command()
@of_run
def page(**options: Any) -> None:
    """Write the page of a run."""
    from tinycog.page.step import page as step

    step(**options)


@click.command("page-subject")
@of_run
@click.option("--dataset", required=True)
@click.option("--subject", required=True, help="directory name of the subject")
@click.option("--drawn", type=PATH, multiple=True, help="file of a portrait or a vector field")
@click.option("--figure", "figures", multiple=True, help="name of a figure that the run makes of the subject")
def page_subject(**options: Any) -> None:
    """Write the page of one subject."""
    from tinycog.page.step import subject_page as step

    step(**options)


@click.command("page-agents")
@click.option("--root", type=PATH, required=True, help="results folder of the run of config/agents.yaml")
@click.option("--output", type=PATH, required=True, help="JSON file to write")
def page_agents(root: Path, output: Path) -> None:
    """Write the numbers of the known agents that the page shows beside its figures (for developers)."""
    from tinycog.page.agents import write

    write(root, output)


COMMANDS = (page, page_subject, page_agents)
