"""What pays in simulated tasks: section `environment` of a simulated data set."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Union

from pydantic import Field

from tinycog.sections.base import FROM_LIST, MOST_TRIALS, Probability, Section, Trials
from tinycog.tasks import Task

Two = Annotated[tuple[Probability, Probability], FROM_LIST]


class EnvironmentSection(Section):
    """What pays in a simulated task."""

    graded: ClassVar[bool] = False  # whether rewards are other than 0 and 1

    def problem(self, task: Task, n_trials: int) -> str | None:
        """What does not go together with the task, as a key and a sentence; None if all does."""
        return None


class BanditEnvironment(EnvironmentSection):
    """Reward probabilities of actions that lead to their own states; with two actions they may swap once in a block."""

    kind: Literal["bandit"] = Field("bandit", description="probabilities of actions")
    probabilities: Literal["uniform"] | list[Probability] = Field(
        "uniform",
        description="reward probability of each action; `uniform` draws each from U(0, 1), new in every block",
    )
    reversal: Annotated[tuple[int, int], FROM_LIST] | None = Field(
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
    probabilities: Two = Field((0.2, 0.8), description="of the two states at the start")
    block_length: Trials = Field(50, ge=1, description="trials until the probabilities swap, and again")
    hazard: float = Field(
        1.0, gt=0, le=1, description="probability of a swap in each trial that is due; 1 swaps at once"
    )
    transition_length: Annotated[int, Field(ge=1, le=MOST_TRIALS)] | None = Field(
        None, description="trials until the transitions reverse, and again; null for never"
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
    bounds: Two | None = Field(
        None,
        description="lowest and highest probability; null: [0.25, 0.75] in the original two-stage task, else [0, 1]",
    )

    def problem(self, task: Task, n_trials: int) -> str | None:
        if self.bounds is not None and self.bounds[0] >= self.bounds[1]:
            return f"bounds: {list(self.bounds)} must be a lower and a higher probability"
        return None


class DriftEnvironment(EnvironmentSection):
    """Graded payoffs whose means drift towards a centre (Daw et al. 2006), in points from 0 to 100."""

    graded = True

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
    trials_per_level: Trials = Field(10, ge=1, description="trials that each value is held")

    def problem(self, task: Task, n_trials: int) -> str | None:
        if len(self.levels) != task.n_states or len({len(arm) for arm in self.levels}) != 1 or not self.levels[0]:
            return f"levels: needed {task.n_states} lists of equal length for task {task.name!r}, found {self.levels}"
        return None


class BahramiEnvironment(EnvironmentSection):
    """Payoffs of the four-armed bandit of Bahrami & Navajas (2020), from their file."""

    graded = True

    kind: Literal["bahrami"]
    payoff_group: int = Field(2, ge=2, le=4, description="which of the file's schedules: 2, 3 or 4")

    def problem(self, task: Task, n_trials: int) -> str | None:
        return f"kind: the recorded payoffs have 150 trials, n_trials is {n_trials}" if n_trials > 150 else None


class RigEnvironment(EnvironmentSection):
    """A rig of the Akam laboratory: a block ends some trials after the animal has found the better side."""

    probabilities: Two
    neutral: Probability
    shortest: Trials
    longest: Trials
    after_criterion: Trials
    tau: float = Field(8.0, gt=0, allow_inf_nan=False, description="trials over which choices are averaged")
    threshold: float = Field(0.75, gt=0.5, lt=1, description="average of better choices that meets the criterion")

    def problem(self, task: Task, n_trials: int) -> str | None:
        if self.longest <= self.shortest:
            return f"longest: {self.longest} must be more than shortest, {self.shortest}"
        return None


class AkamTwoStepEnvironment(RigEnvironment):
    """The two-step rig of the Akam laboratory; transitions reverse in the task `transition_reversal`."""

    kind: Literal["akam_two_step"]
    probabilities: Two = Field((0.8, 0.2), description="of the richer and the poorer state")
    neutral: Probability = Field(0.4, description="of both states in a neutral block")
    shortest: Trials = Field(40, ge=1, description="trials that a block has at least")
    longest: Trials = Field(
        50, ge=2, description="sets how fast neutral blocks end: 1 / (longest - shortest) per trial"
    )
    after_criterion: Trials = Field(20, ge=0, description="trials from the criterion to the end of the block, at least")


class AkamReversalEnvironment(RigEnvironment):
    """The probabilistic reversal rig of the Akam laboratory."""

    kind: Literal["akam_reversal"]
    probabilities: Two = Field((0.75, 0.25), description="of the richer and poorer side")
    neutral: Probability = Field(0.5, description="of both sides in a neutral block")
    shortest: Trials = Field(15, ge=1, description="trials that a block has at least")
    longest: Trials = Field(
        25, ge=2, description="sets how fast neutral blocks end: 1 / (longest - shortest) per trial"
    )
    after_criterion: Trials = Field(10, ge=0, description="trials from the criterion to the end of the block, at least")


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
