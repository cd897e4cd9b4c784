"""A run with signatures: subjects that share files, states of their own, and indifference over subjects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from project import Project, small_config


def table(n_blocks=6, n_trials=30):
    """Three subjects choose what was rewarded last, in blocks in which one state is richer for 5 trials."""
    rng = np.random.default_rng(0)
    rows = []
    for subject in ("m1", "m2", "m3"):
        for block in range(n_blocks):
            action = 0
            for trial in range(n_trials):
                rich = trial // 5 % 2
                state = action if rng.random() < 0.8 else 1 - action
                reward = int(rng.random() < (0.8 if state == rich else 0.2))
                rows.append((subject, block, action, state, reward, 0.2 + 0.6 * (rich == 0), 0.2 + 0.6 * (rich == 1)))
                action = action if rng.random() < 0.3 + 0.6 * reward else 1 - action
    return pd.DataFrame(rows, columns=["subject", "block", "action", "state", "reward", "task_p_s0", "task_p_s1"])


@pytest.mark.slow
def test_signatures_of_a_task_with_reversals_of_transitions(tmp_path):
    table().to_csv(tmp_path / "choices.csv", index=False)
    config = small_config()
    schedule = {name: name for name in ("task_p_s0", "task_p_s1")}
    config["datasets"]["mine"] |= {"task": "transition_reversal", "chunks": 2, "columns": schedule}
    config["models"] = {"MFs": {"family": "cognitive"}}
    config["analyses"] = {"signatures": {"bootstrap": 100}, "portraits": {"variants": ["next_logit"]}}
    project = Project(tmp_path, config)
    planned = project.run("tables")
    assert planned.rules()["analyse_models_0"] == len({w["subject"] for w in planned.of("analyse_models_0")}) <= 2
    figures = ["signatures__mine__m2__MFs", "indifference__mine__MFs", "variants__mine__m1__MFs"]
    run = project.run(*(f"results/small/figures/{name}.png" for name in figures))
    assert run.rules() == {"plot_models_0": 2, "plot_indifference": 1}  # of m1 and m2
    for name in figures:
        assert (project.results / f"figures/{name}.pdf").stat().st_size > 2_000, name
    tables = project.results / "tables"
    found = pd.read_parquet(tables / "signatures.parquet").set_index(["subject", "measure"])["value"]
    fitted = pd.read_parquet(tables / "parameters.parquet")
    rate = fitted[fitted["parameter"] == "alpha"].groupby("subject")["value"].mean()
    for subject in ("m1", "m2", "m3"):
        assert found[subject, "rate_centre"] == pytest.approx(rate[subject])
        assert found[subject, "slope_mean"] == pytest.approx(-rate[subject])
        assert found[subject, "utility_deviation"] == pytest.approx(0, abs=1e-9)
    subjects = pd.read_parquet(tables / "indifference_subjects.parquet")
    assert subjects["block_length"].tolist() == [5.0] * 3
    assert subjects["n_blocks"].tolist() == [6 * 5] * 3  # the sixth of each block of trials is cut
    assert pd.read_csv(tables / "indifference.csv")["n"].tolist() == [3, 3]
    page = (tables / "README.md").read_text()
    assert all(f"\n## {name}\n" in page for name in ("curves", "choice_odds", "indifference_subjects"))

    project.config["analyses"]["signatures"]["bootstrap"] = 101
    project.configure(project.config)
    again = project.plan("tables").rules()
    assert set(again) == {"analyse_models_0", "gather_portraits", "gather_signatures", "correlate_indifference"}
