"""Students of held-out subjects on the real workflow: what is fitted, and what a change runs again."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from project import Project, small_config, small_table

pytestmark = pytest.mark.slow


def test_students_of_held_out_subjects(tmp_path):
    choices = pd.read_csv(small_table(tmp_path))
    third = choices[choices["subject"] == "m1"].assign(subject="m3")
    pd.concat([choices, third]).to_csv(tmp_path / "choices.csv", index=False)
    config = small_config()
    config["models"] = {
        "gru": {"family": "rnn", "dims": [4]},
        "student": {"family": "rnn", "dims": [1], "datasets": []},
        "LS0": {"family": "cognitive"},
    }
    config["cv"] = {"protocol": "cross_subject", "outer": 3, "inner": 2, "single_inner_fold": True}
    config["analyses"] = {"zero_shot": {"teacher": "gru", "students": ["student"]}}
    project = Project(tmp_path, config)
    run = project.run()
    assert run.rules()["fit_held_out_students"] == run.rules()["score_held_out"] == 3
    own = pd.read_parquet(project.results / "tables/zero_shot.parquet")
    assert Counter(own["subject"]) == {"m1": 3, "m2": 3, "m3": 3}
    against = pd.read_parquet(project.results / "tables/zero_shot_advantage.parquet")
    assert set(zip(against["model"], against["rival"], strict=True)) == {("gru", "LS0"), ("student", "LS0")}
    for kind in ("zero_shot", "zero_shot_advantage"):
        assert (project.results / f"figures/{kind}__mine.pdf").stat().st_size > 5_000
    assert not project.plan().rules()

    config["models"]["student"]["dims"] = [1, 2]
    project.configure(config)
    plan = project.plan()
    assert {(job["model"], job["dim"]) for job in plan.of("fit_held_out_students")} == {("student", "2")}
    assert not {"fit_model", "score_held_out"} & set(plan.rules())

    config["models"]["student"]["dims"] = [1]
    config["models"]["gru"]["seeds"] = 2
    project.configure(config)
    plan = project.plan()
    assert plan.rules()["fit_held_out_students"] == plan.rules()["score_held_out"] == 3
    assert {job["model"] for job in plan.of("fit_model")} == {"gru"}
