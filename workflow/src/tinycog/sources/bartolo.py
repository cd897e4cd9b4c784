"""Macaque two-choice reversal learning, Bartolo et al. 2020 (Mendeley Data p7ft2bvphx; core.md 2.1).

One MATLAB file per session; its matrix `Y` (trials x 13) is all that is read, so that files without the spike
arrays do as well. The monkey is the first letter of the session's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, asked_subjects, chosen, counts, existing

FOLDER = "bartolo-monkeys-reversal"
BLOCK_LENGTH = 80
# sessions in the order of core.md 2.1, on which the fold indices of the reference depend
SESSIONS = (
    *("V20161005", "V20160929", "V20160930", "V20161017"),
    *("W20160112", "W20160113", "W20160121", "W20160122"),
)


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    if options.get("files"):
        return existing([Path(f) for f in options["files"]], "a Bartolo session", "the data set's `files`")
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
    monkeys = list(dict.fromkeys(_session(path)[0] for path in files(options, raw)))
    asked_subjects(monkeys, options, name)


def _session(path: Path) -> str:
    match = re.search(r"[A-Z]\d{8}", path.name)
    if match is None:
        raise InputError(f"{path}: the file name has no session such as V20161017, whose letter names the monkey")
    return match.group()


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials import canonical_order, numbered

    sessions, removed = [], []
    for path in files(options, raw):
        rows = _read(path)
        session = _session(path)
        subject = session[0]
        complete = rows[rows["completed"].eq(1) & rows["block_id"].between(1, 24)]
        if complete.empty:
            raise InputError(f"{path}: no complete block (column 13 of `Y` is 1 and column 8 is 1 to 24)")
        sizes = complete.groupby("block_id").size()
        if (odd := sizes[sizes != BLOCK_LENGTH]).size:
            raise InputError(f"{path}: complete block {odd.index[0]} has {odd.iloc[0]} trials, expected {BLOCK_LENGTH}")
        if len(rows) > len(complete):
            removed.append(
                {
                    "subject": subject,
                    "session": session,
                    "reason": "rows outside complete blocks",
                    "rows": len(rows) - len(complete),
                }
            )
        sessions.append(complete.assign(subject=subject, session=session))
    table = pd.concat(sessions, ignore_index=True)
    image_decides = table["block_type"].eq(1)
    action = table["image"].where(image_decides, table["location"])
    table = table.assign(
        dataset=name,
        action=action,
        state=action,
        reward=table["outcome"].astype(float),
        mask=1,
        task_block_type=image_decides.map({True: "what", False: "where"}),
        task_block_id=table["block_id"].astype("int16"),
        task_trial_in_block=table["trial_in_block"].astype("int16"),
        task_reversal=table["reversal"].astype("int8"),
        task_best_chosen=table["best_chosen"].astype("int8"),
    )
    table = chosen(numbered(table, ["session", "block_id"]), options, name)
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
    table = numbered(table, ["session", "block_id"])
    return Prepared(canonical_order(table), counts_raw, removed)


def _read(path: Path):
    """The columns of `Y` that are used, by name."""
    import zlib

    import pandas as pd
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        matrix = loadmat(path, variable_names=["Y"])["Y"]
    except (KeyError, TypeError, ValueError, NotImplementedError, OSError, MatReadError, zlib.error) as error:
        raise InputError(f"{path}: not a Bartolo session: no readable MATLAB 5 matrix `Y` ({error})") from None
    if matrix.ndim != 2 or matrix.shape[1] != 13:
        raise InputError(f"{path}: matrix `Y` has shape {matrix.shape}, expected (trials, 13)")
    columns = {
        **{"image": 0, "location": 1, "outcome": 2, "best_chosen": 4, "trial_in_block": 5, "reversal": 6},
        **{"block_id": 7, "block_type": 9, "completed": 12},
    }
    return pd.DataFrame({name: matrix[:, index].astype("int64") for name, index in columns.items()})
