"""What a run will do: jobs, fits, and how long they take, by data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycog.config import Config
from tinycog.setup import costs, expected
from tinycog.setup.costs import Costs
from tinycog.sources import marks
from tinycog.sources import registry as sources
from tinycog.sources.prepared import counts, without_dropped
from tinycog.trials.subjects import POOLED, analysed, left_out

JOBS_OF_A_FIT = 2  # it is fitted and scored
AT_THE_END = 20  # jobs of tables and figures


@dataclass(frozen=True)
class Plan:
    """Numbers of one data set.

    Subjects that can be analysed, trials, subjects that cannot, the smallest number of blocks of one that can, fit
    jobs, fits inside them, seconds of one core for all jobs of the data set, and for the longest.
    """

    dataset: str
    subjects: int
    trials: int
    excluded: int
    fewest_blocks: int
    jobs: int
    fits: int
    seconds: float
    longest: float


def plan(config: Config) -> list[Plan]:
    """The plan of every data set; reads or simulates the data, runs nothing."""
    measured = costs.read()
    return [_plan_dataset(config, name, measured) for name in config.datasets]


def meta(config: Config, name: str) -> dict[str, Any]:
    """What the data set's `meta.json` will say of its subjects; reads or simulates the data."""
    section, raw = config.datasets[name], Path(config.raw)
    options = section.model_dump()
    prepared = sources.load(section.source).prepare(name, options, raw, config.seed)
    if section.marks:
        path = marks.file(name, section.marks, raw)
        prepared, _ = without_dropped(prepared, name, path, section.subjects == "all")
    numbers = counts(prepared.table)
    found = {"dataset": name, "subjects": list(numbers), "counts_analysed": numbers}
    return found | {"removed": prepared.removed, "options": options}


def _plan_dataset(config: Config, name: str, measured: Costs) -> Plan:
    about, job = meta(config, name), measured.others["job"]
    subjects, excluded = analysed(about, config.folds(name))
    jobs = list(expected.jobs(config, about, measured))
    scored = sum(one.n for one in jobs if one.rule == "fit_model")
    others = AT_THE_END + (JOBS_OF_A_FIT - 1) * scored
    blocks = [sum(own["blocks"] for own in about["counts_analysed"].values())]
    if subjects != [POOLED]:
        blocks = [about["counts_analysed"][subject]["blocks"] for subject in subjects]
    return Plan(
        name,
        len(subjects),
        sum(own["trials"] for own in about["counts_analysed"].values()),
        len(excluded) + len(left_out(about)),
        min(blocks, default=0),
        sum(one.n for one in jobs),
        sum(one.n * one.fits for one in jobs),
        sum(one.n * one.seconds for one in jobs) + others * job,
        max((one.seconds for one in jobs), default=0.0),
    )


def check_folds(config: Config, plans: list[Plan]) -> list[str]:
    """A line for each data set none of whose subjects can be cross-validated, or has the blocks of a batch."""
    problems = []
    for plan in plans:
        if not plan.subjects:
            where = f"datasets.{plan.dataset}"
            problems.append(f"{where}: no subject can be split as cv says: {config.folds(plan.dataset)}")
        elif config.trains_on(plan.dataset) and (batch := config.training.batch or 0) > plan.fewest_blocks:
            of_one = f"a subject of datasets.{plan.dataset} has {plan.fewest_blocks} blocks"
            allowed = "allowed: at most those that each inner fold trains on, or null"
            problems.append(f"training.batch: found {batch}, but {of_one}; {allowed}")
    return problems
