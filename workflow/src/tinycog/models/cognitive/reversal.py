"""Reversal learning and the reduced two-stage task (methods: reversal and two-stage models; retired two-stage models).

An action is valued by the states it leads to, M_i = p V_i + (1 - p) V_other. In reversal learning and in the two-armed
bandit action i always leads to state i (p = 1), so that the values of states are the values of actions. Of two values
that are always opposite, the state holds the first.

The module is long because it is a catalogue: some twenty short declarations that read best side by side.
"""

from __future__ import annotations

import math

from tinycog.arrays import namespace
from tinycog.models.cognitive.bandits import MF, MFDp
from tinycog.models.cognitive.declaration import (
    HALF,
    PLANNED,
    POSITIVE,
    REAL,
    UNIT,
    CognitiveModel,
    Listed,
    Named,
    Variable,
    catalogue,
)
from tinycog.models.cognitive.rules import (
    at,
    forgotten,
    model_based,
    moved,
    one_hot,
    opposites,
    reward,
    rewarded,
    sign,
)
from tinycog.models.interface import Array, Cue, Parameters, Trial


class BAS(CognitiveModel):
    """Baseline: action 1 with probability p, always."""

    classes = {"p": UNIT}
    variables = {}
    equations = ("y_0 = log(1 − p)", "y_1 = log(p)")

    def closed_form(self, shares: Array) -> Parameters:
        return {"p": shares[:, 1]}

    def update(self, params: Named, state: Array, trial: Trial) -> Array:
        return state

    def policy(self, params: Named, state: Array, cue: Cue | None = None) -> Array:
        p = self._shaped(params, state)["p"]
        xp = namespace(state)
        policy = xp.clip(xp.concat([1 - p, p], axis=-1), 1e-300, None)  # a probability of 0 has no logarithm
        return xp.zeros((*state.shape[:-1], 2), dtype=state.dtype) + xp.log(policy)


class LS0(CognitiveModel):
    """Bayesian latent state: belief B that state 1 is the better one, hazard h. Logits beta (1 - B, B)."""

    classes = {"h": HALF, "beta": POSITIVE}
    variables = {"B": Variable(initial=0.5)}
    held = {"h": 0.1}
    equations = (
        "λ = ½ + ({good:g} − ½) · (2 · s − 1) · (2 · r − 1)",
        "B ← λ · B / (λ · B + (1 − λ) · (1 − B))",
        "B ← (1 − h) · B + h · (1 − B)",
        "y_0 = beta · (1 − B)",
        "y_1 = beta · B",
    )

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        for_world_1 = (2 * trial.state - 1) * (2 * trial.reward - 1)  # +1: the outcome speaks for world 1, -1: against
        likelihood = (0.5 + (self.task.good - 0.5) * for_world_1)[..., None]
        joint = likelihood * now["B"]
        posterior = joint / (joint + self.weight(p, trial) * (1 - likelihood) * (1 - now["B"]))
        return {"B": (1 - p["h"]) * posterior + p["h"] * (1 - posterior)}

    def weight(self, p: Named, trial: Trial) -> Array | float:
        """Factor of world 0's likelihood."""
        return 1.0

    def values(self, p: Named, now: Named) -> Array:
        return namespace(now["B"]).concat([1 - now["B"], now["B"]], axis=-1)


class LS1(LS0):
    """Bayesian latent state with state biases: world 0's likelihood is multiplied by w_s of the state reached."""

    classes = {"h": HALF, "w_0": POSITIVE, "w_1": POSITIVE, "beta": POSITIVE}
    held = {"h": 0.1, "w_0": 1.0, "w_1": 1.0}
    equations = (LS0.equations[0], "B ← λ · B / (λ · B + w_s · (1 − λ) · (1 − B))", *LS0.equations[2:])

    def weight(self, p: Named, trial: Trial) -> Array:
        state = trial.state[..., None]
        return (1 - state) * p["w_0"] + state * p["w_1"]


class MFs(CognitiveModel):
    """Anti-correlated values of actions: Q_a moves to r and the other value to -r. Logits beta Q."""

    classes = {"alpha": UNIT, "beta": POSITIVE}
    variables = {"Q": Variable(1, -1.0, 1.0)}
    equations = ("Q_a ← Q_a + alpha · (r − Q_a)", "Q_o ← −Q_a", "y_i = beta · Q_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"Q": moved(now["Q"], p["alpha"], reward(trial) * sign(trial.action))}

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return now["Q"] * sign(trial.action)

    def values(self, p: Named, now: Named) -> Array:
        return opposites(now["Q"])


class MB0s(CognitiveModel):
    """Anti-correlated values of states: V_s moves to r and the other value to -r. Logits beta M."""

    classes = {"alpha": UNIT, "beta": POSITIVE}
    variables = {"V": Variable(1, -1.0, 1.0)}
    equations = ("V_s ← V_s + alpha · (r − V_s)", "V_t ← −V_s", PLANNED, "y_i = beta · M_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"V": moved(now["V"], p["alpha"], self.outcome(trial) * sign(trial.state))}

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return now["V"] * sign(trial.state)

    def outcome(self, trial: Trial) -> Array:
        return reward(trial)

    def values(self, p: Named, now: Named) -> Array:
        return model_based(opposites(now["V"]), self.task.common)


class MB0se(MB0s):
    """MB0s with rewards of -1 and 1."""

    equations = ("V_s ← V_s + alpha · (2 · r − 1 − V_s)", *MB0s.equations[1:])

    expected = CognitiveModel.expected  # no value moves to the reward itself

    def outcome(self, trial: Trial) -> Array:
        return 2 * reward(trial) - 1


class MXs(CognitiveModel):
    """Mixture: values of actions as in MFs, of states as in MB0s. Logits beta ((1 - w) Q + w M)."""

    classes = {"alpha_Q": UNIT, "alpha_V": UNIT, "w": UNIT, "beta": POSITIVE}
    variables = MFs.variables | MB0s.variables
    equations = (
        "Q_a ← Q_a + alpha_Q · (r − Q_a)",
        "Q_o ← −Q_a",
        "V_s ← V_s + alpha_V · (r − V_s)",
        "V_t ← −V_s",
        PLANNED,
        "y_i = beta · ((1 − w) · Q_i + w · M_i)",
    )

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        of_action, of_state = (reward(trial) * sign(place) for place in (trial.action, trial.state))
        return {"Q": moved(now["Q"], p["alpha_Q"], of_action), "V": moved(now["V"], p["alpha_V"], of_state)}

    def values(self, p: Named, now: Named) -> Array:
        of_states = model_based(opposites(now["V"]), self.task.common)
        return (1 - p["w"]) * opposites(now["Q"]) + p["w"] * of_states


class MB0(CognitiveModel):
    """Independent values of states: V_s moves to r at rate alpha; the other value stays. Logits beta M."""

    classes = {"alpha": UNIT, "beta": POSITIVE}
    variables = {"V": Variable(2)}
    equations = ("V_s ← V_s + alpha · (r − V_s)", PLANNED, "y_i = beta · M_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"V": moved(now["V"], p["alpha"], reward(trial), self.reached(now, trial))}

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return at(now["V"], self.reached(now, trial))

    def reached(self, now: Named, trial: Trial) -> Array:
        return one_hot(trial.state, 2, like=now["V"])

    def values(self, p: Named, now: Named) -> Array:
        return model_based(now["V"], self.task.common)


class Q1(MF):
    """Independent values of actions, the bandits' MF; states play no role."""

    name = "Q(1)"
    equations = MF.equations


class MB1(MB0):
    """Value forgetting: as MB0, and the value of the state not reached is multiplied by D."""

    classes = {"alpha": UNIT, "D": UNIT, "beta": POSITIVE}
    equations = ("V_s ← V_s + alpha · (r − V_s)", "V_t ← D · V_t", *MB0.equations[1:])

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"V": forgotten(super().learn(p, now, trial)["V"], p["D"], self.reached(now, trial))}


class MBf(MB0):
    """Forgetting to the mean: as MB0 from values of 1/2, and then both values move to 1/2 at rate phi."""

    classes = {"alpha": UNIT, "phi": UNIT, "beta": POSITIVE}
    variables = {"V": Variable(2, initial=0.5)}
    equations = ("V_s ← V_s + alpha · (r − V_s)", "V_i ← V_i + phi · (½ − V_i)", *MB0.equations[1:])

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"V": moved(super().learn(p, now, trial)["V"], p["phi"], 0.5)}


class MB0off(MB0):
    """Reward offset: as MB0, but V_s moves to r + rho."""

    classes = {"alpha": UNIT, "rho": REAL, "beta": POSITIVE}
    variables = {"V": Variable(2, -math.inf, math.inf)}
    held = {"rho": 0.0}
    equations = ("V_s ← V_s + alpha · (r + rho − V_s)", *MB0.equations[1:])
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"V": moved(now["V"], p["alpha"], reward(trial) + p["rho"], self.reached(now, trial))}


class MB0m(MB0):
    """Outcome-specific rates: with a reward V_s moves to 1 at rate alpha_1; without, both values move to 0 at
    rate alpha_0.
    """

    classes = {"alpha_1": UNIT, "alpha_0": UNIT, "beta": POSITIVE}
    equations = ("reward: V_s ← V_s + alpha_1 · (1 − V_s)", "no reward: V_i ← V_i − alpha_0 · V_i", *MB0.equations[1:])
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        won = rewarded(trial)
        rate = won * p["alpha_1"] * self.reached(now, trial) + (1 - won) * p["alpha_0"]
        return {"V": moved(now["V"], rate, won)}


class MB0mdnb(MB0):
    """Drift to the other: with a reward V_s becomes D_1 V_s + 1 and the other value loses b; without, V_s moves
    to the other value at rate alpha_0. Here b = 0.
    """

    classes = {"D_1": UNIT, "alpha_0": UNIT, "beta": POSITIVE}
    variables = {"V": Variable(2, 0.0, math.inf)}
    held = {"D_1": 0.4, "alpha_0": 0.2}
    equations = ("reward: V_s ← D_1 · V_s + 1", "no reward: V_s ← V_s + alpha_0 · (V_t − V_s)", *MB0.equations[1:])
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def loss(self, p: Named) -> Array | float:
        """b."""
        return 0.0

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        value, reached, won = now["V"], self.reached(now, trial), rewarded(trial)
        other = namespace(value).flip(value, axis=-1)
        after_reward = reached * (p["D_1"] * value + 1) + (1 - reached) * (value - self.loss(p))
        after_none = moved(value, p["alpha_0"], other, reached)
        return {"V": won * after_reward + (1 - won) * after_none}


class MB0md(MB0mdnb):
    """Drift to the other, as MB0mdnb with b."""

    classes = {"D_1": UNIT, "alpha_0": UNIT, "b": UNIT, "beta": POSITIVE}
    variables = {"V": Variable(2, -math.inf, math.inf)}
    held = {"D_1": 0.4, "alpha_0": 0.2, "b": 0.4}
    equations = ("reward: V_s ← D_1 · V_s + 1", "reward: V_t ← V_t − b", *MB0mdnb.equations[1:])

    def loss(self, p: Named) -> Array:
        return p["b"]


class Perseverating:
    """Adds a trace of choices to values: X_a moves to kappa and the other trace to -kappa, at rate alpha_X."""

    trace = {"X": Variable(1, -math.inf, math.inf)}
    held = {"kappa": 0.0}
    equations = ("X_a ← X_a + alpha_X · (kappa − X_a)", "X_o ← −X_a")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        trace = moved(now["X"], p["alpha_X"], p["kappa"] * sign(trial.action))
        return {**super().learn(p, now, trial), "X": trace}

    def values(self, p: Named, now: Named) -> Array:
        return super().values(p, now) + opposites(now["X"])


class CK(CognitiveModel):
    """Choice kernel, perseveration alone: the trace of choices, whatever is rewarded. Logits X."""

    classes = {"alpha_X": UNIT, "kappa": REAL}
    variables = Perseverating.trace
    held = Perseverating.held
    equations = (*Perseverating.equations, "y_i = X_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"X": moved(now["X"], p["alpha_X"], p["kappa"] * sign(trial.action))}

    def logits(self, p: Named, now: Named) -> Array:
        return opposites(now["X"])


class MF0sp(Perseverating, MFs):
    """MFs and perseveration. Logits beta (Q + X)."""

    classes = {"alpha": UNIT, "alpha_X": UNIT, "kappa": REAL, "beta": POSITIVE}
    variables = MFs.variables | Perseverating.trace
    equations = (*MFs.equations[:-1], *Perseverating.equations, "y_i = beta · (Q_i + X_i)")


class MB0p(Perseverating, MB0):
    """MB0 and perseveration. Logits beta (M + X)."""

    classes = {"alpha": UNIT, "alpha_X": UNIT, "kappa": REAL, "beta": POSITIVE}
    variables = MB0.variables | Perseverating.trace
    equations = (*MB0.equations[:-1], *Perseverating.equations, "y_i = beta · (M_i + X_i)")


class MB1p(Perseverating, MB1):
    """MB1 and perseveration. Logits beta (M + X)."""

    classes = {"alpha": UNIT, "D": UNIT, "alpha_X": UNIT, "kappa": REAL, "beta": POSITIVE}
    variables = MB1.variables | Perseverating.trace
    equations = (*MB1.equations[:-1], *Perseverating.equations, "y_i = beta · (M_i + X_i)")


class LS0p(Perseverating, LS0):
    """LS0 and perseveration. Logits beta ((1 - B, B) + X)."""

    classes = {"h": HALF, "alpha_X": UNIT, "kappa": REAL, "beta": POSITIVE}
    variables = LS0.variables | Perseverating.trace
    held = LS0.held | Perseverating.held
    equations = (*LS0.equations[:-2], *Perseverating.equations, "y_0 = beta · (1 − B + X_0)", "y_1 = beta · (B + X_1)")


class MB0mdp(Perseverating, MB0md):
    """MB0md and perseveration. Logits beta (M + X)."""

    classes = {"D_1": UNIT, "alpha_0": UNIT, "b": UNIT, "alpha_X": UNIT, "kappa": REAL, "beta": POSITIVE}
    variables = MB0md.variables | Perseverating.trace
    held = MB0md.held | Perseverating.held
    equations = (*MB0md.equations[:-1], *Perseverating.equations, "y_i = beta · (M_i + X_i)")


class Q0(CognitiveModel):
    """Model-free TD(0): Q_a moves to V_s, as it was before the trial, and V_s to r. Logits beta Q."""

    name = "Q(0)"
    classes = {"alpha": UNIT, "beta": POSITIVE}
    variables = {"Q": Variable(2), "V": Variable(2)}
    equations = ("Q_a ← Q_a + alpha · (V_s − Q_a)", "V_s ← V_s + alpha · (r − V_s)", "y_i = beta · Q_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        chosen, reached = (one_hot(place, 2, like=now["V"]) for place in (trial.action, trial.state))
        return {
            "Q": moved(now["Q"], p["alpha"], at(now["V"], reached), chosen),
            "V": moved(now["V"], p["alpha"], reward(trial), reached),
        }

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return at(now["V"], one_hot(trial.state, 2, like=now["V"]))

    def values(self, p: Named, now: Named) -> Array:
        return now["Q"]


class RC(CognitiveModel):
    """Reward as cue: Z[i, s', r'], the value of action i after a trial that ended in state s' with reward r'.

    The cue, one of the four (s', r'), is remembered; before the first trial it is (0, 0). Logits beta Z of the cue.
    """

    classes = {"alpha": UNIT, "beta": POSITIVE}
    variables = {"Z": Variable(8), "cue": Variable(4, initial=(1.0, 0.0, 0.0, 0.0), memory=True)}
    held = {"alpha": 0.05, "beta": 6.0}
    equations = ("Z[a, c] ← Z[a, c] + alpha · (r − Z[a, c])", "c ← (s, r)", "y_i = beta · Z[i, c]")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        where = self.place(now, trial)
        won = trial.reward > 0.5  # a graded reward is one of the two cues
        cue = one_hot(2 * trial.state + won, 4, like=now["Z"])
        return {"Z": moved(now["Z"], p["alpha"], reward(trial), where), "cue": cue}

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return at(now["Z"], self.place(now, trial))

    def place(self, now: Named, trial: Trial) -> Array:
        """1 at the chosen action after the cue."""
        chosen = one_hot(trial.action, 2, like=now["Z"])[..., None] * now["cue"][..., None, :]
        return chosen.reshape(now["Z"].shape)

    def values(self, p: Named, now: Named) -> Array:
        by_action = now["Z"].reshape(*now["Z"].shape[:-1], 2, 4)
        return (by_action * now["cue"][..., None, :]).sum(-1)


class MBsflr(MFs):
    """Reward-induced indifference (retired): MFs with a utility in place of the reward.

    The utility is 1 after a rewarded common transition, u_rare0 after an unrewarded rare one, and 0 otherwise, so that
    a rewarded rare transition pulls to indifference. `alpha_switch` is kept, but does nothing.
    """

    classes = {"alpha_same": UNIT, "alpha_switch": UNIT, "u_rare0": UNIT, "beta": POSITIVE}
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def rate(self, p: Named, now: Named, trial: Trial) -> Array:
        return p["alpha_same"]

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        common, won = self.trial_type(trial)
        utility = common * won + (1 - common) * (1 - won) * p["u_rare0"]
        return {"Q": moved(now["Q"], self.rate(p, now, trial), utility * sign(trial.action))}

    def trial_type(self, trial: Trial) -> tuple[Array, Array]:
        """1 after a common transition, and after a reward."""
        return (1 + sign(trial.action) * sign(trial.state)) / 2, rewarded(trial)


class MBsvlr(MBsflr):
    """As MBsflr, with rate alpha_same for a repeated action and alpha_switch for another one (retired).

    The action before the first trial is 0. `last` remembers it as +1 or -1.
    """

    variables = MFs.variables | {"last": Variable(1, -1.0, 1.0, initial=1.0, memory=True)}

    def rate(self, p: Named, now: Named, trial: Trial) -> Array:
        repeated = (1 + sign(trial.action) * now["last"]) / 2
        return repeated * p["alpha_same"] + (1 - repeated) * p["alpha_switch"]

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {**super().learn(p, now, trial), "last": sign(trial.action)}


class MBsah(MBsflr):
    """As MBsflr, with perseveration after unrewarded common and rewarded rare transitions (retired).

    After those X_a moves to kappa and the other trace to -kappa, always from 0: the older code used the trace for the
    next choice, but did not store it. Logits beta (Q + X).
    """

    classes = {"alpha": UNIT, "alpha_X": UNIT, "u_rare0": UNIT, "kappa": UNIT, "beta": POSITIVE}
    variables = MFs.variables | {"X": Variable(1, -1.0, 1.0)}

    def rate(self, p: Named, now: Named, trial: Trial) -> Array:
        return p["alpha"]

    def stored(self, now: Named) -> Array:
        """The trace that moves."""
        return 0 * now["X"]

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        common, won = self.trial_type(trial)
        perseverates = common * (1 - won) + (1 - common) * won
        trace = moved(self.stored(now), p["alpha_X"], p["kappa"] * sign(trial.action), perseverates)
        return {**super().learn(p, now, trial), "X": trace}

    def values(self, p: Named, now: Named) -> Array:
        return super().values(p, now) + opposites(now["X"])


class MBsah_carried(MBsah):
    """MBsah with a trace that is carried on, the evident intention."""

    def stored(self, now: Named) -> Array:
        return now["X"]


REVERSAL = catalogue(
    Listed(BAS),
    Listed(LS0, "LS", in_figures=True),  # monkeys
    Listed(LS1),
    Listed(MB0s, "MF_corr", in_figures=True),
    Listed(MB0se),
    Listed(MB0, "MF", in_figures=True),
    Listed(MB1, "MF_decay", in_figures=True),
    Listed(MBf, "MF_forgetful", in_figures=True),
    Listed(MB0off),
    Listed(MB0m),
    Listed(MB0md, "MB-GRU"),
    Listed(MB0mdnb),
    Listed(MF0sp, "MF_corr_pers", in_figures=True),
    Listed(MB0p, "MF_pers", in_figures=True),
    Listed(MB1p),
    Listed(MFDp),
    Listed(Q0),
    Listed(RC, "RC", in_figures=True),
    *(Listed(model, registered=False) for model in (CK, LS0p, MB0mdp)),
)
TWO_STAGE = catalogue(
    Listed(BAS),
    Listed(LS0, "LS", in_figures=True),  # rats
    Listed(LS1),
    Listed(MFs, "MF_corr", in_figures=True),
    Listed(MB0s, "MB_corr", in_figures=True),
    Listed(Q1, "MF_Q(1)", in_figures=True),
    Listed(MB0, "MB", in_figures=True),
    Listed(MB1, "MB_decay", in_figures=True),
    Listed(MB0m),
    Listed(MB0md, "MB-GRU"),
    Listed(MXs, "Mix_corr", in_figures=True),
    Listed(Q0, "MF_Q(0)", in_figures=True),
    Listed(RC, "RC", in_figures=True),
    *(Listed(model, registered=False) for model in (CK, LS0p, MF0sp, MB0p, MB0mdp)),
    *(Listed(model, registered=False) for model in (MBsvlr, MBsflr, MBsah, MBsah_carried)),
)
