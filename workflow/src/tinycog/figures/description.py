"""One page about a data set: the schedule and choices of an example block, and stay probabilities."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinycog.figures.style import RC, shortened

# columns of the schedule: reward probability of an action or a state, of a state's second action, or an action's payoff
SCHEDULE = re.compile(r"task_(p|payoff)_?((?:s\d+)?a?\d*)")
ACTION_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe-Ito


def overview(block: pd.DataFrame, description: pd.DataFrame) -> Figure:
    """Reward probabilities (where the data have them), choices and rewards of one block; stay probabilities of all.

    Args:
        block: trials of one block.
        description: table of `tinycog.description.describe`.
    """
    matches = {column: match for column in block if (match := SCHEDULE.fullmatch(column)) and match[2]}
    with plt.rc_context(RC):
        figure = plt.figure(figsize=(7.2, 2.8 if matches else 2.2))
        left, right = figure.subfigures(1, 2, width_ratios=[1.7, 1])
        rows = 2 if matches else 1
        axes = left.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
        if matches:
            _schedule(axes[0], block, matches)
        _choices(axes[-1], block)
        first = block.iloc[0]
        left.suptitle(f"{first['dataset']}: {shortened(first['subject'])}, first block", fontsize=8)
        _stay(right.subplots(), description[description["subject"] == "all"].set_index("statistic"))
    return figure


def _schedule(ax: Axes, block: pd.DataFrame, columns: Mapping[str, re.Match]) -> None:
    for colour, (column, match) in zip(ACTION_COLOURS, columns.items(), strict=False):  # as of the choices below
        ax.step(block["trial"] + 1, block[column], where="mid", color=colour, lw=1.2, label=_of_schedule(match[2]))
    graded = next(iter(columns.values()))[1] == "payoff"
    ax.set_ylabel("payoff" if graded else "reward\nprobability")
    ax.set_ylim(-0.05, 1.05)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(columns), handlelength=1, columnspacing=1)


def _of_schedule(code: str) -> str:
    """What a schedule's column is about: 0 or a0 an action, s0 a state, s0a1 a second action in a state."""
    state, action = re.fullmatch(r"(?:s(\d+))?a?(\d*)", code).groups()
    parts = [f"S{int(state) + 1}"] if state else []
    return " ".join(parts + ([f"{'B' if state else 'A'}{int(action) + 1}"] if action else []))


def _choices(ax: Axes, block: pd.DataFrame) -> None:
    scored = block[block["mask"] == 1]
    for action, own in scored.groupby("action"):
        colour = ACTION_COLOURS[action % len(ACTION_COLOURS)]
        rewarded = own["reward"].fillna(0) >= 0.5
        for rows, face in ((own[rewarded], colour), (own[~rewarded], "white")):
            ax.plot(rows["trial"] + 1, rows["action"] + 1, "o", ms=3, color=colour, mfc=face, mew=0.7)
    missed = block[block["mask"] == 0]
    ax.plot(missed["trial"] + 1, [0.5] * len(missed), "x", ms=3, color="0.5")
    n_actions = int(scored["action"].max()) + 1 if len(scored) else 2
    ax.set_yticks(range(1, max(n_actions, 2) + 1))
    ax.set_ylim(0.3, max(n_actions, 2) + 0.7)
    ax.set_ylabel("action")
    ax.set_xlabel("trial (filled: rewarded; x: missed)")


def _stay(ax: Axes, pooled: pd.DataFrame) -> None:
    names = [name for name in pooled.index if name.startswith("stay_")]
    detailed = [name for name in names if name.count("_") == 2]
    names = detailed or names
    labels = [name.removeprefix("stay_").replace("_", "\n") for name in names]
    ax.bar(
        range(len(names)), pooled.loc[names, "value"], color=["0.25" if "unrewarded" not in n else "0.7" for n in names]
    )
    ax.set_xticks(range(len(names)), labels)
    ax.tick_params(axis="x", labelsize=6)
    ax.set_ylim(0, 1)
    ax.set_ylabel("P(same action next)")
    n_subjects, n_trials = (int(pooled.loc[name, "value"]) for name in ("subjects", "trials"))
    ax.set_title(f"{n_subjects} subject{'s' * (n_subjects > 1)}, {n_trials:,} trials")
