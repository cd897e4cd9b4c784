"""The command line, `python -m tinycog`: one sub-command for each rule, usable by hand, and some for people.

Sub-commands stand beside what they run; heavy modules are imported by the sub-command that needs them.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tinycog.analyses import registry
from tinycog.errors import InputError
from tinycog.options import PATH, OfModel, fold_options

# where sub-commands are, those of jobs first
MODULES = (
    "tinycog.steps.command",
    *registry.modules("command"),
    "tinycog.page.command",
    "tinycog.setup.command",
    "tinycog.benchmark.command",
)


class Commands(click.Group):
    """Looks through modules for a sub-command until it is found: a job loads no other. Errors have no traceback."""

    def __init__(self, *args: Any, listed_as: str = "COMMANDS", **options: Any):
        super().__init__(*args, **options)
        self.listed_as = listed_as

    def listed(self) -> Iterator[click.Command]:
        yield from self.commands.values()
        for module in MODULES:
            yield from getattr(importlib.import_module(module), self.listed_as, ())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return next((command for command in self.listed() if command.name == name), None)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(command.name for command in self.listed())

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException(str(error)) from None
        except Exception as error:
            from tinycog import storage

            # a bug, unless one of the files that the command names is damaged
            files = {Path(word) for word in sys.argv[1:] if os.path.isfile(word)}
            problems = {file: problem for file in sorted(files) if (problem := storage.readable(file))}
            if not problems:
                raise
            raise click.ClickException(storage.damaged(problems)) from error


@click.group(cls=Commands, context_settings={"max_content_width": 100})
def main() -> None:
    """Discover cognitive strategies from choice behaviour with very small recurrent networks."""


@main.group(cls=Commands, listed_as="PLOTS", chain=True)
def plot() -> None:
    """Draw a figure, or several one after the other; --output is without suffix, PNG and PDF are written."""


@main.group(cls=Commands, listed_as="ANALYSES", chain=True)
@fold_options
@click.option("--trials", type=PATH, multiple=True, help="trial table of each subject, for analyses that need them")
@click.pass_context
def analyse(ctx: click.Context, output: Path, **options: Any) -> None:
    """Analyse the selected fits of one model, by one analysis or several, one after the other."""
    files = [list(options.pop(name)) for name in ("selected", "scored", "trials")]
    ctx.obj = OfModel(*files, output, options)
