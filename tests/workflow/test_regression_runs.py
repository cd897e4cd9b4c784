"""A run with dynamical regressions: three arms, subjects that share files, and figures of one and of all."""

from __future__ import annotations

import pandas as pd
import pytest
from project import Project, small_config, small_table


def project_of(folder):
    """Six subjects, dealt over two chunks, choose among three arms."""
    table = pd.read_csv(small_table(folder))
    table["action"] = (table["action"] + table.index) % 3
    names = {"m1": ["m1", "m3", "m5"], "m2": ["m2", "m4", "m6"]}
    copies = [table.assign(subject=[names[name][i] for name in table["subject"]]) for i in range(3)]
    pd.concat(copies).to_csv(folder / "choices.csv", index=False)
    config = small_config()
    config["datasets"]["mine"] |= {"task": "bandit", "n_actions": 3, "chunks": 2}
    config["models"] = {"gru": {"family": "rnn", "dims": [1, 3], "l1": [1e-5]}, "MF": {"family": "cognitive"}}
    config["analyses"] = {"dynamical_regression": {"bootstrap": 100}}
    return Project(folder, config)


@pytest.mark.slow
def test_every_model_of_every_subject_is_regressed_and_drawn(tmp_path):
    project = project_of(tmp_path)
    planned = project.run("tables")
    figures = ["regression__mine__m4__MF__d3", "regression_matrices__mine__m4__MF__d3", "regression__mine__m1__gru__d1"]
    figures += [f"regression_group{kind}__mine__MF__d3" for kind in ("", "_trimmed", "_matrices")]
    assert len(planned.of("analyse_models_0") + planned.of("analyse_models_1")) == 2 * 3
    run = project.run(*(f"results/small/figures/{name}.png" for name in figures))
    assert run.rules() == {"plot_models_0": 1, "plot_models_1": 1, "plot_regression_group": 3}
    for name in figures:
        assert (project.results / f"figures/{name}.pdf").stat().st_size > 5_000, name
    tables = project.results / "tables"
    table = pd.read_parquet(tables / "dynamical_regression.parquet")
    assert table.groupby(["model", "dim"]).size().to_dict() == dict.fromkeys(
        [("gru", 1), ("gru", 3), ("MF", 3)], 6 * 2 * 6 * 3
    )
    assert table.groupby(["model"])["quantity"].unique().map(list).to_dict() == {
        "gru": ["centred logits"],
        "MF": ["logits"],
    }
    one_unit = table[(table["model"] == "gru") & (table["dim"] == 1)]
    assert one_unit["intercept"].isna().all(), "logits of one unit lie on a line"
    assert one_unit["note"].str.startswith("singular").any()
    # the value of MF moves to the reward at the fitted rate, and the others stay
    fitted = pd.read_parquet(tables / "parameters.parquet")
    rate = fitted[fitted["parameter"] == "alpha"].set_index(["subject", "outer"])["value"]
    roles = pd.read_parquet(tables / "dynamical_regression_roles.parquet")
    kept = roles[(roles["model"] == "MF") & (roles["target"] == "chosen") & (roles["source"] == "itself")]
    kept = kept.dropna(subset="value").set_index(["subject", "outer"])["value"]
    assert len(kept)
    assert kept.to_numpy() == pytest.approx(1 - rate.loc[kept.index].to_numpy(), abs=1e-6)
    page = (tables / "README.md").read_text()
    assert all(f"\n## dynamical_regression{part}\n" in page for part in ("", "_matrices", "_roles"))

    rest = {"plot_models_0": 6 - 1, "plot_models_1": 6 * 2 - 1, "plot_regression_group": 3 * 3 - 3}
    planned = project.plan()
    assert {rule: len(planned.of(rule)) for rule in rest} == rest
    project.config["analyses"]["dynamical_regression"]["trim"] = 10
    project.configure(project.config)
    again = project.plan("tables", *(f"results/small/figures/{name}.png" for name in figures))
    assert again.rules() == {"plot_regression_group": 1}
