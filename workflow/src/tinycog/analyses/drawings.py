"""Figures of one model of a subject: analyses name them, one job draws them all.

To start Python takes longer than to draw a figure, and what is drawn of a model changes together, with its fits.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from tinycog.analyses import coverage
from tinycog.results.layout import Layout


class Drawing(NamedTuple):
    """A figure that an analysis draws of each subject's model.

    Attributes:
        kind: sub-command of `python -m tinycog plot`, with which the figure's name begins.
        tables: that it is drawn of, in the model's folder.
        of_dim: whether the name ends with the dim; models of one variable alone have no need of it.
        options: of the sub-command, beyond those that all have.
    """

    kind: str
    tables: tuple[str, ...]
    of_dim: bool = True
    options: str = ""

    def name(self, dataset: str, subject: str, model: str, dim: int | str) -> str:
        """Name of the figure, without folder and suffix."""
        return "__".join((self.kind, dataset, subject, model, *([f"d{dim}"] if self.of_dim else [])))


class Group(NamedTuple):
    """What one job draws of a model: models of the same data set and dim share a group where they are drawn alike.

    Attributes:
        drawn: analysis and figure, in the order of the analyses.
    """

    dataset: str
    dim: int
    drawn: tuple[tuple[str, Drawing], ...]

    def modules(self) -> list[str]:
        return list(dict.fromkeys(f"tinycog.analyses.{analysis}.plot" for analysis, _ in self.drawn))

    def stems(self) -> dict[str, str]:
        """Kind: name of the figure, with wildcards."""
        return {of.kind: of.name("{dataset}", "{subject}", "{model}", self.dim) for _, of in self.drawn}

    def tables(self, layout: Layout, subject: str, model: str) -> list[str]:
        """Files of which the figures of a model are drawn."""
        names = dict.fromkeys(name for _, drawing in self.drawn for name in drawing.tables)
        return [str(layout.dynamics(self.dataset, subject, model, self.dim, name)) for name in names]

    def commands(self, layout: Layout, subject: str, model: str, actions: list[str]) -> list[str]:
        """The sub-commands that draw the figures of a model, for a shell; `actions` are what these are called."""
        place = (self.dataset, subject, model, self.dim)
        labels = shlex.quote(json.dumps(actions, separators=(",", ":")))
        common = f"--folder {layout.dynamics(*place, '').parent} --subject {subject} --actions {labels}"
        figures = layout.root / "figures"
        return [f"{of.kind} {common} {of.options} --output {figures / of.name(*place)}" for _, of in self.drawn]


def groups(config: Any, outputs: Mapping[str, ModuleType]) -> dict[Group, list[str]]:
    """Every group of a run with its models."""
    return {Group(*key): models for key, models in coverage.alike(config, outputs, "drawings").items()}


def names(config: Any, of: coverage.Dims, drawings: Callable[..., list[Drawing]], fits: list[tuple]) -> list[str]:
    """Names of an analysis's figures of models, without folder and suffix.

    Args:
        of, drawings: `dims` and `drawings` of the analysis's `outputs`.
    """
    return [
        drawing.name(dataset, subject, model, dim)
        for dataset, subject, model, dim in coverage.places(of, fits)
        for drawing in drawings(config, dataset, model, dim)
    ]
