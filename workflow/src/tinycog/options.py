"""Types and groups of options that several sub-commands share. Every job imports it, so it imports little."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import click

from tinycog.errors import InputError

PATH = click.Path(path_type=Path)
CHECKOUT = Path(__file__).resolve().parents[3]
DEFAULT_CONFIG = CHECKOUT / "config/config.yaml"


class SectionType(click.ParamType):
    """A section of the config as JSON (or YAML), checked and completed with its defaults, or as it is: `--checked`."""

    name = "json"

    def __init__(self, section: str):
        """`section` is a name in `tinycog.sections`, as in "models.AnyModel"; it is imported when it is used."""
        self.module, self.attribute = section.split(".")

    def convert(self, value: str, param: click.Parameter, ctx: click.Context) -> Any:
        if ctx.meta.get(CHECKED):
            return json.loads(value)

        from tinycog.sections import yaml12
        from tinycog.sections.messages import checked

        section = getattr(importlib.import_module(f"tinycog.sections.{self.module}"), self.attribute)
        return checked(yaml12.read(value), f"--{param.name.replace('_', '-')}", section).model_dump()


class OfModel(NamedTuple):
    """What analyses of one model are given: its selected fits, their scores and the subjects' trials.

    Attributes:
        selected, scored: of every outer fold, in the same order.
        output: folder of tables.
        options: root, task, n_actions, spec and dim.
    """

    selected: list[Path]
    scored: list[Path]
    trials: list[Path]
    output: Path
    options: dict[str, Any]


class Json(click.ParamType):
    """Plain values given as JSON."""

    name = "json"

    def convert(self, value: str, param: click.Parameter, ctx: click.Context) -> Any:
        return json.loads(value)


MODEL = SectionType("models.AnyModel")
CHECKED = f"{__name__}.checked"


def together(*options: Any) -> Any:
    """A decorator that adds options to a command, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


checked_option = click.option(
    "--checked",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, param, value: ctx.meta.update({CHECKED: value}),
    help="sections are complete and come from a checked config, as a rule gives them: a job starts sooner",
)

# of steps that take the subjects of a chunk one after the other
trials_option = click.option(
    "--trials", type=PATH, multiple=True, required=True, help="trial table of a subject; several times for a chunk"
)

# of every step that rebuilds a model from the config's values
model_options = together(
    checked_option,
    click.option("--task", required=True, help="task of the data set"),
    click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)"),
    click.option("--model", "spec", type=MODEL, required=True, help="the model's config section"),
)

# of steps that analyse the selected fits of one model
fold_options = together(
    click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of each outer fold"),
    click.option("--scores", "scored", type=PATH, multiple=True, required=True, help="scores of each outer fold"),
    click.option("--root", type=PATH, required=True, help="results folder of the run"),
    model_options,
    click.option("--dim", type=int, required=True, help="units of a network, dynamical variables of a cognitive model"),
    click.option("--output", type=PATH, required=True, help="folder of tables"),
)

# of figures that name actions
actions_option = click.option("--actions", type=Json(), required=True, help="labels of the actions, JSON list")

# of tables that name them
labels_option = click.option(
    "--actions", type=Json(), required=True, help="labels of the actions of each data set, JSON: name: list"
)

# of commands for people that read a run's config
config_options = together(
    click.argument("configs", nargs=-1, type=PATH),
    click.option("--config", "overrides", multiple=True, metavar="KEY=VALUE", help="override a top-level key"),
    click.option(
        "--default", type=PATH, default=DEFAULT_CONFIG, help="config that files are added to; that of the demo"
    ),
)


def overrides_of(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Values of `--config KEY=VALUE`, as Snakemake reads them.

    Raises:
        InputError: one has no `=`.
    """
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise InputError(f"--config: found {wrong[0]!r}; allowed: KEY=VALUE")
    from tinycog.sections import yaml12

    return {key: yaml12.read(value) for key, value in (pair.split("=", 1) for pair in pairs)}
