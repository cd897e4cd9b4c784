"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import DATASET, DIM, FAMILY, MODEL, NATS, NLL, OUTER, SUBJECT

NOT_FITTED = "not fitted: "  # begins the reason of a share that is no failure, as it was not to be fitted
NO_POINT = "the model cannot be compared at this size: see reason"
NO_INTERVAL = "fewer than five test blocks"
INTERVAL = "of the 95% bootstrap interval over outer folds and their test blocks"
BEYOND = "it lies beyond the sizes that were measured, or there is none"
GENERATOR = Column(
    "generator", TEXT, "whose choices: `subject`, or the model and d that played the task in the subject's place"
)
SHARE = Column(
    "share",
    NUMBER,
    "share of the blocks outside the test fold that train and validate; of simulated choices, of the largest number",
    "share",
)
OF_CURVE = (DATASET, SUBJECT, GENERATOR, MODEL, DIM)

REQUIREMENT = Table(
    "data_requirement",
    "a model fitted to a share of a subject's blocks, over the outer folds that all models have at all sizes",
    (
        *OF_CURVE,
        Column("n_trials", NUMBER, "trials that train and validate, mean over outer folds", "trials", NO_POINT),
        *(FAMILY, SHARE),
        Column("n_blocks", NUMBER, "blocks that train and validate, mean over outer folds", "blocks", NO_POINT),
        Column("n_outer", INTEGER, "outer folds that it rests on"),
        replace(NLL["val"], meaning="mean over all inner folds of the lowest validation NLL", missing=NO_POINT),
        Column(
            "test_nll", NUMBER, "mean negative log-likelihood of the test choices", NATS, NO_POINT, within=NOT_NEGATIVE
        ),
        Column(
            "sem", NUMBER, "standard error over outer folds", NATS, "fewer than two outer folds", within=NOT_NEGATIVE
        ),
        Column("low", NUMBER, f"lower end {INTERVAL}", NATS, f"{NO_POINT}; {NO_INTERVAL}"),
        Column("high", NUMBER, f"upper end {INTERVAL}", NATS, f"{NO_POINT}; {NO_INTERVAL}"),
        Column("chosen", YES_NO, "whether validation NLL is lowest, of the networks or of the cognitive models"),
        Column("reason", TEXT, "why it cannot be compared; empty where it can"),
    ),
)
FOLDS = Table(
    "data_requirement_folds",
    "a model fitted to a share of the blocks of one outer fold: the fit that is selected there",
    (
        *(*OF_CURVE, FAMILY, OUTER, SHARE),
        Column("n_blocks", INTEGER, "blocks that train and validate"),
        Column("n_trials", INTEGER, "trials that train and validate", "trials"),
        Column("n_inner", INTEGER, "inner folds that were run"),
        replace(
            NLL["val"],
            meaning="mean over the choices of all inner folds, each predicted by its fit of lowest validation NLL",
            missing="no fit",
        ),
        replace(NLL["test"], missing="no fit, or it is not finite"),
        Column("n_test", INTEGER, "scored test choices", "choices"),
        Column("reason", TEXT, "why there is no fit; empty where there is one"),
    ),
)
DIFFERENCE = Table(
    "data_requirement_difference",
    "a number of trials: the network and the cognitive model that validation chooses there, on the same test choices",
    (
        *(DATASET, SUBJECT, GENERATOR, SHARE),
        Column("n_trials", NUMBER, "trials that train and validate, mean over outer folds", "trials"),
        Column("network", TEXT, "network with the lowest validation NLL"),
        Column("network_dim", INTEGER, "its number of units"),
        Column("cognitive", TEXT, "cognitive model with the lowest validation NLL"),
        Column("difference", NUMBER, "test NLL of the network minus that of the cognitive model", NATS),
        Column("low", NUMBER, f"lower end {INTERVAL}", NATS, NO_INTERVAL),
        Column("high", NUMBER, f"upper end {INTERVAL}", NATS, NO_INTERVAL),
    ),
)
CROSSING = Table(
    "data_requirement_crossing",
    "a subject: the number of trials from which on the network predicts at least as well as the cognitive model",
    (
        *(DATASET, SUBJECT, GENERATOR),
        Column("trials", NUMBER, "from which on, between two sizes straight in log(trials)", "trials", BEYOND),
        Column("low", NUMBER, f"lower end {INTERVAL}", "trials", f"{BEYOND}; {NO_INTERVAL}"),
        Column("high", NUMBER, f"upper end {INTERVAL}", "trials", f"{BEYOND}; {NO_INTERVAL}"),
        Column(
            "share_from_fewest",
            NUMBER,
            "share of the resamples in which the network is as good at every size",
            "share",
            NO_INTERVAL,
        ),
        Column(
            "share_not_reached",
            NUMBER,
            "share of the resamples in which it is worse at the largest size",
            "share",
            NO_INTERVAL,
        ),
        Column("fewest", NUMBER, "the smallest size", "trials", "there is no size to compare at"),
        Column("most", NUMBER, "the largest size", "trials", "there is no size to compare at"),
        Column("note", TEXT, "`from the fewest trials on`, `not reached`, or why there is none; else empty"),
    ),
)
TABLES = (REQUIREMENT, FOLDS, DIFFERENCE, CROSSING)

# what a job writes beside FOLDS, of which intervals are made
BLOCKS = Table(
    "blocks",
    "a test block of a selected fit",
    (
        *(*OF_CURVE, OUTER, SHARE),
        Column("block", INTEGER, "test block"),
        Column("nll", NUMBER, "negative log-likelihood of its scored choices", "nats", within=NOT_NEGATIVE),
        Column("n", NUMBER, "its scored choices", "choices"),
    ),
)
PARTS = (FOLDS, BLOCKS)
