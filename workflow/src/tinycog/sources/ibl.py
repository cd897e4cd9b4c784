"""Mouse visual decisions of trained mice, International Brain Laboratory 2021, as prepared for Ashwood et al. 2022.

The 90 unbiased trials at the start of each session (Figshare 10.6084/m9.figshare.11636748): two NPZ files a mouse,
one with stimulus, choice and session, one with the reward.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, asked_subjects, chosen, counts, existing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOLDER = "ibl-mice-perceptual"
TRIALS, REWARDS = "_unnormalized.npz", "_rewarded.npz"


def _mice(raw: Path) -> list[str]:
    folder = raw / FOLDER
    mice = sorted(path.name.removesuffix(TRIALS) for path in folder.glob(f"*{TRIALS}"))
    if not mice:
        raise InputError(
            f"{folder}: no mouse found. Expected pairs of files <mouse>{TRIALS} and <mouse>{REWARDS} "
            "(prepared from doi 10.6084/m9.figshare.11636748); put them there or change `raw`"
        )
    return mice


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    paths = [raw / FOLDER / f"{mouse}{suffix}" for mouse in _mice(raw) for suffix in (TRIALS, REWARDS)]
    return existing(paths, "one of the two files of an IBL mouse", "`raw`")


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless both files of each mouse, and the mice asked for, are there."""
    files(options, raw)
    asked_subjects(_mice(raw), options, name)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """Sessions as blocks; action 1 = right; stim_contrast = right - left, -1 to 1; no response: mask 0."""
    import pandas as pd

    from tinycog.trials import canonical_order, numbered, segmented

    files(options, raw)
    table = pd.concat([_read(raw / FOLDER, mouse) for mouse in _mice(raw)], ignore_index=True)
    answered = table["choice"].ne(-1)
    table = table.assign(
        dataset=name,
        action=table["choice"],
        state=table["choice"].where(answered, 0),
        reward=table["rewarded"].eq(1).astype(float).where(answered),
        mask=answered.astype("int8"),
    )
    table = chosen(numbered(table, ["session"]), options, name)
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts(table))


def _read(folder: Path, mouse: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    path = folder / f"{mouse}{TRIALS}"
    inputs, choice, session = (_array(path, key) for key in ("arr_0", "arr_1", "arr_2"))
    rewards_path = folder / f"{mouse}{REWARDS}"
    rewarded = _array(rewards_path, "arr_0")
    n = len(inputs)
    shapes = {"arr_0": inputs.shape, "arr_1": choice.shape, "arr_2": session.shape}
    if shapes != {"arr_0": (n, 3), "arr_1": (n, 1), "arr_2": (n,)}:
        raise InputError(f"{path}: found arrays of shape {shapes}; allowed: (n, 3), (n, 1) and (n,)")
    if rewarded.shape != (n, 1):
        raise InputError(f"{rewards_path}, arr_0: found shape {rewarded.shape}; allowed: {(n, 1)}, as in {path.name}")
    contrast = inputs[:, 0]
    # written so that NaN is refused
    _refuse(~(np.abs(contrast) <= 1), contrast, f"{path}, arr_0", "signed contrasts from -1 to 1")
    _refuse(~np.isin(choice[:, 0], (-1, 0, 1)), choice[:, 0], f"{path}, arr_1", "-1 (none), 0 (left), 1 (right)")
    _refuse(~np.isin(rewarded[:, 0], (-1, 1)), rewarded[:, 0], f"{rewards_path}, arr_0", "-1 or 1 (rewarded)")
    return pd.DataFrame(
        {
            "subject": mouse,
            "session": session.astype(str),
            "choice": choice[:, 0].astype("int64"),
            "rewarded": rewarded[:, 0].astype("int64"),
            "stim_contrast": contrast.astype(float),
        }
    )


def _array(path: Path, key: str) -> np.ndarray:
    """One array of an NPZ file, never a pickled one."""
    import zipfile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[key]
    except (KeyError, ValueError, OSError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: no readable array {key!r} ({error}); expected an NPZ file of plain arrays") from None


def _refuse(bad: np.ndarray, values: np.ndarray, where: str, allowed: str) -> None:
    if bad.any():
        row = int(bad.argmax())
        raise InputError(f"{where}, row {row + 1}: found {values[row].item()!r}; allowed: {allowed}")
