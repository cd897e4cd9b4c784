"""Teachers and students on the real workflow: who is fitted again after a change."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from project import Project, small_config, small_table

pytestmark = pytest.mark.slow


def test_a_teacher_is_fitted_once_for_all_its_students(tmp_path):
    small_table(tmp_path)
    config = small_config()
    config["models"] = {
        "student": {"family": "rnn", "dims": [1], "teacher": "group"},
        "LS0_student": {"family": "cognitive", "model": "LS0", "teacher": "group"},
        "LS0": {"family": "cognitive"},
    }
    config["teachers"] = {"group": {"units": 3, "seeds": 1}}
    config["analyses"] = {}
    project = Project(tmp_path, config)
    run = project.run()
    n_outer = config["cv"]["outer"]
    assert run.rules()["fit_teacher"] == n_outer
    fits = pd.read_parquet(project.results / "tables/fits.parquet")
    follows = fits["val_target_nll"].notna()
    assert set(fits.loc[follows, "model"]) == {"student", "LS0_student"}
    assert set(fits.loc[~follows, "model"]) == {"LS0"}
    performance = pd.read_parquet(project.results / "tables/performance.parquet")
    assert performance.groupby("model")["n_dynamical"].unique().map(list).to_dict() == {
        "student": [1],
        "LS0_student": [1],
        "LS0": [1],
        "group": [3],
    }
    advantage = pd.read_parquet(project.results / "tables/advantage.parquet")
    assert set(advantage["rival"]) == {"LS0"}
    assert set(advantage["model"]) == {"student", "LS0_student", "group"}
    assert not project.plan().rules()

    config["models"]["student"]["dims"] = [1, 2]
    project.configure(config)
    plan = project.plan()
    assert "fit_teacher" not in plan.rules()
    assert Counter((job["model"], job["dim"]) for job in plan.of("fit_model")) == {("student", "2"): 2 * n_outer}

    config["models"]["student"]["dims"] = [1]
    config["teachers"]["group"]["units"] = 4
    project.configure(config)
    plan = project.plan()
    assert plan.rules()["fit_teacher"] == n_outer
    assert {job["model"] for job in plan.of("fit_model")} == {"student", "LS0_student"}

    config["teachers"]["group"]["training"] = {"learning_rate": 1e300}
    project.configure(config)
    failed = project.snakemake("--cores", "2", "--keep-going")
    assert "this teacher has no fit that could be followed: every fit failed" in failed.output
    assert failed.rules()["fit_teacher"] == n_outer
