"""The result tables of this analysis, and the tables that its figures are drawn from."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION, OF_FIT

IN_WORDS = Column("in_words", TEXT, "the condition in words: what the data set calls the action, and the outcome")
KEYS = (*OF_FIT, CONDITION)
NATS = "nats"
ABOUT_LOGIT = "logit, log P(first action) / P(second action)"

SETPOINTS = Table(
    "setpoints",
    "a selected fit with one dynamical variable and an input condition: where trials of this condition take its logit",
    (
        *KEYS,
        Column(
            "setpoint",
            NUMBER,
            "logit of the attracting fixed point, the one nearest to `setpoint_ref` where there are several",
            NATS,
            "no fixed point attracts",
        ),
        Column(
            "setpoint_ref",
            NUMBER,
            "the reference's estimate: median logit of the ten trials that changed it least",
            NATS,
            "no scored trial of the condition",
        ),
        Column(
            "slope",
            NUMBER,
            "slope of the logit's change over the logit, by least squares over trials; minus a learning rate",
            missing="fewer than two trials, or all with the same logit",
        ),
        Column(
            "multiplier",
            NUMBER,
            "derivative of the next state by the state at the setpoint; within -1 and 1 it attracts",
            missing="no fixed point attracts",
        ),
        Column("n_trials", INTEGER, "scored trials of the condition", "trials"),
        Column("in_range", YES_NO, "whether trials came within 0.1 nats of the setpoint; no where there is none"),
        Column("n_roots", INTEGER, "fixed points of the condition"),
    ),
)
ROOTS = Table(
    "roots",
    "a fixed point of the map, for drawing",
    (
        *KEYS,
        Column("logit", NUMBER, ABOUT_LOGIT, NATS),
        Column("attracts", YES_NO, "whether it attracts"),
    ),
)
CHANGE = Column("change", NUMBER, "change of the logit by a trial of the condition", NATS)
MAPS = Table("maps", "a point of the exact map", (*KEYS, Column("logit", NUMBER, ABOUT_LOGIT, NATS), CHANGE))
VISITED = Table(
    "visited",
    "a scored trial",
    (
        *(*KEYS, Column("logit", NUMBER, f"{ABOUT_LOGIT}, before the trial", NATS), CHANGE),
        Column("split", TEXT, "role of the trial's block in the selected fit: train, val or test"),
        Column("block", INTEGER, "block, from 0"),
        Column("trial", INTEGER, "trial of the block, from 0"),
    ),
)
OF_ONE = (SETPOINTS, ROOTS, MAPS, VISITED)  # written for each subject and model
# of a run: there, too, are the words, which may change without anything being computed again
TABLES = (replace(SETPOINTS, columns=(*KEYS, IN_WORDS, *SETPOINTS.columns[len(KEYS) :])),)
