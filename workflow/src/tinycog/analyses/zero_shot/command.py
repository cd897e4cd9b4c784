"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import MODEL, PATH, Json, model_options


@click.command("teach-held-out")
@click.option("--pooled", type=PATH, required=True, help="trial table of all subjects")
@click.option("--fold", type=PATH, required=True, help="its fold file")
@click.option("--teacher", type=PATH, required=True, help="what was selected of the teacher in that fold")
@click.option("--subjects", type=PATH, required=True, help="folder of the subjects' trial tables")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@model_options
@click.option("--teacher-model", "teacher_spec", type=MODEL, required=True, help="the teacher's config section")
@click.option("--relabel", type=int, required=True, help="level of relabelled copies, 0 for none")
@click.option("--name", required=True, help="the student's key in the config")
@click.option("--dim", type=int, required=True, help="units of a network, dynamical variables of a cognitive model")
@click.option("--training", type=Json(), required=True, help="training options of a network, JSON")
@click.option("--output", type=PATH, required=True, help="table of fits, Parquet")
def students(pooled: Path, fold: Path, teacher: Path, output: Path, **options: Any) -> None:
    """Fit a student of each held-out subject to what a teacher says of the subject's trials."""
    from tinycog.analyses.zero_shot.students import teach as step

    step(pooled, fold, teacher, output, **options)


@click.command("score-held-out")
@click.option("--pooled", type=PATH, required=True, help="trial table of all subjects")
@click.option("--fold", type=PATH, required=True, help="its fold file")
@click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of a model in that fold")
@click.option("--specs", type=Json(), required=True, help="model: its config section, JSON")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--task", required=True, help="task of the data set")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--output", type=PATH, required=True, help="rows as of table fits, Parquet")
def score(pooled: Path, fold: Path, output: Path, selected: tuple[Path, ...], **options: Any) -> None:
    """How well models that were fitted to other subjects predict each held-out one."""
    from tinycog.analyses.zero_shot.held_out import score as step

    step(pooled, fold, output, selected=list(selected), **options)


@click.command("gather-zero-shot")
@click.argument("parts", nargs=-1, type=PATH)
@click.option("--students", type=Json(), required=True, help="names of the students, JSON")
@click.option("--rivals", type=Json(), required=True, help="names of the cognitive models, JSON")
@click.option("--seed", type=int, required=True, help="of the bootstrap")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def gather(parts: tuple[Path, ...], folder: Path, **options: Any) -> None:
    """Put the test NLL of students and of other models together, by subject and over subjects."""
    from tinycog.analyses.zero_shot.gather import gather as step

    step(list(parts), folder, **options)


COMMANDS = (students, score, gather)
