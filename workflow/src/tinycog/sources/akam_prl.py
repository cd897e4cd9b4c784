"""Mouse reversal learning, Akam et al. 2021 (OSF 10.17605/OSF.IO/8JWHM; methods: mouse reversal).

The control mice of two optogenetic experiments. Which of their sessions the paper took is not known; all from
`first_day` on are read, or those of the `dates` asked for, and `task_laser` tells the trials with light. Untested on
real files (see `akam_logs`).

The reward state's code is documented inconsistently: 0 is "left good" in the task's own program and "right good" in
the laboratory's analysis. It is therefore decided for each experiment from the rewards themselves: 0 means left if
being rewarded more on the left than on the right goes with state 0 rather than with state 2. `task_reward_state` is
then 0 left good, 1 neutral, 2 right good, as in the two-step task; `parameters` holds the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.sources import akam_logs
from tinycog.sources.prepared import Prepared, counts

if TYPE_CHECKING:
    import pandas as pd

SOURCE = akam_logs.Source(
    "reversal_learning_task",
    experiments=("2015-09-01", "2016-02-07"),
    mice=(*range(358, 362), 367, 368, 380, 382, 383, 388),
)
LEFT, RIGHT, UNDECIDED = "left good", "right good", "undecided"


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return akam_logs.files(SOURCE, options, raw)


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    akam_logs.check(SOURCE, name, options, raw)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """As `akam_tr.prepare`, with action 1 = left; `counts_raw` counts whole sessions."""
    from tinycog.trials.table import canonical_order, segmented

    table, removed = akam_logs.read(SOURCE, name, options, raw)
    meaning = {experiment: state_zero(rows) for experiment, rows in table.groupby("experiment", sort=False)}
    decided = table["experiment"].map(meaning)
    state = table["task_reward_state"]
    sided = state.isin([0, 2])
    state = state.where(~(sided & decided.eq(RIGHT)), 2 - state)
    table["task_reward_state"] = state.where(~(sided & decided.eq(UNDECIDED)), akam_logs.UNKNOWN).astype("int16")
    parameters = {"reward_state_0": meaning}
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts(table), removed, parameters)


def state_zero(trials: pd.DataFrame) -> str:
    """What reward state 0 of a log means, by the rewards of both sides in states 0 and 2."""
    rates = trials.groupby(["task_reward_state", "action"])["reward"].mean()
    if not all((state, side) in rates.index for state in (0, 2) for side in (0, 1)):
        return UNDECIDED
    left_advantage = {state: rates[state, 1] - rates[state, 0] for state in (0, 2)}
    if left_advantage[0] == left_advantage[2]:
        return UNDECIDED
    return LEFT if left_advantage[0] > left_advantage[2] else RIGHT
