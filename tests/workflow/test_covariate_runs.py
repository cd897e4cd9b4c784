"""Refits and covariates on the real workflow: persons in conditions, with a file of covariates."""

from __future__ import annotations

import pandas as pd
import pytest
from project import Project, small_config, small_table

pytestmark = pytest.mark.slow


def test_covariates_of_a_file_reach_tables_and_figure_and_change_nothing_else(tmp_path):
    choices = pd.read_csv(small_table(tmp_path, n_blocks=8))
    both = pd.concat([choices.assign(drug=which) for which in ("no", "yes")])
    both.to_csv(tmp_path / "choices.csv", index=False)
    people = tmp_path / "people.csv"
    people.write_text("id,age\nm1,20\nm2,30\nm3,40\n")
    config = small_config()
    config["models"] = {"BAS": {"family": "cognitive"}}
    of_people = {"file": "people.csv", "subject": "id"}
    config["datasets"]["mine"] |= {"condition": "drug", "chunks": 1, "covariates": of_people}
    config["analyses"] = {"parameters": {"refit": "all"}}
    project = Project(tmp_path, config)
    wrong = project.snakemake("--dry-run")
    assert "people.csv, row 4, column 'id': 'm3' is not in the data, which have the persons m1, m2" in wrong.output
    people.write_text("id,age\nm1,20\nm2,30\n")
    rules = project.run().rules()
    assert [rules[name] for name in ("refit_parameters", "gather_subjects", "compare_covariates")] == [1, 1, 1]
    tables = project.results / "tables"
    summary = pd.read_parquet(tables / "parameters_summary.parquet")
    share = both.groupby(both["subject"] + "+" + both["drug"])["action"].mean().to_dict()
    assert summary.set_index("subject")["value"].to_dict() == pytest.approx(share)
    assert ((summary["low"] < summary["value"]) & (summary["value"] < summary["high"])).all()
    found = pd.read_parquet(tables / "covariates.parquet").set_index(["covariate", "quantity"])
    assert found.loc[("drug", "p"), "reason"] == "the difference does not vary between persons"  # the same choices
    assert found.loc[("age", "p"), "reason"] == "fewer than 4 subjects"
    assert (project.results / "figures/covariates__mine.png").is_file()
    people.write_text("id,age\nm1,25\nm2,30\n")
    changed = project.plan().rules()
    assert set(changed) == {"gather_subjects", "compare_covariates", "plot_covariates"}
