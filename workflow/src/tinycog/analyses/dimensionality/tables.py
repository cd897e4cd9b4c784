"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, JSON, NUMBER, TEXT, Column, Table
from tinycog.results.tables import COUNTS, DATASET, DIM, MODEL, NLL, OUTER, SUBJECT

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
            "share",
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
NOT_PLAYED = "nothing could be simulated: see reason"
TRUE = (
    Column("generator", TEXT, "network that made the choices", missing="d* has no estimate"),
    Column(
        "true_d",
        INTEGER,
        "its number of units: d* of the subject by the rule `reference`; by `argmin` with one outer fold",
        missing="d* has no estimate",
    ),
)
SHARE = "share"
POWER = Table(
    "dimensionality_power",
    "a rule for d*, over data sets as large as the subject's that its own network with d* units played: how often the "
    "rule finds that d",
    (
        *(DATASET, SUBJECT),
        Column("rule", TEXT, "as in table dimensionality"),
        *TRUE,
        Column("n", INTEGER, "simulations with an estimate of d*"),
        Column("equal", NUMBER, "in which d* is the true d", SHARE, NOT_PLAYED),
        Column("low", NUMBER, "lower end of the 95% interval of `equal` (Clopper and Pearson)", SHARE, NOT_PLAYED),
        Column("high", NUMBER, "upper end of it", SHARE, NOT_PLAYED),
        Column("below", NUMBER, "in which d* is smaller", SHARE, NOT_PLAYED),
        Column("above", NUMBER, "in which d* is larger", SHARE, NOT_PLAYED),
        Column("reason", TEXT, "why nothing could be simulated; else empty"),
    ),
)
TABLES = (DIMENSIONALITY, POWER)

# what a job writes of one simulation
SIMULATION = Table(
    "simulation",
    "the selected fit of an outer fold of simulated choices",
    (
        *(DATASET, SUBJECT),
        Column("simulation", INTEGER, "number of the simulation, from 0"),
        *TRUE,
        *(replace(column, missing=NOT_PLAYED) for column in (MODEL, DIM, OUTER)),
        *(replace(NLL[role], missing="no fit") for role in ("val", "test")),
        *(replace(column, missing="no fit") for column in COUNTS[1:]),
        Column("reason", TEXT, "why there is no fit; else empty"),
    ),
)
