"""Subjects that share files and jobs: each is split, fitted and scored as if it were alone."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results import scores
from tinycog.results.grid import Grid
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.fits import CrossValidation, FitTraining
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.setup import costs, planning
from tinycog.steps.fit import fit
from tinycog.steps.prepare import prepare
from tinycog.steps.score import score
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_columns, read_json, write_columns, write_json
from tinycog.trials.subjects import POOLED, chunk, directory

AGENTS = {"source": "simulate", "task": "bandit", "n_subjects": 3, "n_blocks": 6, "n_trials": 12}
TASK = {"task": "bandit", "n_actions": 2}
MODELS = {
    "gru": (2, {"family": "rnn", "cell": "gru", "seeds": 2, "l1": [0.0, 1e-3]}),
    "few": (2, {"family": "rnn", "cell": "gru", "seeds": 1, "l1": [1e-3]}),  # trained side by side
    "MB0": (2, {"family": "cognitive", "optimizer": "gradient"}),
}
CV = {"outer": 1, "n_outer": 3, "n_inner": 2, "inner": 2, "seed": 1}


def test_a_chunk_is_drawn_from_the_name_alone():
    names = [directory(f"person {i}") for i in range(2000)]
    found = [chunk(name, 40) for name in names]
    for name, where in zip(names, found, strict=True):
        assert where == f"chunk__{int(hashlib.sha256(name.encode()).hexdigest()[:16], 16) % 40}"
    sizes = Counter(found)
    # a fair draw: 2,000 people over 40 chunks are 50 each with a standard deviation of 7
    assert len(sizes) == 40
    assert max(sizes.values()) < 50 + 5 * 7
    assert [chunk(where, 40) for where in found] == found  # what a rule's wildcard holds is a chunk already


def test_no_subject_has_the_directory_of_a_chunk():
    for name in ("chunk__0", "chunk_0", "chunk+5F+5F0", "__"):
        assert "__" not in directory(name)


def prepared(folder: Path) -> list[Path]:
    """Trial tables of three subjects of different lengths."""
    options = checked(AGENTS, "test", AnyDataset).model_dump()
    prepare(folder / "data/d/meta.json", name="d", options=options, raw=folder, seed=0)
    tables = [folder / f"data/d/subjects/s{i}.parquet" for i in range(3)]
    for path, n_blocks in zip(tables, (6, 5, 4), strict=True):
        columns = read_columns(path)
        write_columns(path, {name: values[columns["block"] < n_blocks] for name, values in columns.items()})
    return tables


def spine(folder: Path, tables: list[Path], place: str, protocol: str, name: str) -> dict[str, Path]:
    """Fold, fits, choice and scores of one outer fold."""
    layout, dim = Layout(folder), MODELS[name][0]
    spec = checked(MODELS[name][1], "test", AnyModel).slice(name, 2)
    training = FitTraining(max_epochs=20).model_dump() if name != "MB0" else None
    one = ("d", place, name, dim, 1)
    files = {kind: getattr(layout, kind)(*one) for kind in ("fold", "fit", "parameters", "selected", "scores")}
    split(tables, files["fold"], protocol=protocol, **CV)
    fit(tables, files["fold"], files["fit"], name=name, spec=spec, dim=dim, training=training, **TASK)
    select(files["fit"], files["selected"], root=folder)
    score(tables, files["fold"], files["selected"], files["scores"], root=folder, spec=spec, dim=dim, **TASK)
    return files


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("protocol", ["blocks", "interspersed"])
def test_each_subject_of_a_chunk_is_as_if_it_were_alone(protocol, name, tmp_path):
    tables = prepared(tmp_path)
    shared = spine(tmp_path, tables, "chunk__7", protocol, name)
    fold, fits, choices = read_columns(shared["fold"]), read_columns(shared["fit"]), read_json(shared["selected"])
    parameters, along = load_file(shared["parameters"]), scores.read(shared["scores"], 3)
    start = 0
    for place, table in enumerate(tables):
        alone = spine(tmp_path, [table], f"s{place}", protocol, name)
        for own, of_all in ((read_columns(alone["fold"]), fold), (read_columns(alone["fit"]), fits)):
            for column, values in own.items():
                np.testing.assert_array_equal(of_all[column][of_all["subject"] == f"s{place}"], values, strict=True)
        n = len(read_columns(alone["fit"])["inner"])
        for key, values in load_file(alone["parameters"]).items():
            np.testing.assert_array_equal(parameters[key][start : start + n], values, strict=True)
        choice = read_json(alone["selected"])
        assert choices[place]["row"] == choice["row"] + start
        same = {"row": choice["row"], "parameters": choice["parameters"]}
        assert choices[place] | same == choice
        assert choices[place]["parameters"] == str(shared["parameters"].relative_to(tmp_path))
        (scored,) = scores.read(alone["scores"])
        for key, values in vars(scored).items():
            np.testing.assert_array_equal(getattr(along[place], key), values, strict=True)
        start += n
    assert len(fits["inner"]) == start


def test_a_subject_whose_fits_fail_leaves_the_others_of_its_chunk_as_they_are(tmp_path):
    tables = prepared(tmp_path)
    columns = read_columns(tables[1])
    write_columns(tables[1], columns | {"mask": np.zeros_like(columns["mask"]), "action": columns["action"] * 0 - 1})
    shared = spine(tmp_path, tables, "chunk__7", "blocks", "MB0")
    choices, along = read_json(shared["selected"]), scores.read(shared["scores"], 3)
    assert [choice["status"] for choice in choices] == ["ok", "failed", "ok"]
    assert "no choice to score in the role 'train'" in choices[1]["reason"]
    assert [own is None for own in along] == [False, True, False]
    assert scores.read(spine(tmp_path, tables[1:2], "s1", "blocks", "MB0")["scores"]) == [None]
    (alone,) = scores.read(spine(tmp_path, tables[2:], "s2", "blocks", "MB0")["scores"])
    np.testing.assert_array_equal(along[2].logits, alone.logits)


def test_an_error_says_of_which_subject_it_is_or_of_which_fits(tmp_path):
    tables = prepared(tmp_path)
    columns = read_columns(tables[1])
    write_columns(tables[1], columns | {"reward": columns["reward"] / 2})
    split(tables, tmp_path / "fold.parquet", protocol="blocks", **CV)
    network = {"family": "rnn", "dims": [1], "seeds": 1, "l1": [1e-5]}
    errors = {
        "switching_gru": (None, "data set 'd', subject 's1', outer fold 1: cell 'switching_gru' has weights for"),
        "gru": (99, "data set 'd', outer fold 1: training.batch: found 99; inner fold 0 trains on"),
    }
    for cell, (batch, words) in errors.items():
        spec = checked(network | {"cell": cell}, "test", AnyModel).slice(cell, 1)
        training = FitTraining(max_epochs=2, batch=batch).model_dump()
        options = {"name": cell, "spec": spec, "dim": 1, "training": training, **TASK}
        with pytest.raises(InputError, match=re.escape(words)):
            fit(tables, tmp_path / "fold.parquet", tmp_path / "fits.parquet", **options)
    assert not list(tmp_path.glob("fits*"))


def test_a_chunk_holds_the_subjects_that_can_be_split(tmp_path):
    names = [f"p {i}" for i in range(12)]
    counted = {name: {"blocks": 3 if i % 3 else 2, "sessions": 1, "shortest_block": 9} for i, name in enumerate(names)}
    meta = {"dataset": "d", "subjects": names, "counts_analysed": counted, "removed": []}
    given = {"datasets": ["d"], "models": {"m": {"d": [1]}}, "chunks": {"d": 2}}
    given["cv"] = {"d": CrossValidation(outer=3, inner=2).folds()}
    grid = Grid.of(tmp_path, given)
    write_json(grid.layout.meta("d"), meta | {"options": {"subjects": "all"}})
    tables = grid.tables("d")
    kept = [name for i, name in enumerate(names) if i % 3]
    assert {path.stem for files in tables.values() for path in files} == {f"p+20{name[2:]}" for name in kept}
    for place, files in tables.items():
        assert {chunk(path.stem, 2) for path in files} == {place}
    assert {grid.where(key)[:2] for key in grid.fits()} == {("d", directory(name)) for name in kept}
    fits = {grid.layout.fit(*grid.where(key)) for key in grid.fits()}
    assert len(fits) == 2 * 3  # chunks x outer folds
    assert list(Grid.of(tmp_path, given | {"chunks": {}}).tables("d")) == [*map(directory, names), POOLED]


def config(**dataset) -> Config:
    content = {"run": "t", "datasets": {"d": AGENTS | {"n_subjects": 30} | dataset}, "cv": {"outer": 3, "inner": 2}}
    return checked(content | {"models": {"LS0": {"family": "cognitive"}}}, "t", Config)


def test_a_plan_counts_the_jobs_of_chunks():
    alone, shared = (planning.plan(config(chunks=chunks))[0] for chunks in (None, 4))
    assert alone.jobs == 30 * 3
    assert shared.jobs == len({chunk(f"s{i}", 4) for i in range(30)}) * 3 == 12
    assert shared.fits == alone.fits
    of_a_job = 2 * costs.read().others["job"]  # it is fitted and scored
    assert alone.seconds - shared.seconds == pytest.approx((alone.jobs - shared.jobs) * of_a_job)


def test_subjects_that_are_fitted_as_one_have_no_chunks():
    message = "datasets.d.chunks: found 4 with cv.protocol cross_subject, which fits all subjects as one; allowed: null"
    with pytest.raises(InputError, match=re.escape(message)):
        config(chunks=4, cv={"protocol": "cross_subject"})
