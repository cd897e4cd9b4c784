"""Human two-armed stochastic switching, children to adults, Eckstein et al. 2022 (Dev Cogn Neurosci 55:101106).

One CSV file with all participants (306, 40,229 trials), one row per trial; one block per participant. One box is
correct at a time, and only it can pay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.sources.codes import Between, coded, one_block_each, read_csv
from tinycog.sources.prepared import Prepared, chosen, counts, published

FOLDER = "eckstein-2arm-switching"
FILE = "maria_data.csv"
CODES = {
    "sID": None,
    "TrialID": Between(1, math.inf, whole=True),
    "selected_box": (0, 1),
    "reward": (0, 1),
    "correct_box": (0, 1),
    "RT": Between(0, math.inf),
    "rewardversion": (0, 1, 2, 3),
    "block": Between(0, math.inf, whole=True),
    "switch_trial": ("True", "False"),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(
        options,
        raw,
        FOLDER,
        FILE,
        "https://osf.io/7wuh4, in one file at https://github.com/YifeiCAO/CogModelingRNNsTutorial",
    )


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order

    (path,) = files(options, raw)
    rows = coded(read_csv(path), CODES, path)
    action = rows["selected_box"].astype(int)
    table = pd.DataFrame(
        {
            "dataset": name,
            "subject": rows["sID"],
            "session": "1",
            "action": action,
            "state": action,
            "reward": rows["reward"].astype(float),
            "mask": 1,
            "task_correct": rows["correct_box"].astype("int8"),
            "task_best_chosen": action.eq(rows["correct_box"]).astype("int8"),
            "task_reversal": rows["switch_trial"].eq("True").astype("int8"),
            "task_schedule_block": rows["block"].astype("int16"),
            "task_schedule": rows["rewardversion"].astype("int8"),
            "task_rt_ms": rows["RT"].astype(float),
        }
    )
    table = one_block_each(table, rows["TrialID"], f"{path}, column 'TrialID'")
    table = chosen(table, options, name)
    return Prepared(canonical_order(table), counts(table))
