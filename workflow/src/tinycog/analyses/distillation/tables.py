"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, MODEL, NATS, NLL

TARGET = Column("target", TEXT, "subject that has few trials")
METHOD = Column(
    "method",
    TEXT,
    "`teacher`, a network trained on the other subjects and on the subset; `student`, trained on the teacher's "
    "probabilities for the subset; `solo`, the same network trained on the subset's choices alone; `cognitive`, a "
    "cognitive model fitted to these; `soft_cognitive`, one fitted to the teacher's probabilities; `mean_embedding`, a "
    "teacher that has never seen the target, with the mean of the others' vectors; `new_subject`, the same with a "
    "vector fitted to the subset, all else frozen",
)
SUBSET = Column(
    "subset", TEXT, "blocks of the target that are used, as the config has it: a number, or `all`; 0 without any"
)
MODE = Column(
    "mode",
    TEXT,
    "what is learnt: `choices`; `soft`, the teacher's probabilities; `mixed`, both; `align`, choices, with states led "
    "to the teacher's",
)
NO_TARGET = "the target has no such subset"
OF_CURVE = (replace(MODEL, meaning="model, its key in the config, or `teacher`"), DIM, MODE)
RESULTS = Table(
    "distillation",
    "what was selected by validation for a target, a subset of its blocks and a method, or why there is nothing",
    (
        *(DATASET, TARGET, replace(METHOD, missing=NO_TARGET), replace(SUBSET, missing="it is about all subsets")),
        Column("n_blocks", INTEGER, "blocks of the subset", "blocks", NO_TARGET),
        Column("n_trials", INTEGER, "scored choices of the subset, training and validation", "choices", NO_TARGET),
        *(replace(column, missing=NO_TARGET) for column in OF_CURVE),
        Column("width", INTEGER, "of the vector of each subject, of the teacher that is meant", missing="no teacher"),
        Column("seed", INTEGER, "initialisation that was selected", missing="failed"),
        Column("l1", NUMBER, "weight of the L1 penalty that was selected", missing="failed"),
        *(
            replace(NLL[role], meaning=f"{NLL[role].meaning}{about}", missing="failed")
            for role, about in (
                ("train", ", of a student copies too; of a teacher of all subjects"),
                ("val", ", likewise"),
            )
        ),
        Column(
            "val_target_nll",
            NUMBER,
            "what a student was selected by, see table `fits`",
            NATS,
            "failed, or no student",
            within=NOT_NEGATIVE,
        ),
        replace(NLL["test"], meaning=f"{NLL['test'].meaning} of the target", missing="failed"),
        Column("n_test", INTEGER, "scored test choices of the target", "choices", "failed"),
        Column("status", TEXT, "`ok` or `failed`"),
        Column("reason", TEXT, "why there is nothing; empty where there is"),
    ),
)
LOW_HIGH = (
    Column("low", NUMBER, "lower end of the interval", missing="fewer than five units to draw", within=NOT_NEGATIVE),
    Column("high", NUMBER, "upper end of the interval", missing="as `low`", within=NOT_NEGATIVE),
    Column(
        "interval",
        TEXT,
        "what it is: 95% bootstrap over targets and blocks, or, of fewer than five targets, over blocks alone",
    ),
)
SUMMARY = Table(
    "distillation_summary",
    "a method with a subset of the targets' blocks, over the targets for which all methods of the subset have a result",
    (
        *(DATASET, METHOD, *OF_CURVE, SUBSET),
        Column("n_blocks", NUMBER, "mean number of blocks of the subset", "blocks"),
        Column("n_trials", NUMBER, "mean number of scored choices of the subset", "choices"),
        Column("n_targets", INTEGER, "targets", "subjects"),
        Column("test_nll", NUMBER, "mean over targets of the test NLL", "nats per choice", within=NOT_NEGATIVE),
        *(replace(column, unit="nats per choice") for column in LOW_HIGH[:2]),
        LOW_HIGH[2],
    ),
)
CROSSINGS = Table(
    "distillation_crossings",
    "the smallest subset with which a method is better than the cognitive baseline with the same subset",
    (
        *(DATASET, METHOD, *OF_CURVE),
        Column("baseline", TEXT, "cognitive model, its key in the config"),
        Column("n_trials", NUMBER, "mean number of choices of that subset", "choices", "never better"),
        Column("low", NUMBER, "lower end of the 95% bootstrap interval", "choices", "rarely better"),
        Column("high", NUMBER, "upper end of the 95% bootstrap interval", "choices", "often never better"),
        Column("share_reached", NUMBER, "resamples in which it is better with some subset", "share"),
        LOW_HIGH[2],
        Column("note", TEXT, "what to know; `never better than the baseline`; empty where nothing is to say"),
    ),
)
TABLES = (RESULTS, SUMMARY, CROSSINGS)
