"""The result tables of this analysis."""

from __future__ import annotations

from tinycog.results.columns import INTEGER, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import DIM, FAMILY, MODEL, N_DYNAMICAL, NATS

ALONE = "fewer than two agents"
NOT_FITTED = "see reason"
GENERATOR = (
    Column("generator", TEXT, "data set of the agents, its key in the config"),
    Column("agent", TEXT, "cognitive model that made the choices"),
    Column("agent_d", INTEGER, "its dynamical variables"),
)

RECOVERY = Table(
    "recovery",
    "a model fitted to the agents of one simulated data set",
    (
        *(*GENERATOR, MODEL, DIM, FAMILY, N_DYNAMICAL),
        Column("own", YES_NO, "whether it is the agent's own model"),
        Column("n_agents", INTEGER, "agents whose fits can be compared with those of the agent's own model"),
        Column("test_nll", NUMBER, "mean over agents of the test NLL", NATS, NOT_FITTED),
        Column("delta_nll", NUMBER, "the same minus that of the agent's own model, fitted again", NATS, NOT_FITTED),
        Column("low", NUMBER, "lower end of its 95% interval over agents (t)", NATS, f"{NOT_FITTED}; {ALONE}"),
        Column("high", NUMBER, "upper end of it", NATS, f"{NOT_FITTED}; {ALONE}"),
        Column(
            "verdict",
            TEXT,
            "`as good`: all of the interval is at most the margin; `worse`: all of it is above; else `undecided`",
            missing=f"{NOT_FITTED}; {ALONE}",
        ),
        Column(
            "expected",
            TEXT,
            "`as good` for a network with as many dynamical variables as the agent or more, `worse` for one with fewer",
            missing="a cognitive model",
        ),
        Column(
            "wins", NUMBER, "share of the agents for which it has the lowest test NLL of all models", "share, 0 to 1"
        ),
        Column(
            "wins_cognitive",
            NUMBER,
            "the same among cognitive models alone",
            "share, 0 to 1",
            "it is no cognitive model",
        ),
        Column(
            "d_star",
            NUMBER,
            "median over agents of d* by the rule `reference`",
            "",
            "the run does not estimate d* of them",
        ),
        Column("reason", TEXT, "why it cannot be compared with the agent's own model; else empty"),
    ),
)
D_STAR = Table(
    "recovery_d_star",
    "a rule for d*, over the agents of one simulated data set: how often it is the number of the agent's variables",
    (
        *(*GENERATOR, Column("rule", TEXT, "as in table dimensionality")),
        Column("n_agents", INTEGER, "agents with an estimate of d*"),
        Column("equal", NUMBER, "for which d* is the agent's number", "share, 0 to 1"),
        Column("low", NUMBER, "lower end of its 95% interval (Clopper and Pearson)", "share, 0 to 1"),
        Column("high", NUMBER, "upper end of it", "share, 0 to 1"),
        Column("below", NUMBER, "for which d* is smaller", "share, 0 to 1"),
        Column("above", NUMBER, "for which d* is larger", "share, 0 to 1"),
    ),
)
TABLES = (RECOVERY, D_STAR)
