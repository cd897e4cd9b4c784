"""Which models there are, by the names of the config. Light: names and declarations, no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinycog.models.cognitive import bandits, original_two_stage, reversal

if TYPE_CHECKING:
    from tinycog.models.cognitive.declaration import CognitiveModel
    from tinycog.models.interface import Model
    from tinycog.tasks import Task

KERNELS = ("gru",)  # cells with a compiled gradient
# task whose catalogue applies: the models of that task, by name
COGNITIVE = {
    "reversal": reversal.REVERSAL,
    "two_stage": reversal.TWO_STAGE,
    "transition_reversal": reversal.TRANSITION_REVERSAL,
    "bandit": bandits.MODELS,
    "original_two_stage": original_two_stage.MODELS,
}


def cognitive(task: Task, name: str) -> CognitiveModel:
    """The cognitive model `name` of `task`.

    Raises:
        ValueError: the task has no such model; the message lists those it has.
    """
    models = COGNITIVE.get(task.cognitive, {})
    if name not in models:
        known = ", ".join(models) or "none"
        raise ValueError(
            f"task {task.name!r} with {task.n_actions} actions has no cognitive model {name!r}; it has: {known}"
        )
    return models[name](task)


def build(task: Task, spec: dict[str, Any], dim: int | None) -> Model:
    """The model that a config section describes; `dim` is the number of units of a network."""
    if spec["family"] == "cognitive":
        return cognitive(task, spec["model"])
    from tinycog.models.cells.gru import GRU

    return GRU(n_inputs=task.n_inputs, n_units=dim, n_actions=task.n_outputs, readout=spec["readout"])


def module(task: Task, spec: dict[str, Any]) -> str:
    """Name of the module that defines the model, for the `code` input of the rules that run it."""
    if spec["family"] == "cognitive":
        return type(cognitive(task, spec["model"])).__module__
    return f"tinycog.models.cells.{spec['cell']}"


def kernel(cell: str) -> str | None:
    """Name of the module with the compiled gradient of a network's cell; None where there is none."""
    return f"tinycog.fitting.kernels.{cell}" if cell in KERNELS else None
