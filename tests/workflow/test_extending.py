"""docs/extending.md: cell, cognitive model, task, data set and analysis are added as the page says, and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
import yaml
from extensions import PAGE, Block, blocks, make
from project import ROOT, Project

PAGE_TEXT = PAGE.read_text(encoding="utf-8")
TRIALS = {"action": [0, 0, 1, 0, 1, 1], "reward": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]}


def section(heading: str) -> str:
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE_TEXT, re.MULTILINE | re.DOTALL)[1]


def test_every_block_of_code_is_a_file_or_a_change():
    assert len(blocks(PAGE_TEXT)) == PAGE_TEXT.count("\n```") / 2
    headings = re.findall(r"^## (.+)$", PAGE_TEXT, re.MULTILINE)
    assert headings == ["A cell", "A cognitive model", "A task", "A data set", "An analysis", "All of them in one run"]
    assert all(blocks(section(name)) for name in headings)


def test_a_change_that_does_not_fit_is_refused(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny = 2\ny = 2\n")
    with pytest.raises(ValueError, match=r"a\.py: 0 times in it, must be once:\nz = 1"):
        make(Block("diff", "a.py", "-z = 1\n+z = 2\n"), tmp_path)
    with pytest.raises(ValueError, match="2 times in it"):
        make(Block("diff", "a.py", " y = 2\n+z = 2\n"), tmp_path)
    with pytest.raises(ValueError, match="it is there already"):
        make(Block("python", "a.py", ""), tmp_path)
    make(Block("diff", "a.py", " x = 1\n-y = 2\n+z = 3\n"), tmp_path)
    assert (tmp_path / "a.py").read_text() == "x = 1\nz = 3\ny = 2\n"


def tinycog(project: Project, *arguments: str) -> str:
    """What a sub-command of the project's own library prints."""
    env = os.environ | {"PYTHONPATH": str(project.folder / "workflow/src")}
    command = [sys.executable, "-m", "tinycog", *arguments]
    return subprocess.run(command, cwd=project.folder, env=env, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The repository with all that the page adds, run; and what was said when one thing was missing or wrong."""
    folder = tmp_path_factory.mktemp("extended")
    *added, config = blocks(PAGE_TEXT)
    config = yaml.safe_load(config.text)
    rng = np.random.default_rng(0)
    mice = pd.DataFrame({"mouse": np.repeat(["m1", "m2"], 120), "day": np.tile(np.repeat([1, 2, 3, 4], 30), 2)})
    mice = mice.assign(port=rng.integers(1, 3, 240), water=rng.integers(0, 2, 240))
    (folder / "raw/our-mice").mkdir(parents=True)
    mice.to_csv(folder / "raw/our-mice/choices.csv", index=False)
    project = Project(folder, config)
    project.mice = mice
    project.before = project.snakemake("--dry-run").output
    for block in added:
        make(block, folder)
    project.configure(config | {"training": {**config["training"], "seeds": 1}})
    project.one_seed = project.snakemake("--dry-run").output
    project.configure(config)
    project.run()
    return project


@pytest.mark.slow
def test_nothing_of_it_is_there_before(project):
    assert "datasets.mice.source: found 'our_mice'" in project.before
    assert "analyses.initialisations: unknown key" in project.before
    assert "datasets.agent.task: found 'surer_two_stage'" in project.before
    assert "models.leaky.cell: found 'leaky'" in project.before


@pytest.mark.slow
def test_the_cell_forgets_at_one_rate_whatever_happens(project):
    """With one unit h' - h = k (x - h): the derivative of the next state is 1 - k in every condition."""
    setpoints = pd.read_parquet(project.results / "tables/setpoints.parquet")
    leaky = setpoints[setpoints["model"] == "leaky"]
    assert len(leaky) == 2 * 2 * 4
    for _, fold in leaky.groupby(["subject", "outer"]):
        np.testing.assert_allclose(fold["multiplier"], fold["multiplier"].iloc[0], rtol=0, atol=1e-9)
        assert 0 < fold["multiplier"].iloc[0] < 1
        assert fold["setpoint"].nunique() == 4
    performance = pd.read_parquet(project.results / "tables/performance.parquet")
    assert performance.query("model == 'leaky'")["n_parameters"].tolist() == [3 + 1 + 1 + 2 * 2] * 2


@pytest.mark.slow
def test_the_cognitive_model_is_its_equation(project):
    folder = project.folder
    pd.DataFrame(TRIALS).to_csv(folder / "trials.csv", index=False)
    (folder / "p.json").write_text(json.dumps({"alpha_1": 0.7, "alpha_0": 0.2, "beta": 3.0}))
    options = ("--task", "reversal", "--model", "MB0r", "--parameters", "p.json", "--trials", "trials.csv")
    tinycog(project, "score", *options, "--output", "scored.csv")
    values, expected = [0.0, 0.0], []
    for action, reward in zip(TRIALS["action"], TRIALS["reward"], strict=True):
        expected.append(1 / (1 + np.exp(3.0 * (values[1] - values[0]))))
        values[action] += (0.7 if reward else 0.2) * (reward - values[action])
    np.testing.assert_allclose(pd.read_csv(folder / "scored.csv")["p_0"], expected, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_transitions_of_the_task_are_common_nine_times_in_ten(project):
    trials = pd.read_parquet(project.results / "data/agent/subjects/s0.parquet")
    n, common = len(trials), (trials["action"] == trials["state"]).mean()
    assert n == 2000
    assert abs(common - 0.9) < 4 * np.sqrt(0.09 / n)  # 0.8 is fifteen standard errors away


@pytest.mark.slow
def test_the_data_set_has_the_trials_of_the_file(project):
    for mouse, rows in project.mice.groupby("mouse"):
        trials = pd.read_parquet(project.results / f"data/mice/subjects/{mouse}.parquet")
        assert trials["action"].tolist() == (rows["port"] - 1).tolist()
        assert trials["reward"].tolist() == rows["water"].tolist()
        assert [len(list(block)) for _, block in groupby(trials["block"])] == [30] * 4


@pytest.mark.slow
def test_the_analysis_says_how_far_apart_fits_end(project):
    assert "training.seeds is 1, so that nothing can differ; allowed: 2 or more" in project.one_seed
    table = pd.read_csv(project.results / "tables/initialisations.csv")
    assert table[["subject", "model", "n"]].to_numpy().tolist() == [["m1", "leaky", 4], ["m2", "leaky", 4]]
    fits = pd.read_csv(project.results / "tables/fits.csv")
    for _, row in table.iterrows():
        own = fits[(fits["subject"] == row["subject"]) & (fits["model"] == "leaky")]
        apart = [
            abs(np.diff(own[(own["outer"] == outer) & (own["inner"] == inner)]["test_nll"])[0])
            for outer in (0, 1)
            for inner in (0, 1)
        ]
        assert row["spread"] == pytest.approx(np.mean(apart), rel=1e-12)
        assert row["spread"] > 0


@pytest.mark.slow
def test_what_is_generated_follows(project):
    assert "highest minus lowest NLL of a set" in (project.results / "tables/README.md").read_text()
    assert "Tell how far apart fits end" in tinycog(project, "--help")
    tinycog(project, "docs")
    page = (project.folder / "config/README.md").read_text()
    assert "## analyses.initialisations\n\nHow far apart fits end that differ in their initial values alone." in page
    assert '| `loss` | `"val"` | choices whose NLL is compared |' in page
    schema = yaml.safe_load((project.folder / "workflow/schemas/config.schema.yaml").read_text())
    described = schema["$defs"]["Analyses"]["properties"]["initialisations"]["description"]
    assert described.startswith("spread of the loss over initialisations")
    assert "\n## initialisations\n" in (project.folder / "docs/codebook.md").read_text()
    project.configure({**project.config, "analyses": {}})  # without its key, as before
    assert not any("initialisations" in rule for rule in project.plan().rules())


def test_the_page_is_formatted_as_the_code_is(tmp_path):
    """New files of the page, checked by the settings of the repository."""
    for block in blocks(PAGE_TEXT):
        if block.kind == "python" and block.path.endswith(".py"):
            make(block, tmp_path)
    ruff = [sys.executable, "-m", "ruff"]
    for command in ([*ruff, "check"], [*ruff, "format", "--check"]):
        settings = ("--config", str(ROOT / "pyproject.toml"), "--no-cache")
        own = ("--config", "lint.isort.known-first-party = ['tinycog']")  # here its folder does not say so
        done = subprocess.run([*command, *settings, *own, str(tmp_path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
