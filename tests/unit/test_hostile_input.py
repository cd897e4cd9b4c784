"""Whatever is in a config, a table or a raw file: it is used, or refused by one clear error, and nothing else happens.

Cases are generated. `make fuzz` tries ten times as many, and others each time.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import raw_files
from conftest import ROOT
from hostile import broken, changed, text
from tinycog import config
from tinycog.api import score_files
from tinycog.errors import InputError
from tinycog.options import DEFAULT_CONFIG
from tinycog.results import grid
from tinycog.results.grid import Grid
from tinycog.sections.base import IDENTIFIER, LONGEST
from tinycog.sections.covariates import Covariates
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.setup import importing
from tinycog.setup.recognising import recognise
from tinycog.sources import covariates, reading, registry
from tinycog.steps.prepare import prepare
from tinycog.tasks import task_of
from tinycog.trials import subjects

MORE = int(os.environ.get("TINYCOG_FUZZ", "0"))  # times the number of cases, drawn anew


def cases(n: int):
    """So many generated cases; the same ones in every run, unless more of them are asked for."""
    quiet = [
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
    ]
    return settings(
        max_examples=n * max(MORE, 1),
        deadline=None,
        database=None,
        derandomize=not MORE,
        print_blob=True,
        suppress_health_check=[*quiet, HealthCheck.function_scoped_fixture],
    )


FORBIDDEN = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect")
_watching: list[str] = []


def _audit(event: str, args: tuple) -> None:
    if not _watching:
        return
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if event in FORBIDDEN or (writes and not str(args[0]).startswith(_watching[0])):
        _watching.append(f"{event} {args}")


sys.addaudithook(_audit)


@contextmanager
def harmless(folder: Path) -> Iterator[None]:
    """What happens in the block calls no program, loads no pickle and writes nothing outside of `folder`."""
    _watching[:] = [str(folder)]
    try:
        yield
        assert _watching[1:] == []
    finally:
        _watching.clear()


@contextmanager
def refused_or_used() -> Iterator[None]:
    """InputError ends the block. Any other exception, and a warning that nobody understands, is a fault of ours."""
    with suppress(InputError), warnings.catch_warnings(action="error"):
        yield


_made = cache(raw_files.made)


@st.composite
def files(draw: st.DrawFn, source: str) -> dict[str, bytes]:
    """The files of a source by name, something in one of which is changed: its values, its bytes or its name."""
    made = dict(_made(source))
    name = draw(st.sampled_from(list(made)))
    how = draw(st.sampled_from(["content"] * 6 + ["bytes"] * 2 + ["name"]))
    if how == "content":
        made[name] = draw(changed(made[name]))
    raw = {}
    for own, content in made.items():
        try:
            raw[own] = raw_files.as_bytes(own, content)
        except Exception:  # not every content can be written so
            raw[own] = repr(content).encode("utf-8", "replace")
    if how == "bytes":
        raw[name] = draw(broken(raw[name]))
    if how == "name":
        path = Path(name)
        raw[str(path.with_name("x")).removesuffix("x") + draw(text) + path.suffix] = raw.pop(name)
    return raw


@pytest.mark.parametrize("source", raw_files.MADE)
@cases(40)
@given(data=st.data())
def test_raw_files(source, data):
    raw = data.draw(files(source))
    given_options = raw_files.WHOLE.get(source, {}) | {"augment": data.draw(st.sampled_from([0, 0, 1, 2]))}
    with TemporaryDirectory() as folder, refused_or_used():
        root = Path(folder)
        for name, content in raw.items():
            path = Path(os.path.normpath(root / "raw" / name))
            with suppress(OSError, ValueError):  # not every name can be a file's
                if path.is_relative_to(root / "raw"):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
        options = checked({"source": source, **given_options}, "test", AnyDataset).model_dump()
        with harmless(root):
            registry.check(source, "d", options, root / "raw")
            prepare(root / "data/meta.json", name="d", options=options, raw=root / "raw", seed=0)


# -- configs ---------------------------------------------------------------------------------------------------------

CONFIGS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "config/experiments").glob("*.yaml"))}


@cases(600)
@given(data=st.data())
def test_configs(data):
    content = data.draw(changed(CONFIGS[data.draw(st.sampled_from(list(CONFIGS)))]))
    try:
        raw = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode("utf-8", "surrogatepass")
    except yaml.YAMLError:
        raw = repr(content).encode("utf-8", "surrogatepass")
    if not data.draw(st.integers(0, 3)):
        raw = data.draw(broken(raw))
    with TemporaryDirectory() as folder:
        path = Path(folder, "experiment.yaml")
        path.write_bytes(raw)
        with refused_or_used(), harmless(Path(folder)):
            read = config.load(DEFAULT_CONFIG, [path])
            parts = [read.model_dump(mode="json"), grid.plain(read)]
            parts += [(read.model_slice(name), read.training_slice(name)) for name in read.models]
            json.dumps(parts, allow_nan=False)  # as rules pass them on
            the_grid = Grid.of(Path(folder, "results", read.run), grid.plain(read))
            for dataset in read.datasets:
                for model, dim in the_grid.models_of(dataset):
                    _stays(the_grid.layout.fit(dataset, "s", model, dim, 0), Path(folder, "results"))


def _stays(path: Path, folder: Path) -> None:
    """A result's path is one that file systems take, and it does not lead out of the folder."""
    assert Path(os.path.normpath(path)) == path
    assert path.is_relative_to(folder)
    assert max(len(part.encode()) for part in path.parts) < 255


# -- tables ----------------------------------------------------------------------------------------------------------


def _own_table(columns: dict[str, list]) -> list[list[str]]:
    return [list(columns), *(list(map(str, row)) for row in zip(*columns.values(), strict=True))]


_SIX = {"subject": ["a"] * 6 + ["b"] * 6, "block": [0, 0, 0, 1, 1, 1] * 2, "trial": [1, 2, 3] * 4}
_CODES = {"action": [0, 1, 0, 0, 1, 1] * 2, "reward": [1, 0, 0.5, 1, 0, 0] * 2}
TABLES = {
    "plain": (_own_table({**_SIX, **_CODES}), {"task": "reversal"}),
    "three arms": (
        _own_table(_CODES | {"stim_x": [0.5] * 12, "task_note": ["n"] * 12}),
        {"task": "bandit", "n_actions": 3},
    ),
    "coded": (
        _own_table(
            {"who": _SIX["subject"], "run": _SIX["block"], "t": _SIX["trial"], "key": ["f", "j", "late"] * 4}
            | {"points": [-1, 0, 1] * 4, "rt": [300, 400, 999] * 4, "phase": ["test"] * 11 + ["end"]}
            | {"drug": ["on"] * 6 + ["off"] * 6, "age": [20] * 6 + [30] * 6}
        ),
        {
            **{"task": "reversal", "columns": {"subject": "who", "block": "run", "trial": "t", "action": "key"}},
            **{"choices": ["f", "j"], "reward": {"column": "points", "range": [-1, 1]}, "missing": {"rt": 999}},
            **{"where": {"phase": "test"}, "condition": "drug", "covariates": ["age"], "order": ["run", "t"]},
        },
    ),
    "two stages": (
        _own_table(
            {**_SIX, "action": _CODES["action"], "how": ["common", "common", "rare"] * 4}
            | {"gain": [1, 0, 0] * 4, "loss": [0, 0.5, 0] * 4}
        ),
        {
            **{"task": "two_stage", "transition": {"column": "how", "common": "common", "rare": "rare"}},
            **{"reward": {"gain": "gain", "loss": "loss", "range": [-1, 1]}, "restarts": "trial"},
        },
    ),
    "original": (
        _own_table({**_SIX, **_CODES, "action2": [0, 1, 2, 3, 0, 1] * 2}),
        {"task": "original_two_stage", "choices2": [0, 1, 2, 3]},
    ),
}
PARQUET = [  # columns of other types than tables have
    *(pa.array([0, 1, None] * 4), pa.array([0, 1] * 6, pa.int8()), pa.array([2**63] * 12, pa.uint64()), pa.nulls(12)),
    *(pa.array([0.0, float("nan"), float("inf")] * 4), pa.array([0.5] * 12, pa.float16()), pa.array([True, None] * 6)),
    *(pa.array(["0", "1", None] * 4), pa.array(["a\0"] * 12), pa.array([b"\xff"] * 12), pa.array([[0]] * 12)),
    *(pa.array([{"a": 1}] * 12), pa.array([0] * 12, pa.timestamp("ns", "UTC")), pa.array([1] * 12, pa.date32())),
    *(
        pa.array([Decimal("0.5")] * 12),
        pa.array(["x", None] * 6).dictionary_encode(),
        pa.array([1] * 12, pa.duration("s")),
    ),
    *(
        pa.array([0, 1] * 6).dictionary_encode(),
        pa.array([1] * 12, pa.time32("s")),
        pa.array(["1"] * 12, pa.large_string()),
    ),
    *(pa.array(["\ud7ff", ""] * 6, pa.string_view()), pa.array([[("k", 1)]] * 12, pa.map_(pa.string(), pa.int64()))),
]


@st.composite
def own_tables(draw: st.DrawFn) -> tuple[str, bytes, dict]:
    """Name and bytes of a table, and what is said of it."""
    rows, options = TABLES[draw(st.sampled_from(list(TABLES)))]
    how = draw(st.sampled_from(["cells", "cells", "options", "bytes", "parquet", "other"]))
    if how == "options":
        options = draw(changed(options))
    if how == "parquet":
        columns = {name: pa.array(cells) for name, *cells in zip(*rows, strict=True)}
        for _ in range(draw(st.integers(0, 2))):
            columns[draw(st.sampled_from(list(columns)))] = draw(st.sampled_from(PARQUET))
        file = io.BytesIO()
        pq.write_table(pa.table(columns), file)
        raw = file.getvalue()
        return "own.parquet", draw(broken(raw)) if draw(st.booleans()) else raw, options
    raw = raw_files.as_bytes("own.csv", draw(changed(rows)) if how == "cells" else rows)
    if how == "bytes":
        raw = draw(broken(raw))
    if how == "other":
        written = draw(st.sampled_from(["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig", "utf-7", "cp037"]))
        separator = draw(st.sampled_from([b",", b";", b"\t", b"|", b" ", b", "]))
        raw = raw.replace(b",", separator).decode().encode(written, "replace")
        said = draw(
            st.sampled_from([{}, {"encoding": written}, {"separator": separator.decode()[:1]}, {"header": False}])
        )
        options = options | said
    name = draw(st.sampled_from(["own.csv"] * 8 + ["own.parquet", "own", "own.xlsx", "own.CSV", "ä (1)'$.txt"]))
    return name, raw, options


@cases(500)
@given(table=own_tables())
def test_own_tables(table):
    name, raw, said = table
    with TemporaryDirectory() as folder, refused_or_used():
        root = Path(folder)
        (root / name).write_bytes(raw)
        said = {"file": str(root / name)} | said if isinstance(said, dict) else {"task": said}
        options = checked({"source": "table", **said}, "test", AnyDataset).model_dump()
        with harmless(root):
            registry.check("table", "d", options, root)
            registry.load("table").persons("d", options, root)
            prepare(root / "data/meta.json", name="d", options=options, raw=root, seed=0)
            for path in (root / "data").rglob("*"):
                _stays(path, root / "data")


@cases(60)
@given(table=own_tables(), task=st.sampled_from(list(importing.TASKS)))
def test_tables_are_recognised(table, task):
    name, raw, _ = table
    with TemporaryDirectory() as folder, harmless(Path(folder)):
        path = Path(folder, name)
        path.write_bytes(raw)
        with refused_or_used():
            importing.look([path], {}, "own")
        with refused_or_used():
            importing.experiment([path], name="own", task=task, n_actions=None, given={}, folder=Path(folder))


@cases(100)
@given(rows=changed(_own_table({"subject": ["a", "b"], "age": [20, 30], "drug": ["on", "NA"]})), data=st.data())
def test_covariates(rows, data):
    raw = raw_files.as_bytes("about.csv", rows)
    raw = data.draw(st.one_of(st.just(raw), broken(raw)))
    with TemporaryDirectory() as folder, refused_or_used():
        path = Path(folder, "about.csv")
        path.write_bytes(raw)
        options = Covariates(file=str(path), columns=data.draw(st.sampled_from([None, ["age"]]))).model_dump()
        with harmless(Path(folder)):
            covariates.read("d", covariates.file("d", options, Path(folder)), options, ["a", "b"], "drug")


SCORED = {"reversal": ("MB0", {"alpha": 0.5, "beta": 2.0}), "original_two_stage": ("MF", {})}


@cases(300)
@given(data=st.data())
def test_scored_trials(data):
    task = data.draw(st.sampled_from(list(SCORED)))
    model, parameters = SCORED[task]
    rows = TABLES["original"][0] if task == "original_two_stage" else TABLES["plain"][0]
    content = {"trials.csv": rows, "parameters.json": parameters, "names": {"task": task, "model": model}}
    content = data.draw(changed(content) | st.just(content))
    if not isinstance(content, dict) or not isinstance(content.get("names"), dict):
        return
    names = {"task": task, "model": model, "n_actions": None}
    names |= {key: str(value) for key, value in content["names"].items() if key in ("task", "model")}
    with TemporaryDirectory() as folder, harmless(Path(folder)):
        paths = [Path(folder, name) for name in ("parameters.json", "trials.csv")]
        for path in paths:
            try:
                raw = raw_files.as_bytes(path.name, content.get(path.name))
            except (TypeError, ValueError, csv.Error):
                raw = repr(content.get(path.name)).encode("utf-8", "replace")
            path.write_bytes(data.draw(broken(raw)) if not data.draw(st.integers(0, 4)) else raw)
        with refused_or_used():
            score_files(*paths, Path(folder, "out.csv"), **names)


# -- names -----------------------------------------------------------------------------------------------------------


@cases(300)
@given(ids=st.lists(text | st.text(min_size=1), min_size=1, max_size=5, unique=True))
def test_subjects_have_directories_of_their_own(ids):
    ids = [one for one in ids if one and "\ud800" not in one]
    names = [subjects.directory(one) for one in ids]
    assert len(set(names)) == len(ids)
    for name in names:
        assert re.fullmatch(IDENTIFIER, name)
        assert "__" not in name
        _stays(Path("results", name), Path("results"))


# -- faults that generated cases found -------------------------------------------------------------------------------

FITTED = "models: {MB0: {family: cognitive}}\n"
LAUGHS = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("run: 2020-99-99", r"not valid YAML \(ValueError: month must be in 1\.\.12\)"),
        ("seed: 0b_", r"not valid YAML \(ValueError"),
        ("seed: !!int ''", r"not valid YAML \(IndexError"),
        ("run: !!bool maybe", r"not valid YAML \(KeyError"),
        ("run: !!timestamp x", r"not valid YAML \(AttributeError"),
        (f"seed: {'1' * 5000}", r"not valid YAML \(ValueError: Exceeds the limit"),
        (f"run: {'[' * 3000}", r"not valid YAML \(RecursionError"),
        ("run: !!python/object/apply:os.system [x]", "could not determine a constructor for the tag"),
        (f"{LAUGHS}run: *i", "found more than 100,000 values, or one within itself"),
        ("run: &a {x: *a}", "found more than 100,000 values, or one within itself"),
        (f"run: {'a' * 51}", "run: 'a{51}' has 51 characters; allowed: 50 at most"),
        ('run: "\\ud800"', "cannot name a directory"),
        ("cv: {seed: 4294967296}", "cv.seed: found 4294967296; must be less than or equal to 4294967295"),
        (f"raw: {'a' * 256}", r"raw: found 'a{100}\.\.\.'; allowed: letters, of which at most 255 bytes"),
        ("datasets: {d: {source: table, task: reversal, file: ''}}", "datasets.d.file: found ''; allowed: letters"),
        ('datasets: {d: {source: hou, files: ["a\\0b"]}}', r"datasets\.d\.files\.0: found 'a\\x00b'; allowed: letters"),
        ('raw: "\\ud800"', r"raw: found '\\ud800'; allowed: letters"),
        (f"datasets: {{d: {{source: table, task: reversal, file: {'a' * 300}}}}}", "datasets.d.file: found 'aaa"),
        (
            "datasets: {d: {source: simulate, task: reversal, n_subjects: 10000000000000}}",
            "n_subjects: found 10000000000000; must be less than or equal to 100000",
        ),
        (
            "datasets: {d: {source: simulate, task: reversal, n_blocks: 1000, n_trials: 50001}}",
            "n_subjects x n_blocks x n_trials: found 50,001,000 trials; allowed: at most 50,000,000",
        ),
    ],
)
def test_configs_that_were_no_clear_error(tmp_path, text, found):
    path = tmp_path / "experiment.yaml"
    path.write_text(f"{text}\n{FITTED}")
    with pytest.raises(InputError, match=found):
        config.load(DEFAULT_CONFIG, [path])


def test_the_longest_names_make_paths_that_file_systems_take():
    name = "a" * LONGEST
    figure = f"dynamical_regression__{name}__{subjects.directory('é' * 100)}__{name}__d128"
    _stays(Path("results", f".{figure}.12345678.png"), Path("results"))  # the file before it is moved to its place


def test_patterns_that_cannot_be_looked_up_are_named(tmp_path):
    options = checked({"source": "table", "task": "reversal", "files": "a**b/[x"}, "test", AnyDataset).model_dump()
    cannot = r"`files`: found 'a\*\*b/\[x', which cannot be looked up \(Invalid pattern"
    with pytest.raises(InputError, match=cannot if sys.version_info < (3, 13) else "no file that fits this pattern"):
        registry.check("table", "d", options, tmp_path)


@pytest.mark.parametrize("source", ["bahrami", "eckstein", "zorowitz"])
def test_rows_with_more_cells_than_the_header_are_refused_and_not_shifted(tmp_path, source):
    files = raw_files.made(source)
    ((name, rows),) = files.items()
    raw_files.write(tmp_path, {name: [rows[0], *([*row, "1"] for row in rows[1:])]})
    options = checked({"source": source}, "test", AnyDataset).model_dump()
    with pytest.raises(InputError, match=r"row 2: found more cells than in the header"):
        prepare(tmp_path / "meta.json", name="d", options=options, raw=tmp_path, seed=0)


def test_a_file_without_rats_is_refused(tmp_path):
    ((name, _),) = raw_files.made("miller").items()
    raw_files.write(tmp_path, {name: []})
    options = checked({"source": "miller"}, "test", AnyDataset).model_dump()
    with pytest.raises(InputError, match=r"`ratdatas`: found no rat"):
        prepare(tmp_path / "meta.json", name="d", options=options, raw=tmp_path, seed=0)


@pytest.mark.parametrize("cells", [pa.array([b"\xff"] * 12), pa.array([b"\xff"] * 12).view(pa.string())])
def test_parquet_cells_that_are_no_text_are_named(tmp_path, cells):
    names, *rows = TABLES["plain"][0]
    columns = {name: pa.array(cells) for name, *cells in zip(names, *rows, strict=True)} | {"subject": cells}
    pq.write_table(pa.table(columns), tmp_path / "own.parquet")
    with pytest.raises(InputError, match=r"own\.parquet, column 'subject': cells of type \w+ that cannot be written"):
        reading.read([tmp_path / "own.parquet"], reading.Format())


def test_arrays_with_bytes_in_the_other_order_are_the_same_numbers(tmp_path):
    """A file of another machine; pandas computes with no numbers but this one's."""
    tables = []
    for order in "<>":
        made = raw_files.made("hou")
        made = {name: {key: own.astype(f"{order}f8") for key, own in arrays.items()} for name, arrays in made.items()}
        raw_files.write(tmp_path / order, made)
        options = checked({"source": "hou"}, "test", AnyDataset).model_dump()
        tables.append(registry.load("hou").prepare("d", options, tmp_path / order, 0).table)
    assert not tables[0].empty
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize("total", [float("inf"), float("nan"), 5.0])
def test_a_number_of_trials_that_no_session_has_is_refused(tmp_path, total):
    ((name, content),) = raw_files.made("miranda").items()
    content["PreparedData"][0, 0][0, 1]["TotalNumTrials"] = np.array([total])
    raw_files.write(tmp_path, {name: content})
    options = checked({"source": "miranda"}, "test", AnyDataset).model_dump()
    expected = rf"session 2, field 'TotalNumTrials': found \[{total}\]; allowed: 6 or more"
    with pytest.raises(InputError, match=expected):
        prepare(tmp_path / "meta.json", name="d", options=options, raw=tmp_path, seed=0)


def test_gains_and_losses_without_a_number_are_asked_for(tmp_path):
    rows = [["action", "gain", "loss"], *([str(trial % 2), "", str(trial % 3)] for trial in range(12))]
    raw_files.write(tmp_path, {"own.csv": rows})
    expected = "reward: no row has a number in both of the columns 'gain' and 'loss'; name others, as in --reward gain="
    with pytest.raises(InputError, match=expected):
        importing.experiment(
            [tmp_path / "own.csv"], name="own", task="bandit", n_actions=None, given={}, folder=tmp_path
        )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", [("gain", "loss"), ("-1e308", "1e308"), ("more", "0.5"), ("2", "none")])
def test_gains_and_losses_that_are_no_numbers_do_not_stretch_the_range(tmp_path, odd):
    """Such as a row of names in the middle, where tables were joined."""
    trials = [str(trial % 2) for trial in range(12)]
    rows = [["action", "gain", "loss"], *([action, action, "0.5"] for action in trials), ["0", *odd]]
    raw_files.write(tmp_path, {"own.csv": rows})
    stated = {"header": True, "reward": {"gain": "gain", "loss": "loss"}}
    opened = importing.Opened.of([tmp_path / "own.csv"], stated)
    found = recognise(opened.columns, opened.paths, opened.file, task_of("bandit"), stated)
    assert found.options["reward"]["range"] == [-0.5, 0.5]


@pytest.mark.parametrize("length", [float("inf"), 1e300, 0.5])
def test_lengths_of_days_that_are_no_whole_numbers_are_refused(tmp_path, length):
    ((name, content),) = raw_files.made("psytrack").items()
    rat = content["D"].item()
    content = {"D": np.array(rat | {"dayLength": np.array([6.0, length])}, dtype=object)}
    raw_files.write(tmp_path, {name: content})
    options = checked({"source": "psytrack"}, "test", AnyDataset).model_dump()
    with pytest.raises(InputError, match=r"dayLength, row 2: found .*allowed: whole numbers"):
        prepare(tmp_path / "meta.json", name="d", options=options, raw=tmp_path, seed=0)
