"""Cognitive models of reversal learning and of the reduced two-stage task (cognitive-models.md 4).

An action's value is that of the states it leads to, M_i = p V_i + (1 - p) V_other. In reversal learning and in the
two-armed bandit action i always leads to state i (p = 1), so that the values of states are the values of actions.
"""

from __future__ import annotations

import array_api_compat

from tinycog.models.cognitive.declaration import HALF, POSITIVE, UNIT, CognitiveModel, is_index
from tinycog.models.interface import Array, Parameters, Trial, along_replicas


class MB0(CognitiveModel):
    """Independent values (4.5): V_s moves to r at rate alpha; the other value stays. Logits beta M."""

    classes = {"alpha": UNIT, "beta": POSITIVE}
    n_dynamical = 2
    state_bounds = (0.0, 1.0)

    def initial_state(self, params: Parameters, n_blocks: int) -> Array:
        return self.zeros(params, n_blocks)

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        reached = is_index(trial.state, 2, like=state)
        return state + along_replicas(params["alpha"], state) * reached * (trial.reward[..., None] - state)

    def policy(self, params: Parameters, state: Array) -> Array:
        xp, p = array_api_compat.array_namespace(state), self.task.common
        return along_replicas(params["beta"], state) * (p * state + (1 - p) * xp.flip(state, axis=-1))


class MB1(MB0):
    """Value forgetting (4.6): as MB0, and the value of the state not reached is multiplied by D."""

    classes = {"alpha": UNIT, "D": UNIT, "beta": POSITIVE}

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        reached = is_index(trial.state, 2, like=state)
        retained = along_replicas(params["D"], state)
        return super().update(params, state, trial) * (reached + (1 - reached) * retained)


class Q1(MB0):
    """Independent values of actions (4.5, Q(1)): Q_a moves to r at rate alpha; states play no role. Logits beta Q."""

    name = "Q(1)"

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        return super().update(params, state, trial._replace(state=trial.action))

    def policy(self, params: Parameters, state: Array) -> Array:
        return along_replicas(params["beta"], state) * state


class LS0(CognitiveModel):
    """Bayesian latent state (4.2): belief B that state 1 is the better one, hazard h. Logits beta (1 - B, B)."""

    classes = {"h": HALF, "beta": POSITIVE}
    n_dynamical = 1
    state_bounds = (0.0, 1.0)

    def initial_state(self, params: Parameters, n_blocks: int) -> Array:
        return self.zeros(params, n_blocks) + 0.5

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        for_world_1 = (2 * trial.state - 1) * (2 * trial.reward - 1)  # +1: the outcome speaks for world 1, -1: against
        likelihood = (0.5 + (self.task.good - 0.5) * for_world_1)[..., None]
        joint = likelihood * state
        posterior = joint / (joint + (1 - likelihood) * (1 - state))
        hazard = along_replicas(params["h"], state)
        return (1 - hazard) * posterior + hazard * (1 - posterior)

    def policy(self, params: Parameters, state: Array) -> Array:
        belief = state[..., 0]
        xp = array_api_compat.array_namespace(belief)
        return along_replicas(params["beta"], state) * xp.stack([1 - belief, belief], axis=-1)


REVERSAL = {"LS0": LS0, "MB0": MB0, "MB1": MB1}
TWO_STAGE = {"LS0": LS0, "Q(1)": Q1, "MB0": MB0, "MB1": MB1}
TRANSITION_REVERSAL = {"Q(1)": Q1}
