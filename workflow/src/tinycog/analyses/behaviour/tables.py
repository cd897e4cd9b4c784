"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import ANY, CORRELATION, INTEGER, NOT_NEGATIVE, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, FAMILY, SUBJECT

NOT_OF_DATA = "the data"
NOTHING = "nothing could be compared"
SOURCE = Column("source", TEXT, "`data`, or the model's key in the config")
KIND = Column(
    "kind",
    TEXT,
    "`data`; `teacher_forced`: what the selected fits of the model expect along the subject's own choices, mean over "
    "outer folds; `playing`: choices that the selected fits made in the task, those of all outer folds together",
)
KEYS = (DATASET, SUBJECT, SOURCE, replace(DIM, missing=NOT_OF_DATA), KIND)
NOT_COMPARED = (
    f"{NOT_OF_DATA}; fewer than ten choices; nothing varies; curves labelled by behaviour, along the subject's choices"
)


def _values(unit: str, of_differences: tuple[float, float] = ANY) -> tuple[Column, ...]:
    """Columns of a value, its interval, and its difference from the data."""
    end = "{} end of its 95% interval: quantile over draws of what `varies`"
    return (
        Column("value", NUMBER, "the probability, or the number that `statistic` says", unit),
        *(Column(name, NUMBER, end.format(word), unit) for name, word in (("low", "lower"), ("high", "upper"))),
        Column(
            "varies",
            TEXT,
            "what is drawn: `blocks`; `parts of blocks` of subjects with fewer than ten blocks; `folds and blocks` of "
            "models that play",
        ),
        Column("n", INTEGER, "choices behind it, of models that play those of all outer folds", "choices"),
        Column(
            "sd_folds",
            NUMBER,
            "standard deviation over outer folds",
            unit,
            f"{NOT_OF_DATA}; a single outer fold",
            within=NOT_NEGATIVE,
        ),
        Column(
            "difference",
            NUMBER,
            "value minus that of the data",
            unit,
            f"{NOT_OF_DATA}, and what they lack",
            of_differences,
        ),
        Column("z", NUMBER, "that difference in its standard errors, by the same draws", "", NOT_COMPARED),
    )


OUTCOME = "`reward` or `omission`, in tasks with transitions followed by `_common` or `_rare`"
PROBABILITY = _values("probability", CORRELATION)
STAY = Table(
    "behaviour_stay",
    "an outcome: how probably the same (first) action follows it",
    (*KEYS, Column("after", TEXT, f"outcome of the last trial: {OUTCOME}"), *PROBABILITY),
)
REVERSAL = Table(
    "behaviour_reversal",
    "a trial around reversals: how probable the action is that was better before",
    (
        *KEYS,
        Column(
            "label",
            TEXT,
            "which action that was: `schedule`, by the schedule; `behaviour`, the one whose share falls most, "
            "reversal by reversal",
        ),
        Column(
            "offset",
            INTEGER,
            "trials since the reversal; 0 is the first one after it, -1 the last one before",
            within=ANY,
        ),
        *PROBABILITY,
    ),
)
HISTORY = Table(
    "behaviour_history",
    "a number of the logistic regression of stays on the outcomes of the last trials",
    (
        *KEYS,
        Column("statistic", TEXT, "`coefficient`; `sum` of coefficients over lags; `index`, difference of such sums"),
        Column(
            "term",
            TEXT,
            f"of coefficients and sums the outcome ({OUTCOME}) or `intercept`; of an index `reward` (reward minus "
            "omission), in tasks with transitions `model_free` or `planning`",
        ),
        Column("lag", INTEGER, "trials back", "trials", "the intercept, sums and indices"),
        *_values("log odds"),
    ),
)
SWITCH = Table(
    "behaviour_switch",
    "a piece of recent history: how probable a choice is after it",
    (
        *KEYS,
        Column(
            "measure",
            TEXT,
            "`pattern`: probability of a switch after the last two trials; `run`: of the same action after some "
            "rewarded choices of it in a row; `after_switch`: of the new action some trials after a switch to it",
        ),
        Column(
            "cell",
            TEXT,
            "of a pattern two letters, A or a for the action of two trials ago, then again A or a for the same action "
            "and B or b for another; a capital was rewarded. Else how many choices, or trials",
        ),
        *PROBABILITY,
    ),
)
DISCREPANCY = Table(
    "behaviour_discrepancy",
    "a model and a measure: where the model differs most from the data",
    (
        *KEYS,
        Column(
            "measure",
            TEXT,
            "`stay`, `reversal_schedule`, `reversal_behaviour`, `history`, `pattern`, `run` or `after_switch`; `all` "
            "of a model that does not play",
        ),
        Column("z", NUMBER, "largest difference, model minus data, in standard errors", missing=NOTHING),
        Column("cell", TEXT, "where that is, as the measure's own table says it"),
        Column("n_cells", INTEGER, "values that were compared"),
        Column(
            "share_above_2",
            NUMBER,
            "of these, those that differ by more than two standard errors",
            "share",
            NOTHING,
        ),
        FAMILY,
        Column("n_outer", INTEGER, "outer folds with a selected fit"),
        Column(
            "val_nll",
            NUMBER,
            "mean validation NLL of the selected fits",
            "nats per choice",
            "one is not finite",
            within=NOT_NEGATIVE,
        ),
        Column("environment", TEXT, "of models that play: what paid, as JSON; else empty"),
        Column("note", TEXT, "why a model does not play; else empty"),
    ),
)
TABLES = (STAY, REVERSAL, HISTORY, SWITCH, DISCREPANCY)
OF_MEASURE = {
    "stay": STAY,
    "reversal_schedule": REVERSAL,
    "reversal_behaviour": REVERSAL,
    "history": HISTORY,
    "pattern": SWITCH,
    "run": SWITCH,
    "after_switch": SWITCH,
}
