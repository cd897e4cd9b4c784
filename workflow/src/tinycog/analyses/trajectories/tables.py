"""The tables that the figure of this analysis is drawn from."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION, OF_FIT

X, Y = (Column(name, NUMBER, f"place on the {axis} axis of table planes") for name, axis in (("x", "x"), ("y", "y")))

REVERSALS = Table(
    "after_reversals",
    "a trial after reversals: the mean state before it, of the fit that is drawn",
    (
        *OF_FIT,
        Column(
            "better_before",
            INTEGER,
            "code of the action that the schedule paid better until the reversal",
            missing="values have been aligned: x is the value of that action, y the other one",
        ),
        Column("offset", INTEGER, "trials since the reversal, 0 for the first one after it", "trials"),
        *(X, Y),
        Column("n", INTEGER, "reversals behind it", "reversals"),
    ),
)
STREAMS = Table(
    "streams",
    "a trial of a stream, in which trials of one condition follow one another, of the fit that is drawn",
    (
        *(*OF_FIT, CONDITION),
        Column("stream", INTEGER, "where it starts, from 0: a state along the subject's trials"),
        Column("step", INTEGER, "trials since the start", "trials"),
        *(X, Y),
    ),
)
PLANES = Table(
    "planes",
    "the plane in which a fit is drawn: the logit is along_x x + along_y y + offset",
    (
        *OF_FIT,
        Column("x_name", TEXT, "what x is"),
        Column("y_name", TEXT, "what y is"),
        Column("along_x", NUMBER, "slope of the logit by x", "nats"),
        Column("along_y", NUMBER, "slope of the logit by y", "nats"),
        Column("offset", NUMBER, "logit at 0", "nats"),
        Column("exact", YES_NO, "whether the logit is such a function of the state"),
        *(
            Column(f"{axis}_{end}", NUMBER, f"{word} end of the {axis} axis")
            for axis in ("x", "y")
            for end, word in (("low", "lower"), ("high", "upper"))
        ),
    ),
)
OF_ONE = (REVERSALS, STREAMS, PLANES)
TABLES = ()
