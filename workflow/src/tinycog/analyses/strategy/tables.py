"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, JSON, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import DATASET, DIM, FAMILY, MODEL, SUBJECT

NATS = "nats per choice"
BLOCKS = "95% bootstrap interval over test blocks, of fits held as they are"
FEW = "fewer than 10 test blocks"

NETWORK = "networks"
EVIDENCE = Table(
    "strategy_evidence",
    "what models of a subject assume: all models that assume the same, the best first; or its networks",
    (
        *(DATASET, SUBJECT),
        Column("network", YES_NO, "whether these are the networks"),
        Column("update", TEXT, "what outcomes do to values", missing=NETWORK),
        Column("planning", TEXT, "values of actions, of states, or both", missing=f"{NETWORK}; models that do not say"),
        Column("perseveration", TEXT, "are choices repeated whatever they bring", missing=f"{NETWORK}; the same"),
        Column("n_mechanisms", INTEGER, "how much is assumed: see docs/methods.md, Verdicts", missing=NETWORK),
        Column("remains", YES_NO, "whether the verdict rests on this: no for networks"),
        Column("reason", TEXT, "why it does not; else empty"),
        Column("models", JSON, "models that stand for it (chosen by validation), and in how many outer folds"),
        Column("test_nll", NUMBER, "mean negative log-likelihood of test choices", NATS, within=NOT_NEGATIVE),
        Column("loss", NUMBER, "`test_nll` above that of the first row", NATS),
        Column("low", NUMBER, f"lower end of its {BLOCKS}", NATS, FEW),
        Column("high", NUMBER, "upper end of it", NATS, FEW),
        Column("n_blocks", INTEGER, "test blocks", "blocks"),
        Column("n_test", INTEGER, "scored test choices", "choices"),
        Column("n_outer", INTEGER, "outer folds that all models have"),
    ),
)
IMPARTIAL = "a network; a model that may itself prefer an action; more than two actions, or two choices"
OF_BEST = "`test_nll` above that of the model that validation prefers"
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
            within=NOT_NEGATIVE,
        ),
        *(replace(column, meaning=OF_BEST) if column.name == "loss" else column for column in EVIDENCE.columns[-7:]),
        Column(
            "bias",
            NUMBER,
            "what one step of Newton's method adds to its logits by test choices, above 0 for the first of two actions",
            "nats",
            IMPARTIAL,
        ),
        Column("bias_low", NUMBER, f"lower end of its {BLOCKS}", "nats", f"{IMPARTIAL}; {FEW}"),
        Column("bias_high", NUMBER, "upper end of it", "nats", f"{IMPARTIAL}; {FEW}"),
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
        Column("test_nll", NUMBER, "its test NLL", NATS, "no model could be compared", within=NOT_NEGATIVE),
        Column(
            "enough",
            TEXT,
            f"whether hand-written models predict as well as networks: `yes`, `no`; {ANSWERED}",
            missing=NOT_ASKED,
        ),
        Column(
            "network_gain",
            NUMBER,
            "test NLL of the best hand-written models minus that of the networks that validation prefers",
            NATS,
            NOT_ASKED,
        ),
        Column("network_gain_low", NUMBER, f"lower end of its {BLOCKS}", NATS, f"{NOT_ASKED}; {FEW}"),
        Column("network_gain_high", NUMBER, "upper end of it", NATS, f"{NOT_ASKED}; {FEW}"),
        Column("update", TEXT, f"what outcomes do to values; {ANSWERED}", missing=NOT_ASKED),
        Column(
            "learning_rate",
            TEXT,
            "`constant` or `depends on the logit`: as the update says, or curves of networks if these predict better; "
            f"{ANSWERED}",
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
        Column("bias", TEXT, f"what is preferred beside values: `first action`, `second action` or `none`; {ANSWERED}",
               missing=NOT_ASKED),
        Column("d_star", JSON, "d* by each rule of table dimensionality", missing=NOT_ASKED),
        Column("d_star_share", NUMBER, "resamples of outer folds with the d* of rule `reference`", "share",
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
