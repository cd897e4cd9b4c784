"""Cognitive models of the original two-stage task (cognitive-models.md 7)."""

from __future__ import annotations

import array_api_compat

from tinycog.models.cognitive.declaration import POSITIVE, UNIT, CognitiveModel, is_index
from tinycog.models.interface import Array, Parameters, Trial, along_replicas


class MBs(CognitiveModel):
    """Anti-correlated values, model-based first choice (7.2): W_s of the two second actions in state s are opposites.

    The state is (W_00, W_10). W_s moves to r, towards the action chosen, at rate alpha_2. A state is worth its better
    action, Y_s = |W_s0|, and a first action B_i = p Y_i + (1 - p) Y_other. Logits beta_1 B and beta_2 W.
    """

    classes = {"alpha_2": UNIT, "beta_1": POSITIVE, "beta_2": POSITIVE}
    n_dynamical = 2
    state_bounds = (-1.0, 1.0)

    def initial_state(self, params: Parameters, n_blocks: int) -> Array:
        return self.zeros(params, n_blocks)

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        if trial.stage == 0:
            return state
        second = trial.action - 2 - 2 * trial.state
        paid = (trial.reward * (1 - 2 * second))[..., None]
        reached = is_index(trial.state, 2, like=state)
        return state + along_replicas(params["alpha_2"], state) * reached * (paid - state)

    def policy(self, params: Parameters, state: Array) -> Array:
        xp, p = array_api_compat.array_namespace(state), self.task.common
        beta_1, beta_2 = (along_replicas(params[name], state) for name in ("beta_1", "beta_2"))
        worth = xp.abs(state)
        first = beta_1 * (p * worth + (1 - p) * xp.flip(worth, axis=-1))
        second = xp.stack([beta_2 * state, -beta_2 * state], axis=-1)  # (..., state, action)
        return xp.concat([first, xp.reshape(second, (*second.shape[:-2], 4))], axis=-1)


MODELS = {"MBs": MBs}
