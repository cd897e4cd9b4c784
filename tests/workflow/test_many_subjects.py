"""Subjects in chunks, on the real workflow: the same results from fewer jobs, and a further subject costs one chunk."""

from __future__ import annotations

import pandas as pd
import pytest
from project import Project, small_config, small_table

from tinycog.trials.subjects import chunk

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("many_subjects")]

N_CHUNKS = 2  # p1 and p3 share one, p2 is in the other, to which p0 comes
TARGETS = ("tables", "results/small/figures/portrait__mine__p3__gru.png")


def people(folder, names):
    """A table of subjects with different choices; the last has too few blocks to be split."""
    parts = []
    for i, name in enumerate(names):
        table = pd.read_csv(small_table(folder, seed=int(name[1:])))
        kept = table[(table["subject"] == "m1") & (table["block"] < (1 if i == len(names) - 1 else 6))]
        parts.append(kept.assign(subject=name))
    pd.concat(parts).to_csv(folder / "choices.csv", index=False)


def config(chunks):
    content = small_config()
    content["datasets"]["mine"]["chunks"] = chunks
    content["models"]["gru"]["dims"] = [1]
    return content


@pytest.fixture(scope="module")
def chunked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many") / "of the same"  # a checkout may lie anywhere
    folder.mkdir()
    people(folder, ["p1", "p2", "p3", "p9"])
    project = Project(folder, config(N_CHUNKS))
    project.run(*TARGETS)
    return project


def test_tables_and_figures_do_not_depend_on_chunks(chunked, tmp_path):
    people(tmp_path, ["p1", "p2", "p3", "p9"])
    alone = Project(tmp_path, config(None))
    alone.run(*TARGETS)
    shared = {"tables", "figures", "data"}
    mine, theirs = (
        {name: content for name, content in project.files().items() if name.split("/")[0] in shared}
        for project in (chunked, alone)
    )
    assert set(mine) == set(theirs)
    assert {name for name in mine if mine[name] != theirs[name] and not name.endswith(".pdf")} == set()
    assert {path.name for path in (chunked.results / "fits/mine").iterdir()} == {
        chunk(f"p{i}", N_CHUNKS) for i in range(1, 4)
    }


def test_a_further_subject_runs_its_chunk_alone(chunked, tmp_path):
    project = chunked.copied_to(tmp_path / "more")
    people(project.folder, ["p0", "p1", "p2", "p3", "p9"])  # the first of all
    run = project.run("tables")
    of_new = chunk("p0", N_CHUNKS)
    assert {job["subject"] for job in run.of("fit_model")} == {of_new}
    for rule in ("split_blocks", "score_model", "analyse_models_0"):
        assert {job["subject"] for job in run.of(rule)} == {of_new}, rule
    before, after = (pd.read_parquet(p.results / "tables/selected.parquet") for p in (chunked, project))
    assert list(dict.fromkeys(after["subject"])) == ["p0", "p1", "p2", "p3"]
    pd.testing.assert_frame_equal(after[after["subject"] != "p0"].reset_index(drop=True), before)


def test_a_chunk_that_does_not_exist_is_named(chunked):
    run = chunked.snakemake("results/small/selected/mine/p1/gru/d1/outer0.json", "--cores", "1")
    assert run.code != 0
    known = sorted({chunk(f"p{i}", N_CHUNKS) for i in range(1, 4)})
    message = next(line for line in run.output.split("\n") if "has no" in line)
    assert "p1" in message
    assert all(name in message for name in known)
