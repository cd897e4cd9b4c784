"""Cognitive models of bandits with three or more arms, three-armed reversal included (cognitive-models.md 6)."""

from __future__ import annotations

from tinycog.models.cognitive.declaration import POSITIVE, UNIT, CognitiveModel, is_index
from tinycog.models.interface import Array, Parameters, Trial, along_replicas
from tinycog.tasks import Task


class MF(CognitiveModel):
    """Independent values (6.1): Q_a moves to r at rate alpha; the other values stay. Logits beta Q."""

    classes = {"alpha": UNIT, "beta": POSITIVE}
    state_bounds = (0.0, 1.0)

    def __init__(self, task: Task):
        super().__init__(task)
        self.n_dynamical = task.n_actions

    def initial_state(self, params: Parameters, n_blocks: int) -> Array:
        return self.zeros(params, n_blocks)

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        chosen = is_index(trial.action, self.n_dynamical, like=state)
        return state + along_replicas(params["alpha"], state) * chosen * (trial.reward[..., None] - state)

    def policy(self, params: Parameters, state: Array) -> Array:
        return along_replicas(params["beta"], state) * state


MODELS = {"MF": MF}
