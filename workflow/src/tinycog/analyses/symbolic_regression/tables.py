"""The result tables of this analysis, and the tables that its figures are drawn from."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import AT_MOST_1, INTEGER, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION, DATASET, DIM, FITS, MODEL, NATS, OF_FIT, SUBJECT

LOGIT = "nats"
TARGET = Column(
    "target",
    TEXT,
    "variable whose change the equation gives: L, the logit; y1 and y2, the logits of both actions; or L and N, the "
    "state along the direction that leaves L as it is",
)
EXPRESSION = Column("expression", TEXT, "the change by a trial, for SymPy, constants to six digits")
NO_RULE = "there is no equation: see `reason`"
MEASURES = (
    Column(
        "complexity",
        INTEGER,
        "operators, variables and constants of the equation, powers as repeated multiplication",
        missing=NO_RULE,
    ),
    Column(
        "loss",
        NUMBER,
        "mean squared error in training and validation trials",
        "nats squared",
        NO_RULE,
        within=NOT_NEGATIVE,
    ),
    Column(
        "r2_test",
        NUMBER,
        "share of the variance in test trials that the equation explains",
        "share",
        "there is no equation, or test trials are fewer than two or all alike",
        within=AT_MOST_1,
    ),
)

SYMBOLIC_REGRESSION = Table(
    "symbolic_regression",
    "an equation of what trials of an input condition do to a variable of a selected fit, to which no simpler one is "
    "as good; or why a search found none",
    (
        *(*OF_FIT, CONDITION, TARGET),
        Column("engine", TEXT, "that found it: `sparse`, `operon` or `pysr`; the first of these if several did"),
        replace(EXPRESSION, missing=NO_RULE),
        *MEASURES,
        Column("selected", YES_NO, "whether it is the one that is used"),
        Column("n_trials", INTEGER, "scored training and validation trials of the condition", "trials"),
        Column("reason", TEXT, "why it cannot be selected, or why there is none; empty for all others"),
    ),
)
NO_FOLD, NO_RIVAL = "no fold is shared", "no fold is shared, or the run has no cognitive model"


def _beside(name: str, what: str, missing: str) -> tuple[Column, ...]:
    """Test NLL of something, and its difference to that of the model."""
    return (
        Column(f"{name}_nll", NUMBER, f"test NLL of {what}", NATS, missing, within=NOT_NEGATIVE),
        Column(f"{name}_minus_model", NUMBER, "difference to that of the model, mean over folds", NATS, missing),
        Column(
            f"{name}_minus_model_sem",
            NUMBER,
            "its standard error over folds",
            NATS,
            f"{missing}, or one is",
            within=NOT_NEGATIVE,
        ),
    )


FORMULAS = Table(
    "formulas",
    "the equations of a model beside the model, with the constants that were found and fitted to choices as a model of "
    "their own, and the best cognitive model, on the same test trials",
    (
        *(DATASET, SUBJECT, MODEL, DIM),
        Column("formula", TEXT, "name of the equations as a model, in table `performance`"),
        Column("n_outer", INTEGER, "outer folds in which all have a test NLL", "folds"),
        Column(
            "n_parameters",
            NUMBER,
            "constants and initial values that are fitted, mean over folds",
            "",
            NO_FOLD,
            within=NOT_NEGATIVE,
        ),
        Column("model_nll", NUMBER, "test NLL of the model", NATS, NO_FOLD, within=NOT_NEGATIVE),
        *_beside("found", "its equations, with the constants found in its trials", NO_FOLD),
        *_beside("formula", "its equations, fitted to choices", NO_FOLD),
        Column("classical", TEXT, "the cognitive model of the run with the lowest validation NLL; empty for none"),
        *_beside("classical", "that", NO_RIVAL),
        Column("formula_minus_classical", NUMBER, "difference of the two, mean over folds", NATS, NO_RIVAL),
        Column(
            "formula_minus_classical_sem",
            NUMBER,
            "its standard error over folds",
            NATS,
            f"{NO_RIVAL}, or one is",
            within=NOT_NEGATIVE,
        ),
        Column("reason", TEXT, "why folds are missing; empty where none is"),
    ),
)
FORMULA_RULES = Table(
    "formula_rules",
    "an equation of a model with the constants that predict choices best: the selected fit of an outer fold",
    (
        *(*OF_FIT, CONDITION, TARGET, EXPRESSION),
        Column("start", NUMBER, "value of the variable before the first trial", LOGIT),
    ),
)
POINTS = Table(
    "formula_points",
    "a trial of the fit that is drawn, of at most 200 of a condition",
    (*OF_FIT, CONDITION, Column("logit", NUMBER, "before", LOGIT), Column("change", NUMBER, "of the logit", LOGIT)),
)
CURVES = Table(
    "formula_curves",
    "a point of a selected equation of the fit that is drawn, where trials come",
    (*OF_FIT, CONDITION, Column("logit", NUMBER, "before", LOGIT), Column("change", NUMBER, "it gives", LOGIT)),
)
FOUND = Table(
    "formula_found",
    "the equations of an outer fold, with the constants that were found",
    (
        *OF_FIT,
        Column(
            "test_nll",
            NUMBER,
            "mean negative log-likelihood of the test choices",
            NATS,
            "it is not finite",
            within=NOT_NEGATIVE,
        ),
    ),
)
FORMULA_FITS = replace(FITS, name="formula_fits", row="a fit of a model's equations to choices; columns as in `fits`")
TABLES = (SYMBOLIC_REGRESSION, FORMULA_RULES, FORMULAS)
