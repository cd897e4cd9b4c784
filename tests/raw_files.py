"""Small raw files of every published source, with the names and coding of the published ones and made-up choices.

Tests change them in every way that files can be broken, and plan runs on as many subjects as the published files have.
A source's files are plain values by path below the raw folder; `write` turns each into a file by its suffix.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat

from tinycog.sources import (
    akam_logs,
    akam_prl,
    akam_rts,
    akam_tr,
    bahrami,
    bartolo,
    dezfouli,
    eckstein,
    gillan,
    hou,
    ibl,
    kool,
    miller,
    miranda,
    psytrack,
    sabatini,
    suthaharan,
    zorowitz,
)

Files = dict[str, Any]  # path below the raw folder: content

# codes of the events in the logs of the Akam mice
EVENTS = {
    **{"low_poke": 3, "high_poke": 4, "trial_start": 7, "left_reward": 8, "right_reward": 9, "left_active": 10},
    **{"right_active": 11, "wait_for_poke_out": 13, "left_select": 14, "right_select": 15},
}


def made(source: str, n_subjects: int = 2, n_blocks: int = 2, n_trials: int = 6, seed: int = 0) -> Files:
    """Files of a source.

    Args:
        n_subjects: as many as the source can have: sources of named animals have at most these.
        n_blocks: sessions or blocks of each subject, where they are not fixed.
        n_trials: of each session or block, where they are not fixed.
    """
    return MADE[source](np.random.default_rng(seed), n_subjects, n_blocks, n_trials)


def write(folder: Path, files: Files) -> list[Path]:
    """Write the files below `folder`; paths in the order of `files`."""
    paths = []
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bytes(name, content))
        paths.append(path)
    return paths


def as_bytes(name: str, content: Any) -> bytes:
    """The bytes of a file with this name and content."""
    buffer = io.BytesIO()
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode("utf-8", "surrogatepass")
    if name.endswith(".json"):
        return json.dumps(content).encode("utf-8", "surrogatepass")
    if name.endswith(miller.FILE):
        _write_hdf5(buffer, content)
    elif name.endswith(".mat"):
        savemat(buffer, content)
    elif name.endswith(".npz"):
        np.savez(buffer, **content)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(Path(name).stem, _lines(content))
    else:
        return _lines(content)
    return buffer.getvalue()


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _write_hdf5(buffer: io.BytesIO, rats: list[dict[str, Any]]) -> None:
    """A cell array of structs as MATLAB 7.3 writes it."""
    with h5py.File(buffer, "w") as file:
        structs = []
        for i, rat in enumerate(rats):
            struct = file.create_group(f"#refs#/rat{i}")
            for name, value in rat.items():
                text = isinstance(value, str)
                struct[name] = np.array([[ord(c) for c in value]], np.uint16) if text else np.atleast_2d(value)
            structs.append(struct.ref)
        file["ratdatas"] = np.array([structs], h5py.ref_dtype)


def _table(columns: dict[str, Any]) -> list[list[str]]:
    return [list(columns), *(list(map(str, row)) for row in zip(*columns.values(), strict=True))]


def _bartolo(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    files = {}
    for monkey in "VW"[:n_subjects]:
        sessions = [session for session in bartolo.SESSIONS if session[0] == monkey]
        for session, blocks in zip(sessions, np.array_split(np.arange(n_blocks), min(4, n_blocks)), strict=False):
            n = bartolo.BLOCK_LENGTH * len(blocks)
            matrix = np.zeros((n, 13))
            matrix[:, [0, 1, 2, 4, 6]] = rng.integers(0, 2, (n, 5))
            matrix[:, 5] = np.tile(np.arange(1, bartolo.BLOCK_LENGTH + 1), len(blocks))
            matrix[:, 7] = np.repeat(np.arange(1, len(blocks) + 1), bartolo.BLOCK_LENGTH)
            matrix[:, 9] = 1 + matrix[:, 7] % 2
            matrix[:, 12] = 1
            files[f"{bartolo.FOLDER}/SPKcounts_{session}cue_MW_250X250ms.mat"] = {"Y": matrix}
    return files


def _miller(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    n, rats = n_blocks * n_trials, []
    for i in range(n_subjects):
        choice, common = rng.integers(0, 2, (2, n))
        second = np.where(common == 1, choice, 1 - choice)
        rat: dict[str, Any] = {"ratname": f"M{i:03}", "p_congruent": [0.8]}
        rat |= {"sides1": "".join("lr"[c] for c in choice), "sides2": "".join("lr"[c] for c in second)}
        rat |= {"rewards": rng.integers(0, 2, n).astype(float), "trans_common": common.astype(float)}
        rat |= {"new_sess": (np.arange(n) % n_trials == 0).astype(float), "viols": np.zeros(n)}
        rat |= {"bad_timing": np.zeros(n), "better_choices": rng.integers(0, 2, n).astype(float)}
        rat |= {"leftprobs": np.full(n, 0.8), "rightprobs": np.full(n, 0.2)}
        rats.append(rat | {"c1_times": np.arange(n, dtype=float), "s1_times": np.arange(n) + 0.5})
    return {f"{miller.FOLDER}/{miller.FILE}": rats}


def _akam(source: akam_logs.Source):
    def of(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
        folder = f"{akam_logs.FOLDER}/{source.task_folder}/{source.experiments[-1]}-made"
        files: Files = {f"{folder}/info.json": {"file_type": "pyControl_2", "event_IDs": EVENTS}}
        for mouse in source.mice[:n_subjects]:
            for day in range(n_blocks):
                name = f"m{mouse}-{2016 + day // 336}-{1 + day // 28 % 12:02}-{1 + day % 28:02}.txt"
                files[f"{folder}/data/{name}"] = _log(rng, n_trials, source.two_step)
        return files

    return of


def _log(rng: np.random.Generator, n_trials: int, two_step: bool) -> str:
    lines = ["I Task name : made", "0 -1 0 1"]
    for i, (choice, second, reward) in enumerate(rng.integers(0, 2, (n_trials, 3)).tolist()):
        side = ["right", "left"][second if two_step else choice]
        steps = [["low_poke", "high_poke"][choice], f"{side}_active"] if two_step else [f"{side}_select"]
        names = ["trial_start", *steps, *([f"{side}_reward"] if reward else []), "wait_for_poke_out"]
        lines += [f"{2000 * i + 100 * j} {EVENTS[name]}" for j, name in enumerate(names, start=1)]
    return "\n".join(lines) + "\n"


def _suthaharan(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    variables = {}
    for i in range(n_subjects):
        for half in (1, 2):
            variables[f"TP{i}_V3_choices_{half}"] = rng.permutation(np.arange(suthaharan.HALF) % 3 + 1.0)
            variables[f"TP{i}_V3_outcomes_{half}"] = rng.integers(0, 2, suthaharan.HALF).astype(float)
    return {f"{suthaharan.FOLDER}/hgfPRL/made.mat": variables}


def _bahrami(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    n = n_subjects * bahrami.N_TRIALS
    payoffs = rng.integers(0, 101, (n, 4))
    choice = rng.integers(0, 4, n)
    columns = {"id": np.repeat(np.arange(n_subjects), bahrami.N_TRIALS), "choice": choice + 1}
    columns |= {"reward": payoffs[np.arange(n), choice], "rt": rng.integers(200, 900, n), "payoff_group": [2] * n}
    columns |= dict(zip(bahrami.PAYOFFS, payoffs.T, strict=True))
    return {f"{bahrami.FOLDER}/{bahrami.FILES[0]}": _table(columns)}


def _gillan(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    folder, files, names = f"{gillan.FOLDER}/Experiment 1", {}, [f"P{i:04}" for i in range(n_subjects)]
    files[f"{folder}/self_report_study1.csv"] = _table({gillan.ID_COLUMN[1]: names})
    for name in names:
        rows = [["instructions", "read"]]
        draws = rng.integers(0, 2, (gillan.N_TRIALS, 4)).tolist()
        for number, (action, common, action2, reward) in enumerate(draws, start=1):
            state = action if common else 1 - action
            row = [number, 0.5, 0.5, 0.5, 0.5, ("left", "right")[action], action + 1, 500, ("false", "true")[common]]
            row += [("left", "right")[action2], action2 + 1, state + 2, 400, reward, "x"]
            rows.append(list(map(str, row)))
        files[f"{folder}/twostep_data_study1/{name}.csv"] = rows
    return files


def _hou(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    files, n = {}, n_blocks * n_trials
    for i in range(n_subjects):
        choice = rng.integers(0, 3, n)
        arrays = {"choice": choice, "reward": choice * rng.integers(0, 2, n), "p1": np.full(n, 0.4)}
        arrays |= {"p2": np.full(n, 0.1), "session": np.repeat(np.arange(n_blocks), n_trials)}
        files[f"{hou.FOLDER}/M{i:02}.npz"] = arrays
    return files


def _sabatini(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    files = {}
    for i in range(n_subjects):
        for day in range(n_blocks):
            rows = [
                [f"{3 * trial}", "3", "1", str(rng.integers(1, 3)), "0.8", "0.2", str(rng.integers(0, 2))]
                for trial in range(n_trials)
            ]
            name = f"mouse{i}_{1 + day // 28 % 12:02}{1 + day % 28:02}{16 + day // 336}_trials.csv"
            files[f"{sabatini.FOLDER}/80_20{sabatini.SUFFIX}/{name}"] = rows
    return files


def _dezfouli(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    sequences = min(n_blocks, 12)
    n = n_subjects * sequences * n_trials
    key, reward = rng.integers(0, 2, (2, n))
    sequence = np.tile(np.repeat(np.arange(1, sequences + 1), n_trials), n_subjects)
    columns = {"ID": [f"P{i:03}" for i in np.repeat(np.arange(n_subjects), sequences * n_trials)]}
    columns |= {"key": [("R1", "R2")[k] for k in key], "block": 1 + (sequence > 6), "time": np.arange(n)}
    columns |= {"condition": 1 + sequence % 6, "outcome": [("null", "O1")[r] for r in reward], "reward": reward}
    columns |= {"trial": sequence, "choice": [("R1", "R2")[k] for k in key], "diag": ["Healthy"] * n}
    columns |= {"PressRate.sec": [0.5] * n, "Mania": [1] * n, "Depression": [2.5] * n}
    return {f"{dezfouli.FOLDER}/{dezfouli.FILE}": _table(columns)}


def _eckstein(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    n = n_subjects * n_trials
    box, correct = rng.integers(0, 2, (2, n))
    columns = {
        "sID": np.repeat(np.arange(n_subjects), n_trials),
        "TrialID": np.tile(np.arange(1, n_trials + 1), n_subjects),
    }
    columns |= {"selected_box": box, "reward": box & correct, "correct_box": correct, "RT": [500.5] * n}
    columns |= {"rewardversion": [0] * n, "block": [0] * n, "switch_trial": ["False"] * n}
    return {f"{eckstein.FOLDER}/{eckstein.FILE}": _table(columns)}


def _zorowitz(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    n, trial = n_subjects * 90, np.tile(np.arange(1, 91), n_subjects)
    columns = {"platform": ["prolific"] * n, "subject": [f"P{i:03}" for i in np.repeat(np.arange(n_subjects), 90)]}
    columns |= {"block": (trial - 1) // 15 + 1, "trial": trial, "correct": (trial - 1) // 15 % 3}
    columns |= {"choice": rng.integers(0, 3, n), "rt": [0.4] * n, "outcome": rng.integers(0, 2, n)}
    return {f"{zorowitz.FOLDER}/{zorowitz.FILE}": _table(columns)}


def _kool(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    rows = []
    for i in range(n_subjects):
        for practice, length in ((1, kool.LENGTH[1]), (0, kool.LENGTH[0])):
            for trial, draws in enumerate(rng.integers(0, 2, (length, 4)).tolist()):
                choice, common, second, win = draws
                row: list[Any] = [f"subject_{i}"] + [0.0] * (kool.N_COLUMNS - 1)
                state = choice if common else 1 - choice
                codes = {"rt_1": 0.5, "choice_1": choice + 1, "rt_2": 0.4, "choice_2": second + 1, "win": win}
                codes |= {"state": state + 1, "common": common, "practice": practice, "trial": trial}
                for key, value in codes.items():
                    row[kool.COLUMNS[key][0]] = float(value)
                rows.append(row)
    return {f"{kool.FOLDER}/{kool.FILE}": {"data": np.array(rows, dtype=object)}}


def _miranda(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    monkeys = np.empty((1, 2), object)
    for i in range(2):
        monkeys[0, i] = np.empty((1, n_blocks), [(field, object) for field in (*miranda.FIELDS, "TotalNumTrials")])
        for session in range(n_blocks):
            first, second, common = rng.integers(0, 2, (3, n_trials))
            state = np.where(common == 1, first, 1 - first)
            fields = {
                "indxGoodTrials": np.arange(1, n_trials + 1),
                "TrialType": np.ones(n_trials),
                "PicChosen1": first + 1,
            }
            fields |= {"Transition": 2 - common, "PicChosen2": 3 + 2 * state + second}
            fields |= {"LevelRew2": rng.integers(1, 4, n_trials), "TotalNumTrials": n_trials}
            monkeys[0, i][0, session] = tuple(np.atleast_1d(value).astype(float) for value in fields.values())
    return {f"{miranda.FOLDER}/{miranda.FILE}": {"PreparedData": monkeys}}


def _ibl(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    files, n = {}, n_blocks * n_trials
    for i in range(n_subjects):
        session = np.repeat([f"lab-mouse{i}-2020-01-{day:02}" for day in range(n_blocks)], n_trials)
        inputs = np.column_stack([rng.uniform(-1, 1, n), np.zeros((n, 2))])
        trials = {"arr_0": inputs, "arr_1": rng.integers(0, 2, (n, 1)), "arr_2": session}
        files[f"{ibl.FOLDER}/mouse{i}{ibl.TRIALS}"] = trials
        files[f"{ibl.FOLDER}/mouse{i}{ibl.REWARDS}"] = {"arr_0": 2 * rng.integers(0, 2, (n, 1)) - 1}
    return files


def _psytrack(rng: np.random.Generator, n_subjects: int, n_blocks: int, n_trials: int) -> Files:
    n = n_blocks * n_trials
    rat = {
        "name": "W080",
        "y": rng.integers(1, 3, n),
        "correct": rng.integers(0, 2, n),
        "answer": rng.integers(1, 3, n),
    }
    rat |= {"inputs": {key: rng.normal(size=(n, 2)) for key in ("s1", "s2")}, "dayLength": np.full(n_blocks, n_trials)}
    return {f"{psytrack.FOLDER}/{psytrack.FILE}": {"D": np.array(rat, dtype=object)}}


MADE = {
    **{"bartolo": _bartolo, "miller": _miller, "suthaharan": _suthaharan, "bahrami": _bahrami, "gillan": _gillan},
    **{"akam_tr": _akam(akam_tr.SOURCE), "akam_rts": _akam(akam_rts.SOURCE)},
    **{"akam_prl": _akam(akam_prl.SOURCE), "hou": _hou, "sabatini": _sabatini, "dezfouli": _dezfouli},
    **{"eckstein": _eckstein, "zorowitz": _zorowitz, "kool": _kool, "miranda": _miranda, "ibl": _ibl},
    "psytrack": _psytrack,
}
# options with which files as small as these are read whole
WHOLE = {"miller": {"min_trials": 0}, **{key: {"first_day": 1} for key in ("akam_tr", "akam_rts", "akam_prl")}}
WHOLE["gillan"] = {"experiments": [1]}

# subjects, sessions or blocks of each, and trials of these, of the paper's data sets
PAPER = {
    **{"bartolo": (2, 48, 80), "akam_prl": (10, 44, 150), "akam_rts": (10, 60, 150), "akam_tr": (17, 60, 150)},
    **{"miller": (4, 57, 150), "suthaharan": (938, 1, 160), "bahrami": (908, 1, 150), "gillan": (1961, 1, 200)},
}


def write_paper(folder: Path, most: int | None = None) -> None:
    """Files with as many subjects as the paper's data sets have, or with `most` of each, and about as many trials."""
    for source, (n_subjects, *numbers) in PAPER.items():
        write(folder, made(source, min(n_subjects, most or n_subjects), *numbers))
    # the second experiment's table is read as well
    _, trials = made("gillan", 1).values()
    second = {
        "self_report_study2.csv": _table({gillan.ID_COLUMN[2]: ["Q0001"]}),
        "twostep_data_study2/Q0001.csv": trials,
    }
    write(folder / gillan.FOLDER / "Experiment 2", second)
