"""The result tables of this analysis."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, MODEL, NATS, OUTER, PARAMETER, REPLICA, SUBJECT

OF_UNIT = "column `unit`"
UNIT = Column(
    "unit",
    TEXT,
    "unit of the value; a share per trial is how much of the way to its target a value moves, or how much of "
    "it is left; a full reward is 1",
)
NO_REFIT = "`analyses.parameters.refit` does not ask for it; the model has a prior; else `note` says why there is none"
NO_PRIOR = "the model has no prior"
NO_POPULATION = "too few subjects have training choices"
PARAMETERS = Table(
    "parameters",
    "a parameter of a cognitive model, as the selected fit of an outer fold has it",
    (
        *(DATASET, SUBJECT, MODEL, DIM, OUTER, PARAMETER),
        Column("value", NUMBER, "its value as the model's equations use it, not as it is fitted", OF_UNIT),
        UNIT,
        Column(
            "posterior_sd",
            NUMBER,
            "standard deviation of its posterior, Laplace's approximation at the value; of a fit under a prior",
            OF_UNIT,
            NO_PRIOR,
            within=NOT_NEGATIVE,
        ),
        Column(
            "posterior_sd_u",
            NUMBER,
            "the same in the unconstrained coordinate of the fit",
            missing=NO_PRIOR,
            within=NOT_NEGATIVE,
        ),
    ),
)
POPULATIONS = Table(
    "populations",
    "a parameter of a cognitive model with a population prior: the Gaussian over subjects, fitted to the training "
    "choices of an inner fold, in the unconstrained coordinate of the fit",
    (
        *(DATASET, MODEL, OUTER, REPLICA[0], PARAMETER),
        Column("mean", NUMBER, "its mean", missing=NO_POPULATION),
        Column("sd", NUMBER, "its standard deviation", missing=NO_POPULATION, within=NOT_NEGATIVE),
        Column(
            "median", NUMBER, "the mean in natural units, where half of the subjects lie below", OF_UNIT, NO_POPULATION
        ),
        UNIT,
        Column("n_subjects", INTEGER, "subjects with training choices, to which it is fitted"),
        Column("iterations", INTEGER, "iterations of EM"),
        Column(
            "ended",
            TEXT,
            "how EM ended: `converged`, `max_iterations`, or `too few subjects` with training choices, without a prior",
        ),
    ),
)
# of one model that is fitted to all choices of a subject
REFIT = (
    Column("value", NUMBER, "its value in the fit to all choices of the subject", OF_UNIT, NO_REFIT),
    *(
        Column(name, NUMBER, f"{word} end of its 95% interval, or of its range", OF_UNIT, f"{NO_REFIT}; it has no end")
        for name, word in (("low", "lower"), ("high", "upper"))
    ),
    Column(
        "interval",
        TEXT,
        "which interval that is: `95% profile likelihood` or `95% bootstrap over blocks`; empty without that fit",
    ),
    Column(
        "note",
        TEXT,
        "of the interval: ends that are none, as the likelihood excludes no value on that side; `not identified` where "
        "both are; why there is no interval, or no fit; else empty",
    ),
    Column(
        "nll", NUMBER, "mean negative log-likelihood of all choices in that fit", NATS, NO_REFIT, within=NOT_NEGATIVE
    ),
    Column("n_choices", INTEGER, "scored choices that it is fitted to", "choices", NO_REFIT),
)
SUMMARY = Table(
    "parameters_summary",
    "a parameter of a cognitive model of a subject, over outer folds, and in a fit to all choices if asked for",
    (
        *(DATASET, SUBJECT, MODEL, DIM, PARAMETER, UNIT),
        Column("range_low", NUMBER, "lowest value that it can have", OF_UNIT, "it has no lowest one"),
        Column("range_high", NUMBER, "highest value that it can have", OF_UNIT, "it has no highest one"),
        Column("mean", NUMBER, "mean of `value` in `parameters` over outer folds", OF_UNIT, "no selected fit"),
        Column(
            "sd",
            NUMBER,
            "standard deviation of that over outer folds, whose fits share data: no standard error",
            OF_UNIT,
            "fewer than two selected fits",
            within=NOT_NEGATIVE,
        ),
        Column("n_outer", INTEGER, "outer folds with a selected fit"),
        Column(
            "posterior_sd",
            NUMBER,
            "mean of `posterior_sd` in `parameters` over outer folds",
            OF_UNIT,
            f"{NO_PRIOR}; no selected fit",
            within=NOT_NEGATIVE,
        ),
        *REFIT,
    ),
)
PART = Table("refits", SUMMARY.row, (DATASET, SUBJECT, MODEL, DIM, PARAMETER, *REFIT))
TABLES = (PARAMETERS, SUMMARY, POPULATIONS)
