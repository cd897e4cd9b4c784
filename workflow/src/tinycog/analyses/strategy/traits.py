"""What each cognitive model assumes: the only place where models are given a meaning (methods: verdicts)."""

from __future__ import annotations

from dataclasses import dataclass

from tinycog.tasks import Task

NONE, LEAKY, BAYES = "no learning from outcomes", "leaky integration", "Bayesian-like inference"
DRIFT, CUE, ALL = "drift to the other", "reward as cue", "all actions learn"
FREE, BASED, BOTH = "model-free", "model-based", "both"
NO, YES = "no", "yes"
CANNOT = "cannot be told"


@dataclass(frozen=True)
class Traits:
    """What a model assumes about a subject; None where it says nothing about a question.

    Attributes:
        update: what outcomes do to values.
        planning: whether values belong to actions, to the states that they lead to, or both; asked where an action may
            lead to either state.
        perseveration: whether choices are repeated whatever they bring.
    """

    update: str | None
    planning: str | None = None
    perseveration: str | None = None

    @property
    def n_mechanisms(self) -> int:
        """How much is assumed: learning (twice, if all actions learn), a second kind of values, repetition."""
        learning = {NONE: 0, ALL: 2}.get(self.update or NONE, 1)
        return learning + (self.planning == BOTH) + (self.perseveration == YES)


# of what is listed for reversal learning and the two-stage task
TWO_ACTIONS = {
    "BAS": Traits(NONE, None, NO),
    "CK": Traits(NONE, None, YES),
    **dict.fromkeys(("LS0", "LS1"), Traits(BAYES, BASED, NO)),
    "LS0p": Traits(BAYES, BASED, YES),
    **dict.fromkeys(("MFs", "Q(1)", "Q(0)"), Traits(LEAKY, FREE, NO)),
    **dict.fromkeys(("MB0s", "MB0se", "MB0", "MB1", "MBf", "MB0off", "MB0m"), Traits(LEAKY, BASED, NO)),
    "MXs": Traits(LEAKY, BOTH, NO),
    **dict.fromkeys(("MF0sp", "MFDp"), Traits(LEAKY, FREE, YES)),
    **dict.fromkeys(("MB0p", "MB1p"), Traits(LEAKY, BASED, YES)),
    **dict.fromkeys(("MB0md", "MB0mdnb"), Traits(DRIFT, BASED, NO)),
    "MB0mdp": Traits(DRIFT, BASED, YES),
    "RC": Traits(CUE, None, NO),
    # utilities of common and rare trials, which may stand for either kind of value
    **dict.fromkeys(("MBsvlr", "MBsflr"), Traits(LEAKY, None, NO)),
    **dict.fromkeys(("MBsah", "MBsah_carried"), Traits(LEAKY, None, YES)),
}
SEVERAL_ACTIONS = {
    **dict.fromkeys(("MF", "MFD"), Traits(LEAKY, None, NO)),
    "MFDp": Traits(LEAKY, None, YES),
    **dict.fromkeys(("MFL", "MFLabs", "MFLb", "MFL_tied"), Traits(ALL, None, NO)),
}
TWO_CHOICES = {
    **dict.fromkeys(("MFs", "MFsr", "MF", "MF_lag1"), Traits(LEAKY, FREE)),
    **dict.fromkeys(("MBs", "MB", "MB_lag1"), Traits(LEAKY, BASED)),
    **dict.fromkeys(("MXs", "MX", "MX_lag1"), Traits(LEAKY, BOTH)),
}
# agents of the mice, by the first part of their names; all of them have kernels of choices
OF_CORES = {"MB": BASED, "MF": FREE, "MFmoMF": FREE, "MF_MB": BOTH, "MFmoMF_MB": BOTH, "MF_moMF_MB": BOTH}
OF_CORES |= {"moMF_MB": BOTH}
# parameters by which a model may prefer an action, or a state
OF_BIAS = {"p", "w_0", "b_bias"}
FORGETTING = ("_dec", "_vdec", "_tdec")


def traits(task: Task, name: str) -> Traits:
    """Of a model by its name in the task's catalogue."""
    if task.stages == 2:
        return TWO_CHOICES[name]
    if task.n_actions > 2:
        return SEVERAL_ACTIONS[name]
    core, kernels, _ = name.partition("_bs_rb_")
    if kernels:
        for end in FORGETTING:
            core = core.removesuffix(end)
        return Traits(LEAKY, OF_CORES[core])
    found = TWO_ACTIONS[name]
    return Traits(found.update, None if task.one_stage else found.planning, found.perseveration)
