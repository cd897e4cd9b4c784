"""A copy of the workflow in a folder of its own, run as a user runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from against_codebook import disagreements

ROOT = Path(__file__).parent.parent.parent
PARTS = ("Snakefile", "workflow", "config", "envs")


@dataclass
class Run:
    """What one call of Snakemake said: the jobs it ran or would run, and its whole output."""

    code: int
    output: str
    jobs: list[tuple[str, dict[str, str]]]

    def rules(self) -> Counter:
        """Number of jobs of each rule, targets aside."""
        return Counter(rule for rule, _ in self.jobs if rule not in ("all", "tables"))

    def of(self, rule: str) -> list[dict[str, str]]:
        """Wildcards of each job of a rule."""
        return [wildcards for name, wildcards in self.jobs if name == rule]


class Project:
    """The workflow's files copied to `folder`, with one config file that tests change."""

    def __init__(self, folder: Path, config: dict[str, Any]):
        self.folder = folder
        for part in PARTS:
            source = ROOT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(
                source, folder / part, **({"ignore": shutil.ignore_patterns("__pycache__")} if source.is_dir() else {})
            )
        (folder / "resources").mkdir()
        for file in ("downloads.yaml", "costs.csv"):
            shutil.copy2(ROOT / "resources" / file, folder / "resources")
        self.configure(config)

    def copied_to(self, folder: Path) -> Project:
        """The project with all its results, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        project = Project.__new__(Project)
        project.folder, project.config = folder, self.config
        return project

    @property
    def results(self) -> Path:
        return self.folder / "results" / self.config["run"]

    def configure(self, config: dict[str, Any]) -> None:
        self.config = config
        (self.folder / "test.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    def snakemake(self, *arguments: str, env: dict[str, str] | None = None) -> Run:
        """One call with the test's config; `--printshellcmds` asks for Snakemake's block for every job."""
        return self.call("snakemake", "--configfile", "test.yaml", "--printshellcmds", *arguments, env=env)

    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "PYTHONPATH": str(self.folder / "workflow/src")}

    def call(
        self,
        module: str,
        *arguments: str,
        folder: Path | None = None,
        env: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> Run:
        """Snakemake, or the copy's own `tinycog`, called in the copy's folder or another one."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=folder or self.folder,
            env={**self.environment(), **(env or {})},
            timeout=timeout,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return Run(done.returncode, done.stdout, _jobs(done.stdout))

    def run(self, *arguments: str) -> Run:
        """Run everything; fail with Snakemake's output if it does not succeed, or if a table is not as described."""
        run = self.snakemake("--cores", "2", *arguments)
        assert run.code == 0, run.output
        assert not disagreements(self.results / "tables")
        return run

    def plan(self, *arguments: str) -> Run:
        """The jobs that would run now."""
        run = self.snakemake("--dry-run", "--cores", "2", *arguments)
        assert run.code == 0, run.output
        return run

    def files(self) -> dict[str, bytes]:
        """Content of every result, without logs and benchmarks."""
        kept = [path for path in sorted(self.results.rglob("*")) if path.is_file()]
        relative = {str(path.relative_to(self.results)): path for path in kept}
        return {
            name: path.read_bytes()
            for name, path in relative.items()
            if name.split("/")[0] not in ("logs", "benchmarks")
        }


def _jobs(output: str) -> list[tuple[str, dict[str, str]]]:
    """Rule and wildcards of every job block that Snakemake printed."""
    jobs = []
    for block in re.split(r"\n(?=(?:local)?(?:rule|checkpoint) \w+:)", output)[1:]:
        rule = re.match(r"(?:local)?(?:rule|checkpoint) (\w+):", block).group(1)
        found = re.search(r"\n    wildcards: (.*)", block.split("\n\n")[0])
        pairs = (pair.split("=", 1) for pair in found.group(1).split(", ")) if found else ()
        jobs.append((rule, dict(pairs)))
    return jobs


def small_table(folder: Path, *, n_blocks: int = 6, n_trials: int = 8, seed: int = 0) -> Path:
    """Choices of two subjects, m1 and m2, as a CSV."""
    rng = np.random.default_rng(seed)
    n = 2 * n_blocks * n_trials
    columns = {
        "subject": np.repeat(["m1", "m2"], n // 2),
        "block": np.tile(np.repeat(np.arange(n_blocks), n_trials), 2),
        "action": rng.integers(0, 2, n),
        "reward": rng.integers(0, 2, n),
    }
    path = folder / "choices.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def small_config() -> dict[str, Any]:
    """Two subjects, a network, a cognitive model with d = 1 and one with d = 2; seconds of fitting."""
    return {
        "run": "small",
        "datasets": {"mine": {"source": "table", "task": "reversal", "file": "choices.csv"}},
        "models": {
            "gru": {"family": "rnn", "dims": [1, 2], "l1": [1e-5]},
            "LS0": {"family": "cognitive"},
        },
        "cv": {"outer": 2, "inner": 2},
        "training": {"max_epochs": 3, "seeds": 1},
        "analyses": {"dimensionality": {"bootstrap": 100}, "portraits": {}},
    }
