"""The analysis behaviour in a whole run: subjects alone and in a chunk, with and without an environment."""

from __future__ import annotations

import pandas as pd
import pytest
from project import Project, small_config, small_table

NAMES = ("stay", "reversal", "history", "switch", "discrepancy")


@pytest.mark.slow
def test_behaviour_of_chunked_subjects_and_what_changes_with_an_environment(tmp_path):
    small_table(tmp_path, n_blocks=12)
    config = small_config()
    config["models"] = {"LS0": {"family": "cognitive"}, "MB0": {"family": "cognitive"}}
    config["datasets"]["mine"]["chunks"] = 1
    keys = {"models": ["LS0"], "window": 3, "n_blocks": 4, "resamples": 100}
    project = Project(tmp_path, config | {"analyses": {"behaviour": keys}})
    project.run()
    tables = project.results / "tables"
    found = {name: pd.read_parquet(tables / f"behaviour_{name}.parquet") for name in NAMES}
    stay = found["stay"]
    assert stay["subject"].drop_duplicates().tolist() == ["m1", "m2"]
    assert set(stay["source"]) == {"data", "LS0"}
    assert stay[stay["kind"] == "data"].groupby("subject")["n"].sum().tolist() == [12 * 7, 12 * 7]
    assert found["reversal"].empty, "the table has no schedule"
    notes = found["discrepancy"].query("kind == 'playing'")["note"]
    assert notes.str.contains("no environment is known for source 'table'").all()
    assert len(notes) == 2
    for subject in ("m1", "m2"):
        assert (project.results / f"figures/behaviour__mine__{subject}.png").is_file()
    assert "behaviour_discrepancy" in (tables / "README.md").read_text()
    assert not project.plan().rules()

    keys["environments"] = {"mine": {"kind": "bandit", "probabilities": [0.7, 0.3]}}
    project.configure(config | {"analyses": {"behaviour": keys}})
    plan = project.plan().rules()
    assert dict(plan) == {"measure_behaviour": 1, "gather_behaviour": 1, "plot_behaviour": 2, "make_subject_page": 2}
    project.run()
    after = pd.read_parquet(tables / "behaviour_stay.parquet")
    played = after[after["kind"] == "playing"]
    assert played.groupby("subject")["n"].sum().tolist() == [2 * 4 * 7] * 2  # two outer folds, four blocks of 8 trials
    same = after[after["kind"] != "playing"].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, stay)
