"""One page about a data set: schedule and choices of an example session, its first block, and stay probabilities."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinycog.analyses.description.compute import POOLED
from tinycog.figures.style import RC, shortened

# columns of the schedule: reward probability of an action or a state, of a state's second action, or an action's payoff
SCHEDULE = re.compile(r"task_(p|payoff)_?((?:s\d+)?a?\d*)")
ACTION_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe-Ito


MOST_TRIALS, MOST_BLOCKS = 1500, 25  # of a session, from its start; more could not be told apart
WINDOW = 11  # trials of a running share


def overview(trials: pd.DataFrame, description: pd.DataFrame) -> Figure:
    """First session of a subject: reward probabilities (where the data have them) and choices; stay probabilities.

    Args:
        trials: trial table of one subject.
        description: table of `tinycog.analyses.description.compute.describe`.
    """
    session = trials[trials["session"] == trials["session"].iloc[0]].reset_index(drop=True)
    shown = session[session["block"] < session["block"][0] + MOST_BLOCKS][:MOST_TRIALS]
    matches = {column: match for column in shown if (match := SCHEDULE.fullmatch(column)) and match[2]}
    with plt.rc_context(RC):
        figure = plt.figure(figsize=(7.2, 4.9 if matches else 3.6))
        top, bottom = figure.subfigures(2, 1, height_ratios=[1.3 if matches else 0.75, 1])
        axes = top.subplots(1 + bool(matches), 1, sharex=True, squeeze=False)[:, 0]
        if matches:
            _schedule(axes[0], shown, matches)
        _shares(axes[-1], shown)
        for ax in axes:
            for start in shown.index[shown["trial"] == 0][1:]:
                ax.axvline(start + 0.5, color="0.8", lw=0.5, zorder=0)
        of = f" of {len(session):,}" if len(shown) < len(session) else ""
        first = shown.iloc[0]
        top.suptitle(
            f"{first['dataset']}: {shortened(first['subject'])}, first session ({len(shown):,}{of} trials)", fontsize=8
        )
        left, right = bottom.subfigures(1, 2, width_ratios=[1.7, 1])
        left.suptitle("its first block", fontsize=8)
        _choices(left.subplots(), shown[shown["block"] == first["block"]])
        _stay(right.subplots(), description[description["subject"] == POOLED].set_index("statistic"))
    return figure


def _schedule(ax: Axes, session: pd.DataFrame, columns: Mapping[str, re.Match]) -> None:
    for colour, (column, match) in zip(itertools.cycle(ACTION_COLOURS), columns.items()):  # as of the choices below
        ax.step(session.index + 1, session[column], where="mid", color=colour, lw=1.2, label=_of_schedule(match[2]))
    graded = next(iter(columns.values()))[1] == "payoff"
    ax.set_ylabel("payoff" if graded else "reward\nprobability")
    ax.set_ylim(-0.05, 1.05)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(columns), handlelength=1, columnspacing=1)


def _of_schedule(code: str) -> str:
    """What a schedule's column is about: 0 or a0 an action, s0 a state, s0a1 a second action in a state."""
    state, action = re.fullmatch(r"(?:s(\d+))?a?(\d*)", code).groups()
    parts = [f"S{int(state) + 1}"] if state else []
    return " ".join(parts + ([f"{'B' if state else 'A'}{int(action) + 1}"] if action else []))


def _shares(ax: Axes, session: pd.DataFrame) -> None:
    """Share of each action among the choices of the same block around a trial."""
    chosen = session["action"].where(session["mask"] == 1)
    n_actions = max(int(chosen.max()) + 1 if chosen.notna().any() else 0, 2)
    for action in range(n_actions) if n_actions > 2 else (1,):  # of two, one says both
        share = (chosen == action).where(chosen.notna()).astype(float).groupby(session["block"])
        running = share.transform(lambda own: own.rolling(WINDOW, center=True, min_periods=1).mean())
        colour = ACTION_COLOURS[action % len(ACTION_COLOURS)]
        ax.plot(session.index + 1, running, color=colour, lw=1, label=f"A{action + 1}")
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("share of A2" if n_actions == 2 else "share of\nchoices")
    ax.set_xlabel(f"trial of the session (running share of {WINDOW} trials; lines: blocks)")


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
    ax.set_xlabel("trial of the block (filled: rewarded; x: missed)")


def _stay(ax: Axes, pooled: pd.DataFrame) -> None:
    names = [name for name in pooled.index if name.startswith("stay_")]
    detailed = [name for name in names if name.count("_") == 2 and pooled.loc[name, "n"] > 0]
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
