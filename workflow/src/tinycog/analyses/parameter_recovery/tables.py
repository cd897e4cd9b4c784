"""The result tables of this analysis."""

from __future__ import annotations

from tinycog.results.columns import CORRELATION, INTEGER, NOT_NEGATIVE, NUMBER, Column, Table
from tinycog.results.tables import DATASET, MODEL, NATS, PARAMETER

IN_UNITS = "that of the parameter, as in table parameters"
NO_SPREAD = "the true or the fitted values do not vary"

RECOVERY = Table(
    "parameter_recovery",
    "a parameter of a cognitive model, over agents that were simulated with random parameters and fitted again",
    (
        *(DATASET, MODEL, PARAMETER),
        Column("n_agents", INTEGER, "agents with a fit"),
        Column("low", NUMBER, "lowest true value", IN_UNITS),
        Column("high", NUMBER, "highest true value", IN_UNITS),
        Column(
            "correlation", NUMBER, "Pearson's, between true and fitted values", missing=NO_SPREAD, within=CORRELATION
        ),
        Column(
            "rank_correlation",
            NUMBER,
            "Spearman's, between true and fitted values",
            missing=NO_SPREAD,
            within=CORRELATION,
        ),
        Column("bias", NUMBER, "mean of fitted minus true", IN_UNITS, "no agent has a fit"),
        Column("median_error", NUMBER, "median of fitted minus true", IN_UNITS, "no agent has a fit"),
        Column(
            "rmse", NUMBER, "root of the mean squared difference", IN_UNITS, "no agent has a fit", within=NOT_NEGATIVE
        ),
    ),
)
AGENTS = Table(
    "parameter_recovery_agents",
    "a parameter of a simulated agent",
    (
        *(DATASET, MODEL, Column("agent", INTEGER, "agent, from 0"), PARAMETER),
        Column("true", NUMBER, "value that the agent was simulated with", IN_UNITS),
        Column("fitted", NUMBER, "value of the fit", IN_UNITS, "the fit failed"),
        Column(
            "true_nll",
            NUMBER,
            "mean negative log-likelihood of the agent's choices, true values",
            NATS,
            within=NOT_NEGATIVE,
        ),
        Column("fitted_nll", NUMBER, "the same with the fitted values", NATS, "the fit failed", within=NOT_NEGATIVE),
        Column("n_choices", INTEGER, "choices of the agent", "choices"),
    ),
)
TABLES = (RECOVERY, AGENTS)
