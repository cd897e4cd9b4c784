"""A run of distillation: what hangs on a teacher shares it, and a further subset adds its own jobs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from project import Project, small_config, small_table

from tinycog.benchmark.steps.time_distillation import one_at_a_time
from tinycog.config import load
from tinycog.options import DEFAULT_CONFIG
from tinycog.results.layout import Layout

OWN = ("split_target", "fit_target_teacher", "select_teacher", "fit_student", "fit_without_teacher", "embed_subject")


def jobs(run):
    return {rule: n for rule, n in run.rules().items() if rule in OWN}


@pytest.mark.slow
def test_a_subset_runs_its_own_jobs_and_no_others(tmp_path):
    small_table(tmp_path)
    config = small_config()
    config["models"] = {"gru": {"family": "rnn", "dims": [1], "datasets": []}, "LS0": {"family": "cognitive"}}
    section = {"targets": ["m2", "m9"], "subsets": [2, "all"], "new_subjects": True, "bootstrap": 100}
    section["teacher"] = {"units": 2, "embeddings": [0, 1], "seeds": 1}
    config["analyses"] = {"distillation": section}
    project = Project(tmp_path, config)
    figure = "results/small/figures/distillation__mine.png"
    first = project.run(figure)
    once = {"split_target": 1, "fit_target_teacher": 2 * 2 + 1, "select_teacher": 2 + 1, "embed_subject": 2}
    assert jobs(first) == once | {"fit_student": 2 * 2, "fit_without_teacher": 2 * 2}
    table = pd.read_parquet(project.results / "tables/distillation.parquet")
    assert table["status"].value_counts().to_dict() == {"ok": 1 + 2 * 6, "failed": 1}
    assert "not among the subjects" in table["reason"].iloc[-1]
    assert set(table.loc[table["subset"] == "all", "n_trials"]) == {4 * 8}

    section["subsets"] = [2, 3, "all"]
    project.configure(config)
    added = project.plan(figure)
    assert jobs(added) == {
        "fit_target_teacher": 2,
        "select_teacher": 1,
        "embed_subject": 1,
        "fit_student": 2,
        "fit_without_teacher": 2,
    }
    assert {wildcards["n"] for rule in jobs(added) for wildcards in added.of(rule)} == {"3"}
    section["subsets"] = [2, "all"]
    section["temperature"] = 2.0
    project.configure(config)
    assert jobs(project.plan(figure)) == {"fit_student": 2}  # of the network: cognitive models have no temperature
    section["temperature"] = 1.0
    config["models"]["gru"]["dims"] = [1, 2]
    project.configure(config)
    assert jobs(project.plan(figure)) == {"fit_student": 2, "fit_without_teacher": 2}


@pytest.mark.slow
def test_targets_of_a_chunk_share_jobs_and_tables_are_the_same(tmp_path):
    """Of six blocks of one and five of the other two are test: `all` are four and three, in jobs of their own."""
    path = small_table(tmp_path)
    table = pd.read_csv(path)
    table["subject"] = table["subject"].replace({"m2": "m 2"})
    table[(table["subject"] == "m1") | (table["block"] < 5)].to_csv(path, index=False)
    config = small_config()
    config["models"] = {"gru": {"family": "rnn", "dims": [1], "datasets": []}, "LS0": {"family": "cognitive"}}
    section = {"subsets": [2, "all"], "new_subjects": True, "bootstrap": 100}
    section["teacher"] = {"units": 2, "embeddings": [0, 1], "seeds": 1}
    config["analyses"] = {"distillation": section}
    project = Project(tmp_path, config)
    for chunks, sets in ((None, 4), (1, 3)):  # of targets and numbers of blocks, those without any left out
        config["run"], config["datasets"]["mine"]["chunks"] = f"chunks{chunks}", chunks
        project.configure(config)
        run = project.run(f"results/chunks{chunks}/tables/distillation.parquet")
        unseen = 1 if chunks else 2
        expected = {"split_target": 2, "fit_target_teacher": 2 * sets + unseen, "select_teacher": sets + unseen}
        expected |= {"embed_subject": sets, "fit_student": 2 * sets, "fit_without_teacher": 2 * sets}
        assert jobs(run) == expected
    for name in ("distillation", "distillation_summary", "distillation_crossings"):
        one, other = (pd.read_parquet(tmp_path / f"results/chunks{of}/tables/{name}.parquet") for of in (None, 1))
        assert len(one)
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.slow
def test_fits_of_a_run_one_at_a_time_in_torch_are_the_same(tmp_path):
    """By the benchmark's loop, and by the reference's optimiser of cognitive models; teachers' vectors are others."""
    small_table(tmp_path)
    settings = small_config()
    settings["datasets"]["mine"]["chunks"] = 1
    settings["models"] = {
        "gru": {"family": "rnn", "dims": [1], "seeds": 2, "datasets": []},
        "LS0": {"family": "cognitive"},
    }
    training = {"max_epochs": 3, "batch": 4}
    teacher = {"units": 2, "embeddings": [0, 1], "seeds": 1, "training": training}
    settings["analyses"] = {"distillation": {"targets": ["m2", "m1"], "subsets": ["all"], "teacher": teacher}}
    project = Project(tmp_path, settings)
    project.run("results/small/tables/distillation.parquet")
    config = load(DEFAULT_CONFIG, [tmp_path / "test.yaml"])
    found = one_at_a_time(Layout(project.results, config.chunks), config).set_index("method")
    assert found["n_fits"].to_dict() == {"teacher": 4, "solo": 4, "cognitive": 2, "student": 4, "soft_cognitive": 2}
    assert found["n_timed"].to_dict() == {"teacher": 2, "solo": 2, "cognitive": 1, "student": 2, "soft_cognitive": 1}
    own = found.drop(index="teacher")
    np.testing.assert_allclose(own["test_nll"], own["run_test_nll"], atol=1e-4)
    networks = own.loc[["solo", "student"]]
    assert (networks["epochs"] == networks["run_epochs"]).all()
    np.testing.assert_allclose(networks["test_nll"], networks["run_test_nll"], atol=1e-9)
    assert found.loc["teacher", ["epochs", "run_epochs"]].tolist() == [4, 4]
    assert (found["seconds"] > 0).all()
