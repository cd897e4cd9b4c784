"""Cognitive models of the two-stage task with reversing transitions (methods: transition-reversal models).

An agent is a core, which values the two actions, with kernels, which bias action 1 by what came before; its name lists
both. Cores learn from a trial with action a, state s and reward r, after one that ended in state k:

    G = (1 - lambda) V_s + lambda r
    Q_a <-[alpha_Q] G,      the other Q <-[f_Q] 0           first-stage values
    P_ak <-[alpha_P] G,     the other P <-[f_P] 0           motor-level values: action after previous state
    V_s <-[alpha_V] r,      the other V <-[f_V] 0           values of states
    T_a <-[alpha_T] s,      the other T <-[f_T] 1/2         probability that an action leads to state 1

and M_i = T_i V_1 + (1 - T_i) V_0. Which of these a core has, and which rates are equal, follows from its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping

from tinycog.arrays import namespace
from tinycog.models.cognitive.declaration import (
    POSITIVE,
    REAL,
    UNIT,
    CognitiveModel,
    Listed,
    Named,
    ParameterClass,
    Variable,
    catalogue,
)
from tinycog.models.cognitive.reversal import BAS, Q1, MFs
from tinycog.models.cognitive.rules import at, eligible, moved, one_hot, reward
from tinycog.models.interface import Array, Trial

Classes = Mapping[str, ParameterClass]


def _classes(names: str) -> Classes:
    return {name: POSITIVE if name.startswith(("beta", "G_")) else UNIT for name in names.split()}


CORES: dict[str, Classes] = {
    "MF": _classes("alpha beta lambda"),
    "MF_dec": _classes("alpha beta lambda f"),
    "MB": _classes("alpha_V beta alpha_T"),
    "MB_dec": _classes("alpha_V f_V alpha_T f_T beta"),
    "MF_MB": _classes("alpha_Q lambda alpha_T G_Q G_M"),
    "MF_MB_vdec": _classes("alpha_Q f_Q lambda alpha_T G_Q G_M"),
    "MF_MB_dec": _classes("alpha_Q f_Q lambda alpha_T f_T G_Q G_M"),
    "MFmoMF_dec": _classes("alpha_Q f_Q lambda w_P beta"),
    "MFmoMF_MB_dec": _classes("alpha_Q f_Q lambda alpha_T f_T G_Q G_P G_M"),
    # not fitted by the reference
    "MFmoMF_MB": _classes("alpha_Q lambda w_P alpha_T G_Q G_M"),
    "MFmoMF_MB_vdec": _classes("alpha_Q f_Q lambda alpha_T G_Q G_P G_M"),
    "MFmoMF_MB_tdec": _classes("alpha_Q lambda alpha_T f_T G_Q G_P G_M"),
    "MF_moMF_MB_dec": _classes("alpha_Q f_Q alpha_P f_P lambda alpha_T f_T G_Q G_P G_M"),
    "moMF_MB_dec": _classes("alpha_P f_P alpha_V f_V lambda alpha_T f_T G_P G_M"),
}
KERNELS: dict[str, Classes] = {
    "bs": {"b_bias": REAL},
    "rb": {"k_rot": REAL},
    "ck": {"k_c": REAL},
    "ec": {"k_E": REAL, "alpha_E": UNIT},
    "mc": {"k_C": REAL, "alpha_C": UNIT},
}
# rate or forgetting: the first of these parameters that the core has gives it; without one nothing is forgotten
GIVEN_BY = {
    **{"alpha_Q": ("alpha_Q", "alpha"), "alpha_V": ("alpha_V", "alpha_Q", "alpha"), "alpha_P": ("alpha_P", "alpha_Q")},
    **{"f_Q": ("f_Q", "f"), "f_V": ("f_V", "f_Q", "f"), "f_P": ("f_P", "f_Q")},
}


class TwoStepAgent(CognitiveModel):
    """A core with kernels.

    Logits are beta (value + kernels) where the core has a beta, and else the weighted sum of its values plus kernels.
    Kernels are, for action 1 and from the second trial on but for the first of them,

        b_bias + k_rot (s - 1/2) + k_c (a - 1/2) + k_E E + k_C C_s

    of the previous action a and state s; E moves to a - 1/2 at rate alpha_E, and so does C_k of the state k before it
    at rate alpha_C. `last_state` and `last_action` remember s - 1/2 and a - 1/2, and are 0 before the first trial,
    which counts as one after state 0.
    """

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        like = now["V"]
        chosen, reached = (one_hot(place, 2, like=like) for place in (trial.action, trial.state))
        new = {"V": self.forgetting(p, now, "V", reward(trial), reached)}
        if "lambda" in p:
            target = eligible(at(now["V"], reached), p["lambda"], trial)
        if "Q" in now:
            new["Q"] = self.forgetting(p, now, "Q", target, chosen)
        if "P" in now:
            moves = (chosen[..., None] * self.place(now)[..., None, :]).reshape(now["P"].shape)
            new["P"] = self.forgetting(p, now, "P", target, moves)
        if "T" in now:
            learnt = moved(now["T"], p["alpha_T"], trial.state[..., None], chosen)
            new["T"] = moved(learnt, p["f_T"], 0.5, 1 - chosen) if "f_T" in p else learnt
        if "E" in now:
            new["E"] = moved(now["E"], p["alpha_E"], trial.action[..., None] - 0.5)
        if "C" in now:
            new["C"] = moved(now["C"], p["alpha_C"], trial.action[..., None] - 0.5, self.place(now))
        if "last_action" in now:
            new["last_action"] = trial.action[..., None] - 0.5
        return {**new, "last_state": trial.state[..., None] - 0.5}

    def expected(self, now: Named, trial: Trial) -> Array | None:
        return at(now["V"], one_hot(trial.state, 2, like=now["V"]))

    def forgetting(self, p: Named, now: Named, name: str, target: Array, where: Array) -> Array:
        """The values `where` this is 1 move to the target, the others to 0."""
        rate, forgets = (
            next((p[given] for given in GIVEN_BY[f"{kind}_{name}"] if given in p), None) for kind in ("alpha", "f")
        )
        learnt = moved(now[name], rate, target, where)
        return learnt if forgets is None else moved(learnt, forgets, 0.0, 1 - where)

    def place(self, now: Named) -> Array:
        """One-hot of the previous state."""
        xp, state = namespace(now["last_state"]), now["last_state"]
        was_1 = xp.astype(state > 0, state.dtype)
        return xp.concat([1 - was_1, was_1], axis=-1)

    def logits(self, p: Named, now: Named) -> Array:
        xp = namespace(now["V"])
        values = {"Q": now.get("Q")}
        if "T" in now:
            values["M"] = now["T"] * now["V"][..., 1:] + (1 - now["T"]) * now["V"][..., :1]
        if "P" in now:
            by_action = now["P"].reshape(*now["P"].shape[:-1], 2, 2)
            values["P"] = (by_action * self.place(now)[..., None, :]).sum(-1)
        if "w_P" in p:
            values["Q"] = (1 - p["w_P"]) * values["Q"] + p["w_P"] * values["P"]
        for_1 = self.kernels(p, now)
        biases = xp.concat([xp.zeros_like(for_1), for_1], axis=-1)
        if "beta" in p:
            return p["beta"] * (values["M" if values["Q"] is None else "Q"] + biases)
        return sum(p[f"G_{name}"] * values[name] for name in values if f"G_{name}" in p) + biases

    def kernels(self, p: Named, now: Named) -> Array:
        """What is added to action 1, (replica, ..., 1)."""
        total = p["b_bias"] + p["k_rot"] * now["last_state"]
        if "k_c" in p:
            total = total + p["k_c"] * now["last_action"]
        if "E" in now:
            total = total + p["k_E"] * now["E"]
        if "C" in now:
            total = total + p["k_C"] * at(now["C"], self.place(now))
        return total


def agent(core: str, tags: str) -> type[TwoStepAgent]:
    """The agent with a core of `CORES` and kernels of `KERNELS`; all have `bs` and `rb`."""
    classes = dict(CORES[core])
    for tag in tags.split("_"):
        classes |= KERNELS[tag]
    trace = Variable(1, -0.5, 0.5)
    parts = {
        "Q": (Variable(2), {"alpha", "alpha_Q"}),
        "V": (Variable(2), set(classes)),
        "T": (Variable(2, initial=0.5), {"alpha_T"}),
        "P": (Variable(4), {"w_P", "G_P"}),
        "E": (trace, {"k_E"}),
        "C": (Variable(2, -0.5, 0.5), {"k_C"}),
        "last_action": (Variable(1, -0.5, 0.5, memory=True), {"k_c"}),
        "last_state": (Variable(1, -0.5, 0.5, memory=True), set(classes)),
    }
    variables = {name: variable for name, (variable, needed_by) in parts.items() if needed_by & set(classes)}
    name = f"{core}_{tags}"
    return type(name, (TwoStepAgent,), {"classes": classes, "variables": variables, "__doc__": f"{core}, {tags}."})


REGISTERED = {
    "MF": [("MF", "bs_rb_ck"), ("MF_dec", "bs_rb_ck")],
    "MB": [("MB", "bs_rb_ck"), ("MB_dec", "bs_rb_ck"), ("MB_dec", "bs_rb_ec_mc")],
    "MFMB": [
        *((core, tags) for tags in ("bs_rb_ck", "bs_rb_ec") for core in ("MF_MB", "MF_MB_vdec", "MF_MB_dec")),
        *(("MF_MB_dec", tags) for tags in ("bs_rb_mc", "bs_rb_ec_mc")),
    ],
    "MFMO": [("MFmoMF_dec", "bs_rb_ec_mc")],
    "MFMOMB": [("MFmoMF_MB_dec", "bs_rb_ec_mc")],
}
SPARE = ("MFmoMF_MB", "MFmoMF_MB_vdec", "MFmoMF_MB_tdec", "MF_moMF_MB_dec", "moMF_MB_dec")
TRANSITION_REVERSAL = catalogue(
    Listed(BAS),
    Listed(MFs, "MF_corr", in_figures=True),
    Listed(Q1, "MF_Q(1)", in_figures=True),
    *(Listed(agent(*parts), label, in_figures=True) for label, agents in REGISTERED.items() for parts in agents),
    *(Listed(agent(core, "bs_rb_ec_mc"), registered=False) for core in SPARE),
)
