"""The configuration as typed, documented objects; the schema and `config/README.md` are generated from them.

Imported while Snakemake parses the workflow, so nothing heavy may be imported here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.models.cognitive.declaration import POSITIVE
from tinycog.subjects import cannot_split
from tinycog.tasks import Task, task_of
from tinycog.tasks.relabelling import relabellings

IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
REPLACED = ("datasets", "models", "analyses")  # a given file's value replaces the default's whole
OF_THE_DEMO = ("cv", "training")  # the default file's values, made for speed, are not inherited by a given file


def _identifier(name: str) -> str:
    if not re.fullmatch(IDENTIFIER, name) or "__" in name:
        raise ValueError(
            f"{name!r} cannot name a directory: use letters, digits and . _ + - (no double underscore), "
            "starting with a letter or a digit"
        )
    return name


Identifier = Annotated[str, AfterValidator(_identifier)]
Cell = Literal["gru", "switching_gru", "slin", "mi_gru", "rnn", "low_rank_rnn", "lstm", "mingru", "minlstm"]
Device = Literal["auto", "cpu", "cuda"]
Probability = Annotated[float, Field(ge=0, le=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


def _subjects(value: Any) -> Any:
    """A checked value of `subjects`; ids that look like numbers become text."""
    if value == "all" or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    if isinstance(value, list) and value and all(type(one) in (str, int) for one in value):
        return [str(one) for one in value]
    raise ValueError(f"found {value!r}; must be `all`, a number from 1 on, or a list of ids")


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class EnvironmentSection(Section):
    """What pays in a simulated task."""

    def problem(self, task: Task, n_trials: int) -> str | None:
        """What does not go together with the task, as a key and a sentence; None if all does."""
        return None


class Agent(Section):
    """The agent that makes simulated choices: any cognitive model of the task."""

    model: str = Field("MB0", description="cognitive model of the data set's task")
    parameters: dict[str, float] = Field(
        default={"alpha": 0.5, "beta": 2.0}, description="value of every parameter of that model, in natural units"
    )


class BanditEnvironment(EnvironmentSection):
    """Reward probabilities of actions that lead to their own states; with two actions they may swap once in a block."""

    kind: Literal["bandit"] = Field("bandit", description="probabilities of actions")
    probabilities: Literal["uniform"] | list[Probability] = Field(
        "uniform",
        description="reward probability of each action; `uniform` draws each from U(0, 1), new in every block",
    )
    reversal: tuple[int, int] | None = Field(
        None,
        description="first and last trial (from 0, both included) at which the probabilities of a block may swap, "
        "once, at a trial drawn uniformly; null for none; tasks with two actions only (the monkeys': [30, 49])",
    )

    def problem(self, task: Task, n_trials: int) -> str | None:
        if self.probabilities != "uniform" and len(self.probabilities) != task.n_actions:
            return f"probabilities: {len(self.probabilities)} values for {task.n_actions} actions"
        if self.reversal is None:
            return None
        if not 0 <= self.reversal[0] <= self.reversal[1]:
            return f"reversal: {list(self.reversal)} must be two trials, 0 <= first <= last"
        if task.n_actions != 2 or self.reversal[1] >= n_trials:
            return f"reversal: {list(self.reversal)} needs two actions and a last trial below n_trials = {n_trials}"
        return None


class BlocksEnvironment(EnvironmentSection):
    """Two states whose reward probabilities swap, and transitions that may reverse, by the clock."""

    kind: Literal["blocks"]
    probabilities: tuple[Probability, Probability] = Field((0.2, 0.8), description="of the two states at the start")
    block_length: int = Field(50, ge=1, description="trials until the probabilities swap, and again")
    hazard: float = Field(
        1.0, gt=0, le=1, description="probability of a swap in each trial that is due; 1 swaps at once"
    )
    transition_length: int | None = Field(
        None, ge=1, description="trials until the transitions reverse, and again; null for never"
    )
    sync_flips: bool = Field(
        False,
        description="count transition reversals from the first trial, as the reference does: with equal lengths the "
        "better first action then never changes; false starts their clock at random in every block",
    )


class WalksEnvironment(EnvironmentSection):
    """Reward probabilities that walk at random between two bounds, and are mirrored there."""

    kind: Literal["walks"]
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None, description="standard deviation of a trial's step; null: 0.025 in the original two-stage task, else 0.1"
    )
    bounds: tuple[Probability, Probability] | None = Field(
        None,
        description="lowest and highest probability; null: [0.25, 0.75] in the original two-stage task, else [0, 1]",
    )

    def problem(self, task: Task, n_trials: int) -> str | None:
        if self.bounds is not None and self.bounds[0] >= self.bounds[1]:
            return f"bounds: {list(self.bounds)} must be a lower and a higher probability"
        return None


class DriftEnvironment(EnvironmentSection):
    """Graded payoffs whose means drift towards a centre (Daw et al. 2006), in points from 0 to 100."""

    kind: Literal["drift"]
    decay: float = Field(0.9836, ge=0, le=1, description="share of a mean's distance to the centre kept in a trial")
    centre: float = Field(50.0, ge=0, le=100, description="where means drift to, points")
    sd: float = Field(2.8, ge=0, allow_inf_nan=False, description="standard deviation of a mean's step, points")
    noise: float = Field(4.0, ge=0, allow_inf_nan=False, description="standard deviation of a payoff, points")


class LevelsEnvironment(EnvironmentSection):
    """The same given reward probabilities in every block, each held for some trials."""

    kind: Literal["levels"]
    levels: list[list[Probability]] = Field(
        [
            [level / 10 for level in map(int, arm)]
            for arm in ("5195191582842824", "9551955924428448", "1919519148284282")
        ],
        description="one list for each action; the last value is held to the end of a block",
    )
    trials_per_level: int = Field(10, ge=1, description="trials that each value is held")

    def problem(self, task: Task, n_trials: int) -> str | None:
        if len(self.levels) != task.n_states or len({len(arm) for arm in self.levels}) != 1 or not self.levels[0]:
            return f"levels: needed {task.n_states} lists of equal length for task {task.name!r}, found {self.levels}"
        return None


class BahramiEnvironment(EnvironmentSection):
    """Payoffs of the four-armed bandit of Bahrami & Navajas (2020), from their file."""

    kind: Literal["bahrami"]
    payoff_group: int = Field(2, ge=2, le=4, description="which of the file's schedules: 2, 3 or 4")

    def problem(self, task: Task, n_trials: int) -> str | None:
        return f"kind: the recorded payoffs have 150 trials, n_trials is {n_trials}" if n_trials > 150 else None


class RigEnvironment(EnvironmentSection):
    """A rig of the Akam laboratory: a block ends some trials after the animal has found the better side."""

    probabilities: tuple[Probability, Probability]
    neutral: Probability
    shortest: int
    longest: int
    after_criterion: int
    tau: float = Field(8.0, gt=0, allow_inf_nan=False, description="trials over which choices are averaged")
    threshold: float = Field(0.75, gt=0.5, lt=1, description="average of better choices that meets the criterion")

    def problem(self, task: Task, n_trials: int) -> str | None:
        if self.longest <= self.shortest:
            return f"longest: {self.longest} must be more than shortest, {self.shortest}"
        return None


class AkamTwoStepEnvironment(RigEnvironment):
    """The two-step rig of the Akam laboratory; transitions reverse in the task `transition_reversal`."""

    kind: Literal["akam_two_step"]
    probabilities: tuple[Probability, Probability] = Field((0.8, 0.2), description="of the richer and the poorer state")
    neutral: Probability = Field(0.4, description="of both states in a neutral block")
    shortest: int = Field(40, ge=1, description="trials that a block has at least")
    longest: int = Field(50, ge=2, description="sets how fast neutral blocks end: 1 / (longest - shortest) per trial")
    after_criterion: int = Field(20, ge=0, description="trials from the criterion to the end of the block, at least")


class AkamReversalEnvironment(RigEnvironment):
    """The probabilistic reversal rig of the Akam laboratory."""

    kind: Literal["akam_reversal"]
    probabilities: tuple[Probability, Probability] = Field((0.75, 0.25), description="of the richer and poorer side")
    neutral: Probability = Field(0.5, description="of both sides in a neutral block")
    shortest: int = Field(15, ge=1, description="trials that a block has at least")
    longest: int = Field(25, ge=2, description="sets how fast neutral blocks end: 1 / (longest - shortest) per trial")
    after_criterion: int = Field(10, ge=0, description="trials from the criterion to the end of the block, at least")


ENVIRONMENTS = (
    *(BanditEnvironment, BlocksEnvironment, WalksEnvironment, DriftEnvironment, LevelsEnvironment),
    *(BahramiEnvironment, AkamTwoStepEnvironment, AkamReversalEnvironment),
)
# task: the environments that simulate it, the usual one first
ENVIRONMENTS_OF = {
    "bandit": ("bandit", "drift", "levels"),
    "reversal": ("bandit", "akam_reversal"),
    "two_stage": ("blocks", "walks", "akam_two_step"),
    "transition_reversal": ("akam_two_step", "blocks", "walks"),
    "three_armed_reversal": ("levels", "bandit", "drift"),
    "four_armed_bandit": ("drift", "bahrami", "bandit"),
    "original_two_stage": ("walks",),
}
AnyEnvironment = Annotated[Union[(*ENVIRONMENTS,)], Field(discriminator="kind")]


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

    @property
    def task_object(self) -> Task:
        return task_of(self.task, getattr(self, "n_actions", None))

    @model_validator(mode="after")
    def _known_task(self) -> Dataset:
        task = self.task_object
        if self.augment:
            relabellings(task, self.augment)
        return self


class AnyTaskDataset(Dataset):
    """Keys of data sets of any task."""

    n_actions: Annotated[int, Field(ge=2, le=20)] | None = Field(
        None, description="number of actions, 2 by default (task `bandit` only; the others fix theirs)"
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
    """A user's own table, one row per trial."""

    source: Literal["table"]
    file: str = Field(description="CSV or Parquet file, one row per trial, in the order of the experiment")
    columns: dict[str, str] = Field(
        default={},
        description="canonical column: name in the file. Canonical columns: action and reward (required), subject, "
        "session, block, trial, state (required where it is not the action), action2 (second choices, required where a "
        "trial has two), mask and mask2 (1 where the first, the second choice counts, 0 elsewhere), forced (1 where "
        "the subject had no choice). A column of these that is not listed here is looked up under its own name. Any "
        "`stim_*` name (stimuli, a number in every row) and `task_*` name (annotations, which no model sees) is "
        "carried along if listed",
    )


PUBLIC = (
    *(BartoloDataset, AkamTrDataset, AkamRtsDataset, AkamPrlDataset, MillerDataset, SuthaharanDataset, BahramiDataset),
    *(GillanDataset, HouDataset, SabatiniDataset, DezfouliDataset, EcksteinDataset, ZorowitzDataset, KoolDataset),
    *(MirandaDataset, IblDataset, PsytrackDataset),
)
AnyDataset = Annotated[Union[(SimulateDataset, TableDataset, *PUBLIC)], Field(discriminator="source")]


class Model(Section):
    """Keys that every model has, and what the run asks of a family of models."""

    uses_training: ClassVar[bool] = False  # whether the section `training` is about its fits
    recoverable: ClassVar[bool] = False  # whether agents with random parameters can be simulated and fitted

    datasets: Literal["all"] | list[str] = Field(
        "all", description="data sets of the run that the model is fitted to, by name; `all` must have tasks it can do"
    )

    def dims_on(self, name: str, task: Task) -> list[int]:
        """Dims at which the model called `name` is fitted to data of the task."""
        raise NotImplementedError

    def slice(self, name: str, seeds: int | None) -> dict[str, Any]:
        """What a fit depends on, apart from the dim; `seeds` is the run's number, for networks that give none."""
        raise NotImplementedError

    def slice_of_one(self, name: str, dim: int | None) -> dict[str, Any]:
        """The slice of a fit that is asked for by hand, without a run; InputError if that leaves something open."""
        return self.slice(name, None)

    def problems_in(self, protocol: str) -> list[str]:
        """What does not go together with the run's cross-validation, key by key."""
        return []

    def problems_on(self, name: str, dataset: str, task: Task) -> list[str]:
        """What does not go together with a data set, key by key; ValueError if the task has no such model."""
        return []

    def competes(self, cells: list[str]) -> bool:
        """Whether it is one of the models that d* is estimated from, of which these cells are admitted."""
        return False


class RnnModel(Model):
    """A recurrent network, fitted at several dimensions."""

    uses_training = True

    family: Literal["rnn"]
    cell: Cell = Field(
        "gru",
        description="recurrent cell: `gru`, `switching_gru` (own weights for each input condition), `slin` (switching "
        "linear), `mi_gru` (gates see the product of input and state as well), `rnn`, `low_rank_rnn` (an `rnn` whose "
        "recurrent matrix has a fixed `rank`), `lstm` (two dynamical variables for each unit), `mingru`, `minlstm`",
    )
    dims: list[Annotated[int, Field(ge=1, le=100)]] = Field(
        [1, 2], min_length=1, description="numbers of units; one set of fits for each"
    )
    readout: Literal["full", "diagonal", "block"] = Field(
        "full",
        description="`full`: logits = W h + b. `diagonal`: logits = c h with one shared scalar; "
        "every dim must equal the number of actions. `block` (original two-stage task): a third of the units for the "
        "first choice and one for the choice in each state; dims are multiples of 3",
    )
    l1: list[Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        [1.0e-5], min_length=1, description="L1 weights on the recurrent layer's matrices; they compete on validation"
    )
    seeds: int | None = Field(
        None, ge=1, description="number of initialisations (0, 1, ...); null takes `training.seeds`"
    )
    rank: Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="rank of the recurrent matrix of a `low_rank_rnn`, at most the smallest of `dims`; null is 1. No "
        "other cell has one",
    )
    subject_embedding: int = Field(
        0,
        ge=0,
        le=100,
        description="width of a learned vector for each subject that is appended to the input of every trial; 0 for "
        "none. Only where subjects are fitted as one (`cv.protocol: cross_subject`) and not for switching cells. "
        "Vectors start at 0, where those of a fold's validation and test subjects stay. Trained by torch; no portraits",
    )

    @model_validator(mode="after")
    def _goes_together(self) -> RnnModel:
        problems = [
            f"{key}: {values} has a value twice"
            for key in ("dims", "l1")
            if len(set(values := getattr(self, key))) != len(values)
        ]
        for key, none in (("rank", "null"), ("subject_embedding", "0")):
            if (value := getattr(self, key)) and key not in registry.cell(self.cell).takes:
                cells = [cell for cell in registry.CELLS if key in registry.cell(cell).takes]
                allowed = f"{none}, or {'one of the cells' if len(cells) > 1 else 'cell'} {', '.join(cells)}"
                why = ", which is fed a condition, not a vector" if registry.cell(self.cell).by_condition else ""
                problems.append(f"{key}: found {value} with cell {self.cell!r}{why}; allowed: {allowed}")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def dims_on(self, name: str, task: Task) -> list[int]:
        return list(self.dims)

    def slice(self, name: str, seeds: int | None) -> dict[str, Any]:
        return {**self.model_dump(exclude={"dims", "datasets"}), "seeds": self.seeds or seeds}

    def slice_of_one(self, name: str, dim: int | None) -> dict[str, Any]:
        if self.seeds is None or dim is None:
            raise InputError("a network needs --dim and, in --model, seeds: the number of initialisations")
        return self.slice(name, None)

    def problems_in(self, protocol: str) -> list[str]:
        problems = []
        if self.rank and self.rank > min(self.dims):
            problems.append(f"rank: found {self.rank} with dims {self.dims}; allowed: 1 to {min(self.dims)}")
        if self.subject_embedding and protocol != "cross_subject":
            problems.append(
                f"subject_embedding: found {self.subject_embedding} with cv.protocol {protocol!r}, which fits each "
                "subject alone; allowed: 0, or cv.protocol cross_subject"
            )
        return problems

    def problems_on(self, name: str, dataset: str, task: Task) -> list[str]:
        if task.stages > 1 and registry.cell(self.cell).by_condition:
            return [
                f"cell: {self.cell!r} needs one choice in a trial, but data set {dataset!r} has task {task.name!r}; "
                "leave one out, or name the model's `datasets`"
            ]
        if self.readout == "block" and (task.stages == 1 or any(dim % 3 for dim in self.dims)):
            return [
                "readout: 'block' needs the task original_two_stage and dims that are multiples of 3; found task "
                f"{task.name!r} of data set {dataset!r}, dims {self.dims}"
            ]
        if self.readout == "diagonal" and set(self.dims) != {task.n_outputs}:
            return [
                f"dims: {self.dims} with a diagonal readout, but data set {dataset!r} has {task.n_outputs} actions: "
                f"dims must be [{task.n_outputs}]"
            ]
        return []

    def competes(self, cells: list[str]) -> bool:
        return self.readout == "full" and self.cell in cells


class CognitiveModel(Model):
    """A classical cognitive model."""

    recoverable = True

    family: Literal["cognitive"]
    model: str | None = Field(
        None,
        description="name in the task's catalogue, `Q0` and `Q1` for Q(0) and Q(1); null takes the key under `models`",
    )
    optimizer: Literal["gradient", "nelder-mead"] = Field(
        "gradient",
        description="`gradient`: quasi-Newton, every start and inner fold at once. `nelder-mead`: the paper's, one fit "
        "after the other; some ten times slower, and no better",
    )
    seeds: int | None = Field(
        None,
        ge=1,
        description="number of random starts of a model of more than three parameters; they compete on validation. "
        "null takes the paper's: 3, and 16 for task `transition_reversal`. Smaller models start from a grid, once",
    )

    def dims_on(self, name: str, task: Task) -> list[int]:
        return [registry.cognitive(task, self.model or name).n_dynamical]

    def slice(self, name: str, seeds: int | None) -> dict[str, Any]:
        return {**self.model_dump(exclude={"datasets"}), "model": self.model or name}

    def problems_on(self, name: str, dataset: str, task: Task) -> list[str]:
        registry.cognitive(task, self.model or name)
        return []


AnyModel = Annotated[RnnModel | CognitiveModel, Field(discriminator="family")]


class CrossValidation(Section):
    """Nested cross-validation over the blocks or sessions of each subject, or a split within blocks."""

    protocol: Literal["blocks", "session", "cross_subject", "interspersed", "holdout"] = Field(
        "blocks",
        description="what is held out: `blocks`, or whole sessions, at random; whole subjects of a data set, which is "
        "then fitted as one, `pooled` (`cross_subject`); `interspersed` trials of every "
        "block, drawn once (the human protocol); `holdout`, the last trials of every block. The last two have one "
        "fold: `outer` and `inner` do not matter",
    )
    outer: Annotated[int, Field(ge=2)] | None = Field(
        None,
        description="outer folds (test); each subject needs at least as many blocks. null takes the paper's: 10, and 6 "
        "for `cross_subject`",
    )
    inner: Annotated[int, Field(ge=2)] | None = Field(
        None,
        description="inner folds (validation) of each outer fold; null takes the paper's: 9, and 5 for `cross_subject`",
    )
    single_inner_fold: bool | None = Field(
        None,
        description="run the first of the inner folds only; null takes the paper's: true for `cross_subject` alone",
    )
    seed: int | None = Field(
        None,
        ge=0,
        description="seed of the outer shuffle (the inner one of outer fold o uses o) or of the interspersed trials; "
        "null takes the paper's: 1, and 0 for interspersed trials",
    )

    def folds(self) -> dict[str, Any]:
        """Protocol, numbers of folds and seed as they are used, as plain values.

        `inner` folds are run, the first of `n_inner`.
        """
        seed = self.seed if self.seed is not None else 0 if self.protocol == "interspersed" else 1
        one = self.protocol in ("interspersed", "holdout")
        paper = (1, 1) if one else (6, 5) if self.protocol == "cross_subject" else (10, 9)
        outer, n_inner = paper if one else (self.outer or paper[0], self.inner or paper[1])
        single = self.protocol == "cross_subject" if self.single_inner_fold is None else self.single_inner_fold
        inner = 1 if single else n_inner
        return {"protocol": self.protocol, "outer": outer, "inner": inner, "n_inner": n_inner, "seed": seed}


class OneTraining(Section):
    """How one network is trained."""

    optimizer: Literal["adam", "fast"] = Field(
        "adam",
        description="`adam`: the paper's, full batch. `fast`: the same path in steps four times as long, about three "
        "times fewer; the keys below are given as for `adam`",
    )
    learning_rate: float = Field(0.005, gt=0, allow_inf_nan=False, description="step size of Adam")
    max_epochs: int = Field(2000, ge=1, description="training ends after this many epochs at the latest")
    patience: int = Field(200, ge=1, description="training ends at the first epoch beyond this many without gain")


class FitTraining(OneTraining):
    """What a fit job is told about training."""

    device: Device = Field("auto", description="where networks are trained")


class Training(OneTraining):
    """How networks are trained."""

    seeds: int = Field(3, ge=1, description="initialisations of every network; they compete on validation")


class Dimensionality(Section):
    """Behavioural dimensionality d* of each subject."""

    cells: list[Cell] = Field(
        ["gru", "switching_gru", "slin"], min_length=1, description="cells that compete at each dimension"
    )
    bootstrap: int = Field(1000, ge=100, description="resamples of the outer folds for the 95% interval of d*")


class Portraits(Section):
    """Phase portraits, fixed points and setpoints of models with one dynamical variable and two actions."""

    models: Literal["all"] | list[str] = Field(
        "all", description="keys under `models`; those with d = 1 and without a subject embedding are drawn"
    )


class ParameterRecovery(Section):
    """Agents of cognitive models with random parameters, simulated and fitted again.

    Their environment, blocks and trials are those of the data sets with `source: simulate`; without such a data set
    there is nothing to recover.
    """

    models: Literal["all"] | list[str] = Field("all", description="keys under `models`; `all` takes the cognitive ones")
    agents: int = Field(50, ge=2, description="agents of each model on each simulated data set")
    ranges: dict[str, tuple[Finite, Finite]] = Field(
        {},
        description="parameter: lowest and highest true value, uniform in between, for positive parameters in "
        "logarithm. A parameter that is not given is drawn by its class: unit 0.05 to 0.95, half 0.02 to 0.3, positive "
        "1 to 10, real -1 to 1",
    )


class Analyses(Section):
    """Analyses that run after the fits; one that is left out is not made."""

    dimensionality: Dimensionality | None = Field(None, description="d* by four rules; {} takes the defaults")
    portraits: Portraits | None = Field(None, description="phase portraits and setpoints; {} takes the defaults")
    parameter_recovery: ParameterRecovery | None = Field(
        None, description="whether parameters of cognitive models are found again; {} takes the defaults"
    )


class Config(Section):
    """One run of tinycog."""

    run: Identifier = Field("demo", description="name of the run; results go to results/{run}")
    raw: str = Field("resources/raw", description="folder in which the public data sets' raw files are looked for")
    strict_checksums: bool = Field(
        False,
        description="whether a raw file that differs from the published one ends the run; else it is a warning, kept "
        "in the data set's meta.json",
    )
    seed: int = Field(
        0, ge=0, description="seed of simulations and bootstraps (networks use seeds 0, 1, ... themselves)"
    )
    device: Device = Field(
        "auto", description="where networks are trained; `auto` is the CPU, which is faster at these sizes"
    )
    allow_missing: bool = Field(
        False,
        description="make tables and figures from the fits that exist and list the others as missing "
        "(for `--config allow_missing=true` after a run with failures)",
    )
    datasets: dict[Identifier, AnyDataset] = Field(min_length=1, description="data sets by name")
    models: dict[Identifier, AnyModel] = Field(min_length=1, description="models by name")
    cv: CrossValidation = Field(CrossValidation(), description="cross-validation")
    training: Training = Field(Training(), description="training of networks")
    analyses: Analyses = Field(Analyses(), description="what is made of the fits")

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        problems = []
        for name, model in self.models.items():
            if model.datasets != "all" and (unknown := set(model.datasets) - set(self.datasets)):
                known = ", ".join(self.datasets)
                problems.append(f"models.{name}.datasets: {sorted(unknown)} not among the data sets; allowed: {known}")
            problems += [f"models.{name}.{problem}" for problem in model.problems_in(self.cv.protocol)]
        for dataset_name, dataset in self.datasets.items():
            task = dataset.task_object
            if not any(self.fitted_to(model, dataset_name) for model in self.models):
                problems.append(
                    f"datasets.{dataset_name}: no model is fitted to it; add one, or see models' `datasets`"
                )
            if task.name == "perceptual":  # a network would not see the stimulus before it chooses
                problems.append(f"datasets.{dataset_name}.task: no model of task 'perceptual' is written yet")
            for model_name, model in self.models.items():
                if not self.fitted_to(model_name, dataset_name):
                    continue
                try:
                    found = model.problems_on(model_name, dataset_name, task)
                    problems += [f"models.{model_name}.{problem}" for problem in found]
                except ValueError as error:
                    problems.append(f"models.{model_name}: {error}")
            if isinstance(dataset, SimulateDataset):
                units = {"session": 1, "cross_subject": dataset.n_subjects}  # a simulated subject has one session
                n_units = units.get(self.cv.protocol, dataset.n_blocks)
                if problem := cannot_split(n_units, dataset.n_trials, self.cv.folds()):
                    problems.append(f"datasets.{dataset_name}.n_blocks: {problem}")
        portraits = self.analyses.portraits
        if portraits and portraits.models != "all" and (missing := set(portraits.models) - set(self.models)):
            problems.append(f"analyses.portraits.models: {sorted(missing)} not among models {sorted(self.models)}")
        problems += self._recovery_problems()
        if problems:
            raise ValueError("\n".join(dict.fromkeys(problems)))
        return self

    @property
    def _cognitive(self) -> list[str]:
        """Names of the cognitive models, whose parameters can be recovered."""
        return [name for name, model in self.models.items() if model.recoverable]

    def recovered(self) -> list[tuple[str, str]]:
        """(data set, model) whose parameters are simulated and fitted again."""
        section = self.analyses.parameter_recovery
        if section is None:
            return []
        simulated = [name for name, dataset in self.datasets.items() if isinstance(dataset, SimulateDataset)]
        models = self._cognitive if section.models == "all" else section.models
        return [(dataset, model) for dataset in simulated for model in models if self.fitted_to(model, dataset)]

    def _recovery_problems(self) -> list[str]:
        """What does not go together in the section `parameter_recovery`."""
        section, place = self.analyses.parameter_recovery, "analyses.parameter_recovery"
        if section is None:
            return []
        if section.models != "all" and (unknown := sorted(set(section.models) - set(self._cognitive))):
            return [f"{place}.models: {unknown} not among the cognitive models {self._cognitive}"]
        classes = {}
        for dataset, model in self.recovered():
            try:
                named = registry.cognitive(self.datasets[dataset].task_object, self.models[model].model or model)
            except ValueError:  # said where models are checked
                return []
            classes |= named.classes
        problems = []
        for name, (low, high) in section.ranges.items() if classes else ():
            if name not in classes:
                problems.append(f"{place}.ranges: no model has a parameter {name!r}; they have: {', '.join(classes)}")
                continue
            least, most = classes[name].low, classes[name].high
            in_logarithm = classes[name] is POSITIVE
            if not least <= low < high <= most or (in_logarithm and low == 0):
                ends = f"({least:g}, {most:g})" if in_logarithm else f"[{least:g}, {most:g}]"
                allowed = f"a lower and a higher value in {ends}"
                problems.append(f"{place}.ranges.{name}: found [{low:g}, {high:g}]; must be {allowed}")
        return problems

    def fitted_to(self, name: str, dataset: str) -> bool:
        """Whether a model is fitted to a data set."""
        datasets = self.models[name].datasets
        return datasets == "all" or dataset in datasets

    def dims(self, name: str) -> dict[str, list[int]]:
        """Dims of a model on each data set, none where it is not fitted: units, or a cognitive model's variables."""
        model = self.models[name]

        def on(dataset: str) -> list[int]:
            return model.dims_on(name, self.datasets[dataset].task_object) if self.fitted_to(name, dataset) else []

        return {dataset: on(dataset) for dataset in self.datasets}

    def model_slice(self, name: str) -> dict[str, Any]:
        """What a fit of this model depends on, apart from the dim, as plain values for a rule's params."""
        return self.models[name].slice(name, self.training.seeds)

    def training_slice(self, name: str) -> dict[str, Any]:
        """Training options of this model's fits; empty for a model that uses none of them."""
        if not self.models[name].uses_training:
            return {}
        return {**self.training.model_dump(exclude={"seeds"}), "device": self.device}


def load(default: Path, given: Iterable[Path] = (), overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the default file, then each given file, then single overrides, and check the whole.

    `datasets`, `models` and `analyses` of a given file replace what came before; other sections merge key by key. With
    a given file, `cv` and `training` of the default file do not count: what is not given has the paper's value.

    Raises:
        InputError: a file cannot be read, or a key or value is not allowed; one line for each problem.
    """
    path, given = default, list(given)
    merged = {key: value for key, value in _read(default).items() if not (given and key in OF_THE_DEMO)}
    for path in given:
        merged = _merge(merged, _read(Path(path)))
    return validated(_merge(merged, dict(overrides or {})), origin=path)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"{path}: no such config file")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: a config file is a mapping of keys to values, found {type(content).__name__}")
    return content


def _merge(base: dict[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in update.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = {**merged[key], **value} if both and key not in REPLACED else value
    return merged


def validated(content: Mapping[str, Any], origin: Path | str, section: type[BaseModel] | Any = Config) -> Any:
    """`content` as a checked `section`; raises InputError with one readable line for each problem."""
    try:
        return TypeAdapter(section).validate_python(content)
    except ValidationError as error:
        lines = [line for problem in error.errors() for line in _explain(problem, section)]
        raise InputError(f"{origin}: " + f"\n{origin}: ".join(dict.fromkeys(lines))) from None


def _explain(problem: Mapping[str, Any], section: Any) -> list[str]:
    """One or more readable lines for one of pydantic's problems."""
    where, container, expected = _locate(problem["loc"], section)
    key = ".".join(where)
    prefix = f"{key}: " if key else ""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = sorted(container.model_fields)
        near = difflib.get_close_matches(where[-1], allowed, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return [f"{prefix}unknown key; {hint}Allowed here: {', '.join(allowed)}"]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = str(context["discriminator"]).strip("'")
        found = f"found {context['tag']!r}" if "tag" in context else "this key is required"
        allowed = ", ".join(get_args(member.model_fields[tag].annotation)[0] for member in _members(expected))
        return [f"{'.'.join([*where, tag])}: {found}; allowed: {allowed}"]
    if kind == "missing":
        return [f"{prefix}this key is required"]
    if kind in ("too_short", "too_long"):
        return [f"{prefix}found {problem['input']!r}; needs at least {context.get('min_length')} entry"]
    if kind == "value_error":
        lines = str(context["error"]).split("\n")
        return [f"{key}.{line}" if key and re.match(r"[A-Za-z_0-9.+-]+: ", line) else prefix + line for line in lines]
    message = problem["msg"].removeprefix("Input should be ")
    return [f"{prefix}found {problem['input']!r}; must be {message}"]


def _members(annotation: Any) -> list[Any]:
    """The types that an annotation may stand for, without Annotated, Optional and Union around them."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [member for argument in get_args(annotation) for member in _members(argument)]
    return [annotation]


def _locate(loc: tuple[Any, ...], section: Any) -> tuple[list[str], Any, Any]:
    """The keys as the user wrote them (pydantic adds tags of unions), the section that holds the last, its type."""
    where: list[str] = []
    container = expected = section
    for part in loc:
        if part == "[key]":  # the mapping's key itself is at fault
            continue
        members = _members(expected)
        sections = [member for member in members if isinstance(member, type) and issubclass(member, BaseModel)]
        collections = [member for member in members if get_origin(member) in (dict, list)]
        if len(sections) > 1:  # the tag of a union: `simulate`, `rnn`, ...
            tags = {get_args(field.annotation): m for m in sections for field in m.model_fields.values()}
            expected = tags[(part,)]
        elif sections:
            container = sections[0]
            where.append(str(part))
            expected = container.model_fields[part].annotation if part in container.model_fields else None
        elif collections and (isinstance(part, int) or get_origin(collections[0]) is dict):
            where.append(str(part))
            expected = get_args(collections[0])[-1]
        # anything else is pydantic's own way of naming a member, which the user did not write
    return where, container, expected
