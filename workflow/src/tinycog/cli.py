"""The command line, `python -m tinycog`: one sub-command for each rule, usable by hand, and some for people.

Sub-commands stand beside what they run; heavy modules are imported by the sub-command that needs them.
"""

from __future__ import annotations

from typing import Any

import click

from tinycog.analyses import registry
from tinycog.benchmark import command as benchmark
from tinycog.errors import InputError
from tinycog.setup import command as setup
from tinycog.steps import command as steps


class Commands(click.Group):
    """Prints errors that are meant for people without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands, context_settings={"max_content_width": 100})
def main() -> None:
    """Discover cognitive strategies from choice behaviour with very small recurrent networks."""


@main.group()
def plot() -> None:
    """Draw one figure; --output is without suffix, PNG and PDF are written."""


for module in (setup, steps, *dict(registry.parts("command")).values(), benchmark):
    for command in module.COMMANDS:
        main.add_command(command)
    for command in getattr(module, "PLOTS", ()):
        plot.add_command(command)
