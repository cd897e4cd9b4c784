"""The tables of every run: all fits, the selected ones, and what is missing.

Columns that tables of analyses share stand here as well.
"""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, TEXT, Column, Table

DATASET = Column("dataset", TEXT, "data set, its key in the config")
SUBJECT = Column("subject", TEXT, "subject as the data call it; `pooled` where all subjects are fitted as one")
MODEL = Column("model", TEXT, "model, its key in the config")
DIM = Column("dim", INTEGER, "units of a network; dynamical variables of a cognitive model")
OUTER = Column("outer", INTEGER, "outer fold, from 0")
OF_FIT = (DATASET, SUBJECT, MODEL, DIM, OUTER)
CONDITION = Column(
    "condition",
    TEXT,
    "input condition, what happened in a trial: A1R0 is the first action without reward; S2 names the state that was "
    "reached, B1 the second action where a trial has two",
)
PARAMETER = Column("parameter", TEXT, "parameter of the cognitive model")
FAMILY = Column(
    "family", TEXT, "`rnn` (a network), `cognitive`, or `formula` (equations of a model, found by symbolic regression)"
)
N_DYNAMICAL = Column("n_dynamical", INTEGER, "dynamical variables, the d of figures")
N_PARAMETERS = Column("n_parameters", INTEGER, "parameters that are fitted")

NATS = "nats per choice"
REPLICA = (
    Column("inner", INTEGER, "inner fold, from 0"),
    Column("seed", INTEGER, "initialisation, from 0; 0 where a model has one start only"),
    Column("l1", NUMBER, "weight of the L1 penalty; 0 for a cognitive model", within=NOT_NEGATIVE),
)
EPOCHS = (
    Column("epochs", INTEGER, "epochs that ran; of a cognitive model, evaluations of its NLL or of its slopes"),
    Column(
        "best_epoch",
        INTEGER,
        "epoch with the lowest validation NLL, from 0, whose parameters are kept; the same as `epochs` for a cognitive "
        "model",
    ),
)
ENDED = Column(
    "ended",
    TEXT,
    "how the fit ended: `patience` or `max_epochs` (networks), `converged` or `max_evaluations` (cognitive models), "
    "`failed`",
)
ROLE_WORDS = {"train": "training", "val": "validation", "test": "test"}  # as column names have them, and in words
NLL = {
    role: Column(
        f"{role}_nll",
        NUMBER,
        f"mean negative log-likelihood of the {word} choices",
        NATS,
        "failed fits",
        within=NOT_NEGATIVE,
    )
    for role, word in ROLE_WORDS.items()
}
ACCURACY = Column(
    "test_accuracy", NUMBER, "test choices that had the highest probability", "share", missing="failed fits"
)
COUNTS = tuple(Column(f"n_{role}", INTEGER, f"scored {word} choices", "choices") for role, word in ROLE_WORDS.items())
NOT_FINITE = "the loss of the test choices is not finite"
OF_SELECTED = (
    *(replace(NLL[role], missing="") for role in ("train", "val")),
    *(replace(column, missing=NOT_FINITE) for column in (NLL["test"], ACCURACY)),
)

FITS = Table(
    "fits",
    "one fit: an inner fold, a seed and an L1 weight of an outer fold",
    (
        *(DATASET, SUBJECT, MODEL, DIM, OUTER, *REPLICA),
        *(FAMILY, N_DYNAMICAL, N_PARAMETERS, *EPOCHS, ENDED, *NLL.values()),
        Column(
            "val_target_nll",
            NUMBER,
            "mean cross-entropy of validation choices with the probabilities of a teacher, by which its students are "
            "stopped and selected",
            NATS,
            "no teacher, or a failed fit",
            within=NOT_NEGATIVE,
        ),
        *(ACCURACY, *COUNTS),
        Column(
            "n_unlearnt",
            INTEGER,
            "test choices that rest on weights which training did not reach, of a cell with weights of its own for "
            "each input condition",
            "choices",
        ),
        Column("status", TEXT, "`ok` or `failed`"),
        Column("reason", TEXT, "why the fit failed; empty for one that did not"),
    ),
)
SELECTED = Table(
    "selected",
    "the fit of an outer fold that was selected: of each inner fold the lowest validation NLL, of these the lowest NLL "
    "over training and validation choices; outer folds without one are in `excluded`",
    (
        *(DATASET, SUBJECT, MODEL, DIM, OUTER, FAMILY, N_DYNAMICAL, *REPLICA, N_PARAMETERS, *EPOCHS),
        *(*OF_SELECTED, *COUNTS),
        Column(
            "trainval_nll",
            NUMBER,
            "mean negative log-likelihood of training and validation choices together",
            NATS,
            within=NOT_NEGATIVE,
        ),
    ),
)
EXCLUDED = Table(
    "excluded",
    "something that is not in the other tables: a subject, the fits of an outer fold, or some of these",
    (
        *(DATASET, SUBJECT),
        replace(MODEL, missing="it is about all models of the subject"),
        replace(DIM, missing="it is about all fits of the subject"),
        replace(OUTER, missing="it is about all outer folds"),
        Column("reason", TEXT, "why it is not there"),
    ),
)
TABLES = (FITS, SELECTED, EXCLUDED)
