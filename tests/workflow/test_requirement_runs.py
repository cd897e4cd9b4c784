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
    "models": {"gru": {"family": "rnn", "dims": [1, 2]}, "MB0": {"family": "cognitive"}},
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
    assert [rules[rule] for rule in ("fit_shares", "fit_simulated", "simulate_networks", "fit_played")] == [6, 6, 1, 3]
    tables = {path.stem: pd.read_parquet(path) for path in (project.results / "tables").glob("*.parquet")}
    requirement = tables["data_requirement"]
    assert requirement.groupby("share")["n_blocks"].first().to_dict() == {0.5: 2, 1.0: 4}
    assert len(requirement) == 12  # three models and dims, two sizes, of the subject and of its best model
    performance = tables["performance"].set_index(["model", "dim"])["test_nll"]
    everything = requirement[(requirement["share"] == 1) & (requirement["generator"] == "subject")]
    assert everything.set_index(["model", "dim"])["test_nll"].to_dict() == pytest.approx(performance.to_dict())
    power = tables["dimensionality_power"].set_index("rule")
    d_star = tables["dimensionality"].set_index("rule")["d_star"]
    assert power["true_d"].unique().tolist() == [d_star["reference"]]
    assert power["n"].to_dict() == dict.fromkeys(d_star.index, 1)
    assert (power[["below", "equal", "above"]].sum(axis=1) == 1).all()
    own = tables["recovery"].set_index(["generator", "model", "dim"])
    kept = {f"a: {model}, d = {dim}": (model, dim) for model, dim in (("MB0", 2), ("gru", 1), ("gru", 2))}
    for generator, model in {"a": ("MB0", 2), **kept}.items():
        row = own.loc[(generator, *model)]
        assert (row["own"], row["delta_nll"]) == (True, 0)
    assert len(own) == 12
    assert tables["recovery_networks"]["n_agents"].tolist() == [1] * 4
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
    assert [job["simulation"] for job in planned.of("fit_played")] == ["1"] * 3
    rest = {"gather_played": 1, "recover_models": 1, "plot_model_recovery": 1, "plot_recovery_of_kept": 1}
    assert planned.rules() == {"fit_played": 3, **rest}
