"""Sections under `datasets`: one class for each source."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Union

from pydantic import BeforeValidator, Field, model_validator

from tinycog.models import registry
from tinycog.sections.base import Probability, Section
from tinycog.sections.environments import ENVIRONMENTS_OF, AnyEnvironment, BanditEnvironment
from tinycog.sections.fits import CrossValidation
from tinycog.sections.tables import (
    DistinctLabels,
    RewardCoding,
    SubjectOfFile,
    Transition,
    Values,
    as_number,
    listed,
)
from tinycog.tasks import Task, task_of
from tinycog.tasks.relabelling import relabellings


def _subjects(value: Any) -> Any:
    """A checked value of `subjects`; ids that look like numbers become text."""
    if value == "all" or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    if isinstance(value, list) and value and all(type(one) in (str, int) for one in value):
        return [str(one) for one in value]
    raise ValueError(f"found {value!r}; must be `all`, a number from 1 on, or a list of ids")


class Dataset(Section):
    """Keys that every data set has."""

    task: str = Field(description="the task's name, which decides inputs, actions, and the cognitive models that apply")
    subjects: Annotated[Literal["all"] | int | list[str], BeforeValidator(_subjects)] = Field(
        "all",
        description="subjects to analyse: `all`, a number (the first so many of those that the filters leave), or a "
        "list of their ids",
    )
    augment: Literal[0, 1, 2] = Field(
        0,
        description="relabelled copies of every block, for training alone: 1 and 2 are the paper's levels (1 shifts "
        "the arms or exchanges actions and states, 2 takes every order of the arms)",
    )

    cv: CrossValidation | None = Field(
        None,
        exclude=True,  # it is no option of the data: a change must not make them anew
        description="cross-validation of this data set: its keys come before those of the run's `cv`; null takes these",
    )

    chunks: int | None = Field(
        None,
        ge=1,
        exclude=True,  # it only says which subjects a job takes
        description="for data sets of many subjects with few trials: the number of chunks among which subjects are "
        "dealt (by their names, so that a further subject changes one chunk). The subjects of a chunk are split, "
        "fitted and scored in one job, each as if it were alone, which saves the start of many jobs and many files; "
        "null gives every subject its own. Another number makes all fits anew",
    )

    actions: list[Annotated[str, Field(min_length=1)]] | None = Field(
        None,
        exclude=True,  # for figures alone: other labels must not make the data anew
        description="what figures call the actions (of a trial's first choice), in the order of their codes 0, 1, ..., "
        "as in [left, right]; null says action 1, action 2, ... Tables keep the codes",
    )

    @property
    def task_object(self) -> Task:
        return task_of(self.task, getattr(self, "n_actions", None))

    @property
    def graded(self) -> bool:
        """Whether its rewards are known to be other than 0 and 1."""
        return False

    @property
    def action_labels(self) -> list[str]:
        """What figures call the actions."""
        return self.actions or [f"action {code + 1}" for code in range(self.task_object.n_actions)]

    @property
    def rewarded(self) -> str:
        """What figures say of a reward of at least a half."""
        return "rewarded"

    @model_validator(mode="after")
    def _known_task(self) -> Dataset:
        task = self.task_object
        if self.augment:
            relabellings(task, self.augment)
        if self.actions is not None and not len(self.actions) == len(set(self.actions)) == task.n_actions:
            raise ValueError(
                f"actions: found {self.actions}; must be {task.n_actions} different labels, one for each action"
            )
        return self


class AnyTaskDataset(Dataset):
    """Keys of data sets of any task."""

    n_actions: Annotated[int, Field(ge=2, le=20)] | None = Field(
        None, description="number of actions, 2 by default (task `bandit` only; the others fix theirs)"
    )


class Agent(Section):
    """The agent that makes simulated choices: any cognitive model of the task."""

    model: str = Field("MB0", description="cognitive model of the data set's task")
    parameters: dict[str, float] = Field(
        default={"alpha": 0.5, "beta": 2.0}, description="value of every parameter of that model, in natural units"
    )


class SimulateDataset(AnyTaskDataset):
    """Choices of a simulated agent."""

    source: Literal["simulate"]
    agent: Agent = Field(Agent(), description="the agent that chooses")
    environment: AnyEnvironment = Field(
        BanditEnvironment(), description="what pays; without `kind`, the usual environment of the task"
    )
    n_subjects: int = Field(1, ge=1, description="number of simulated subjects, named s0, s1, ...")
    n_blocks: int = Field(100, ge=1, description="blocks of each subject")
    n_trials: int = Field(100, ge=1, description="trials of each block")
    seed: int | None = Field(None, ge=0, description="random seed of the simulation; null takes the run's `seed`")

    @property
    def graded(self) -> bool:
        return self.environment.graded

    @model_validator(mode="before")
    @classmethod
    def _usual_environment(cls, values: Any) -> Any:
        usual = ENVIRONMENTS_OF.get(str(values.get("task")), ("bandit",))[0] if isinstance(values, dict) else None
        given = values.get("environment", {}) if isinstance(values, dict) else None
        return {**values, "environment": {"kind": usual, **given}} if isinstance(given, dict) else values

    @model_validator(mode="after")
    def _agent_fits_task(self) -> SimulateDataset:
        task, environment = self.task_object, self.environment
        model = registry.cognitive(task, self.agent.model)
        model.check(self.agent.parameters)
        known = [f"s{i}" for i in range(self.n_subjects)]
        if isinstance(self.subjects, list) and (unknown := [s for s in self.subjects if s not in known]):
            raise ValueError(f"subjects: {unknown} not among the simulated {known[0]} .. {known[-1]}")
        if environment.kind not in (allowed := ENVIRONMENTS_OF[task.name]):
            raise ValueError(
                f"environment.kind: found {environment.kind!r}; allowed for task {task.name!r}: {', '.join(allowed)}"
            )
        if problem := environment.problem(task, self.n_trials):
            raise ValueError(f"environment.{problem}")
        return self


class PublicDataset(Dataset):
    """Keys of public data sets."""

    files: list[str] | None = Field(
        None, min_length=1, description="raw files to read, in order; null finds them in the raw folder"
    )


class BartoloDataset(PublicDataset):
    """Macaque two-choice reversal learning (Bartolo et al. 2020), MATLAB files as published."""

    source: Literal["bartolo"]
    task: Literal["reversal"] = Field("reversal", description="the task's name")
    trials: tuple[int, int] = Field(
        (11, 70), description="first and last trial kept of each 80-trial block, counted from 1 (the paper's 11 to 70)"
    )
    block_types: list[Literal["what", "where"]] = Field(
        ["what", "where"],
        min_length=1,
        description="block types to keep: image decides (`what`), location decides (`where`)",
    )

    @model_validator(mode="after")
    def _window(self) -> BartoloDataset:
        if not 1 <= self.trials[0] <= self.trials[1] <= 80:
            raise ValueError(f"trials: {list(self.trials)} must be two trials of a block, 1 <= first <= last <= 80")
        return self


class SegmentedDataset(PublicDataset):
    """Keys of data sets whose sessions are cut into blocks."""

    longest_block: int | None = Field(
        150,
        ge=1,
        description="sessions of more trials are cut into the fewest equal blocks of at most this many (the paper's "
        "150); null keeps a session whole",
    )


class MillerDataset(SegmentedDataset):
    """Rat two-step task (Miller et al. 2022), the behaviour-only MATLAB 7.3 file."""

    source: Literal["miller"]
    task: Literal["two_stage"] = Field("two_stage", description="the task's name")
    min_trials: int = Field(4000, ge=0, description="rats with fewer trials are left out (the paper's rule)")
    forced: Literal["keep", "mask", "drop"] = Field(
        "keep",
        description="forced first choices (and violations): keep and score as the paper does, mask, or drop them",
    )
    violations: Literal["keep", "drop"] = Field(
        "keep", description="trials without a valid second port: keep them as the paper does (as state 1), or drop them"
    )


class AkamDataset(SegmentedDataset):
    """Keys of the three mouse data sets of Akam et al. 2021."""

    first_day: int = Field(22, ge=1, description="first training day kept; days are ranks of dates in an experiment")


class AkamTrDataset(AkamDataset):
    """Mouse two-step task with transition reversals (Akam et al. 2021), text logs."""

    source: Literal["akam_tr"]
    task: Literal["transition_reversal"] = Field("transition_reversal", description="the task's name")


class AkamRtsDataset(AkamDataset):
    """Mouse two-step task with fixed transitions (Akam et al. 2021), text logs."""

    source: Literal["akam_rts"]
    task: Literal["two_stage"] = Field("two_stage", description="the task's name")
    recode_common: bool = Field(
        False,
        description="relabel the states of mice whose common transitions are crossed, so that action i leads to i",
    )


class AkamPrlDataset(AkamDataset):
    """Mouse reversal learning (Akam et al. 2021), text logs."""

    source: Literal["akam_prl"]
    task: Literal["reversal"] = Field("reversal", description="the task's name")
    first_day: int = Field(1, ge=1, description="first training day kept; days are ranks of dates in an experiment")
    dates: list[date] | None = Field(None, min_length=1, description="dates of the sessions to keep; null for all")


class SuthaharanDataset(PublicDataset):
    """Human three-armed reversal (Suthaharan et al. 2021), MATLAB files as published."""

    source: Literal["suthaharan"]
    task: Literal["three_armed_reversal"] = Field("three_armed_reversal", description="the task's name")


class BahramiDataset(PublicDataset):
    """Human four-armed drifting bandit (Bahrami & Navajas 2020), CSV as published."""

    source: Literal["bahrami"]
    task: Literal["four_armed_bandit"] = Field("four_armed_bandit", description="the task's name")
    max_missing: int = Field(15, ge=0, description="participants with more missing choices are left out")

    @property
    def graded(self) -> bool:
        return True


class GillanDataset(PublicDataset):
    """Human original two-stage task (Gillan et al. 2016), CSV files as published."""

    source: Literal["gillan"]
    task: Literal["original_two_stage"] = Field("original_two_stage", description="the task's name")
    experiments: list[Literal[1, 2]] = Field([1, 2], min_length=1, description="experiments to read")


class KoolDataset(PublicDataset):
    """Human original two-stage task (Kool et al. 2016), MATLAB file as published."""

    source: Literal["kool"]
    task: Literal["original_two_stage"] = Field("original_two_stage", description="the task's name")
    practice: bool = Field(False, description="whether to keep the 25 practice trials")


class MirandaDataset(SegmentedDataset):
    """Macaque original two-stage task (Miranda et al. 2025), MATLAB file as published."""

    source: Literal["miranda"]
    task: Literal["original_two_stage"] = Field("original_two_stage", description="the task's name")
    reward_levels: tuple[Probability, Probability, Probability] = Field(
        (1.0, 0.5, 0.0), description="reward of the levels large, medium and none"
    )


class HouDataset(SegmentedDataset):
    """Mouse two-armed baited foraging (Hou 2020), NPZ files as published."""

    source: Literal["hou"]
    task: Literal["bandit"] = Field("bandit", description="the task's name")
    ignored: Literal["drop", "mask"] = Field(
        "drop", description="trials without a response: drop (the authors') or mask"
    )


class SabatiniDataset(SegmentedDataset):
    """Mouse two-armed bandit with reversals (Sabatini laboratory), CSV files as published."""

    source: Literal["sabatini"]
    task: Literal["bandit"] = Field("bandit", description="the task's name")
    conditions: list[Literal["90_10", "80_20", "70_30"]] = Field(
        ["90_10", "80_20", "70_30"], min_length=1, description="reward probabilities (percent) of the sessions to keep"
    )
    duplicates: Literal["drop", "keep"] = Field(
        "drop", description="files published under two mice with the same content: drop both, or keep both"
    )


class DezfouliDataset(PublicDataset):
    """Human two-armed free-operant bandit (Dezfouli et al. 2019), zipped CSV as published."""

    source: Literal["dezfouli"]
    task: Literal["bandit"] = Field("bandit", description="the task's name")
    diagnoses: list[Literal["Healthy", "Depression", "Bipolar"]] = Field(
        ["Healthy", "Depression", "Bipolar"], min_length=1, description="groups of participants to keep"
    )


class EcksteinDataset(PublicDataset):
    """Human two-armed stochastic switching (Eckstein et al. 2022), CSV as published."""

    source: Literal["eckstein"]
    task: Literal["reversal"] = Field("reversal", description="the task's name")


class ZorowitzDataset(PublicDataset):
    """Human three-armed reversal (Zorowitz et al. 2023), CSV as published."""

    source: Literal["zorowitz"]
    task: Literal["three_armed_reversal"] = Field("three_armed_reversal", description="the task's name")


class IblDataset(SegmentedDataset):
    """Mouse visual decisions after training (International Brain Laboratory), NPZ files of Ashwood et al. 2022."""

    source: Literal["ibl"]
    task: Literal["perceptual"] = Field("perceptual", description="the task's name")


class PsytrackDataset(SegmentedDataset):
    """One rat learning an auditory comparison (Roy et al. 2021), the published NPZ file."""

    source: Literal["psytrack"]
    task: Literal["perceptual"] = Field("perceptual", description="the task's name")


class TableDataset(AnyTaskDataset):
    """A user's own table, one row per trial, in one file or in one for each subject."""

    source: Literal["table"]
    file: str | None = Field(
        None,
        description="text file (CSV or the like) or Parquet file, one row per trial; a relative path is looked up "
        "beside the config file, then in the working folder, then in `raw`",
    )
    files: str | Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="instead of `file`: several files, as a list or as a pattern such as data/*.csv"
    )
    separator: Literal[",", ";", "\t", "|", " "] = Field(
        ",", description="what is between the cells of a line; a space stands for one or more"
    )
    decimal: Literal[".", ","] = Field(".", description="decimal point, or comma")
    encoding: str = Field("utf-8", description="encoding of the text, such as utf-8, latin-1, cp1252 or utf-16")
    header: bool = Field(True, description="whether the first line has the columns' names")
    names: list[str] | None = Field(
        None, min_length=1, description="names of the columns where there is no header; null is column_1, column_2, ..."
    )
    where: dict[str, Values] = Field(
        default={}, description="rows that are kept: column: value, or values, as in {block_type: test}"
    )
    drop: dict[str, Values] = Field(default={}, description="rows that are left out: column: value, or values")
    columns: dict[str, str] = Field(
        default={},
        description="canonical column: name in the file. Canonical columns: action and reward (required), subject, "
        "session, block, trial, state (required where it is not the action), action2 (second choices, required where a "
        "trial has two), mask and mask2 (1 where the first, the second choice counts, 0 elsewhere), forced (1 where "
        "the subject had no choice). A column of these that is not listed here is looked up under its own name. Any "
        "`stim_*` name (stimuli, a number in every row) and `task_*` name (annotations, which no model sees) is "
        "carried along if listed",
    )
    subject: SubjectOfFile | None = Field(
        None, description="for files of one subject each: how the id stands in a file's name; null takes a column"
    )
    condition: str | None = Field(
        None,
        description="column of a condition, such as drug or placebo: each subject is analysed once for each of its "
        "conditions, as {subject}+{condition}",
    )
    covariates: list[str] = Field(
        default=[], description="columns with one value for each subject (diagnosis, age), kept in table `subjects`"
    )
    order: list[str] = Field(
        default=[],
        description="columns (the table's) by which the rows of a subject are sorted, the first one first, such as "
        "[session, trial]; without any they stay as they are",
    )
    restarts: str | None = Field(
        None,
        description="column of trial numbers that fall back where a block begins, where no column tells blocks apart",
    )
    choices: DistinctLabels | None = Field(
        None,
        description="values of the action, in the order of the codes 0, 1, ...: [left, right]. Several values may "
        "stand for one action: [[left, L], [right, R]]. null: integers from 0. Words also name the actions in figures",
    )
    choices2: DistinctLabels | None = Field(
        None,
        description="values of the second choice: two, the same ones in both states, or four, two for each state, "
        "which then imply the state. null: 0 and 1",
    )
    states: DistinctLabels | None = Field(
        None, description="values of the state, in the order of the codes 0, 1; action i commonly leads to state i"
    )
    transition: Transition | None = Field(
        None, description="a column that says whether a transition was common or rare, where none has the state"
    )
    reward: RewardCoding | None = Field(None, description="rewards that are not numbers from 0 to 1 in one column")
    missing: dict[str, Values] = Field(
        default={},
        description="which values mean that a trial was missed: column (canonical, or the table's): value, or values, "
        'as in {rt: 999} or {action: [-1, timeout]}; "" is an empty cell. Empty cells of a choice always do',
    )

    @property
    def graded(self) -> bool:
        return bool(self.reward and (self.reward.gain or len(set((self.reward.values or {}).values())) > 2))

    @property
    def rewarded(self) -> str:
        """On the scale of the table, where that is another one."""
        if not self.reward or not self.reward.range:
            return super().rewarded
        low, high = self.reward.range
        return f"reward of at least {(low + high) / 2:g}, from {low:g} to {high:g}"

    @property
    def action_labels(self) -> list[str]:
        """What figures call the actions: the values of `choices`, if these are words."""
        labels = [listed(values)[0] for values in self.choices or []]
        if self.actions or not labels or not all(isinstance(as_number(label), str) for label in labels):
            return super().action_labels
        return [str(label) for label in labels]

    @model_validator(mode="after")
    def _goes_together(self) -> TableDataset:
        task = self.task_object
        if (self.file is None) == (self.files is None):
            raise ValueError("file and files: found " + ("both" if self.file else "neither") + "; allowed: one of them")
        if self.subject and "subject" in self.columns:
            raise ValueError("subject: found beside columns.subject; allowed: one of them")
        if self.reward and self.reward.column and "reward" in self.columns:
            raise ValueError("reward.column: found beside columns.reward; allowed: one of them")
        if self.decimal == self.separator:
            raise ValueError("decimal: found ',' beside separator ','; allowed: different ones")
        if self.names and self.header:
            raise ValueError("names: found with a header, which has the names; allowed: null, or header: false")
        if self.choices and len(self.choices) != task.n_actions:
            raise ValueError(f"choices: found {len(self.choices)}; task {task.name!r} has {task.n_actions} actions")
        if self.choices2 and task.stages == 1:
            raise ValueError(f"choices2: task {task.name!r} has one choice in a trial; allowed: null")
        if self.choices2 and len(self.choices2) not in (2, 2 * task.n_states):
            raise ValueError(f"choices2: found {len(self.choices2)} values; allowed: 2, or {2 * task.n_states}")
        if (self.states or self.transition) and task.one_stage:
            raise ValueError(f"states: in task {task.name!r} the action is the state reached; allowed: null")
        if self.states and len(self.states) != task.n_states:
            raise ValueError(f"states: found {len(self.states)}; task {task.name!r} has {task.n_states}")
        return self


PUBLIC = (
    *(BartoloDataset, AkamTrDataset, AkamRtsDataset, AkamPrlDataset, MillerDataset, SuthaharanDataset, BahramiDataset),
    *(GillanDataset, HouDataset, SabatiniDataset, DezfouliDataset, EcksteinDataset, ZorowitzDataset, KoolDataset),
    *(MirandaDataset, IblDataset, PsytrackDataset),
)
AnyDataset = Annotated[Union[(SimulateDataset, TableDataset, *PUBLIC)], Field(discriminator="source")]
