"""Which models there are, by the names of the config. Light: names and declarations, no torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tinycog.models.cognitive import bandits, original_two_stage, reversal, transition_reversal

if TYPE_CHECKING:
    from tinycog.models.cells.network import Network
    from tinycog.models.cognitive.declaration import CognitiveModel, Listed
    from tinycog.models.interface import Model
    from tinycog.tasks import Task

# cell: its module and its class
CELLS = {
    "gru": ("gru", "GRU"),
    "switching_gru": ("switching_gru", "SwitchingGRU"),
    "slin": ("slin", "SLIN"),
    "mi_gru": ("mi_gru", "MIGRU"),
    "rnn": ("rnn", "RNN"),
    "low_rank_rnn": ("rnn", "LowRankRNN"),
    "lstm": ("lstm", "LSTM"),
    "mingru": ("minimal", "MinGRU"),
    "minlstm": ("minimal", "MinLSTM"),
}
KERNELS = ("gru", "switching_gru", "slin", "mi_gru", "rnn", "low_rank_rnn", "lstm", "mingru", "minlstm")
# task whose catalogue applies: the models of that task, by name; the same name may mean another model in another task
COGNITIVE = {
    "reversal": reversal.REVERSAL,
    "two_stage": reversal.TWO_STAGE,
    "transition_reversal": transition_reversal.TRANSITION_REVERSAL,
    "bandit": bandits.BANDIT,
    "three_armed_reversal": bandits.THREE_ARMED,
    "four_armed_bandit": bandits.FOUR_ARMED,
    "original_two_stage": original_two_stage.ORIGINAL_TWO_STAGE,
}
WITHOUT_BRACKETS = {"Q0": "Q(0)", "Q1": "Q(1)"}  # names for config keys and paths


def listed(task: Task, name: str) -> Listed:
    """The entry of `name` in the catalogue of `task`.

    Raises:
        ValueError: the task has no such model; the message lists those it has.
    """
    models = COGNITIVE.get(task.cognitive, {})
    name = WITHOUT_BRACKETS.get(name, name)
    if name not in models:
        known = ", ".join(models) or "none"
        raise ValueError(
            f"task {task.name!r} with {task.n_actions} actions has no cognitive model {name!r}; it has: {known}"
        )
    return models[name]


def keys(task: Task) -> list[str]:
    """Names of the task's cognitive models as config keys and paths have them."""
    without = {name: key for key, name in WITHOUT_BRACKETS.items()}
    return [without.get(name, name) for name in COGNITIVE.get(task.cognitive, {})]


def cognitive(task: Task, name: str) -> CognitiveModel:
    """The cognitive model `name` of `task`; raises as `listed` does."""
    return listed(task, name).model(task)


def cell(name: str) -> type[Network]:
    """The class of a network's cell."""
    module, kind = CELLS[name]
    return getattr(importlib.import_module(f"tinycog.models.cells.{module}"), kind)


# family: the class of the model that a config section describes, from the task and the section. The class knows the
# rest: how it is built (`of`), and what `models/interface.py` lists
FAMILIES = {
    "rnn": lambda task, spec: cell(spec["cell"]),
    "cognitive": lambda task, spec: listed(task, spec["model"]).model,
}


def kind(task: Task, spec: dict[str, Any]) -> type[Model]:
    """The class of the model that a config section describes."""
    return FAMILIES[spec["family"]](task, spec)


def build(task: Task, spec: dict[str, Any], dim: int | None, n_subjects: int = 0) -> Model:
    """The model that a config section describes.

    Args:
        dim: number of units of a network.
        n_subjects: rows of a network's table of subjects, if it has one; see `Sequences.n_subjects`.
    """
    return kind(task, spec).of(task, spec, dim, n_subjects)


def is_scalar(task: Task, spec: dict[str, Any]) -> bool:
    """Whether the state of a model of dim 1 is one number.

    An LSTM has two for each unit, and a cognitive model may remember the last choice beside its dynamical variable.
    """
    return build(task, spec, 1).n_state == 1


def module(task: Task, spec: dict[str, Any]) -> str:
    """Name of the module that defines the model, for the `code` input of the rules that run it."""
    return kind(task, spec).__module__


def kernel(cell: str) -> str | None:
    """Name of the module with the compiled gradient of a network's cell; None where there is none."""
    return f"tinycog.fitting.kernels.{cell}" if cell in KERNELS else None
