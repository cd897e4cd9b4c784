"""Mouse visual decisions of trained mice, International Brain Laboratory 2021, as prepared for Ashwood et al. 2022.

The 90 unbiased trials at the start of each session (Figshare 10.6084/m9.figshare.11636748): two NPZ files a mouse,
one with stimulus, choice and session, one with the reward.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import Between, coded, read_npz
from tinycog.sources.prepared import Prepared, all_used, asked_subjects, by_name, chosen, counts, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "ibl-mice-perceptual"
TRIALS, REWARDS = "_unnormalized.npz", "_rewarded.npz"
PAIRS = f"pairs of files <mouse>{TRIALS} and <mouse>{REWARDS}"
TRIAL_CODES = {
    "arr_0": Between(-1, 1),  # signed contrast
    "arr_1": (-1, 0, 1),  # none, left, right
}
REWARD_CODES = {"arr_0": (-1, 1)}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return [path for pair in _mice(options, raw).values() for path in pair]


def _mice(options: Mapping[str, Any], raw: Path) -> dict[str, tuple[Path, Path]]:
    """The two files of each mouse."""
    folder = raw / FOLDER
    own = given(options, "one of the two files of an IBL mouse")
    trials, rewards = (
        by_name(
            (path for path in own or sorted(folder.glob(f"*{suffix}")) if path.name.endswith(suffix)),
            lambda path, suffix=suffix: path.name.removesuffix(suffix),
            "mouse",
        )
        for suffix in (TRIALS, REWARDS)
    )
    all_used(own, [*trials.values(), *rewards.values()], PAIRS)
    if not trials:
        raise InputError(
            f"{folder}: no mouse found. Expected {PAIRS} (prepared from doi 10.6084/m9.figshare.11636748); put them "
            "there or change `raw`"
        )
    if alone := [path for mouse, path in (trials | rewards).items() if mouse not in trials or mouse not in rewards]:
        raise InputError(f"{alone[0]}: the mouse's other file is not there. Expected {PAIRS}; put it there")
    return {mouse: (path, rewards[mouse]) for mouse, path in trials.items()}


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless both files of each mouse, and the mice asked for, are there."""
    asked_subjects(_mice(options, raw), options, name)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """Sessions as blocks; action 1 = right; stim_contrast = right - left, -1 to 1; no response: mask 0."""
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered, segmented

    mice = _mice(options, raw)
    table = pd.concat([_read(*pair).assign(subject=mouse) for mouse, pair in mice.items()], ignore_index=True)
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


def _read(path: Path, rewards_path: Path) -> pd.DataFrame:
    import pandas as pd

    arrays = read_npz(path, ("arr_0", "arr_1", "arr_2"))
    rewarded = read_npz(rewards_path, ("arr_0",))["arr_0"]
    n = arrays["arr_2"].size
    shapes = {key: array.shape for key, array in arrays.items()}
    if shapes != {"arr_0": (n, 3), "arr_1": (n, 1), "arr_2": (n,)}:
        raise InputError(f"{path}: found arrays of shape {shapes}; allowed: (n, 3), (n, 1) and (n,)")
    if rewarded.shape != (n, 1):
        raise InputError(f"{rewards_path}, arr_0: found shape {rewarded.shape}; allowed: {(n, 1)}, as in {path.name}")
    trials = pd.DataFrame({key: arrays[key][:, 0] for key in TRIAL_CODES})
    trials = coded(trials, TRIAL_CODES, path, first=1, part="array")
    rewards = coded(pd.DataFrame({"arr_0": rewarded[:, 0]}), REWARD_CODES, rewards_path, first=1, part="array")
    return pd.DataFrame(
        {
            "session": arrays["arr_2"].astype(str),
            "choice": trials["arr_1"].astype("int64"),
            "rewarded": rewards["arr_0"],
            "stim_contrast": trials["arr_0"].astype(float),
        }
    )
