"""Columns of the files of trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinycog.results.columns import FROM_0_TO_1, INTEGER, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import DATASET, DIM, MODEL, NATS, OUTER, SUBJECT

AVERAGE = "rows of the average"
NOT_SCORED = "the choice is not scored"
SAME_UNITS = f"of a network in {AVERAGE}: units of different fits are not the same"
MOVES_NO_VALUE = (
    "networks, and models none of whose values moves to the reward (docs/methods.md, Prediction errors); missed "
    "choices; the first choice of a trial with two"
)

NAMES_IN_DATA = (
    replace(SUBJECT, meaning="who chose, as the data call it"),
    Column("session", TEXT, "session, as the data call it"),
    Column(
        "source_block",
        TEXT,
        "block as it stands in the data's own files",
        missing="they have no blocks",
    ),
    Column(
        "source_trial",
        TEXT,
        "trial as it stands in the user's table; of public data its number, from 1, in the session (of macaques the "
        "row of the session's matrices)",
        missing="the table has no trial numbers; simulated data",
    ),
    Column(
        "source_row",
        INTEGER,
        "which of the subject's rows of the user's table it is, from 1, over all files in their order",
        missing="data that are not a user's table",
    ),
)
WHICH = (
    DATASET,
    *NAMES_IN_DATA,
    Column("block", INTEGER, "block as it is fitted, from 0 within the subject; long sessions may be cut"),
    Column("trial", INTEGER, "trial in this block, from 0"),
    Column("choice", INTEGER, "1; 2 for the second choice of a trial with two"),
    *(MODEL, DIM),
    replace(OUTER, missing=f"{AVERAGE} over outer folds"),
    Column("n_folds", INTEGER, f"outer folds that the row is of: 1, or in {AVERAGE} all that have a fit", "folds"),
    Column("split", TEXT, "role of the choice in the selected fit: train, val or test", missing=AVERAGE),
    Column("scored", YES_NO, "whether the choice counts"),
    Column("action", INTEGER, "code of the choice, from 0", missing="the choice was missed"),
    Column(
        "reward",
        NUMBER,
        "what the trial paid",
        "of a full reward",
        "the choice was missed; the first choice of a trial with two",
        within=FROM_0_TO_1,
    ),
)
NLL = Column(
    "nll", NUMBER, "minus the logarithm of the probability of what was chosen", NATS, NOT_SCORED, within=NOT_NEGATIVE
)
TEST_NLL = Column(
    "test_nll",
    NUMBER,
    f"the same, from the fits that did not see the choice: in {AVERAGE} those of the outer folds that tested it",
    NATS,
    f"{NOT_SCORED}; the outer fold did not test it",
    within=NOT_NEGATIVE,
)


def described(actions: Sequence[str], logits: Sequence[str], states: Sequence[str]) -> Table:
    """The files of a model whose actions, logits and state's variables are so called."""
    quantities = (
        *(
            Column(f"p_{name}", NUMBER, "probability of the action before the choice", "probability")
            for name in actions
        ),
        *(
            Column(
                name,
                NUMBER,
                "of two actions (`logit`) log P(action 0) / P(action 1), of more the logit of each minus their mean",
                "nats",
            )
            for name in logits
        ),
        *(
            Column(name, NUMBER, "variable of the model's state before the choice", "the model's", SAME_UNITS)
            for name in states
        ),
        Column(
            "prediction_error",
            NUMBER,
            "reward minus the value that the model moves to it, as that was before",
            "of a full reward",
            MOVES_NO_VALUE,
        ),
        NLL,
    )
    spread = tuple(
        Column(
            f"{column.name}_sd",
            NUMBER,
            f"SD of `{column.name}` over outer folds",
            column.unit,
            f"all but {AVERAGE}; fewer than two folds; where `{column.name}` is missing",
            within=NOT_NEGATIVE,
        )
        for column in quantities
    )
    row = (
        "a choice of a subject and the selected fit of one outer fold, or the average over outer folds, in "
        "`trials/{dataset}/{subject}/{model}/d{dim}.parquet`, whose columns carry unit and meaning as metadata"
    )
    return Table("trials", row, (*WHICH, *quantities, TEST_NLL, *spread))


TABLES = ()
# as the codebook shows it: N is an action or a number, VARIABLE a variable of the model or a unit, such as Q_0 or h1
FILES = (described(["N"], ["logit", "logit_N"], ["VARIABLE"]),)
