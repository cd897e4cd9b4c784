"""The result table of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import CORRELATION, INTEGER, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, MODEL, SUBJECT

NO_PAIR = "`n_pairs` is 0; `reason` says why"


def _of(side: str) -> tuple[Column, Column]:
    return replace(MODEL, name=f"model_{side}"), replace(DIM, name=f"dim_{side}")


LOGIT_CORRELATIONS = Table(
    "logit_correlations",
    "a pair of models and dims of a subject, or one with itself: how far the logits of selected fits of different "
    "outer folds (of two models: of all outer folds) correlate along all scored choices of the subject",
    (
        *(DATASET, SUBJECT, *_of("a"), *_of("b")),
        Column("mean", NUMBER, "mean of Pearson's correlation over pairs of fits", missing=NO_PAIR, within=CORRELATION),
        Column("min", NUMBER, "lowest correlation of a pair", missing=NO_PAIR, within=CORRELATION),
        Column("max", NUMBER, "highest correlation of a pair", missing=NO_PAIR, within=CORRELATION),
        Column("n_pairs", INTEGER, "pairs of fits that have a correlation", "pairs"),
        Column("n_constant", INTEGER, "pairs that have none, as the logits of one of the two are constant", "pairs"),
        Column("n_choices", INTEGER, "scored choices of the subject", "choices"),
        Column("n_train", NUMBER, "scored training choices, mean over the fits of both", "choices"),
        Column("reason", TEXT, "why there is no correlation; empty where there is one"),
    ),
)
TABLES = (LOGIT_CORRELATIONS,)
