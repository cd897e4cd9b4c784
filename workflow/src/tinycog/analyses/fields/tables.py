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
            "share, 0 to 1",
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
OF_ONE = (LOGIT_CHANGES, CLOUD, FIELD, STEPS, ROOTS, AXES)
TABLES = (LOGIT_CHANGES,)
