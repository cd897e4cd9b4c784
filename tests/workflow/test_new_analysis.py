"""Adding an analysis: a folder, its rules, one line in the registry and one include; everything else follows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from textwrap import dedent

import pandas as pd
import pytest
import yaml
from project import Project, small_config, small_table

SOURCE = "workflow/src/tinycog"
FILES = {
    "__init__.py": "",
    "section.py": '''
        from typing import ClassVar

        from pydantic import Field

        from tinycog.sections.base import AnalysisSection


        class Surprises(AnalysisSection):
            """How often a choice was less probable than a threshold."""

            summary: ClassVar[str] = "share of improbable choices"
            threshold: float = Field(0.1, gt=0, lt=1, description="probability below which a choice surprises")

            def problems(self, config):
                return [] if self.threshold != 0.5 else ["analyses.surprises.threshold: found 0.5; allowed: others"]


        SECTION = Surprises
        ''',
    "tables.py": """
        from tinycog.results.columns import NUMBER, TEXT, Column, Table

        SURPRISES = Table(
            "surprises",
            "a model",
            (
                Column("model", TEXT, "model, its key in the config"),
                Column("test_nll", NUMBER, "lowest test NLL", "nats per choice"),
                Column("threshold", NUMBER, "probability below which a choice surprises"),
            ),
        )
        TABLES = (SURPRISES,)
        """,
    "outputs.py": """
        def tables(config):
            return ["surprises"] if config.analyses.surprises else []


        def figures(config, fits):
            return []
        """,
    "command.py": """
        import click

        from tinycog.options import PATH


        @click.command()
        @click.option("--fits", type=PATH, required=True)
        @click.option("--threshold", type=float, required=True)
        @click.option("--output", type=PATH, required=True)
        def surprises(**options):
            \"\"\"Count improbable choices.\"\"\"
            from tinycog.analyses.surprises.step import surprises as step

            step(**options)


        COMMANDS = (surprises,)
        """,
    "compute.py": """
        def surprises(fits, threshold):
            rows = fits.groupby("model", sort=False)["test_nll"].min().reset_index()
            return rows.assign(threshold=threshold)
        """,
    "step.py": """
        import pandas as pd

        from tinycog.analyses.surprises.compute import surprises as compute
        from tinycog.analyses.surprises.tables import SURPRISES


        def surprises(fits, threshold, output):
            SURPRISES.write(output, compute(pd.read_parquet(fits), threshold))
        """,
}
RULES = """
    rule count_surprises:
        input:
            "<run>/tables/fits.parquet",
        output:
            table="<run>/tables/surprises.csv",
            parquet="<run>/tables/surprises.parquet",
        log:
            "<run>/logs/count_surprises.log",
        conda:
            "../../envs/fit.yaml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=5,
        params:
            code=code("tinycog.analyses.surprises.step"),
            threshold=lambda w: CONFIG.analyses.surprises.threshold,
            folder=subpath(output.table, parent=True),
        shell:
            "python -m tinycog surprises --fits {input} --threshold {params.threshold}"
            " --output {params.folder} 2>&1 | tee {log}"
    """


def add(project: Project) -> None:
    folder = project.folder / SOURCE / "analyses/surprises"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(dedent(text))
    (project.folder / "workflow/rules/surprises.smk").write_text(dedent(RULES))
    registry = project.folder / SOURCE / "analyses/registry.py"
    text, n = re.subn(r"(NAMES = \([^)]*?),?\s*\)", r'\1, "surprises")', registry.read_text())
    assert n == 1
    registry.write_text(text)
    with open(project.folder / "Snakefile", "a") as snakefile:
        snakefile.write('\n\ninclude: "workflow/rules/surprises.smk"\n')


def tinycog(project: Project, *arguments: str) -> str:
    """What a sub-command of the project's own library prints."""
    env = os.environ | {"PYTHONPATH": str(project.folder / "workflow/src")}
    command = [sys.executable, "-m", "tinycog", *arguments]
    return subprocess.run(command, cwd=project.folder, env=env, check=True, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_an_analysis_is_added_by_a_line_and_an_include(tmp_path):
    small_table(tmp_path)
    config = small_config()
    config["models"] = {"LS0": {"family": "cognitive"}}
    project = Project(tmp_path, config | {"analyses": {"surprises": {"threshold": 0.5}}})
    run = project.snakemake("--dry-run")
    assert "analyses.surprises: unknown key" in run.output, "it is there before it was added"
    add(project)
    run = project.snakemake("--dry-run")
    assert "analyses.surprises.threshold: found 0.5; allowed: others" in run.output, run.output
    project.configure(config | {"analyses": {"surprises": {"threshold": 0.2}}})
    project.run()
    table = pd.read_csv(project.results / "tables/surprises.csv")
    fits = pd.read_csv(project.results / "tables/fits.csv")
    assert table["model"].tolist() == ["LS0"]
    assert table["test_nll"].tolist() == [fits["test_nll"].min()]
    assert table["threshold"].tolist() == [0.2]
    assert "lowest test NLL" in (project.results / "tables/README.md").read_text()
    assert "Count improbable choices." in tinycog(project, "--help")
    tinycog(project, "docs")
    page = (project.folder / "config/README.md").read_text()
    assert "## analyses.surprises\n\nHow often a choice was less probable than a threshold." in page
    assert "| `threshold` | `0.1` | probability below which a choice surprises |" in page
    schema = yaml.safe_load((project.folder / "workflow/schemas/config.schema.yaml").read_text())
    assert schema["$defs"]["Analyses"]["properties"]["surprises"]["description"].startswith("share of improbable")
    project.configure(config)  # without its key, as before
    assert not any("surprises" in rule for rule in project.plan().rules())
