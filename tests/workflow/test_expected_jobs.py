"""The list of jobs that fit, of which plans and the time left are made, against the jobs that Snakemake would run."""

from collections import Counter

import pytest
from project import Project, small_config, small_table

from tinycog.config import load
from tinycog.results.layout import Layout
from tinycog.setup import costs, expected, status
from tinycog.storage import read_json


@pytest.mark.slow
def test_every_job_that_fits_is_expected_and_makes_the_file_that_status_looks_for(tmp_path, monkeypatch):
    small_table(tmp_path)
    config = small_config()
    config["models"]["followed"] = {"family": "rnn", "dims": [1], "l1": [0], "teacher": "T"}
    config["teachers"] = {"T": {"units": 3, "seeds": 1}}
    config["analyses"] = {
        "dimensionality": {"power": 2},
        "model_recovery": {"generators": "kept", "subjects": 1},
        "data_requirement": {"shares": [1, 0.5], "simulate": {"blocks": [3, 6]}},
        "parameters": {"refit": "all"},
    }
    project = Project(tmp_path, config)
    meta = "results/small/data/mine/meta.json"
    assert project.snakemake("--cores", "1", "--", meta).code == 0
    monkeypatch.chdir(tmp_path)
    the_config = load(tmp_path / "config/config.yaml", [tmp_path / "test.yaml"])
    found = list(expected.jobs(the_config, read_json(tmp_path / meta), costs.read()))
    counted: Counter[str] = Counter()
    for one in found:
        counted[one.rule] += one.n
    planned = project.plan()
    of_snakemake = planned.rules()
    assert set(counted) == {
        *(
            "fit_model",
            "fit_teacher",
            "refit_parameters",
            "fit_shares",
            "fit_simulated",
            "simulate_networks",
            "fit_played",
        )
    }
    assert {rule: of_snakemake[rule] for rule in counted} == counted
    layout = Layout(tmp_path.relative_to(tmp_path) / "results/small", the_config.chunks)
    for one in found:
        for number in range(one.n):
            for file in status.FILES[one.rule](layout, one.where, number):
                assert str(file) in planned.output
    # and each of Snakemake's jobs finds its time
    times = expected.Expected(the_config, layout)
    for rule in counted:
        assert all(times.seconds(rule, wildcards) > times.measured.others["job"] for wildcards in planned.of(rule))
