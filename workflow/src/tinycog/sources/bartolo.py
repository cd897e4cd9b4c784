"""Macaque two-choice reversal learning, Bartolo et al. 2020 (Mendeley Data p7ft2bvphx; methods: macaque reversal).

One MATLAB file per session; its matrix `Y` (trials x 13) is all that is read, so that files without the spike
arrays do as well. The monkey is the first letter of the session's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import Between, coded, numbers, read_matlab
from tinycog.sources.prepared import Prepared, asked_subjects, by_name, counts, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "bartolo-monkeys-reversal"
BLOCK_LENGTH = 80
# sessions in the order of the reference, on which the indices of its folds depend
SESSIONS = (
    *("V20161005", "V20160929", "V20160930", "V20161017"),
    *("W20160112", "W20160113", "W20160121", "W20160122"),
)
# columns of `Y`, counted from 1, and what they may hold: in every row, and in those of complete blocks
COMPLETED, BLOCK_ID = "13 (block completed)", "8 (block id)"
EVERYWHERE = {COMPLETED: (0, 1), BLOCK_ID: Between(0, math.inf, whole=True)}
IN_BLOCKS = {
    "1 (chosen image)": (0, 1),
    "2 (chosen location)": (0, 1),
    "3 (outcome)": (0, 1),
    "5 (best option chosen)": (0, 1),
    "6 (trial in block)": Between(1, BLOCK_LENGTH, whole=True),
    "7 (reversal)": (0, 1),
    "10 (block type)": (1, 2),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return given(options, "a Bartolo session") or _found(raw)


def _found(raw: Path) -> list[Path]:
    folder = raw / FOLDER
    found = [path for session in SESSIONS if (path := folder / f"SPKcounts_{session}cue_MW_250X250ms.mat").is_file()]
    if not found:
        raise InputError(
            f"{folder}: no Bartolo session found. Expected at least one file named like "
            f"SPKcounts_{SESSIONS[0]}cue_MW_250X250ms.mat (doi 10.17632/p7ft2bvphx.1); put it there or change `raw`"
        )
    return found


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the sessions, and the monkeys asked for, are there."""
    _asked(name, options, raw)


def _asked(name: str, options: Mapping[str, Any], raw: Path) -> dict[str, Path]:
    """Files of the sessions of the monkeys that the config asks for, so that those of others are not read at all."""
    sessions = by_name(files(options, raw), _session, "session")
    asked = asked_subjects((session[0] for session in sessions), options, name)
    return {session: path for session, path in sessions.items() if session[0] in asked}


def _session(path: Path) -> str:
    match = re.search(r"[A-Z]\d{8}", path.name)
    if match is None:
        raise InputError(f"{path}: the file name has no session such as V20161017, whose letter names the monkey")
    return match.group()


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered

    sessions, removed = [], []
    for session, path in _asked(name, options, raw).items():
        complete, others = _read(path)
        about = {"subject": session[0], "session": session}
        if others:
            removed.append({**about, "reason": "rows outside complete blocks", "rows": others})
        row = (complete.index + 1).astype(str)  # of `Y`, and so of the session's spike counts
        sessions.append(complete.assign(**about, source_trial=row))
    table = pd.concat(sessions, ignore_index=True)
    image_decides = table["10 (block type)"].eq(1)
    action = table["1 (chosen image)"].where(image_decides, table["2 (chosen location)"]).astype("int64")
    table = table.assign(
        dataset=name,
        action=action,
        state=action,
        reward=table["3 (outcome)"].astype(float),
        mask=1,
        source_block=table[BLOCK_ID].astype(int).astype(str),
        task_block_type=image_decides.map({True: "what", False: "where"}),
        task_block_id=table[BLOCK_ID].astype("int16"),
        task_trial_in_block=table["6 (trial in block)"].astype("int16"),
        task_reversal=table["7 (reversal)"].astype("int8"),
        task_best_chosen=table["5 (best option chosen)"].astype("int8"),
    )
    table = numbered(table, ["session", BLOCK_ID])
    counts_raw = counts(table)
    first, last = options["trials"]
    filters = {
        f"block types other than {', '.join(options['block_types'])}": table["task_block_type"].isin(
            options["block_types"]
        ),
        f"trials of a block outside {first} to {last}": table["trial"].between(first - 1, last - 1),
    }
    for reason, kept in filters.items():
        kept = kept.loc[table.index]
        for subject, n in table.loc[~kept].groupby("subject", sort=False).size().items():
            removed.append({"subject": subject, "reason": reason, "trials": int(n)})
        table = table[kept]
    table = numbered(table, ["session", BLOCK_ID])
    return Prepared(canonical_order(table), counts_raw, removed)


def _read(path: Path) -> tuple[pd.DataFrame, int]:
    """The rows of complete blocks, in the columns of `Y` that are used, and the number of other rows."""
    import pandas as pd

    matrix = numbers(read_matlab(path, "a Bartolo session", "Y"), f"{path}, matrix `Y`")
    if matrix.ndim != 2 or matrix.shape[1] != 13:
        raise InputError(f"{path}: matrix `Y` has shape {matrix.shape}, expected (trials, 13)")
    labels = [*EVERYWHERE, *IN_BLOCKS]
    rows = pd.DataFrame({label: matrix[:, int(label.split()[0]) - 1] for label in labels})
    columns = coded(rows, EVERYWHERE, f"{path}, matrix `Y`", first=1)
    complete = rows[columns[COMPLETED].eq(1) & columns[BLOCK_ID].between(1, 24)]
    if complete.empty:
        raise InputError(f"{path}: no complete block (column 13 of `Y` is 1 and column 8 is 1 to 24)")
    coded(complete, IN_BLOCKS, f"{path}, matrix `Y`", first=1)
    sizes = complete.groupby(BLOCK_ID).size()
    if (odd := sizes[sizes != BLOCK_LENGTH]).size:
        raise InputError(f"{path}: complete block {odd.index[0]} has {odd.iloc[0]} trials, expected {BLOCK_LENGTH}")
    return complete, len(rows) - len(complete)
