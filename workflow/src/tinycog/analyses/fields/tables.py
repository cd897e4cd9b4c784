"""The result table of this analysis, and the tables that its figures are drawn from."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, JSON, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION, OF_FIT

NATS = "nats"
LOGIT = Column("logit", NUMBER, "logit before the trial, log P(first action) / P(second action)", NATS)
CHANGE = Column("change", NUMBER, "change of the logit by the trial", NATS)
X, Y = (Column(name, NUMBER, f"{which} dynamical variable") for name, which in (("x", "first"), ("y", "second")))

LINES = Column(
    "lines", JSON, "of each real eigenvector: its angle and its eigenvalue", missing="the network is not linear"
)

FREE = Column(
    "free", NUMBER, "angle of the line of fixed points that it lies on", "radians", "its neighbours are not fixed"
)

LOGIT_CHANGES = Table(
    "logit_changes",
    "an input condition of a selected fit with two or more dynamical variables: how far the logit says what a trial of "
    "the condition does to it",
    (
        *(*OF_FIT, CONDITION),
        Column(
            "spread",
            NUMBER,
            "share of the variance of logit changes that remains between trials of about the same logit (one of 20 "
            "bins): 0 if the logit tells all, as with one dynamical variable, 1 if it tells nothing",
            "share",
            "fewer than 40 scored trials, or changes that are all the same",
        ),
        Column("n_trials", INTEGER, "scored trials of the condition", "trials"),
    ),
)
CLOUD = Table("cloud", "a scored trial of the fit that is drawn", (*OF_FIT, CONDITION, LOGIT, CHANGE))
FIELD = Table(
    "field",
    "a point of the grid of the fit that is drawn",
    (
        *OF_FIT,
        CONDITION,
        X,
        Y,
        Column("speed", NUMBER, "length of the step that a trial of the condition takes from there"),
    ),
)
STEPS = Table(
    "steps",
    "a trial of the fit that is drawn: the state before and after it",
    (*OF_FIT, CONDITION, X, Y, Column("to_x", NUMBER, "x after it"), Column("to_y", NUMBER, "y after it")),
)
ROOTS = Table(
    "field_roots",
    "a fixed point of the fit that is drawn",
    (*OF_FIT, CONDITION, X, Y, Column("stable", YES_NO, "whether it attracts"), FREE, LINES),
)
AXES = Table(
    "axes",
    "the fit that is drawn: L = along_x x + along_y y + offset",
    (
        *OF_FIT,
        Column("x_name", TEXT, "what x is"),
        Column("y_name", TEXT, "what y is"),
        Column("along_x", NUMBER, "slope of the logit by x", NATS),
        Column("along_y", NUMBER, "slope of the logit by y", NATS),
        Column("offset", NUMBER, "logit at 0", NATS),
        Column("exact", YES_NO, "whether the logit is such a function of the state"),
    ),
)
CHOSEN = Column("x", NUMBER, "value of the chosen action: its logit minus the mean over actions", NATS)
OTHER = (
    Column("other", INTEGER, "code of an action that was not chosen"),
    CHOSEN,
    Column("y", NUMBER, "value of the other action", NATS),
)
BEYOND = "no state within its bounds that is linear in both values has them"
VALUE_FIELD = Table(
    "value_field",
    "a point of the grid of the values of two actions, of the fit that is drawn",
    (
        *(*OF_FIT, CONDITION, *OTHER),
        Column("dx", NUMBER, "change of x by a trial of the condition", NATS, BEYOND),
        Column("dy", NUMBER, "change of y by it", NATS, BEYOND),
    ),
)
VALUE_TRIALS = Table("value_trials", "a trial of the fit that is drawn: values before it", (*OF_FIT, CONDITION, *OTHER))
LOGIT_STEPS = Table(
    "logit_steps",
    "a trial with two choices of the fit that is drawn",
    (
        *(*OF_FIT, CONDITION),
        *(
            Column(f"{kind}{axis}", NUMBER, f"{words} of the {which}", NATS)
            for kind, words in (("", "logit before the trial"), ("d", "its change by the trial, of the logit"))
            for axis, which in (
                ("x", "first choice"),
                ("y", "choice in the state that was reached"),
                ("z", "choice in the other state"),
            )
        ),
    ),
)
OF_ONE = (LOGIT_CHANGES, CLOUD, FIELD, STEPS, ROOTS, AXES, VALUE_FIELD, VALUE_TRIALS, LOGIT_STEPS)
TABLES = (LOGIT_CHANGES,)
