"""The result table of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, FAMILY, MODEL, N_DYNAMICAL, NATS, NLL

SAME_D, ANY_D = "same d", "any d"

ADVANTAGE = Table(
    "advantage",
    "a model of a data set against a rival, over subjects: the cognitive model, of those that follow no teacher, with "
    "the lowest mean test NLL at as many dynamical variables, or at any. The rival is chosen on the test choices, "
    "which favours it",
    (
        *(DATASET, MODEL, DIM, FAMILY, N_DYNAMICAL),
        Column("rivals", TEXT, f"among which cognitive models the rival is the best: `{SAME_D}` or `{ANY_D}`"),
        replace(MODEL, name="rival", meaning="the rival, its key in the config"),
        replace(NLL["test"], meaning="mean test NLL over subjects", missing=""),
        replace(NLL["test"], name="rival_nll", meaning="that of the rival", missing=""),
        Column(
            "difference", NUMBER, "mean over subjects of test NLL minus the rival's: below 0 the model is ahead", NATS
        ),
        Column("low", NUMBER, "95% bootstrap interval over subjects, lower end", NATS, "fewer than five subjects"),
        Column("high", NUMBER, "upper end", NATS, "fewer than five subjects"),
        Column("share_ahead", NUMBER, "subjects in which the model has the lower test NLL", "share"),
        Column("n_subjects", INTEGER, "subjects on which all models of the data set are compared"),
    ),
)
TABLES = (ADVANTAGE,)
