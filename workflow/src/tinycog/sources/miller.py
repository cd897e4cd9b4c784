"""Rat two-step task, Miller, Botvinick & Brody 2022 (Figshare 20449140; core.md 2.3).

Read from the behaviour-only file of Venditto et al. (GitHub Brody-Lab/MixtureAgentsModels), MATLAB 7.3: `ratdatas`
is a cell array with one struct per rat. States are coded so that action i commonly leads to state i in every rat.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, chosen, counts, existing, published

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOLDER = "miller-rats-two-step"
FILE = "ofc_physdata.mat"
# fields with one value per trial, and what they may hold
NUMBERS = {
    **{"rewards": (0, 1), "trans_common": (0, 1), "new_sess": (0, 1), "viols": (0, 1), "bad_timing": (0, 1)},
    **{"leftprobs": None, "rightprobs": None, "better_choices": None, "c1_times": None, "s1_times": None},
}
LETTERS = {"sides1": "lr", "sides2": "lrv"}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    if options.get("files"):
        return existing([Path(f) for f in options["files"]], "a Miller file", "the data set's `files`")
    return published(
        raw,
        FOLDER,
        FILE,
        "doi 10.6084/m9.figshare.20449140; behaviour only: https://github.com/Brody-Lab/MixtureAgentsModels, data",
    )


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials import canonical_order, numbered, segmented

    rats: dict[str, pd.DataFrame] = {}
    for path in files(options, raw):
        for rat, rows in _read(path):
            if rat in rats:
                raise InputError(f"{path}: rat {rat} is there twice")
            rats[rat] = rows
    table = pd.concat(rats.values(), ignore_index=True).assign(dataset=name, mask=1)
    table = chosen(numbered(table, ["session"]), options, name)
    counts_raw = counts(table)
    size = table.groupby("subject")["trial"].transform("size")
    # filters as (reason, kept); the choice of rats goes by the published number of trials
    filters = [(f"rats with fewer than {options['min_trials']} trials", size >= options["min_trials"])]
    if options["violations"] == "drop":
        filters.append(("trials without a valid second port", table["task_violation"].eq(0)))
    if options["forced"] == "drop":
        filters.append(("forced first choices", table["forced"].eq(0)))
    removed = []
    for reason, kept in filters:
        removed += _removals(table[~kept.loc[table.index]], reason)
        table = table[kept.loc[table.index]]
    if table.empty:
        reasons = " and ".join(reason for reason, _ in filters)
        raise InputError(f"datasets.{name}: no trial is left without {reasons}")
    if options["forced"] == "mask":
        forced = table["forced"].eq(1)
        removed += _removals(table[forced], "forced first choices, masked")
        action, reward, mask = table["action"].mask(forced, -1), table["reward"].mask(forced), 1 - table["forced"]
        table = table.assign(action=action, reward=reward, mask=mask)
    table = segmented(numbered(table, ["session"]), options["longest_block"])
    return Prepared(canonical_order(table), counts_raw, removed)


def _removals(rows: pd.DataFrame, reason: str) -> list[dict[str, Any]]:
    sizes = rows.groupby("subject", sort=False).size()
    return [{"subject": subject, "reason": reason, "trials": int(n)} for subject, n in sizes.items()]


def _read(path: Path) -> list[tuple[str, pd.DataFrame]]:
    """Name and trials of each rat, in the order of the file."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if "ratdatas" not in file or file["ratdatas"].dtype != h5py.ref_dtype:
                raise InputError(f"{path}: no cell array `ratdatas`; the file has: {', '.join(file) or 'nothing'}")
            structs = [file[reference] for reference in file["ratdatas"][()].ravel()]
            return [_rat(struct, f"{path}, rat {i + 1}") for i, struct in enumerate(structs)]
    except OSError as error:  # also for damaged contents
        raise InputError(f"{path}: not a Miller file: no readable MATLAB 7.3 (HDF5) file ({error})") from None


def _rat(struct: Any, where: str) -> tuple[str, pd.DataFrame]:
    import numpy as np
    import pandas as pd

    def field(key: str) -> np.ndarray:
        if key not in struct:
            raise InputError(f"{where}: no field {key!r}; there are: {', '.join(struct)}")
        return struct[key][()].ravel()

    rat = "".join(map(chr, field("ratname")))
    where = f"{where} ({rat})"
    n = len(field("sides1"))
    columns = {key: field(key) for key in (*LETTERS, *NUMBERS)}
    for key, values in columns.items():
        if len(values) != n:
            raise InputError(f"{where}: {key!r} has {len(values)} values, `sides1` has {n}; needed: one per trial")
        if key in LETTERS:
            values = np.array([chr(code) for code in values], dtype=object)
            columns[key] = values
        allowed = list(LETTERS[key]) if key in LETTERS else NUMBERS[key]
        if allowed is not None and (bad := ~np.isin(values, allowed)).any():
            trial = int(bad.argmax())
            shown = ", ".join(map(str, allowed))
            raise InputError(f"{where}: {key!r}, trial {trial + 1}: found {values[trial]}; allowed: {shown}")
    trials = pd.DataFrame(columns)
    if n == 0 or trials["new_sess"].iloc[0] != 1:
        raise InputError(f"{where}: 'new_sess' does not begin with 1, the mark of a session's first trial")
    congruent = float(field("p_congruent")[0]) > 0.5
    violation = trials["sides2"].eq("v")
    # a violation becomes state 1, as in the paper's own reading of the data
    state = trials["sides2"].ne("l" if congruent else "r").astype(int)
    left, right = trials["leftprobs"], trials["rightprobs"]
    # the file marks forced trials by an undefined better choice, which violation trials have too
    forced = trials["better_choices"].isna()
    return rat, pd.DataFrame(
        {
            "subject": rat,
            "session": trials["new_sess"].cumsum().astype(int).astype(str),
            "action": trials["sides1"].eq("r").astype(int),
            "state": state,
            "reward": trials["rewards"].astype(float),
            "forced": forced.astype("int8"),
            "task_common": trials["trans_common"].astype("int8"),  # as stored, with a value on violation trials too
            "task_p_s0": left if congruent else right,
            "task_p_s1": right if congruent else left,
            "task_better_chosen": trials["better_choices"].astype("Int8"),
            "task_violation": violation.astype("int8"),
            "task_viols_flag": trials["viols"].astype("int8"),
            "task_bad_timing": trials["bad_timing"].astype("int8"),
            "task_rt_s": trials["s1_times"] - trials["c1_times"],
        }
    )
