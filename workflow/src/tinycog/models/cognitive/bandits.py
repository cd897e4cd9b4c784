"""Cognitive models of bandits, three-armed reversal included: a value for each action (methods: bandit models)."""

from __future__ import annotations

import math

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
from tinycog.models.cognitive.rules import at, forgotten, moved, one_hot, reward
from tinycog.models.interface import Array, Trial


class MF(CognitiveModel):
    """Independent values: Q_a moves to r at rate alpha; the other values stay. Logits beta Q."""

    classes = {"alpha": UNIT, "beta": POSITIVE}
    variables = {"Q": Variable(None)}
    equations = ("Q_a ← Q_a + alpha · (r − Q_a)", "y_i = beta · Q_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"Q": moved(now["Q"], p["alpha"], reward(trial), self.chosen(now, trial))}

    def values(self, p: Named, now: Named) -> Array:
        return now["Q"]

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return at(now["Q"], self.chosen(now, trial))

    def chosen(self, now: Named, trial: Trial) -> Array:
        return one_hot(trial.action, self.task.n_actions, like=now["Q"])


class MFD(MF):
    """Value forgetting: as MF, and the values of actions not chosen are multiplied by D."""

    classes = {"alpha": UNIT, "D": UNIT, "beta": POSITIVE}
    equations = ("Q_a ← Q_a + alpha · (r − Q_a)", "Q_o ← D · Q_o", "y_i = beta · Q_i")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        return {"Q": forgotten(super().learn(p, now, trial)["Q"], p["D"], self.chosen(now, trial))}


class MFDp(MFD):
    """Forgetting and perseveration: as MFD, with decaying traces X of choices; kappa is added to the chosen one.

    Logits beta (Q + X). Unlike in the trace of MB0p, kappa is not scaled by the rate, and no trace is pushed down.
    """

    classes = {"alpha": UNIT, "D": UNIT, "alpha_X": UNIT, "kappa": REAL, "beta": POSITIVE}
    variables = MFD.variables | {"X": Variable(None, -math.inf, math.inf)}
    held = {"kappa": 0.0}
    equations = (*MFD.equations[:-1], "X_i ← (1 − alpha_X) · X_i", "X_a ← X_a + kappa", "y_i = beta · (Q_i + X_i)")

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        trace = (1 - p["alpha_X"]) * now["X"] + p["kappa"] * self.chosen(now, trial)
        return {**super().learn(p, now, trial), "X": trace}

    def values(self, p: Named, now: Named) -> Array:
        return now["Q"] + now["X"]


class MFLabs(MF):
    """Unchosen values learn as well, from reference points.

    Q_a becomes (1 - alpha_c) Q_a + eta_c (r - rho_c), every other Q_i becomes (1 - alpha_u) Q_i + eta_u (r - rho_u).
    """

    classes = {
        **{"alpha_c": UNIT, "rho_c": UNIT, "eta_c": REAL},
        **{"alpha_u": UNIT, "rho_u": UNIT, "eta_u": REAL, "beta": POSITIVE},
    }
    variables = {"Q": Variable(None, -math.inf, math.inf)}
    held = {"eta_c": 0.5, "eta_u": -0.5}
    equations = (
        "Q_a ← (1 − alpha_c) · Q_a + eta_c · (r − rho_c)",
        "Q_o ← (1 − alpha_u) · Q_o + eta_u · (r − rho_u)",
        "y_i = beta · Q_i",
    )
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def gains(self, p: Named) -> tuple[Array | float, Array | float]:
        """eta_c and eta_u."""
        return p["eta_c"], p["eta_u"]

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        of_chosen, of_others = self.gains(p)
        chosen = (1 - p["alpha_c"]) * now["Q"] + of_chosen * (reward(trial) - p["rho_c"])
        others = (1 - p["alpha_u"]) * now["Q"] + of_others * (reward(trial) - p["rho_u"])
        where = self.chosen(now, trial)
        return {"Q": where * chosen + (1 - where) * others}


class MFL(MFLabs):
    """MFLabs with gains of 0.5 and -0.5, as the reference's fits run (methods: differences from the paper's code)."""

    classes = {"alpha_c": UNIT, "rho_c": UNIT, "alpha_u": UNIT, "rho_u": UNIT, "beta": POSITIVE}
    equations = (
        "Q_a ← (1 − alpha_c) · Q_a + ½ · (r − rho_c)",
        "Q_o ← (1 − alpha_u) · Q_o − ½ · (r − rho_u)",
        "y_i = beta · Q_i",
    )

    def gains(self, p: Named) -> tuple[Array | float, Array | float]:
        return 0.5, -0.5


class MFL_tied(MFL):
    """MFL as the reference's comments describe it: eta_c = alpha_c, eta_u = -alpha_u."""

    equations = (
        "Q_a ← (1 − alpha_c) · Q_a + alpha_c · (r − rho_c)",
        "Q_o ← (1 − alpha_u) · Q_o − alpha_u · (r − rho_u)",
        "y_i = beta · Q_i",
    )

    def gains(self, p: Named) -> tuple[Array | float, Array | float]:
        return p["alpha_c"], -p["alpha_u"]


class MFLb(MF):
    """Unchosen values learn as well, from reward utilities: one free number for r = 0, one for any other r.

    Q_a becomes D_c Q_a + u_c(r), every other Q_i becomes D_u Q_i + u_u(r).
    """

    classes = {
        **{"D_c": UNIT, "u_c0": REAL, "u_c1": REAL},
        **{"D_u": UNIT, "u_u0": REAL, "u_u1": REAL, "beta": POSITIVE},
    }
    variables = {"Q": Variable(None, -math.inf, math.inf)}
    held = {"u_c0": -0.1, "u_c1": 0.5, "u_u0": 0.5, "u_u1": -0.5}
    equations = (
        "r = 0: Q_a ← D_c · Q_a + u_c0",
        "r = 0: Q_o ← D_u · Q_o + u_u0",
        "r > 0: Q_a ← D_c · Q_a + u_c1",
        "r > 0: Q_o ← D_u · Q_o + u_u1",
        "y_i = beta · Q_i",
    )
    expected = CognitiveModel.expected  # no value moves to the reward itself

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        paid = namespace(now["Q"]).astype(reward(trial) != 0, now["Q"].dtype)
        chosen = p["D_c"] * now["Q"] + paid * p["u_c1"] + (1 - paid) * p["u_c0"]
        others = p["D_u"] * now["Q"] + paid * p["u_u1"] + (1 - paid) * p["u_u0"]
        where = self.chosen(now, trial)
        return {"Q": where * chosen + (1 - where) * others}


BANDIT = catalogue(Listed(MF, "MF", True), Listed(MFD, "MF_decay", True), Listed(MFDp, "MF_decay_pers", True))
FOUR_ARMED = BANDIT | catalogue(Listed(MFL), Listed(MFLabs), Listed(MFL_tied, registered=False))
THREE_ARMED = FOUR_ARMED | catalogue(Listed(MFLb))  # its utilities are of two rewards
