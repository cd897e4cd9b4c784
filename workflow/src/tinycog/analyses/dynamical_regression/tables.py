"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import AT_MOST_1, INTEGER, JSON, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION as EVERY
from tinycog.results.tables import OF_FIT

CONDITION = replace(EVERY, meaning=f"{EVERY.meaning}. Where rewards are graded it does not name them")
QUANTITY = Column(
    "quantity",
    TEXT,
    "what is regressed: `logit` is L, log P(first action) / P(second action), `logits` have one variable for each "
    "action, `centred logits` are these minus their mean, and `logits of choice states` are those of the first choice "
    "and of the second one in each state",
)
NATS = "nats"
NONE = "see `note`"
NO_INTERVAL = (
    "no coefficient, or the condition is in too few blocks: fewer than 5, or more than 5% of resamples are singular"
)
ENDS = "{} end of its 95% interval, by resampling blocks"
COMMON = "the variables are logits of two actions each, which have no common part"
N = Column("n", INTEGER, "trials", "trials")
NOTE = Column("note", TEXT, "why there are no coefficients", missing="there are")


def _ends(name: str, kind: str = NUMBER, unit: str = "", missing: str = NO_INTERVAL) -> tuple[Column, Column]:
    return tuple(
        Column(f"{name}_{end}", kind, f"`{name}`: {ENDS.format(word)}", unit, missing)
        for end, word in (("low", "lower"), ("high", "upper"))
    )


DYNAMICAL_REGRESSION = Table(
    "dynamical_regression",
    "a target of a selected fit in an input condition: the regression of its change by a trial on all variables before",
    (
        *(*OF_FIT, CONDITION),
        Column("target", TEXT, "variable that changes: `L`, `A1` (an action's logit), or `L_S1` (logit in a state)"),
        QUANTITY,
        Column("intercept", NUMBER, "change where all predictors are 0, of the regression that is kept", NATS, NONE),
        *_ends("intercept", unit=NATS),
        Column("intercept_shifted", NUMBER, "the same minus its mean over targets", NATS, f"{COMMON}; or {NONE}"),
        *_ends("intercept_shifted", unit=NATS, missing=f"{COMMON}; or {NO_INTERVAL}"),
        Column(
            "coefficients",
            JSON,
            "of the regression that is kept, by predictor: names of variables, and `reward`; 0 for what was dropped",
            missing=NONE,
        ),
        *_ends("coefficients", JSON),
        Column(
            "kept", TEXT, "`reduced` where the full regression explains no more than 0.01 more, else `full`", "", NONE
        ),
        Column(
            "full", JSON, "coefficients of the full regression, by predictor, and its intercept: `constant`", "", NONE
        ),
        *(
            Column(
                name,
                NUMBER,
                f"R² of the {which} regression",
                "",
                f"the target's change is always the same; or {NONE}",
                within=AT_MOST_1,
            )
            for name, which in (("r2", "kept"), ("r2_full", "full"), ("r2_reduced", "reduced"))
        ),
        Column(
            "poor_fit",
            YES_NO,
            "whether an R² of this fit is below 0.3 (0.1 for logits of choice states): its coefficients say little",
        ),
        N,
        Column("n_blocks", INTEGER, "blocks with such trials", "blocks"),
        NOTE,
    ),
)
MATRICES = Table(
    "dynamical_regression_matrices",
    "an input condition of a selected fit: its trial as a map x' = A x + b + c reward of the variables, by the full "
    "regression",
    (
        *(*OF_FIT, CONDITION, QUANTITY),
        Column("variables", JSON, "names of the variables x, a list"),
        Column("matrix", JSON, "A, a list of rows", missing=NONE),
        Column("constant", JSON, "b, a list", NATS, NONE),
        Column("reward", JSON, "c, a list", NATS, f"rewards are not graded; or {NONE}"),
        Column(
            "spectral_radius",
            NUMBER,
            "largest size of an eigenvalue of A, of centred logits on values whose sum is 0; below 1 the map converges",
            missing=NONE,
            within=NOT_NEGATIVE,
        ),
        Column(
            "fixed_point",
            JSON,
            "x to which the map would converge, a list; with the mean reward of the condition where rewards are graded",
            NATS,
            f"I - A is nearly singular (a singular value below 0.001); or {NONE}",
        ),
        Column("in_range", YES_NO, "whether each of its values is between the lowest and highest before a trial"),
        *(N, NOTE),
    ),
)
ROLES = Table(
    "dynamical_regression_roles",
    "a pair of roles in the trials of an outcome, in a selected fit: mean entry of A, b or c (table "
    "dynamical_regression_matrices) between variables of these roles, over all relabellings of the actions",
    (
        *(*OF_FIT, QUANTITY),
        Column(
            "outcome",
            TEXT,
            "R0 or R1, without or with reward; where states are not actions also `same` or `other`, whether the state "
            "reached has the number of the action; `any` where nothing is left to tell apart",
        ),
        Column(
            "target",
            TEXT,
            "role of the variable that changes: `chosen` or `unchosen`; `logit`, positive for the chosen action; "
            "`first`, `reached` and `other`, logits of the first choice and of those in the states, positive for what "
            "was chosen",
        ),
        Column(
            "source",
            TEXT,
            "`itself` (retention, an entry on the diagonal of A), the role of another variable, `constant` (b) or "
            "`reward` (c)",
        ),
        Column("value", NUMBER, "mean entry; b and c are in nats", missing=NONE),
        *_ends("value"),
        Column("n_conditions", INTEGER, "conditions with coefficients, of which this is the mean"),
        *(N, NOTE),
    ),
)
TABLES = (DYNAMICAL_REGRESSION, MATRICES, ROLES)
