"""Cognitive models of the original two-stage task (methods: original two-stage models).

A trial is two choices: a, which leads to state s, and c in that state. `Q` are the first actions' model-free values and
`W` the second ones'. A state is worth its better action, Y_j = max W_j, and a first action B_i = p Y_i + (1 - p)
Y_other by the model. First logits are beta_1 N, where N is Q or B or (1 - w) Q + w B, and second logits beta_2 W.
"""

from __future__ import annotations

from tinycog.arrays import namespace
from tinycog.models.cognitive.declaration import (
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
    eligible,
    larger,
    magnitude,
    model_based,
    moved,
    one_hot,
    opposites,
    reward,
    sign,
)
from tinycog.models.interface import Array, Trial


class TwoChoices(CognitiveModel):
    """What the models share: two logits of first actions, then two of each state's."""

    held = {"alpha_1": 0.4, "alpha_2": 0.4, "kappa": 0.0}

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return self.after_first(now, trial) if trial.stage == 0 else self.after_second(p, now, trial)

    def after_first(self, now: Named, trial: Trial) -> Named:
        """What is remembered of the first choice."""
        raise NotImplementedError

    def after_second(self, p: Named, now: Named, trial: Trial) -> Named:
        """What is learnt from the trial."""
        raise NotImplementedError

    def first_values(self, now: Named) -> Array:
        """Q, (..., 2)."""
        return now["Q"]

    def second_values(self, now: Named) -> Array:
        """W, (..., state, action)."""
        return now["W"].reshape(*now["W"].shape[:-1], 2, 2)

    def net(self, p: Named, now: Named) -> Array:
        """N, (..., 2)."""
        if "Q" not in now:
            return self.planned(now)
        if "w" not in p:
            return self.first_values(now)
        return (1 - p["w"]) * self.first_values(now) + p["w"] * self.planned(now)

    def planned(self, now: Named) -> Array:
        """B, (..., 2)."""
        return model_based(self.worth(now), self.task.common)

    def worth(self, now: Named) -> Array:
        """Y, (..., state)."""
        return larger(now["W"][..., ::2], now["W"][..., 1::2])

    def logits(self, p: Named, now: Named) -> Array:
        second = self.second_values(now)
        first, second = p["beta_1"] * self.net(p, now), p["beta_2"] * second.reshape(*second.shape[:-2], 4)
        return namespace(first).concat([first, second], axis=-1)


class Anticorrelated(TwoChoices):
    """Opposite values: the state has Q_0, and W_00 and W_10; `first` remembers the first choice as +1 or -1."""

    def first_values(self, now: Named) -> Array:
        return opposites(now["Q"])

    def second_values(self, now: Named) -> Array:
        return namespace(now["W"]).stack([now["W"], -now["W"]], axis=-1)

    def worth(self, now: Named) -> Array:
        return magnitude(now["W"])

    def expected(self, now: Named, trial: Trial) -> Array | None:
        second, reached = sign(trial.action - 2 - 2 * trial.state), one_hot(trial.state, 2, like=now["W"])
        return at(now["W"], reached) * second

    def after_first(self, now: Named, trial: Trial) -> Named:
        return {"first": sign(trial.action)} if "first" in now else {}

    def after_second(self, p: Named, now: Named, trial: Trial) -> Named:
        second, reached = sign(trial.action - 2 - 2 * trial.state), one_hot(trial.state, 2, like=now["W"])
        new = {"W": moved(now["W"], p["alpha_2"], reward(trial) * second, reached)}
        if "Q" in now:
            target = eligible(at(now["W"], reached) * second, p["lambda"], trial)
            new["Q"] = moved(now["Q"], p["alpha_1"], target * now["first"])
        return new


class MBs(Anticorrelated):
    """Anti-correlated values, model-based first choice: W_sc moves to r, towards the action chosen."""

    classes = {"alpha_2": UNIT, "beta_1": POSITIVE, "beta_2": POSITIVE}
    variables = {"W": Variable(2, -1.0, 1.0)}


class MFs(Anticorrelated):
    """Anti-correlated values, model-free first choice: W as in MBs; Q_a moves to G and the other Q to -G, where
    G = (1 - lambda) W_sc + lambda r.
    """

    classes = {"alpha_1": UNIT, "alpha_2": UNIT, "beta_1": POSITIVE, "beta_2": POSITIVE, "lambda": UNIT}
    variables = {
        "Q": Variable(1, -1.0, 1.0),
        **MBs.variables,
        "first": Variable(1, -1.0, 1.0, memory=True),
    }


class MXs(MFs):
    """Mixture of MFs and MBs."""

    classes = {**MFs.classes, "w": UNIT}


class MFsr(MFs):
    """Reward utilities and cross-state generalisation.

    Q_a moves to 1 with a reward of 1, and to nu_1 without; W_sc to 1 or -nu_2; the same button in the other state to
    omega or -omega. The signs of nu_1 and nu_2 are the reference's.
    """

    classes = {
        **{"alpha_1": UNIT, "alpha_2": UNIT, "beta_1": POSITIVE, "beta_2": POSITIVE},
        **{"nu_1": UNIT, "nu_2": UNIT, "omega": UNIT},
    }
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def after_second(self, p: Named, now: Named, trial: Trial) -> Named:
        xp = namespace(now["W"])
        won = xp.astype(reward(trial) == 1, now["W"].dtype)
        second, reached = sign(trial.action - 2 - 2 * trial.state), one_hot(trial.state, 2, like=now["W"])
        first_utility = won + (1 - won) * p["nu_1"]
        here, elsewhere = won - (1 - won) * p["nu_2"], (2 * won - 1) * p["omega"]
        return {
            "Q": moved(now["Q"], p["alpha_1"], first_utility * now["first"]),
            "W": moved(now["W"], p["alpha_2"], (reached * here + (1 - reached) * elsewhere) * second),
        }


class Perseverating(TwoChoices):
    """Independent values and a bonus kappa for one first action: W_sc moves to r, the other values stay.

    As in the reference, the bonus of a trial goes to the first action of the trial before the last one, and in the
    second trial to action 0. `first` remembers the last first choice, `bonus` the one with the bonus.
    """

    memory = {"first": Variable(2, initial=(1.0, 0.0), memory=True), "bonus": Variable(2, memory=True)}

    def repeated(self, now: Named, first: Array) -> Array:
        """Which action has the bonus in the next trial, after this trial's `first`."""
        return now["first"]

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return at(now["W"], one_hot(trial.action - 2, 4, like=now["W"]))

    def after_first(self, now: Named, trial: Trial) -> Named:
        first = one_hot(trial.action, 2, like=now["W"])
        return {"first": first, "bonus": self.repeated(now, first)}

    def after_second(self, p: Named, now: Named, trial: Trial) -> Named:
        chosen = one_hot(trial.action - 2, 4, like=now["W"])
        new = {"W": moved(now["W"], p["alpha_2"], reward(trial), chosen)}
        if "Q" in now:
            target = eligible(at(now["W"], chosen), p["lambda"], trial)
            new["Q"] = moved(now["Q"], p["alpha_1"], target, now["first"])
        return new

    def net(self, p: Named, now: Named) -> Array:
        return super().net(p, now) + p["kappa"] * now["bonus"]


class MF(Perseverating):
    """Model-free first choice: Q_a moves to G = (1 - lambda) W_sc + lambda r."""

    classes = {**MFs.classes, "kappa": REAL}
    variables = {"Q": Variable(2), "W": Variable(4), **Perseverating.memory}


class MB(Perseverating):
    """Model-based first choice."""

    classes = {**MBs.classes, "kappa": REAL}
    variables = {"W": Variable(4), **Perseverating.memory}


class MX(MF):
    """Mixture of MF and MB."""

    classes = {**MF.classes, "w": UNIT}


class LastChoice:
    """The bonus goes to the first action of the last trial, as in conventional models."""

    def repeated(self, now: Named, first: Array) -> Array:
        return first


class MF_lag1(LastChoice, MF):
    """MF with a bonus for the last first choice."""


class MB_lag1(LastChoice, MB):
    """MB with a bonus for the last first choice."""


class MX_lag1(LastChoice, MX):
    """MX with a bonus for the last first choice."""


ORIGINAL_TWO_STAGE = catalogue(
    Listed(MFs, "MF_corr", in_figures=True),
    Listed(MBs, "MB_corr", in_figures=True),
    Listed(MXs, "Mix_corr", in_figures=True),
    Listed(MF, "MF", in_figures=True),
    Listed(MB, "MB", in_figures=True),
    Listed(MX, "Mix", in_figures=True),
    Listed(MFsr),
    *(Listed(model, registered=False) for model in (MF_lag1, MB_lag1, MX_lag1)),
)
