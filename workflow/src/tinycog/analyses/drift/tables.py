"""The result tables of this analysis, and the table that its figure is drawn from."""

from __future__ import annotations

from tinycog.results.columns import AT_MOST_1, INTEGER, NUMBER, TEXT, Column, Table
from tinycog.results.tables import CONDITION, OF_FIT

NATS = "nats"
NONE = "there is no regression: see note; or the equation does not have it"
FEW = "too few blocks for an interval: see docs/methods.md"
N = (
    Column("n_trials", INTEGER, "scored trials without a reward that it rests on", "trials"),
    Column("n_blocks", INTEGER, "blocks with any of these", "blocks"),
)


def _ends(name: str, unit: str, missing: str) -> tuple[Column, ...]:
    """Columns of a 95% bootstrap interval over blocks."""
    words = (("low", "lower"), ("high", "upper"))
    return tuple(
        Column(f"{name}_{end}", NUMBER, f"{word} end of its 95% bootstrap interval over blocks", unit, missing)
        for end, word in words
    )


PER_TRIAL = "per trial"
DRIFT = Table(
    "drift",
    "a regression of what trials without a reward change in the values of a selected fit: of the action that was "
    "chosen, or of the other one (the mean of the others where there are several)",
    (
        *OF_FIT,
        Column("value", TEXT, "the value that changes: `chosen` or `unchosen`"),
        Column(
            "equation",
            TEXT,
            "what it moves to: `drift`, ΔQ = delta (other Q - Q), to the other one; `decay`, ΔQ = -phi Q, to 0; "
            "`both`, the sum of the two; `level`, the same with a decay to a level that is fitted, "
            "ΔQ = delta (other Q - Q) - phi (Q - level)",
        ),
        Column("delta", NUMBER, "rate of the drift", PER_TRIAL, NONE),
        *_ends("delta", PER_TRIAL, f"{NONE}; {FEW}"),
        Column("phi", NUMBER, "rate of the decay", PER_TRIAL, NONE),
        *_ends("phi", PER_TRIAL, f"{NONE}; {FEW}"),
        Column("level", NUMBER, "to which it decays", NATS, "the equation is not `level`, or nothing decays"),
        Column(
            "remains",
            TEXT,
            "`drift`, `decay`, `both` or `neither`: whose interval lies above 0 next to the other",
            missing="the equation has one rate, or there is no interval",
        ),
        Column(
            "r2",
            NUMBER,
            "1 - residual / total sum of squares, the latter about the mean: negative where an equation without a "
            "constant explains less than the mean",
            missing="there is no regression, or the value always changes alike",
            within=AT_MOST_1,
        ),
        *N,
        Column("note", TEXT, "why there is no regression", missing="there is one"),
    ),
)
SIGN = Table(
    "drift_sign",
    "a region of the values of a selected fit: what trials without a reward change there in the value of the action "
    "that was chosen",
    (
        *OF_FIT,
        Column(
            "region",
            TEXT,
            "`agree`, Q > other Q of the chosen action; `disagree`, Q < other Q; `disagree_positive`, 0 < Q < other Q, "
            "where a drift raises and a decay lowers it",
        ),
        Column("mean_change", NUMBER, "mean ΔQ of the chosen action", NATS, "no trials there"),
        *_ends("mean_change", NATS, FEW),
        Column("share_rising", NUMBER, "trials in which it rises", "share", "no trials there"),
        *_ends("share_rising", "share", FEW),
        *N,
    ),
)
ARROWS = Table(
    "drift_arrows",
    "a bin of values of the fit that is drawn, before unrewarded trials of the first action: where the mean trial "
    "starts, and its mean change",
    (
        *(*OF_FIT, CONDITION),
        Column("x", NUMBER, "value of the action, mean of the bin", NATS),
        Column("y", NUMBER, "value of the other one, or mean of the others", NATS),
        Column("dx", NUMBER, "mean change of x", NATS),
        Column("dy", NUMBER, "mean change of y", NATS),
        Column("n", INTEGER, "trials in the bin", "trials"),
        *(Column(name, NUMBER, f"{end} end of both axes", NATS) for name, end in (("low", "lower"), ("high", "upper"))),
    ),
)
OF_ONE = (DRIFT, SIGN, ARROWS)
TABLES = (DRIFT, SIGN)
