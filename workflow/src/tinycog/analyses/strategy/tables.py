"""The result tables of this analysis."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, JSON, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, FAMILY, MODEL, SUBJECT

NATS = "nats per choice"
BLOCKS = "95% bootstrap interval over test blocks, of fits held as they are"
FEW = "fewer than 10 test blocks"

EVIDENCE = Table(
    "strategy_evidence",
    "an answer to a question about a subject, and how well the models with this answer predict",
    (
        *(DATASET, SUBJECT),
        Column(
            "question",
            TEXT,
            "`enough`: do hand-written models predict as well as networks; `update`: what outcomes do to values; "
            "`planning`: values of actions or of states; `perseveration`: are choices repeated whatever they bring",
        ),
        Column("answer", TEXT, "the answer"),
        Column("verdict", TEXT, "what is answered in the end, the same in every row of the question"),
        Column("reason", TEXT, "why"),
        Column("models", JSON, "models that stand for the answer (chosen by validation), and in how many outer folds"),
        Column("test_nll", NUMBER, "mean negative log-likelihood of test choices", NATS),
        Column("loss", NUMBER, "`test_nll` above that of the question's best answer", NATS),
        Column("low", NUMBER, f"lower end of its {BLOCKS}", NATS, FEW),
        Column("high", NUMBER, "upper end of it", NATS, FEW),
        Column("n_blocks", INTEGER, "test blocks", "blocks"),
        Column("n_test", INTEGER, "scored test choices", "choices"),
        Column("n_outer", INTEGER, "outer folds that all models have"),
    ),
)
COMPARISON = Table(
    "model_comparison",
    "a model of a subject, against the one that validation prefers (the first row of the subject), on the same test "
    "choices",
    (
        *(DATASET, SUBJECT, MODEL, DIM, FAMILY),
        Column(
            "validation_nll",
            NUMBER,
            "mean NLL of validation choices, of the best fit of every inner fold of every outer one: what models are "
            "chosen by",
            NATS,
        ),
        Column("test_nll", NUMBER, "mean negative log-likelihood of test choices", NATS),
        Column("loss", NUMBER, "`test_nll` above that of the model that validation prefers", NATS),
        *EVIDENCE.columns[-5:],
    ),
)
ANSWERED = "`cannot be told` where the evidence includes more than one"
NOT_ASKED = "the run has no models, or no table, that say it"
STRATEGY = Table(
    "strategy",
    "a subject: the verdict on its strategy",
    (
        *(DATASET, SUBJECT),
        Column("verdict", TEXT, "the answers in one line"),
        Column("model", TEXT, "the model that validation prefers", missing="no model could be compared"),
        Column("dim", INTEGER, "its dim", missing="no model could be compared"),
        Column("test_nll", NUMBER, "its test NLL", NATS, "no model could be compared"),
        Column(
            "enough",
            TEXT,
            f"whether hand-written models predict as well as networks: `yes`, `no`; {ANSWERED}",
            missing=NOT_ASKED,
        ),
        Column(
            "network_gain",
            NUMBER,
            "test NLL of the best hand-written models minus that of the best networks, both by validation",
            NATS,
            NOT_ASKED,
        ),
        Column("network_gain_low", NUMBER, f"lower end of its {BLOCKS}", NATS, f"{NOT_ASKED}; {FEW}"),
        Column("network_gain_high", NUMBER, "upper end of it", NATS, f"{NOT_ASKED}; {FEW}"),
        Column("update", TEXT, f"what outcomes do to values; {ANSWERED}", missing=NOT_ASKED),
        Column(
            "learning_rate",
            TEXT,
            f"`constant` or `depends on the logit`, by networks with one variable; {ANSWERED}",
            missing=NOT_ASKED,
        ),
        Column("planning", TEXT, f"`model-free`, `model-based` or `both`; {ANSWERED}", missing=NOT_ASKED),
        Column("perseveration", TEXT, f"`yes` or `no`; {ANSWERED}", missing=NOT_ASKED),
        Column(
            "indifference",
            TEXT,
            f"`yes` if rewards after rare transitions leave both actions about alike, else `no`; {ANSWERED}",
            missing=NOT_ASKED,
        ),
        Column("bias", TEXT, f"`first action`, `second action` or `none`; {ANSWERED}", missing=NOT_ASKED),
        Column("d_star", JSON, "d* by each rule of table dimensionality", missing=NOT_ASKED),
        Column("d_star_share", NUMBER, "resamples of outer folds with the d* of rule `reference`", "share, 0 to 1",
               NOT_ASKED),
        Column(
            "stability",
            TEXT,
            "`forgets` if differences shrink along the trials in every outer fold, `does not forget` if they shrink in "
            f"none; {ANSWERED}",
            missing=NOT_ASKED,
        ),
        Column("memory", NUMBER, "trials in which a difference shrinks by e, median over outer folds", "trials",
               f"{NOT_ASKED}; differences do not shrink"),
        Column(
            "discrepancy",
            NUMBER,
            "largest difference between the model's behaviour and the subject's, of all measures of table "
            "behaviour_discrepancy, in standard errors",
            missing=NOT_ASKED,
        ),
        Column("discrepancy_of", TEXT, "where that is", missing=NOT_ASKED),
    ),
)  # fmt: skip
PARTS = (EVIDENCE, COMPARISON)  # written for each subject
TABLES = (STRATEGY, *PARTS)
