"""Rat two-step task, Miller, Botvinick & Brody 2022 (Figshare 20449140; methods: rat two-step).

Read from the behaviour-only file of Venditto et al. (GitHub Brody-Lab/MixtureAgentsModels), MATLAB 7.3: `ratdatas`
is a cell array with one struct per rat. States are coded so that action i commonly leads to state i in every rat.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources import bounds
from tinycog.sources.codes import Between, coded, columns, numbers, readable
from tinycog.sources.prepared import Prepared, chosen, counts, given, published

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "miller-rats-two-step"
FILE = "ofc_physdata.mat"
LETTERS = ("l", "r", "v")  # left, right, violation
CODES = {  # fields with one value per trial
    **{"sides1": LETTERS[:2], "sides2": LETTERS, "rewards": (0, 1), "trans_common": (0, 1), "new_sess": (0, 1)},
    **{"viols": (0, 1), "bad_timing": (0, 1), "better_choices": Between(0, 1, whole=True, missing=True)},
    **dict.fromkeys(("leftprobs", "rightprobs"), Between(0, 1)),
    **dict.fromkeys(("c1_times", "s1_times"), Between(-math.inf, math.inf, missing=True)),
}
TEXTS = ("ratname", "sides1", "sides2")  # fields of character codes


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return given(options, "a Miller file") or published(
        options,
        raw,
        FOLDER,
        FILE,
        "doi 10.6084/m9.figshare.20449140; behaviour only: https://github.com/Brody-Lab/MixtureAgentsModels, data",
    )


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered, segmented

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

    kind = "a Miller file: no readable MATLAB 7.3 (HDF5) file"
    with readable(path, kind), h5py.File(bounds.fetched(path), "r") as file:
        cells = bounds.hdf5_object(file, "ratdatas", str(path)) if "ratdatas" in list(file) else None
        if cells is None or cells.dtype != h5py.ref_dtype:
            raise InputError(f"{path}: no cell array `ratdatas`; the file has: {', '.join(file) or 'nothing'}")
        claims = bounds.Claims(path)
        bounds.few(math.prod(cells.shape), "rats", path)
        bounds.check_dataset(cells, f"{path}, `ratdatas`", claims)
        structs = {f"{path}, rat {i}": file[reference] for i, reference in enumerate(cells[()].ravel(), start=1)}
        rats = {where: _fields(struct, where, claims) for where, struct in structs.items()}
    if not rats:
        raise InputError(f"{path}, `ratdatas`: found no rat; needed: one or more")
    return [_rat(fields, where) for where, fields in rats.items()]


def _fields(struct: Any, where: str, claims: bounds.Claims) -> dict[str, Any]:
    """The fields used of a rat's struct, text as letters."""
    names = ("ratname", "p_congruent", *CODES)
    if missing := [name for name in names if name not in list(struct)]:
        raise InputError(f"{where}: no field {missing[0]!r}; there are: {', '.join(struct)}")
    fields = {}
    for name in names:
        field, dataset = f"{where}, field {name!r}", bounds.hdf5_object(struct, name, where)
        numbers(dataset, field)
        bounds.check_dataset(dataset, field, claims)
        fields[name] = dataset[()].ravel()
    return fields | {name: [chr(code) for code in fields[name]] for name in TEXTS}


def _rat(fields: Mapping[str, Any], where: str) -> tuple[str, pd.DataFrame]:
    import pandas as pd

    rat, congruent = "".join(fields["ratname"]), fields["p_congruent"]
    if not rat or not rat.isprintable():
        raise InputError(f"{where}, field 'ratname': found {rat!r}; needed: the rat's name")
    where = f"{where} ({rat})"
    if congruent.size != 1 or not 0 <= congruent[0] <= 1:
        raise InputError(f"{where}, field 'p_congruent': found {congruent.tolist()}; needed: one probability")
    trials = columns({name: fields[name] for name in CODES}, where)
    trials = coded(trials, CODES, where, first=1, part="field")
    if trials["new_sess"].iloc[0] != 1:
        raise InputError(f"{where}: 'new_sess' does not begin with 1, the mark of a session's first trial")
    congruent = congruent[0] > 0.5
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
