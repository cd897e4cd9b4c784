"""The library without the workflow: a wheel is built, unpacked into an empty folder, and used from there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import tinycog
from tinycog.results.columns import NUMBER, Column, Table

ROOT = Path(__file__).parents[2]
SCORE = """
import pandas as pd, tinycog
trials = pd.DataFrame({"action": [0, 1], "reward": [1, 0]})
print(tinycog.__file__)
print(*tinycog.score(task="bandit", model="MB0", parameters={"alpha": 0.5, "beta": 2.0}, trials=trials)["p_0"])
print(tinycog.read("run", "rats")["weight"].tolist())
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The folder into which the wheel is unpacked; what builds it is copied, so that nothing is left beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (folder / "source").mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, folder / "source")
    without = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "workflow/src", folder / "source/workflow/src", ignore=without)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(folder), str(folder / "source")], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    assert wheel.name == f"tinycog-{tinycog.__version__}-py3-none-any.whl"
    zipfile.ZipFile(wheel).extractall(folder / "library")
    return folder / "library"


def call(unpacked, folder, *arguments):
    env = {**os.environ, "PYTHONPATH": str(unpacked)}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True)


def test_all_packages_are_in_the_wheel(unpacked):
    source = ROOT / "workflow/src"
    written = {str(path.relative_to(source)) for path in (source / "tinycog").rglob("*.py")}
    assert {str(path.relative_to(unpacked)) for path in (unpacked / "tinycog").rglob("*.py")} == written


def test_the_library_scores_and_reads_from_an_empty_folder(unpacked, tmp_path):
    Table("rats", "a rat", (Column("weight", NUMBER, "weight", "g"),)).write(
        tmp_path / "run/tables", pd.DataFrame({"weight": [250.0, 300.0]})
    )
    done = call(unpacked, tmp_path, "-c", SCORE)
    assert done.returncode == 0, done.stderr
    place, probabilities, weights = done.stdout.splitlines()
    assert Path(place).is_relative_to(unpacked)
    assert [float(p) for p in probabilities.split()] == pytest.approx([0.5, 0.7310585786300049], abs=1e-15)
    assert weights == "[250.0, 300.0]"


@pytest.mark.parametrize("command", [["run"], ["plan"], ["import", "choices.csv", "--task", "bandit"]])
def test_what_needs_the_workflow_says_so(unpacked, tmp_path, command):
    (tmp_path / "choices.csv").write_text("choice,reward\n0,1\n1,0\n0,0\n")
    done = call(unpacked, tmp_path, "-m", "tinycog", *command)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Snakefile: no such file; this command needs tinycog's own checkout (make install)" in done.stderr
    assert not list(tmp_path.glob("*.yaml"))
