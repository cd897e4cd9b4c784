"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NUMBER, TEXT, Column, Table
from tinycog.results.tables import DATASET, DIM, MODEL

NO_TEST = "`reason` says why there is no test"
NO_INTERVAL = f"{NO_TEST}; more than two groups"
QUANTITY = (
    Column(
        "kind",
        TEXT,
        "`parameter` of a cognitive model (fit to all choices where the run has it, else mean over outer folds), "
        "`d_star`, `setpoint` (mean over outer folds), `behaviour` of the data, or `loss` (test NLL)",
    ),
    replace(MODEL, missing="it belongs to no model"),
    replace(DIM, missing="it belongs to no model"),
    Column(
        "quantity",
        TEXT,
        "the parameter; the rule of d*; the input condition; the statistic; of losses `best_network` and "
        "`best_cognitive`, the models with the lowest validation NLL, and `cognitive_minus_network`, their difference",
    ),
    Column("unit", TEXT, "unit of the quantity; `log` of parameters that are positive without an upper end"),
)
KEYS = (DATASET, Column("covariate", TEXT, "covariate of the subjects, or their condition"), *QUANTITY)
COVARIATES = Table(
    "covariates",
    "a covariate and a quantity of subjects, and whether one varies with the other. Subjects of one person are taken "
    "together (their mean), but where their conditions are compared",
    (
        *KEYS,
        Column(
            "test",
            TEXT,
            "`Welch t` (two groups), `Kruskal-Wallis` (more), `Spearman` (a number) or `Wilcoxon signed rank` (two "
            "conditions of the same persons)",
        ),
        Column("contrast", TEXT, "of two groups or conditions, which one minus which; else empty"),
        Column("n", INTEGER, "subjects (of conditions: persons with both) that the test rests on"),
        Column("n_missing", INTEGER, "other subjects: without a value of the covariate or of the quantity, or alone"),
        Column(
            "effect",
            NUMBER,
            "difference of means in standard deviations: within groups, pooled, or of the differences between "
            "conditions; Spearman's rho; epsilon squared of Kruskal-Wallis, 0 to 1",
            missing=NO_TEST,
        ),
        *(
            Column(
                name,
                NUMBER,
                f"{word} end of its 95% interval: Welch's or Student's of the difference, in the same standard "
                "deviations; Fisher's z of rho, by Bonett and Wright",
                missing=NO_INTERVAL,
            )
            for name, word in (("low", "lower"), ("high", "upper"))
        ),
        Column("statistic", NUMBER, "t, H, rho or W of the test", missing=NO_TEST),
        Column("p", NUMBER, "two-sided p-value of the test", "probability", NO_TEST),
        Column(
            "q",
            NUMBER,
            "that corrected by Benjamini and Hochberg for all tests of the data set, of all covariates and quantities "
            "together: the false discovery rate if this and all smaller ones are called effects",
            "probability",
            NO_TEST,
        ),
        Column("reason", TEXT, "why there is no test; else empty"),
    ),
)
GROUPS = Table(
    "covariate_groups",
    "a group of subjects (or a condition), and the mean of a quantity in it",
    (
        *KEYS,
        Column("group", TEXT, "value of the covariate"),
        Column("mean", NUMBER, "mean over the subjects of the group, each counting the same", "column `unit`"),
        *(
            Column(
                name,
                NUMBER,
                f"{word} end of its 95% interval over subjects (Student's t)",
                "column `unit`",
                "one subject",
            )
            for name, word in (("low", "lower"), ("high", "upper"))
        ),
        Column("n", INTEGER, "subjects"),
    ),
)
TABLES = (COVARIATES, GROUPS)
