"""One page about a data set: schedule and choices of an example session, its first block, and stay probabilities."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator
from pandas.api.types import is_numeric_dtype

from tinycog.analyses.description.compute import WINDOW, running_shares
from tinycog.figures.style import DOUBLE, RC, apart, shown

# columns of the schedule: reward probability of an action or a state, of a state's second action, or an action's payoff
SCHEDULE = re.compile(r"task_(p|payoff)_?(s\d+(?:a\d+)?|a?\d+)")
ACTION_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe-Ito


MOST_TRIALS, MOST_BLOCKS = 1500, 25  # of a session, from its start; more could not be told apart


def overview(
    trials: pd.DataFrame, description: pd.DataFrame, actions: Sequence[str], rewards: tuple[float, float] = (0, 1)
) -> Figure:
    """A session of a subject, its first with a choice: reward probabilities or payoffs, where the data have them, and
    choices; of its first block also rewards, where they are more than yes or no; stay probabilities of all subjects.

    Args:
        trials: trial table of one subject.
        description: table of `tinycog.analyses.description.intervals.with_intervals`.
        actions: what the actions are called, by code.
        rewards: what a reward of 0 and one of 1 was before it was scaled.
    """
    labels = apart(actions)
    scored = trials[trials["mask"] == 1]
    example = (scored if len(scored) else trials).iloc[0]  # the first choice: what has none would be empty
    session = trials[trials["session"] == example["session"]].reset_index(drop=True)
    until = example["block"] + MOST_BLOCKS
    shown_trials = session[(session["block"] >= example["block"]) & (session["block"] < until)][:MOST_TRIALS]
    shown_trials = shown_trials.reset_index(drop=True)
    schedule = _schedule_of(shown_trials)
    stays = description[description["statistic"].str.startswith("stay_") & (description["n"] > 0)]
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 4.9 if schedule else 3.7))
        top, bottom = figure.subfigures(2, 1, height_ratios=[1.3 if schedule else 0.75, 1])
        axes = top.subplots(1 + bool(schedule), 1, sharex=True, squeeze=False)[:, 0]
        if schedule:
            _schedule(axes[0], shown_trials, schedule, labels)
        _shares(axes[-1], shown_trials, labels)
        axes[0].set_xlim(0, len(shown_trials) + 1)
        for ax in axes:
            for start in shown_trials.index[shown_trials["trial"] == 0][1:]:
                ax.axvline(start + 0.5, color="0.8", lw=0.5, zorder=0)
        of = f" of {len(session):,}" if len(shown_trials) < len(session) else ""
        name = str(example["session"])
        named = "session" if name == "session" else f"session {shown(name)}"  # a table without sessions has one
        part = f"{named} ({len(shown_trials):,}{of} trials)"
        top.suptitle(f"{shown(example['dataset'], 40)}: {shown(example['subject'])}, {part}")
        left, right = bottom.subfigures(1, 2, width_ratios=[1.7, 1]) if len(stays) else (bottom, None)
        first = example["block"] == session["block"].iloc[0]
        left.suptitle("its first block" if first else "its first block with a choice", fontsize=7)
        _block(left, shown_trials[shown_trials["block"] == example["block"]], labels, rewards)
        if right is not None:
            counts = description.groupby("statistic")["value"].last()  # of all subjects
            n_subjects, n_trials = (int(counts[name]) for name in ("subjects", "trials"))
            _stay(right.subplots(), stays, several=n_subjects > 1)
            right.suptitle(f"{n_subjects} subject{'s' * (n_subjects > 1)}, {n_trials:,} trials", fontsize=7)
    return figure


def _schedule_of(session: pd.DataFrame) -> dict[str, re.Match]:
    """Columns of numbers that say how actions or states were rewarded, all of one kind: probabilities, else payoffs."""
    numbers = (column for column in session if is_numeric_dtype(session[column]) and session[column].notna().any())
    matches = {column: match for column in numbers if (match := SCHEDULE.fullmatch(column))}
    kind = min((match[1] for match in matches.values()), default="")
    return {column: match for column, match in matches.items() if match[1] == kind}


def _schedule(ax: Axes, session: pd.DataFrame, columns: Mapping[str, re.Match], labels: Sequence[str]) -> None:
    for colour, (column, match) in zip(itertools.cycle(ACTION_COLOURS), columns.items()):  # as of the choices below
        label = _of_schedule(match[2], labels)
        ax.step(session.index + 1, session[column], where="mid", color=colour, lw=1.2, label=label)
    graded = next(iter(columns.values()))[1] == "payoff"
    ax.set_ylabel("payoff" if graded else "reward\nprobability")
    values = session[list(columns)]
    if values.min(axis=None) >= 0 and values.max(axis=None) <= 1:
        ax.set_ylim(-0.05, 1.05)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=min(len(columns), 4), handlelength=1, columnspacing=1)


def _of_schedule(code: str, labels: Sequence[str]) -> str:
    """What a schedule's column is about: 0 or a0 an action, s0 a state, s0a1 a second action in a state."""
    state, action = re.fullmatch(r"(?:s(\d+))?a?(\d*)", code).groups()
    if state is None:
        return labels[int(action)] if int(action) < len(labels) else f"action {int(action) + 1}"
    return f"state {int(state) + 1}" + (f", second action {int(action) + 1}" if action else "")


def _shares(ax: Axes, session: pd.DataFrame, labels: Sequence[str]) -> None:
    shares = running_shares(session, len(labels))
    for action in range(len(labels)) if len(labels) > 2 else (1,):  # of two, one says both
        colour = ACTION_COLOURS[action % len(ACTION_COLOURS)]
        ax.plot(session.index + 1, shares[action], color=colour, lw=1, label=labels[action])
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel(f"share of\n{labels[1]}" if len(labels) == 2 else "share of\nchoices")
    if len(labels) > 2:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=min(len(labels), 6), handlelength=1, columnspacing=1)
    ax.set_xlabel(f"trial of the session (running share of {WINDOW} trials; lines: blocks)")


def _block(figure: SubFigure, block: pd.DataFrame, labels: Sequence[str], rewards: tuple[float, float]) -> None:
    """Choices of a block, and below them its rewards, where these have a scale of their own or are graded."""
    plain = rewards == (0, 1) and block["reward"].dropna().isin([0, 1]).all()
    axes = figure.subplots(1 if plain else 2, 1, sharex=True, squeeze=False)[:, 0]
    low, high = rewards
    _choices(axes[0], block, labels, "rewarded" if plain else f"reward of at least {(low + high) / 2:g}")
    if not plain:
        as_paid, nothing = low + (high - low) * block["reward"], min(max(0, low), high)
        axes[1].vlines(block["trial"] + 1, nothing, as_paid, color="0.4", lw=1)
        axes[1].plot(block["trial"] + 1, as_paid, "o", ms=2, color="0.4")
        axes[1].axhline(nothing, color="0.8", lw=0.5, zorder=0)
        axes[1].set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        axes[1].set_ylabel("reward")
        axes[1].set_xlabel(axes[0].get_xlabel())
        axes[0].set_xlabel("")


def _choices(ax: Axes, block: pd.DataFrame, labels: Sequence[str], words: str) -> None:
    scored = block[block["mask"] == 1]
    for action, own in scored.groupby("action"):
        colour = ACTION_COLOURS[action % len(ACTION_COLOURS)]
        rewarded = own["reward"].fillna(0) >= 0.5
        for rows, face in ((own[rewarded], colour), (own[~rewarded], "white")):
            ax.plot(rows["trial"] + 1, rows["action"] + 1, "o", ms=3, color=colour, mfc=face, mew=0.7)
    missed = block[block["mask"] == 0]
    ax.plot(missed["trial"] + 1, [0.5] * len(missed), "x", ms=3, color="0.5")
    ax.set_yticks(range(1, len(labels) + 1), labels)
    ax.set_ylim(0.3, len(labels) + 0.7)
    ax.set_xlim(block["trial"].min(), block["trial"].max() + 2)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(f"trial of the block (filled: {words}" + ("; x: missed)" if len(missed) else ")"))


def _stay(ax: Axes, stays: pd.DataFrame, *, several: bool) -> None:
    """Stay probabilities after each kind of trial: of all subjects with the interval, and of each subject as a dot."""
    names = list(dict.fromkeys(stays["statistic"]))
    names = [name for name in names if name.count("_") == 2] or names
    for x, name in enumerate(names):
        rows = stays[stays["statistic"] == name]
        own, of_all = rows.iloc[:-1], rows.iloc[-1]
        if several:
            beside = x + 0.12 + (np.linspace(0, 0.22, len(own)) if len(own) > 1 else np.zeros(1))
            ax.plot(beside, own["value"], "o", ms=2.5, mew=0, color="0.55", alpha=0.8)
        face = "white" if "unrewarded" in name else "black"
        ends = [[of_all["value"] - of_all["low"]], [of_all["high"] - of_all["value"]]]
        ax.errorbar(x, of_all["value"], ends, color="black", marker="o", mfc=face, ms=3, lw=1, capsize=2.5)
    ax.set_xticks(range(len(names)), [name.removeprefix("stay_").replace("_", "\n") for name in names])
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(-0.02, 1.02)
    ax.set_ylabel("P(same action next)")
    over = "over subjects\n(grey: each subject)" if several else "over trials (Wilson)"
    ax.set_xlabel(f"all trials, 95% interval {over}", fontsize=6)
