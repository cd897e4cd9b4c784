"""The result table of this analysis."""

from __future__ import annotations

from tinycog.results.columns import NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, MODEL, OUTER, PARAMETER, SUBJECT

PARAMETERS = Table(
    "parameters",
    "a parameter of a cognitive model, as the selected fit of an outer fold has it",
    (
        *(DATASET, SUBJECT, MODEL, DIM, OUTER, PARAMETER),
        Column("value", NUMBER, "its value as the model's equations use it, not as it is fitted", "column `unit`"),
        Column(
            "unit",
            TEXT,
            "unit of the value; a share per trial is how much of the way to its target a value moves, or how much of "
            "it is left; a full reward is 1",
        ),
    ),
)
TABLES = (PARAMETERS,)
