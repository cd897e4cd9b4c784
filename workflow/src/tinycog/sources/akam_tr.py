"""Mouse two-step task with reversals, Akam et al. 2021 (OSF 8JWHM; methods: mouse two-step, transition reversals).

The laboratory's three "baseline" experiments, from training day 22 on. Untested on real files (see `akam_logs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.sources import akam_logs
from tinycog.sources.prepared import Prepared, counts

SOURCE = akam_logs.Source(
    "two_step_task",
    experiments=("2014-02-22", "2014-06-30", "2015-04-02"),
    mice=(*range(49, 55), *range(95, 101), 263, 264, 266, 267, 268),
)


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return akam_logs.files(SOURCE, options, raw)


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    akam_logs.check(SOURCE, name, options, raw)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """Sessions as blocks, cut to at most `longest_block` trials; `counts_raw` counts whole sessions.

    task_reward_state: 0 left good, 1 neutral, 2 right good; task_transition_state: 1 high to left is common; -1 in
    either: not known.
    """
    from tinycog.trials.table import canonical_order, segmented

    table, removed = akam_logs.read(SOURCE, name, options, raw)
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts(table), removed)
