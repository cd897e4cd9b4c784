"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, model_options, together

target_options = together(
    click.option(
        "--split", "splits", type=PATH, multiple=True, required=True, help="what each block of the pool is to a target"
    ),
    click.option("--blocks", "n", type=int, required=True, help="blocks of a target that train or validate"),
)
trials_option = click.option(
    "--trials", type=PATH, multiple=True, required=True, help="a target's trials with their copies, in the same order"
)
pooled_option = click.option("--pooled", type=PATH, required=True, help="trial table of all subjects")
dim_option = click.option("--dim", type=int, required=True, help="units of a network, variables of a cognitive model")
training_options = together(
    click.option("--training", type=Json(), default="null", help="options of network training"),
    click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="processor cores to use"),
)
root_option = click.option("--root", type=PATH, required=True, help="results folder of the run")


@click.command("split-target")
@pooled_option
@click.option("--target", required=True, help="the target's directory name")
@click.option("--task", required=True, help="task of the data set")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--test", type=float, required=True, help="share of the target's blocks that are test")
@click.option("--relabel", type=int, required=True, help="level of relabelled copies")
@click.option("--output", type=PATH, required=True, help="split")
@click.option("--trials", type=PATH, required=True, help="the target's trials with their copies, to write")
def split_target(pooled: Path, output: Path, trials: Path, **options: Any) -> None:
    """Say what each block of a pool is to one target, and copy the target's trials with other labels."""
    from tinycog.analyses.distillation.splits import split as step

    step(pooled, output, trials, **options)


@click.command("fit-target-teacher")
@pooled_option
@target_options
@model_options
@dim_option
@training_options
@click.option("--output", type=PATH, required=True, help="table of fits; parameters go beside it")
def fit_teacher(threads: int, **options: Any) -> None:
    """Train a teacher on all subjects and a subset of a target's blocks: all seeds of one width."""
    from tinycog.analyses.distillation.teacher import fit as step

    options["training"] |= {"threads": threads}
    step(**options)


@click.command("select-teacher")
@click.option("--fits", type=PATH, multiple=True, required=True, help="teachers of one width")
@target_options
@trials_option
@model_options
@dim_option
@root_option
@click.option("--output", type=PATH, required=True, help="the teacher that is selected for each target, JSON")
@click.option("--scores", type=PATH, required=True, help="what it says of the target's trials, .npz")
def select_teacher(**options: Any) -> None:
    """Select a teacher by a target's own validation blocks, and run it on the target's trials."""
    from tinycog.analyses.distillation.teacher import select as step

    step(**options)


@click.command("learn")
@trials_option
@target_options
@click.option("--method", required=True, help="solo, cognitive, student or soft_cognitive")
@click.option("--name", required=True, help="name of the model in tables")
@model_options
@dim_option
@training_options
@click.option(
    "--mode", default="choices", show_default=True, help="what is learnt; with a teacher soft, mixed or align"
)
@click.option("--proportion", type=float, default=1.0, show_default=True, help="weight of the teacher")
@click.option("--temperature", type=float, default=1.0, show_default=True, help="divides logits")
@click.option("--align", type=float, default=0.0, show_default=True, help="weight of 1 - CKA of the states")
@click.option("--teacher", type=PATH, help="the selected teacher")
@click.option("--scores", type=PATH, help="what it says of the target's trials")
@click.option("--output", type=PATH, required=True, help="what is selected, JSON; all fits go beside it")
def learn(threads: int, **options: Any) -> None:
    """Fit a student, or a network or cognitive model without a teacher, to a subset of a target's blocks."""
    from tinycog.analyses.distillation.learner import learn as step

    if options["training"]:
        options["training"] |= {"threads": threads}
    step(**options)


@click.command("embed-subject")
@trials_option
@target_options
@model_options
@dim_option
@training_options
@root_option
@click.option("--teacher", type=PATH, required=True, help="selected, one that has never seen the target")
@click.option("--output", type=PATH, required=True, help="what is found, JSON")
def embed_subject(threads: int, **options: Any) -> None:
    """Fit the vector of a subject that a teacher has never seen to a subset of its blocks."""
    from tinycog.analyses.distillation.newcomer import embed as step

    options["training"] |= {"threads": threads}
    step(**options)


@click.command("gather-distillation")
@root_option
@click.option("--given", type=Json(), required=True, help="section, data sets, models with their dims, JSON")
@click.option("--bootstrap", type=int, required=True, help="resamples")
@click.option("--seed", type=int, required=True, help="the run's seed")
def gather(root: Path, **options: Any) -> None:
    """Put all results together, with means over targets and crossing points."""
    from tinycog.analyses.distillation.gather import gather as step

    step(root, **options)


@click.command("distillation")
@click.option("--tables", "folder", type=PATH, required=True, help="folder of tables")
@click.option("--dataset", required=True, help="data set")
@click.option("--output", type=PATH, required=True)
def plot_distillation(**options: Any) -> None:
    """Test NLL against the number of the target's trials."""
    from tinycog.analyses.distillation.plot import plot as step

    step(**options)


COMMANDS = (split_target, fit_teacher, select_teacher, learn, embed_subject, gather)
PLOTS = (plot_distillation,)
