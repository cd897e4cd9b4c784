"""Human three-armed reversal learning, Suthaharan et al. 2021 (methods: human three-armed reversal).

Each MATLAB file holds, for each participant, the choices and outcomes of two halves of 80 trials, which are joined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import numbers, read_matlab, refuse
from tinycog.sources.prepared import Prepared, chosen, counts, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "suthaharan-3arm-reversal"
HALF = 80
ALLOWED = {"choices": (1, 2, 3), "outcomes": (0, 1)}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return given(options, "a Suthaharan file") or _found(raw)


def _found(raw: Path) -> list[Path]:
    folder = raw / FOLDER / "hgfPRL"
    found = sorted(folder.glob("*.mat"))
    if not found:
        raise InputError(
            f"{folder}: no Suthaharan file found. Expected at least one file such as replication_R100_R150_51.mat "
            "(https://github.com/psuthaharan/covid19paranoia, folder data/hgfPRL); put it there or change `raw`"
        )
    return found


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered

    participants: dict[str, pd.DataFrame] = {}
    for path in files(options, raw):
        # a participant's name may be used again in another file, for another person
        for participant, rows in _read(path).items():
            subject = f"{path.stem}.{participant}"
            if subject in participants:
                raise InputError(f"{path}: participant {participant} of a file called {path.name} is there twice")
            participants[subject] = rows.assign(subject=subject)
    table = pd.concat(participants.values(), ignore_index=True)
    action = table["choices"] - 1
    table = table.assign(
        dataset=name,
        session="1",
        action=action,
        state=action,
        reward=table["outcomes"].astype(float),
        mask=1,
    )
    table = chosen(numbered(table, ["session"]), options, name)
    return Prepared(canonical_order(table), counts(table))


def _read(path: Path) -> dict[str, pd.DataFrame]:
    """Trials of each participant, in the order of the file."""
    import numpy as np
    import pandas as pd

    variables = read_matlab(path, "a Suthaharan file")
    names = [match[1] for key in variables if (match := re.fullmatch(r"(.+)_V3_(choices|outcomes)_[12]", key))]
    if not names:
        raise InputError(f"{path}: no variable such as TP100_V3_choices_1 (a participant's choices of the first half)")

    def half(key: str, allowed: tuple[int, ...]) -> np.ndarray:
        if key not in variables:
            raise InputError(f"{path}: no variable {key!r}; a participant has choices and outcomes of two halves")
        where = f"{path}, variable {key!r}"
        values = numbers(variables[key], where).ravel()
        if len(values) != HALF:
            raise InputError(f"{where} has {len(values)} values, expected {HALF}")
        refuse(~np.isin(values, allowed), values, where, ", ".join(map(str, allowed)), first=1)
        return values.astype("int64")

    return {
        participant: pd.DataFrame(
            {
                **{
                    what: np.concatenate([half(f"{participant}_V3_{what}_{i}", allowed) for i in (1, 2)])
                    for what, allowed in ALLOWED.items()
                },
                "task_half": np.repeat(np.array([1, 2], dtype="int8"), HALF),
            }
        )
        for participant in dict.fromkeys(names)
    }
