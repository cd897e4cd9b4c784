"""Human three-armed reversal, Zorowitz et al. 2023 (Nature Human Behaviour, doi 10.1038/s41562-023-01640-7).

One CSV file with all participants (406 x 90 trials), one row per trial; one block per participant. The best arm changes
every 15 trials.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.sources.codes import Between, coded, one_block_each, read_csv
from tinycog.sources.prepared import Prepared, chosen, counts, of_subjects, published

FOLDER = "zorowitz-3arm-reversal"
FILE = "data.csv"
CODES = {
    "platform": None,
    "subject": None,
    "block": Between(1, 6, whole=True),
    "trial": Between(1, 90, whole=True),
    "correct": (0, 1, 2),
    "choice": (0, 1, 2),
    "rt": Between(0, math.inf),
    "outcome": (0, 1),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(options, raw, FOLDER, FILE, "https://github.com/nivlab/sciops, 01_Original/data")


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order

    (path,) = files(options, raw)
    rows = coded(read_csv(path), CODES, path)
    action = rows["choice"].astype(int)
    reversal = rows.groupby("subject")["correct"].diff().fillna(0).ne(0)
    table = pd.DataFrame(
        {
            "dataset": name,
            "subject": rows["subject"],
            "session": "1",
            "action": action,
            "state": action,
            "reward": rows["outcome"].astype(float),
            "mask": 1,
            "task_correct": rows["correct"].astype("int8"),
            "task_best_chosen": action.eq(rows["correct"]).astype("int8"),
            "task_reversal": reversal.astype("int8"),
            "task_schedule_block": rows["block"].astype("int8"),
            "task_platform": rows["platform"],
            "task_rt_s": rows["rt"].astype(float),
        }
    )
    table = one_block_each(table, rows["trial"], f"{path}, column 'trial'")
    table = chosen(table, options, name)
    about = of_subjects(table, {"platform": "task_platform"})
    return Prepared(canonical_order(table), counts(table), parameters={"subjects": about})
