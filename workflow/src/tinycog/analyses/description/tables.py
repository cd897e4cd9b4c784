"""The result table of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, SUBJECT

INTERVAL = (
    "{} end of the 95% interval of a stay probability: of one subject over its trials (Wilson), of all together over "
    "subjects, as if these were drawn (Student's t), where there are at least two"
)
ONLY_STAY = "other statistics, and stay probabilities of no trial"
DESCRIPTION = Table(
    "description",
    "a statistic of one subject, or of all subjects of a data set together",
    (
        DATASET,
        replace(SUBJECT, meaning="subject as the data call it; `all` for all of them together"),
        Column(
            "statistic",
            TEXT,
            "`subjects`, `sessions`, `blocks`, `trials` and `missing` (choices) are counts; `reward_rate` is the mean "
            "reward, `share_{action}` how often an action is chosen, `stay_...` how often it is chosen again in the "
            "next trial of the block, after rewarded or unrewarded trials and, in tasks with transitions, common or "
            "rare ones",
        ),
        Column(
            "value", NUMBER, "the count, the mean or the share", missing="no trial to take it from", within=NOT_NEGATIVE
        ),
        Column("n", INTEGER, "trials, or pairs of trials, behind a mean or a share", missing="counts"),
        Column("low", NUMBER, INTERVAL.format("lower"), "probability", ONLY_STAY),
        Column("high", NUMBER, INTERVAL.format("upper"), "probability", ONLY_STAY),
        Column("action", TEXT, "of a share, what the data set calls its action; else empty"),
        Column(
            "note", TEXT, "why the data should be looked at again: choices missed, too few, or never made; else empty"
        ),
    ),
)
# of one data set: without the words, which may change without anything being computed again
PART = replace(DESCRIPTION, columns=tuple(column for column in DESCRIPTION.columns if column.name != "action"))
SUBJECTS = Table(
    "subjects",
    "something that is known of a subject as a whole: a covariate, or of which person and condition it is",
    (
        *(DATASET, SUBJECT),
        Column(
            "covariate",
            TEXT,
            "column of a user's table or file, or what an importer finds; `person` where subjects are persons in "
            "conditions",
        ),
        Column("value", TEXT, "what is there, as it is written; empty where there is nothing", within=NOT_NEGATIVE),
    ),
)
TABLES = (DESCRIPTION, SUBJECTS)
