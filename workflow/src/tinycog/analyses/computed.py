"""What is computed of the selected fits of one model of a subject: analyses say it, one job does all of it.

To start Python and to read the fits takes longer than most of these analyses, and all of them change with the fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NamedTuple

from tinycog.analyses import coverage


class Computed(NamedTuple):
    """An analysis of each model that its `outputs` cover.

    Attributes:
        command: sub-command of `python -m tinycog analyse`.
        tables: that it writes into the model's folder.
        options: of the sub-command.
        reads_trials: whether it needs trial tables beside the fits and their scores.
    """

    command: str
    tables: tuple[str, ...]
    options: str = ""
    reads_trials: bool = False


class Group(NamedTuple):
    """What one job computes of a model: models of a data set and dim share a group where they are analysed alike.

    Attributes:
        computed: analysis and what it computes, in the order of the analyses.
    """

    dataset: str
    dim: int
    computed: tuple[tuple[str, Computed], ...]

    def modules(self) -> list[str]:
        return [f"tinycog.analyses.{analysis}.step" for analysis, _ in self.computed]

    def tables(self) -> list[str]:
        return [name for _, of in self.computed for name in of.tables]

    def commands(self) -> str:
        """Sub-commands, for a shell."""
        return " ".join(f"{of.command} {of.options}".strip() for _, of in self.computed)

    def reads_trials(self) -> bool:
        return any(of.reads_trials for _, of in self.computed)


def groups(config: Any, outputs: Mapping[str, ModuleType]) -> dict[Group, list[str]]:
    """Every group of a run with its models."""
    return {Group(*key): models for key, models in coverage.alike(config, outputs, "computed").items()}
