"""The result tables of this analysis."""

from __future__ import annotations

from tinycog.results.columns import CORRELATION, INTEGER, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION, DATASET, DIM, MODEL, OF_FIT, SUBJECT

NATS = "nats"
SHARE = "probability"
LOGIT = Column("logit", NUMBER, "logit L before the trial, log P(first action) / P(second action)", NATS)

CURVES = Table(
    "curves",
    "a logit of a selected fit with one dynamical variable, and two conditions that mirror each other: exchanging the "
    "labels of actions (and of states) turns one into the other. g is the exact change of the logit by a trial",
    (
        *OF_FIT,
        Column("first", TEXT, "input condition of the first action"),
        Column("mirror", TEXT, "its mirror, of the second action"),
        Column("other", TEXT, "the same outcome of the second action; the mirror, where actions are states"),
        LOGIT,
        Column("symmetric", NUMBER, "[g_first(L) - g_mirror(-L)] / 2, what does not depend on labels", NATS),
        Column("rate", NUMBER, "effective learning rate at L, minus the derivative of `symmetric`"),
        Column("target", NUMBER, "L + symmetric / rate, where the logit is headed", NATS, "the rate is 0.01 or less"),
        Column("in_range", YES_NO, "whether L lies within the logits of trials of the two, those of the mirror as -L"),
        Column("bias", NUMBER, "[g_first(L) + g_mirror(-L)] / 2, what favours the first action", NATS),
        Column("gap", NUMBER, "g_first(L) - g_other(L), both at L: what the action alone adds", NATS),
        Column("gap_in_range", YES_NO, "whether L lies within the logits of trials of `first` and `other`"),
    ),
)
CHOICE_FREQUENCY = Table(
    "choice_frequency",
    "one of 300 logits of a subject's first outer fold with a fit, and a condition: the subject's next choices after "
    "trials whose logit was within 0.25 of it. Neighbouring rows share trials",
    (
        *(*OF_FIT, CONDITION, LOGIT),
        Column("n_first", INTEGER, "next choices of the first action", "choices"),
        Column("n_second", INTEGER, "next choices of the second action", "choices"),
        Column("share", NUMBER, "frequency of the first action, (n_first + 1) / (n_first + n_second + 2)", SHARE),
        Column("low", NUMBER, "lower end of its 68% Clopper-Pearson interval, of independent choices", SHARE),
        Column("high", NUMBER, "upper end of it", SHARE),
        Column(
            "model_share",
            NUMBER,
            "probability of the first action after such a trial, as the model has it",
            SHARE,
            "the model cannot reach the logit",
        ),
    ),
)
CHOICE_ODDS = Table(
    "choice_odds",
    "a stretch of logits where next choices after two conditions differ: the 95% interval of their log odds ratio "
    "leaves out 0 (of 20 places where nothing differs one does, too)",
    (
        *OF_FIT,
        Column("condition", TEXT, "input condition"),
        Column("other", TEXT, "the condition that it is compared with"),
        Column("from_logit", NUMBER, "where the stretch begins", NATS),
        Column("to_logit", NUMBER, "where it ends", NATS),
        Column("logit", NUMBER, "where in it the log odds ratio is the most standard errors away from 0", NATS),
        Column("log_odds", NUMBER, "log odds ratio there, positive if the first action is more frequent after "
               "`condition`; every count plus 1", NATS),
        Column("low", NUMBER, "lower end of its 95% normal interval, of independent choices", NATS),
        Column("high", NUMBER, "upper end of it", NATS),
        Column("n", INTEGER, "choices there", "choices"),
    ),
)  # fmt: skip
SIGNATURES = Table(
    "signatures",
    "a measure of a subject and a model with one dynamical variable, mean over its outer folds",
    (
        *(DATASET, SUBJECT, MODEL, DIM),
        Column(
            "measure",
            TEXT,
            "`rate_...` (of the learning rate: at |L| < 0.5, its range, curvature of the logit change), `gap_...` "
            "(what the action alone adds without a reward: at |L| < 0.5, in the outer tenths of the logits, their "
            "difference), `bias_...` (what favours the first action), `slope_...` (of the logit change), and of "
            "normalised setpoints `action_asymmetry`, `state_dependence`, `reward_dependence`, `one_reward_utility`, "
            "`no_reward_utility`, `utility_deviation` and `indifference`: docs/methods.md, Signatures",
        ),
        Column("value", NUMBER, "the measure", missing="`note` says why"),
        Column(
            "low",
            NUMBER,
            "lower end of the 95% bootstrap interval over what `varies` names; folds share most of their training data",
            missing="there are too few of these; see `note`",
        ),
        Column("high", NUMBER, "upper end of it", missing="the same"),
        Column(
            "varies",
            TEXT,
            "what is drawn with replacement: `outer folds and blocks` (both in each draw), `blocks` where there is one "
            "fold, `outer folds` for setpoints, which are the map's",
            missing="there is no interval",
        ),
        Column("n_outer", INTEGER, "outer folds behind the value"),
        Column("note", TEXT, "what speaks against the value, or why there is none", missing="nothing does"),
    ),
)
OF_ONE = (CURVES, CHOICE_FREQUENCY, CHOICE_ODDS, SIGNATURES)  # written for each subject and model

AGAINST = Column(
    "against",
    TEXT,
    "`block_length`, mean length of the schedule's finished blocks with a richer state, or `reward_rate`",
)
INDIFFERENCE = Table(
    "indifference",
    "a correlation over subjects of a data set with reversals of transitions: of `utility_deviation` (0: every reward "
    "pulls to the chosen action; 0.5: rewarded rare trials leave both actions alike) of a model with a measure of the "
    "subjects' performance",
    (
        *(DATASET, MODEL, DIM, AGAINST),
        Column("r", NUMBER, "Pearson's correlation", missing="`note` says why", within=CORRELATION),
        Column("p", NUMBER, "its two-sided p-value", SHARE, "the same"),
        Column(
            "low",
            NUMBER,
            "lower end of its 95% interval, by Fisher's transformation",
            missing="fewer than 4 subjects",
            within=CORRELATION,
        ),
        Column("high", NUMBER, "upper end of it", missing="fewer than 4 subjects", within=CORRELATION),
        Column("spearman", NUMBER, "Spearman's correlation", missing="`note` says why", within=CORRELATION),
        Column("spearman_p", NUMBER, "its two-sided p-value", SHARE, "the same"),
        Column("n", INTEGER, "subjects with both", "subjects"),
        Column("note", TEXT, "why there is no correlation", missing="there is one"),
    ),
)
INDIFFERENCE_SUBJECTS = Table(
    "indifference_subjects",
    "a subject and a model: what table `indifference` correlates",
    (
        *(DATASET, SUBJECT, MODEL, DIM),
        Column("utility_deviation", NUMBER, "of table `signatures`", missing="it has none there"),
        Column("block_length", NUMBER, "mean length of the schedule's finished blocks with a richer state", "trials",
               "no such block, or the data do not say"),
        Column("n_blocks", INTEGER, "these blocks"),
        Column("reward_rate", NUMBER, "mean reward", "reward", "no trial with a reward or without one"),
        Column("n_trials", INTEGER, "trials with a choice", "trials"),
    ),
)  # fmt: skip
INDIFFERENCE_LINES = Table(
    "indifference_lines",
    "a point of the regression line of a measure of performance on `utility_deviation`, over subjects",
    (
        *(DATASET, MODEL, DIM, AGAINST),
        Column("utility_deviation", NUMBER, "where on the line, between the smallest and the largest of the subjects"),
        Column("mean", NUMBER, "the line"),
        Column("low", NUMBER, "lower end of its 95% interval (Student's t)"),
        Column("high", NUMBER, "upper end of it"),
    ),
)
CORRELATED = (INDIFFERENCE, INDIFFERENCE_SUBJECTS, INDIFFERENCE_LINES)
TABLES = (*OF_ONE, *CORRELATED)
