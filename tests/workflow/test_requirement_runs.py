"""Shares of blocks, simulations from fits and recovery on the real workflow: a simulated subject in a chunk."""

from __future__ import annotations

import copy

import pandas as pd
import pytest
from project import Project

pytestmark = pytest.mark.slow

CONFIG = {
    "run": "requirement",
    "datasets": {
        "a": {"source": "simulate", "task": "reversal", "n_subjects": 1, "n_blocks": 8, "n_trials": 6, "chunks": 1},
    },
    "models": {"gru": {"family": "rnn", "dims": [1]}, "MB0": {"family": "cognitive"}},
    "cv": {"outer": 2, "inner": 2},
    "training": {"max_epochs": 3, "seeds": 1},
    "analyses": {
        "data_requirement": {"shares": [1.0, 0.5], "simulate": {"blocks": [4, 2]}, "resamples": 100},
        "dimensionality": {"power": 1, "bootstrap": 100},
        "model_recovery": {"generators": "both"},
    },
}


def test_a_run_says_how_many_trials_and_how_sure(tmp_path):
    project = Project(tmp_path, CONFIG)
    rules = project.run().rules()
    assert [rules[rule] for rule in ("fit_shares", "fit_simulated", "simulate_networks", "fit_played")] == [4, 4, 1, 2]
    tables = {path.stem: pd.read_parquet(path) for path in (project.results / "tables").glob("*.parquet")}
    requirement = tables["data_requirement"]
    assert requirement.groupby("share")["n_blocks"].first().to_dict() == {0.5: 2, 1.0: 4}
    assert len(requirement) == 8  # two models, two sizes, of the subject and of its best model
    performance = tables["performance"].set_index("model")["test_nll"]
    everything = requirement[(requirement["share"] == 1) & (requirement["generator"] == "subject")]
    assert everything.set_index("model")["test_nll"].to_dict() == pytest.approx(performance.to_dict())
    (power,) = tables["dimensionality_power"].to_dict("records")  # one d alone competes
    assert (power["true_d"], power["n"], power["reason"]) == (1, 0, "only d = 1 competes: d* cannot be another")
    own = tables["recovery"].set_index(["generator", "model"])
    for generator, model in (("a", "MB0"), ("a: MB0, d = 2", "MB0"), ("a: gru, d = 1", "gru")):
        row = own.loc[(generator, model)]
        assert (row["own"], row["delta_nll"]) == (True, 0)
    assert len(own) == 6
    assert tables["recovery_networks"]["n_agents"].tolist() == [1] * 3
    names = ("data_requirement__a__s0", "dimensionality_power", "model_recovery", "model_recovery__a")
    assert all((project.results / f"figures/{name}.pdf").is_file() for name in names)
    assert not project.plan().rules()
    changed = copy.deepcopy(CONFIG)
    changed["analyses"]["data_requirement"]["shares"] = [1.0, 0.6]
    project.configure(changed)
    assert set(project.plan().rules()) == {"fit_shares", "gather_data_requirement", "plot_data_requirement"}
    changed = copy.deepcopy(CONFIG)
    changed["analyses"]["model_recovery"]["simulations"] = 2
    project.configure(changed)
    planned = project.plan()
    assert [job["simulation"] for job in planned.of("fit_played")] == ["1", "1"]
    rest = {"gather_played": 1, "recover_models": 1, "plot_model_recovery": 1, "plot_recovery_of_kept": 1}
    assert planned.rules() == {"fit_played": 2, **rest}
