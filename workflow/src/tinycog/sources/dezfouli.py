"""Human two-armed free-operant bandit with diagnoses, Dezfouli et al. 2019 (PLoS Comput Biol 15(6):e1006903).

The published zip with its one CSV, one row per key press. Its column `trial` is the block: one choice sequence for
each participant and value of `trial`, as the authors' code has it; its column `block` is the half of the experiment.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources import bounds
from tinycog.sources.codes import Between, coded, read_csv, readable, refuse
from tinycog.sources.prepared import Prepared, chosen, counts, of_subjects, published

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "dezfouli-2arm-bandit"
FILE = "choices_diagno.csv.zip"
KEYS = ("R1", "R2")  # action 0, action 1


CODES = {
    "ID": None,
    "key": KEYS,
    "block": (1, 2),
    "time": Between(0, math.inf),
    "condition": (1, 2, 3, 4, 5, 6),
    "outcome": ("null", "O1", "O2"),
    "reward": (0, 1),
    "trial": Between(1, 12, whole=True),
    "choice": ("R1", "R2"),
    "diag": ("Healthy", "Depression", "Bipolar"),
    "PressRate.sec": Between(0, math.inf),
    "Mania": Between(-math.inf, math.inf),
    "Depression": Between(-math.inf, math.inf),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(options, raw, FOLDER, FILE, "https://github.com/adezfouli/rnn_hypercoder, data/BD")


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    from tinycog.trials.table import canonical_order, numbered

    (path,) = files(options, raw)
    rows = coded(_read(path), CODES, path)
    refuse(
        rows["reward"].eq(1) != rows["outcome"].ne("null"),
        rows["outcome"],
        f"{path}, column 'outcome'",
        "null where reward is 0, O1 or O2 where it is 1",
    )
    action = rows["key"].eq(KEYS[1]).astype(int)
    table = rows.assign(
        dataset=name,
        subject=rows["ID"],
        session="1",
        sequence=rows["trial"],
        action=action,
        state=action,
        reward=rows["reward"].astype(float),
        mask=1,
        task_sequence=rows["trial"].astype("int8"),
        task_half=rows["block"].astype("int8"),
        task_condition=rows["condition"].astype("int8"),
        task_best_chosen=rows["choice"].eq("R1").astype("int8"),  # recoded by the authors: R1 is the richer key here
        task_outcome=rows["outcome"],
        task_time_ms=rows["time"].astype(float),
        task_diagnosis=rows["diag"],
        task_presses_per_s=rows["PressRate.sec"].astype(float),
        task_mania=rows["Mania"].astype(float),
        task_depression=rows["Depression"].astype(float),
    )
    table = numbered(table, ["sequence"])
    again = table.groupby(["subject", "sequence"])["block"].transform("min") != table["block"]
    refuse(again, table["sequence"], f"{path}, column 'trial'", "the rows of one ID and trial together")
    table = chosen(table, options, name)
    counts_raw = counts(table)
    kept = table["task_diagnosis"].isin(options["diagnoses"])
    removed = [
        {
            "subject": subject,
            "reason": f"diagnosis {diagnosis}",
            "blocks": int(part["block"].nunique()),
            "trials": len(part),
        }
        for (subject, diagnosis), part in table[~kept].groupby(["subject", "task_diagnosis"], sort=False)
    ]
    if not kept.any():
        raise InputError(f"datasets.{name}.diagnoses: no participant left with {', '.join(options['diagnoses'])}")
    found = canonical_order(table[kept])
    about = {name: f"task_{name}" for name in ("diagnosis", "mania", "depression")}
    return Prepared(found, counts_raw, removed, {"subjects": of_subjects(found, about)})


def _read(path: Path) -> pd.DataFrame:
    """The rows of the one CSV in the zip, as text: `null` is an outcome, not an empty cell."""
    import zipfile

    content = io.BytesIO(bounds.content(path))
    with readable(path, "a readable zip with a CSV file"), zipfile.ZipFile(content) as archive:
        tables = [member for member in archive.namelist() if member.lower().endswith(".csv")]
        if len(tables) != 1:
            found = ", ".join(archive.namelist()) or "nothing"
            raise InputError(f"{path}: expected one CSV file in the zip, found: {found}")
        member = archive.getinfo(tables[0])
        bounds.check_members([member], path)
        return read_csv(path, bounds.member_content(archive, member))
