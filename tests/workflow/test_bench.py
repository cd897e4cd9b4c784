"""The benchmark's workflow at tiny sizes, as `make bench` and `make bench-optimisers` run it."""

import pandas as pd
import pytest
from click.testing import CliRunner
from project import Project, small_table

from tinycog.benchmark import OPTIMISERS, REFERENCES
from tinycog.cli import main
from tinycog.storage import read_json

TWO_FOLDS = {"outer": 2, "inner": 2}
# what config/bench.yaml says besides stays; its public data sets are not there
TINY = {
    "datasets": {"tutorial": {"n_blocks": 6, "n_trials": 5}},
    "engine": {"dims": [1], "protocols": {"tutorial": {"cv": TWO_FOLDS, "seeds": 2, "max_epochs": 3}}},
    "loop": {"outer": 1, "replicas": 1},
    "turns": {"repeats": 2, "seconds": 0.01, "loop_seconds": 0.01},
    "kernels": {
        **{"cells": [], "torch": ["gru"], "torch_dims": [1], "replicas": 2, "blocks": [2, 10]},
        **{"few_dims": [1], "few_replicas": [1, 2], "few_blocks": [[4, 5], [1, 10]]},
    },
    "optimisers": {
        "dims": [1],
        "protocols": {"tutorial": {"cv": {"protocol": "cross_subject", **TWO_FOLDS}, "seeds": 1, "max_epochs": 3}},
    },
    "cognitive": {"protocols": {"tutorial": {"cv": TWO_FOLDS, "seeds": 2}}},
}


@pytest.mark.slow
def test_the_benchmark_on_an_own_table(tmp_path):
    project = Project(tmp_path, TINY)
    table = pd.read_csv(small_table(tmp_path))
    more = table.assign(subject=table["subject"].map({"m1": "m3", "m2": "m4"}))
    pd.concat([table, more]).to_csv(tmp_path / "choices.csv", index=False)
    command = ["--snakefile", "workflow/bench/Snakefile", "--cores", "1", "all", "optimisers"]
    command += ["--config", "tutorial=choices.csv"]
    run = project.snakemake(*command)
    assert run.code == 0, run.output
    assert "data set monkey_V is left out" in run.output

    results = tmp_path / "results/bench"
    engine = pd.read_csv(results / "tables/engine.csv")
    assert set(engine["method"]) == {*REFERENCES, "adam", "fast", "forward", "gradient", "start"}
    assert engine.loc[engine["method"].isin(REFERENCES), "n_replicas"].tolist() == [1, 4, 4]
    assert set(engine["model"]) == {"gru", "gru_torch", "gru_stacked"}
    assert set(engine["block_length"].dropna()) == {5, 10}
    paper = engine[engine["method"] == "adam"].iloc[0]
    assert (paper["n_replicas"], paper["epochs"], paper["n_trials"]) == (8, 8 * 4, 4 * 6 * 8)
    assert paper["difference_from_loop"] < 1e-10
    assert engine.loc[engine["method"] == "start", "seconds"].item() > 0
    assert read_json(results / "machine.json")["cores"] >= 1
    assert {path.suffix for path in (results / "figures").iterdir()} == {".png", ".pdf"}
    fits = pd.read_csv(results / "tables/optimiser_fits.csv")
    assert len(fits) == 2 * 2  # methods x outer folds; across subjects one inner fold is run
    assert pd.read_csv(results / "tables/optimisers.csv")["within"].dtype == bool
    assert project.snakemake("--dry-run", *command).jobs == []

    times = [f"results/bench/times/cognitive/tutorial/{optimiser}/MB0md.parquet" for optimiser in OPTIMISERS]
    run = project.snakemake(*command[:4], *times, *command[-2:])
    assert run.code == 0, run.output
    options = [f"--fits={tmp_path / path}" for path in times] + [f"--machine={results / 'machine.json'}"]
    said = CliRunner().invoke(main, ["bench", "cognitive", *options, f"--output={tmp_path / 'cognitive'}"])
    assert said.output.startswith("tutorial: training NLL of 1 of 1 models within the limit")
    row = pd.read_csv(tmp_path / "cognitive.csv").iloc[0]
    assert (row["n_fits"], row["n_folds"], row["within"]) == (2 * 2 * 2, 2 * 2, True)
    assert "MB0md" in (tmp_path / "cognitive.md").read_text()
