"""Files of trials, agreement of fits and verdicts, on the real workflow: joined to their table, in chunks or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from project import Project, small_config, small_table

import tinycog

pytestmark = pytest.mark.slow


def config(chunks: int | None) -> dict:
    content = small_config()
    content["datasets"]["mine"] |= {"chunks": chunks}
    return content | {"analyses": {"trials": {"csv": chunks is None}, "agreement": {}, "strategy": {}}}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A finished run."""
    folder = tmp_path_factory.mktemp("trials")
    small_table(folder)
    project = Project(folder, config(None))
    project.run()
    return project


def test_files_join_the_table_and_equal_scores(project):
    own = pd.read_csv(project.folder / "choices.csv")
    folder = project.results / "trials/mine"
    models = ("LS0/d1", "gru/d1", "gru/d2")
    files = {f"{who}/{model}{suffix}" for who in ("m1", "m2") for model in models for suffix in (".parquet", ".csv")}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.*")} == files
    parameters = pd.read_parquet(project.results / "tables/parameters.parquet")
    for who in ("m1", "m2"):
        table = pd.read_parquet(folder / who / "LS0/d1.parquet")
        for outer in range(2):
            rows = table[table["outer"] == outer]
            mine = own[own["subject"] == who].reset_index(drop=True)
            joined = mine.iloc[rows["source_row"] - 1].reset_index(drop=True)
            assert joined.equals(mine)
            of_fit = parameters[(parameters["subject"] == who) & (parameters["outer"] == outer)]
            values = of_fit.set_index("parameter")["value"].to_dict()
            found = tinycog.score(task="reversal", model="LS0", parameters=values, trials=joined)
            np.testing.assert_allclose(rows[["p_0", "p_1"]], found[["p_0", "p_1"]], atol=1e-12, rtol=0)
        selected = pd.read_parquet(project.results / "tables/selected.parquet")
        test = selected.query("subject == @who and model == 'LS0'").set_index("outer")["test_nll"]
        means = table.dropna(subset="outer").groupby("outer")["test_nll"].mean()
        np.testing.assert_allclose(means, test, atol=1e-12)
    assert "`source_row`" in (project.results / "tables/README.md").read_text()


def test_models_are_compared_by_their_selected_fits(project):
    tables = project.results / "tables"
    selected, fits = (pd.read_parquet(tables / f"{name}.parquet") for name in ("selected", "fits"))
    found = pd.read_parquet(tables / "model_comparison.parquet").set_index(["subject", "model", "dim"])
    assert len(found) == 6
    for keys, own in selected.groupby(["subject", "model", "dim"]):
        row = found.loc[keys]
        assert row["test_nll"] == pytest.approx(np.average(own["test_nll"], weights=own["n_test"]), abs=1e-12)
        assert row["n_test"] == own["n_test"].sum()
        every = fits[(fits[["subject", "model", "dim"]] == list(keys)).all(axis=1)]
        best = every.loc[every.groupby(["outer", "inner"])["val_nll"].idxmin()]
        of_folds = [np.average(fold["val_nll"], weights=fold["n_val"]) for _, fold in best.groupby("outer")]
        assert row["validation_nll"] == pytest.approx(np.mean(of_folds), abs=1e-12)
    strategy = pd.read_parquet(tables / "strategy.parquet")
    assert list(strategy["subject"]) == ["m1", "m2"]
    for row in strategy.itertuples():
        assert found.loc[row.subject]["validation_nll"].idxmin() == (row.model, row.dim)
    assert strategy["network_gain"].notna().all()


def test_a_deleted_file_is_made_again_alone(project):
    for name, rule in (
        ("trials/mine/m1/gru/d2.csv", "export_trials"),
        ("figures/agreement__mine__m1.pdf", "plot_agreement"),
        ("figures/strategies__mine.png", "plot_strategies"),
    ):
        path = project.results / name
        content = path.read_bytes()
        path.unlink()
        jobs = project.plan().rules()
        path.write_bytes(content)
        assert jobs == {rule: 1}


def test_chunks_have_the_same_rows(project, tmp_path):
    small_table(tmp_path)
    chunked = Project(tmp_path, config(1))
    chunked.run()
    for table in ("logit_correlations", "strategy", "strategy_evidence", "model_comparison"):
        name = f"tables/{table}.csv"
        assert (chunked.results / name).read_bytes() == (project.results / name).read_bytes()
    for model in ("LS0/d1", "gru/d2"):
        both = pd.read_parquet(chunked.results / f"trials/mine/chunk__0/{model}.parquet")
        alone = [pd.read_parquet(project.results / f"trials/mine/{who}/{model}.parquet") for who in ("m1", "m2")]
        pd.testing.assert_frame_equal(both, pd.concat(alone, ignore_index=True))
    figures = {path.name for path in (project.results / "figures").glob("agreement*")}
    kinds = ("mine__m1", "mine__m2")
    assert figures == {
        f"{stem}.{suffix}"
        for stem in (*(f"agreement__{kind}" for kind in kinds), "agreement_subjects__mine")
        for suffix in ("png", "pdf")
    }
    assert {path.name for path in (chunked.results / "figures").glob("agreement*")} == figures
