"""The result table of this analysis."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, JSON, TEXT, Column, Table
from tinycog.results.tables import DATASET, SUBJECT

DIMENSIONALITY = Table(
    "dimensionality",
    "the dimensionality d* of a subject's behaviour by one rule",
    (
        *(DATASET, SUBJECT),
        Column(
            "rule",
            TEXT,
            "`reference`: the largest d that predicts significantly better than every smaller one (paired one-sided "
            "t-tests over outer folds, p <= 0.05); `minimal`: the smallest d that no larger one beats; `validation`: "
            "as reference, with the network of each d chosen by validation instead of test; `argmin`: the lowest test "
            "NLL",
        ),
        Column("d_star", INTEGER, "d*, the number of dynamical variables beyond which nothing is gained"),
        Column(
            "d_star_shares",
            JSON,
            "of each d, the share of resamples of the outer folds (with replacement, at least two different ones) in "
            "which it is d*: how much d* depends on single folds, neither a confidence interval nor a probability",
            "share, 0 to 1",
            "one dim, or fewer than three outer folds",
        ),
        Column("note", TEXT, "`one dim only`, or `not bounded by this grid` where d* is the largest d; else empty"),
        Column("n_outer", INTEGER, "outer folds that it rests on"),
        Column("dims", JSON, "the d that were compared, a list"),
        Column("models", JSON, "the network that stands for each of them, a list"),
        Column("flags", JSON, "of each d, whether it predicts significantly better than every smaller one"),
        Column("p_values", JSON, 'p-values of the t-tests; "2<1" asks whether d = 2 predicts better than d = 1'),
    ),
)
TABLES = (DIMENSIONALITY,)
