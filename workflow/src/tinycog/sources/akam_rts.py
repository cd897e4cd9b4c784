"""Mouse two-step task with fixed transitions, Akam et al. 2021 (OSF 8JWHM; methods: mouse two-step, fixed transitions).

The experiment of 2015-04-02 without transition reversals, from training day 22 on; its mice tell it from the baseline
experiment that began on the same day. Untested on real files (see `akam_logs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.sources import akam_logs
from tinycog.sources.prepared import Prepared, counts

SOURCE = akam_logs.Source("two_step_task", experiments=("2015-04-02",), mice=(*range(269, 276), 277, 278, 279))


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return akam_logs.files(SOURCE, options, raw)


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    akam_logs.check(SOURCE, name, options, raw)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """As `akam_tr.prepare`.

    With `recode_common`, state becomes 1 - state for every mouse most of whose transitions are crossed (action i to
    state 1 - i), as the cognitive models assume; `parameters` names those mice. The annotations stay
    as logged: they speak of left and right.
    """
    from tinycog.trials.table import canonical_order, segmented

    table, removed = akam_logs.read(SOURCE, name, options, raw)
    parameters = {}
    if options["recode_common"]:
        crossed = table["action"].ne(table["state"]).groupby(table["subject"], sort=False).mean().gt(0.5)
        recoded = list(crossed.index[crossed])
        table["state"] = table["state"].where(~table["subject"].isin(recoded), 1 - table["state"])
        parameters = {"recoded": recoded}
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts(table), removed, parameters)
