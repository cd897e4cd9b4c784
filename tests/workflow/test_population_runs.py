"""A model with a population prior on the real workflow: which jobs it has, and what a further subject runs again."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from project import Project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("populations")]


def config(n_subjects: int) -> dict:
    agents = {"source": "simulate", "task": "bandit", "n_subjects": n_subjects, "n_blocks": 4, "n_trials": 10}
    under = {"family": "cognitive", "model": "MB0", "prior": "population"}
    return {"run": "t", "datasets": {"d": agents}, "models": {"MB0_pop": under}, "cv": {"outer": 2, "inner": 2}}


def test_a_population_is_fitted_once_for_each_outer_fold_and_again_with_a_further_subject(tmp_path):
    project = Project(tmp_path, config(3))
    wanted = [f"results/t/{name}" for name in ("tables/populations.parquet", "fits/d/s0/MB0_pop/d2/outer0.parquet")]
    run = project.snakemake("--cores", "2", *wanted)
    assert run.code == 0, run.output
    assert run.rules() == Counter(prepare_data=1, split_blocks=6, fit_population=2, fit_model=1, gather_populations=1)
    table = pd.read_parquet(project.results / "tables/populations.parquet")
    assert table["n_subjects"].tolist() == [3] * 8

    project.configure(config(4))
    prepared = project.snakemake("--cores", "1", "results/t/data/d/meta.json")
    assert prepared.code == 0, prepared.output
    again = project.snakemake("--dry-run", "--cores", "1", *wanted)
    assert again.rules() == Counter(split_blocks=2, fit_population=2, fit_model=1, gather_populations=1)
