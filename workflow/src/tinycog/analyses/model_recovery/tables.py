"""The result tables of this analysis."""

from __future__ import annotations

from dataclasses import replace

from tinycog.results.columns import INTEGER, NOT_NEGATIVE, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.tables import COUNTS, DATASET, DIM, FAMILY, MODEL, N_DYNAMICAL, NATS, NLL, OUTER, SUBJECT

ALONE = "fewer than two agents"
NOT_FITTED = "see reason"
NOT_COMPARED = f"{NOT_FITTED}; {ALONE}"
SHARE = "share"
VERDICT = "`as good`: all of the interval is at most the margin; `worse`: all of it is above; else `undecided`"
AGENT = Column(
    "agent",
    TEXT,
    "model that made the choices: its name among cognitive models (`simulate`), or its key in the config (`kept`)",
)
AGENT_D = Column("agent_d", INTEGER, "its dynamical variables")
GENERATOR = (
    Column("generator", TEXT, "what made the choices: a simulated data set, or a data set and the model that plays"),
    Column(
        "source",
        TEXT,
        "`simulate`: agents of a simulated data set; `kept`: selected fits of a model that play, each agent a fit and "
        "its simulation",
    ),
    replace(DATASET, meaning="data set of the agents, or of the subjects in whose place they play"),
    *(AGENT, AGENT_D),
)


def interval(low: str, high: str, missing: str) -> tuple[Column, Column]:
    """Ends of the interval of a mean over agents."""
    return (
        Column(low, NUMBER, "lower end of its 95% interval over agents (t)", NATS, missing),
        Column(high, NUMBER, "upper end of it", NATS, missing),
    )


RECOVERY = Table(
    "recovery",
    "a model fitted to the agents of one generator",
    (
        *(*GENERATOR, MODEL, DIM, FAMILY, N_DYNAMICAL),
        Column("own", YES_NO, "whether it is the agent's own model"),
        Column("n_agents", INTEGER, "agents whose fits can be compared with those of the agent's own model"),
        Column("test_nll", NUMBER, "mean over agents of the test NLL", NATS, NOT_FITTED, within=NOT_NEGATIVE),
        Column(
            "delta_nll",
            NUMBER,
            "the same minus that of the agent's own model, fitted again",
            NATS,
            NOT_FITTED,
        ),
        *interval("low", "high", NOT_COMPARED),
        Column("verdict", TEXT, VERDICT, missing=NOT_COMPARED),
        Column(
            "expected",
            TEXT,
            "`as good` for a network with as many dynamical variables as the agent or more, `worse` for one with fewer",
            missing="a cognitive model",
        ),
        Column("wins", NUMBER, "share of the agents for which it has the lowest test NLL of all models", SHARE),
        Column("wins_cognitive", NUMBER, "the same among cognitive models alone", SHARE, "it is no cognitive model"),
        Column(
            "d_star",
            NUMBER,
            "median over agents of d* by the rule `reference`",
            "",
            "the run does not estimate d* of them",
            within=NOT_NEGATIVE,
        ),
        Column("reason", TEXT, "why it cannot be compared with the agent's own model; else empty"),
    ),
)
D_STAR = Table(
    "recovery_d_star",
    "a rule for d*, over the agents of one generator: how often it is the number of the agent's variables",
    (
        *(*GENERATOR, Column("rule", TEXT, "as in table dimensionality")),
        Column("n_agents", INTEGER, "agents with an estimate of d*"),
        Column("equal", NUMBER, "for which d* is the agent's number", SHARE),
        Column("low", NUMBER, "lower end of its 95% interval (Clopper and Pearson)", SHARE),
        Column("high", NUMBER, "upper end of it", SHARE),
        Column("below", NUMBER, "for which d* is smaller", SHARE),
        Column("above", NUMBER, "for which d* is larger", SHARE),
    ),
)
NO_NETWORK = "no network can be compared"
NOT_PLAYED = "agents of a simulated data set, which are not run again"
NETWORKS = Table(
    "recovery_networks",
    "the best network of each agent of one generator, that with the lowest validation NLL: how far it is behind",
    (
        *GENERATOR,
        Column("n_agents", INTEGER, "agents with a network that can be compared"),
        Column("network", TEXT, "network that is the best one most often", missing=NO_NETWORK),
        Column("network_dim", INTEGER, "its number of units", missing=NO_NETWORK),
        Column("share", NUMBER, "agents whose best network it is", SHARE, NO_NETWORK),
        Column(
            "test_nll", NUMBER, "mean over agents of the best network's test NLL", NATS, NO_NETWORK, within=NOT_NEGATIVE
        ),
        Column(
            "delta_nll",
            NUMBER,
            "the same minus that of the agent's own model, fitted again",
            NATS,
            f"{NO_NETWORK}, or the agent's own model cannot",
        ),
        *interval("low", "high", NOT_COMPARED),
        Column("verdict", TEXT, VERDICT, missing=NOT_COMPARED),
        Column(
            "behind",
            NUMBER,
            "the best network's test NLL minus that of the agent as it played, with nothing fitted",
            NATS,
            f"{NO_NETWORK}; {NOT_PLAYED}",
        ),
        *interval("behind_low", "behind_high", f"{NO_NETWORK}; {NOT_PLAYED}; {ALONE}"),
    ),
)
NO_FIT = "no fit: see reason"
FITS = Table(
    "recovery_fits",
    "the selected fit of an outer fold of choices that a kept fit played in a subject's place",
    (
        *(DATASET, SUBJECT, replace(AGENT, meaning="model that plays, its key in the config")),
        Column("agent_dim", INTEGER, "units of a network that plays; dynamical variables of a cognitive model"),
        *(AGENT_D, Column("simulation", INTEGER, "number of the simulation, from 0")),
        *(MODEL, DIM, FAMILY, N_DYNAMICAL, OUTER),
        *(replace(NLL[role], missing=NO_FIT) for role in ("val", "test")),
        *(replace(column, missing=NO_FIT) for column in COUNTS[1:]),
        Column(
            "agent_nll",
            NUMBER,
            "the same of the test choices for the fit that played them",
            NATS,
            "nothing is played: see reason",
            within=NOT_NEGATIVE,
        ),
        Column("reason", TEXT, "why there is no fit; else empty"),
    ),
)
TABLES = (RECOVERY, D_STAR, NETWORKS, FITS)
