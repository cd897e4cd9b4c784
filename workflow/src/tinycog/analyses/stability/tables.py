"""The result tables of this analysis."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, JSON, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import CONDITION, OF_FIT

NATS = "nats"
ABOUT_LOGIT = (
    "logit, log P(first action) / P(second action); with more actions the first one's against the mean of the others"
)
TRIALS = "trials"

FIXED_POINTS = Table(
    "fixed_points",
    "a fixed point of a selected fit: a state that trials of one condition do not change. Models of more than five "
    "dynamical variables have none here",
    (
        *(*OF_FIT, CONDITION),
        Column("index", INTEGER, "its place among those of the condition, in ascending order of the state, from 0"),
        Column("state", JSON, "the dynamical variables, a list"),
        Column("logit", NUMBER, f"{ABOUT_LOGIT}, there", NATS),
        Column(
            "abs_eigenvalue_max",
            NUMBER,
            "largest absolute eigenvalue of dF/dh, which multiplies a distance",
            within=NOT_NEGATIVE,
        ),
        Column(
            "class",
            TEXT,
            "`stable node`, `stable spiral`, `saddle`, `unstable node` or `unstable spiral`; `line` or `plane` where "
            "neighbouring states are fixed as well, as values that a trial leaves alone",
        ),
        Column("in_range", YES_NO, "whether it lies within the range of states along trials, or a twentieth beyond"),
        Column("time_constant", NUMBER, "trials in which distances shrink by e", TRIALS, "they do not shrink"),
        Column("eigenvalues", JSON, "eigenvalues of dF/dh, the largest first: real and imaginary part of each"),
        Column("eigenvectors", JSON, "eigenvectors in the same order: of each, real and imaginary part by variable"),
    ),
)
ATTRACTORS = Table(
    "attractors",
    "what a selected fit is taken to where trials of one condition follow one another for ever: each of the different "
    "ends of eight states along trials",
    (
        *(*OF_FIT, CONDITION),
        Column("index", INTEGER, "its place among those of the condition, in ascending order of the logit, from 0"),
        Column(
            "class",
            TEXT,
            "`fixed point`, `periodic`, `quasi-periodic`, `chaotic`, `drifting`, `unresolved` or `unbounded`",
        ),
        Column("period", INTEGER, "trials after which the state returns; 0 where it does not", TRIALS),
        Column("share", NUMBER, "starts that end here", "share"),
        Column("logit", NUMBER, f"{ABOUT_LOGIT}, mean over the last 800 trials", NATS, "it is unbounded"),
        Column("logit_low", NUMBER, "lowest logit of the last 800 trials", NATS, "it is unbounded"),
        Column("logit_high", NUMBER, "highest logit of the last 800 trials", NATS, "it is unbounded"),
        Column(
            "exponent",
            NUMBER,
            "largest Lyapunov exponent there",
            "1/trial",
            "it is fixed, periodic, drifting or unbounded",
        ),
        Column("n_trials", INTEGER, "trials of the condition along which the subject went", TRIALS),
        Column("note", TEXT, "what speaks against reading much into it", missing="nothing does"),
    ),
)
STABILITY = Table(
    "stability",
    "a selected fit: how long it remembers",
    (
        *OF_FIT,
        Column("exponent", NUMBER, "largest Lyapunov exponent along the trials; below 0 it forgets", "1/trial"),
        Column("exponents", JSON, "all Lyapunov exponents, the largest first"),
        Column("memory", NUMBER, "trials in which a difference shrinks by e, -1 / exponent", TRIALS, "it grows"),
        Column(
            "growth_low",
            NUMBER,
            "lower bound of the fastest growth per trial by any sequence of conditions (joint spectral radius), of the "
            "maps linearised where each condition settles",
            within=NOT_NEGATIVE,
        ),
        Column("growth_high", NUMBER, "upper bound of the same; below 1 every sequence forgets", within=NOT_NEGATIVE),
        Column("note", TEXT, "what speaks against reading much into it", missing="nothing does"),
    ),
)
TABLES = (FIXED_POINTS, ATTRACTORS, STABILITY)
