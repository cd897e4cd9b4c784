"""A run with symbolic regression: equations of every small model, fitted as models beside them."""

from __future__ import annotations

import pandas as pd
import pytest
from project import Project, small_config, small_table


@pytest.mark.slow
def test_equations_are_found_fitted_and_compared(tmp_path):
    small_table(tmp_path, n_blocks=12, n_trials=30)
    config = small_config()
    config["datasets"]["mine"]["chunks"] = 1
    config["models"] = {name: {"family": "cognitive"} for name in ("MB0s", "MB0", "LS0")}
    config["analyses"] = {"symbolic_regression": {"engine": "sparse", "models": ["MB0s", "MB0"], "starts": 2}}
    project = Project(tmp_path, config)
    figures = ["equations__mine__m1__MB0s__d1", "equations__mine__m2__MB0__d2", "formulas__mine", "performance__mine"]
    run = project.run("tables", *(f"results/small/figures/{name}.png" for name in figures))
    assert run.rules()["choose_equations"] == run.rules()["fit_formula"] == 2
    assert run.rules()["search_equations"] == 0
    for name in figures:
        assert (project.results / f"figures/{name}.pdf").stat().st_size > 5_000, name
    tables = project.results / "tables"
    equations = pd.read_parquet(tables / "symbolic_regression.parquet")
    keys = ["subject", "model", "outer", "condition", "target"]
    assert (equations.groupby(keys)["selected"].sum() <= 1).all()
    assert set(equations["target"][equations["model"] == "MB0"]) == {"y1", "y2"}
    # the rule of MB0s: the logit decays at the rate that was fitted
    parameters = pd.read_parquet(tables / "parameters.parquet")
    rate = parameters[(parameters["model"] == "MB0s") & (parameters["parameter"] == "alpha")]
    rate = rate.set_index(["subject", "outer"])["value"]
    own = equations[(equations["model"] == "MB0s") & equations["selected"] & (equations["condition"] == "A1R0")]
    assert len(own)
    for row in own.itertuples():
        assert row.expression == "0" or float(row.expression.removesuffix("*L")) == pytest.approx(
            -rate[row.subject, row.outer], rel=1e-4
        )
    formulas = pd.read_parquet(tables / "formulas.parquet").set_index(["subject", "model"])
    assert set(formulas.index) == {(subject, model) for subject in ("m1", "m2") for model in ("MB0s", "MB0")}
    fitted = formulas[formulas["n_outer"] == 2]
    assert len(fitted), formulas["reason"].tolist()
    assert fitted["found_nll"].to_numpy() == pytest.approx(fitted["model_nll"].to_numpy(), abs=5e-3)
    performance = pd.read_parquet(tables / "performance.parquet").set_index(["subject", "model"])
    for key in fitted.index:
        there = performance.loc[(key[0], f"{key[1]}_formula")]
        assert there["test_nll"] == pytest.approx(fitted.loc[key, "formula_nll"])
        assert there["family"] == "formula"
    page = (tables / "README.md").read_text()
    assert all(f"\n## {name}\n" in page for name in ("symbolic_regression", "formula_rules", "formulas"))
