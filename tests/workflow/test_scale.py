"""The work of planning a run grows with its jobs, and not with their square."""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from project import Project, small_config, small_table

PROFILED = """
import cProfile, sys
from snakemake.cli import main
profile = cProfile.Profile()
try:
    profile.runcall(main, sys.argv[2:])
except SystemExit as end:
    assert not end.code
profile.dump_stats(sys.argv[1])
"""


def calls(folder: Path, n_subjects: int) -> Counter[str]:
    """How often each function of the library was called in a dry run on data that have been prepared."""
    folder.mkdir()
    table = pd.read_csv(small_table(folder))
    one = table[table["subject"] == "m1"]
    copies = [one.assign(subject=f"p{i}") for i in range(n_subjects)]
    pd.concat(copies).to_csv(folder / "choices.csv", index=False)
    project = Project(folder, small_config())
    project.run("results/small/data/mine/meta.json")
    command = [sys.executable, "-c", PROFILED, "stats", "--configfile", "test.yaml", "--dry-run", "--cores", "1", "-q"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = pstats.Stats(str(folder / "stats")).stats
    counted = Counter()  # several generators of a module have the same name
    for (file, _, name), row in found.items():
        if "tinycog" in file:
            counted[f"{Path(file).name}:{name}"] += row[1]
    return counted


@pytest.mark.slow
def test_fits_are_listed_once_however_many_portraits_ask_for_them(tmp_path):
    few, many = calls(tmp_path / "few", 2), calls(tmp_path / "many", 6)
    assert few["subjects.py:analysed"] == many["subjects.py:analysed"] <= 2
    # three times the subjects are three times the files, and no function is called more often than that
    assert {name: (n, many[name]) for name, n in few.items() if n > 2 and many[name] > 3.5 * n} == {}
