"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, Column, Table
from tinycog.results.tables import (
    ACCURACY,
    DATASET,
    DIM,
    FAMILY,
    MODEL,
    N_DYNAMICAL,
    N_PARAMETERS,
    NATS,
    NLL,
    NOT_FINITE,
    SUBJECT,
)

NLL, ACCURACY = replace(NLL["test"], missing=NOT_FINITE), replace(ACCURACY, missing=NOT_FINITE)

SHARE_MAX_EPOCHS = Column(
    "share_max_epochs",
    NUMBER,
    "fits of a network that ended at `training.max_epochs`, before validation had stopped them; above a fifth, "
    "raise it",
    "share",
    "a model that is not trained in epochs",
)

PERFORMANCE = Table(
    "performance",
    "a model with a number of dynamical variables, for one subject: its selected fits over outer folds",
    (
        *(DATASET, SUBJECT, MODEL, DIM, FAMILY, N_DYNAMICAL, N_PARAMETERS),
        replace(NLL, meaning=f"{NLL.meaning} of the outer folds that all of the subject's models are compared on"),
        Column(
            "test_nll_sem",
            NUMBER,
            "standard error of `test_nll` over the best fit, by validation, of each inner fold of each outer fold; "
            "they share test choices",
            NATS,
            "fewer than two such fits",
            within=NOT_NEGATIVE,
        ),
        Column(
            "test_nll_sem_outer",
            NUMBER,
            "standard error of `test_nll` over the selected fits of the outer folds",
            NATS,
            "fewer than two outer folds",
            within=NOT_NEGATIVE,
        ),
        ACCURACY,
        Column("n_test", INTEGER, "scored test choices of these outer folds", "choices"),
        Column("n_outer", INTEGER, "outer folds on which all of the subject's models are compared"),
        Column("n_outer_own", INTEGER, "outer folds with a selected fit of this model and a finite test NLL"),
        Column("n_outer_missing", INTEGER, "outer folds that were asked for and have none"),
        SHARE_MAX_EPOCHS,
    ),
)
PERFORMANCE_GROUP = Table(
    "performance_group",
    "a model with a number of dynamical variables, over the subjects of a data set; every subject counts the same",
    (
        *(DATASET, MODEL, DIM, FAMILY, N_DYNAMICAL, N_PARAMETERS),
        replace(NLL, meaning="mean over subjects of their `test_nll` in `performance`"),
        Column(
            "test_nll_sem",
            NUMBER,
            "standard error of `test_nll` over subjects",
            NATS,
            "one subject",
            within=NOT_NEGATIVE,
        ),
        Column(
            "test_nll_sem_within",
            NUMBER,
            "mean over subjects of their own `test_nll_sem_outer` in `performance`",
            NATS,
            "no subject has one",
            within=NOT_NEGATIVE,
        ),
        replace(ACCURACY, meaning="mean over subjects of their `test_accuracy` in `performance`"),
        replace(SHARE_MAX_EPOCHS, meaning="mean over subjects of their `share_max_epochs` in `performance`"),
        Column("n_subjects", INTEGER, "subjects on which all models of the data set are compared"),
        Column("n_subjects_own", INTEGER, "subjects that the model has"),
    ),
)
TABLES = (PERFORMANCE, PERFORMANCE_GROUP)
