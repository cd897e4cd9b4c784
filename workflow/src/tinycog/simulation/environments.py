"""What pays, and where actions lead, for all blocks at once (methods: simulated environments).

An environment is asked twice in a trial: where the first action leads, and whether the state reached (in the original
two-stage task: the second choice) pays. Most follow a schedule drawn before the first trial; the rigs of the Akam
laboratory move on by what the animal does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tinycog.tasks import Task


class Environment(Protocol):
    def reach(self, trial: int, action: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """State that each block's action leads to; `uniform` decides, one number in [0, 1) for each block."""

    def pay(self, trial: int, choice: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Reward of each block: `choice` is the state reached, or 2 * state + second action."""

    def annotations(self) -> dict[str, np.ndarray]:
        """What the schedule was, `task_*` columns (trial, block), once all trials are played."""


@dataclass
class Scheduled:
    """An environment that does not depend on what is chosen.

    Attributes:
        task: gives the probability of a common transition.
        levels: (trial, block, choice) probability of a reward, or its mean where `noise` is given.
        reversed: (trial, block) whether action i commonly leads to the other state; None for never.
        noise: (trial, block, choice) added to the mean to make a graded reward; None for rewards of 0 or 1.
    """

    task: Task
    levels: np.ndarray
    reversed: np.ndarray | None = None
    noise: np.ndarray | None = None

    def reach(self, trial: int, action: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        away = uniform >= self.task.common  # never in one stage, where it is 1
        return action ^ (away if self.reversed is None else away ^ self.reversed[trial])

    def pay(self, trial: int, choice: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        blocks = np.arange(len(choice))
        level = self.levels[trial, blocks, choice]
        if self.noise is None:
            return (uniform < level).astype(np.float64)
        return np.clip(np.round(level + self.noise[trial, blocks, choice], 2), 0.0, 1.0)  # whole points of 100

    def annotations(self) -> dict[str, np.ndarray]:
        columns = _by_name(self.levels, self.task, graded=self.noise is not None)
        if self.reversed is not None:
            columns["task_transition_reversed"] = self.reversed.astype(np.int8)
        return columns


def _by_name(levels: np.ndarray, task: Task, graded: bool = False) -> dict[str, np.ndarray]:
    """Levels (trial, block, choice) as columns: by action, by state, or by state and second action."""
    if task.stages == 2:
        names = [f"s{state}a{action}" for state in range(task.n_states) for action in (0, 1)]
    else:
        names = [str(i) if task.one_stage else f"s{i}" for i in range(task.n_states)]
    stem = "task_payoff_a" if graded else "task_p" if task.one_stage else "task_p_"
    return {stem + name: levels[..., i] for i, name in enumerate(names)}


def bandit(options: Mapping[str, Any], task: Task, n_blocks: int, n_trials: int, rng: np.random.Generator) -> Scheduled:
    """Probabilities fixed or drawn anew in every block; with two actions they may swap once."""
    given = options["probabilities"]
    arms = rng.random((n_blocks, task.n_states)) if given == "uniform" else np.tile(given, (n_blocks, 1))
    levels = np.repeat(arms[None], n_trials, axis=0)
    if options["reversal"] is not None:
        first, last = options["reversal"]
        reversal = rng.integers(first, last + 1, size=n_blocks)
        after = np.arange(n_trials)[:, None] >= reversal
        levels = np.where(after[..., None], levels[..., ::-1], levels)
    return Scheduled(task, levels)


def blocks(options: Mapping[str, Any], task: Task, n_blocks: int, n_trials: int, rng: np.random.Generator) -> Scheduled:
    """Two states whose probabilities swap, and transitions that may reverse, each on its own clock.

    Both begin as given. Probabilities swap every `block_length` trials, or from then on with probability `hazard` in
    each trial. Transitions reverse every `transition_length` trials: with `sync_flips` counted from the first trial,
    without it from a phase that is drawn for each block, so that the two do not coincide.
    """
    swapped = _flips(
        np.full(n_blocks, options["block_length"]), options["block_length"], options["hazard"], n_trials, rng
    )
    levels = np.where(swapped[..., None], options["probabilities"][::-1], options["probabilities"])
    if (length := options["transition_length"]) is None:
        return Scheduled(task, levels)
    first = np.full(n_blocks, length) if options["sync_flips"] else rng.integers(1, length + 1, size=n_blocks)
    return Scheduled(task, levels, reversed=_flips(first, length, 1.0, n_trials, rng))


def _flips(first: np.ndarray, length: int, hazard: float, n_trials: int, rng: np.random.Generator) -> np.ndarray:
    """Whether each trial lies after an odd number of flips, (trial, block).

    A flip is due at trial `first` and then `length` trials after the last one; it happens with probability `hazard` in
    each trial from then on.
    """
    if hazard == 1.0:
        return (np.arange(n_trials)[:, None] - first + length) // length % 2 == 1
    flipped = np.zeros((n_trials, len(first)), dtype=bool)
    due, now = first.copy(), np.zeros(len(first), dtype=bool)
    for trial in range(n_trials):
        flip = (trial >= due) & (rng.random(len(first)) < hazard)
        now = now ^ flip
        due = np.where(flip, trial + length, due)
        flipped[trial] = now
    return flipped


def walks(options: Mapping[str, Any], task: Task, n_blocks: int, n_trials: int, rng: np.random.Generator) -> Scheduled:
    """Probabilities walk at random between bounds that reflect them, from uniform starts."""
    usual_sd, usual_bounds = (0.025, (0.25, 0.75)) if task.stages == 2 else (0.1, (0.0, 1.0))
    low, high = options["bounds"] or usual_bounds
    n_choices = task.n_states * task.stages
    steps = rng.normal(0.0, options["sd"] or usual_sd, (n_trials, n_blocks, n_choices))
    steps[0] = rng.uniform(low, high, (n_blocks, n_choices))
    return Scheduled(task, reflected(steps.cumsum(axis=0), low, high))


def reflected(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values folded back into [low, high] at its ends, as a walk that is mirrored there."""
    phase = np.mod(values - low, 2 * (high - low))
    return low + np.minimum(phase, 2 * (high - low) - phase)


def drift(options: Mapping[str, Any], task: Task, n_blocks: int, n_trials: int, rng: np.random.Generator) -> Scheduled:
    """Mean payoffs drift towards a centre (Daw et al. 2006); 0 to 100 points are rewards from 0 to 1."""
    decay, centre = options["decay"], options["centre"] / 100
    means = np.empty((n_trials, n_blocks, task.n_states))
    means[0] = rng.uniform(0.0, 1.0, means[0].shape)
    for trial in range(1, n_trials):
        moved = decay * means[trial - 1] + (1 - decay) * centre
        means[trial] = moved + rng.normal(0.0, options["sd"] / 100, moved.shape)
    noise = rng.normal(0.0, options["noise"] / 100, means.shape)
    return Scheduled(task, np.clip(means, 0.0, 1.0), noise=noise)


def levels(options: Mapping[str, Any], task: Task, n_blocks: int, n_trials: int, rng: np.random.Generator) -> Scheduled:
    """The same given probabilities in every block, each held for some trials."""
    given = np.asarray(options["levels"], dtype=np.float64)
    held = given[:, np.minimum(np.arange(n_trials) // options["trials_per_level"], given.shape[1] - 1)]
    return Scheduled(task, np.repeat(held.T[:, None], n_blocks, axis=1))


def recorded(payoffs: np.ndarray, task: Task, n_blocks: int, n_trials: int) -> Scheduled:
    """Payoffs of an experiment, (trial, arm), the same in every block."""
    means = np.repeat(payoffs[:n_trials, None], n_blocks, axis=1)
    return Scheduled(task, means, noise=np.zeros_like(means))


class Rig:
    """A rig of the Akam laboratory: it moves on once the animal has found the better side.

    The animal's choices are averaged exponentially (0: action 0, 1: action 1) over `tau` trials from 1/2 on. Past
    `threshold` towards the better first action a countdown of `after_criterion` trials begins; the probabilities
    change once it has ended and the block has at least `shortest` trials. From then on a neutral block ends with
    probability 1 / (`longest` - `shortest`) in each trial.
    """

    SIDED_0, SIDED_1, NEUTRAL = 0, 1, 2  # state 0 is the richer one; state 1; neither

    def __init__(self, options: Mapping[str, Any], task: Task, n_blocks: int, n_trials: int, rng: np.random.Generator):
        self.options, self.task = options, task
        sided, neutral = options["probabilities"], options["neutral"]
        self.levels = np.array([sided, sided[::-1], [neutral, neutral]], dtype=np.float64)
        self.draws = rng.random((n_trials, 3, n_blocks))
        start = rng.integers(0, 2, (2, n_blocks))
        self.reward_state = start[0]
        self.transitions_reverse = task.name == "transition_reversal"
        self.reversed = (start[1] == 1) & self.transitions_reverse
        self.average = np.full(n_blocks, 0.5)
        self.in_block, self.since_criterion = np.zeros(n_blocks, dtype=int), np.full(n_blocks, -1)
        self.states, self.transitions = (np.empty((n_trials, n_blocks), dtype=np.int8) for _ in range(2))

    def reach(self, trial: int, action: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        self.states[trial], self.transitions[trial] = self.reward_state, self.reversed
        self.action = action
        return action ^ (uniform >= self.task.common) ^ self.reversed

    def pay(self, trial: int, choice: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        reward = (uniform < self.levels[self.reward_state, choice]).astype(np.float64)
        self._move(self.draws[trial])
        return reward

    def _move(self, draws: np.ndarray) -> None:
        """What follows a trial: criterion, end of the block, next block."""
        options = self.options
        rate = 1 - np.exp(-1 / options["tau"])
        self.average = (1 - rate) * self.average + rate * self.action
        self.in_block = self.in_block + 1
        neutral = self.reward_state == self.NEUTRAL
        better = self.reward_state ^ self.reversed  # first action that commonly leads to the richer state
        towards = np.where(better == 1, self.average, 1 - self.average)
        met = (self.since_criterion >= 0) | (~neutral & (towards > options["threshold"]))
        self.since_criterion = np.where(met, self.since_criterion + 1, -1)
        long_enough = self.in_block >= options["shortest"]
        sided_ends = ~neutral & long_enough & (self.since_criterion >= options["after_criterion"])
        hazard = 1 / (options["longest"] - options["shortest"])
        ends = sided_ends | (neutral & long_enough & (draws[0] < hazard))
        state, reversed_ = self._next(neutral, draws[1] < 0.5, draws[2] < 0.5)
        self.reward_state = np.where(ends, state, self.reward_state)
        self.reversed = np.where(ends, reversed_, self.reversed)
        self.in_block = np.where(ends, 0, self.in_block)
        self.since_criterion = np.where(ends, -1, self.since_criterion)

    def _next(self, neutral: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Reward state and transitions of the next block; `first` and `second` are fair coins."""
        after_neutral = second.astype(int)  # a random side
        other = 1 - self.reward_state
        if not self.transitions_reverse:
            return np.where(neutral, after_neutral, np.where(second, self.NEUTRAL, other)), self.reversed
        kept = np.where(first, self.reward_state, other)  # a reversal of transitions keeps the rewards
        state = np.where(neutral, after_neutral, np.where(second, self.NEUTRAL, kept))
        return state, self.reversed ^ (first & ~neutral)

    def annotations(self) -> dict[str, np.ndarray]:
        levels = self.levels[self.states]
        columns = _by_name(levels, self.task)
        if self.transitions_reverse:
            columns["task_transition_reversed"] = self.transitions
        return columns


KINDS = {
    **{"bandit": bandit, "blocks": blocks, "walks": walks, "drift": drift, "levels": levels},
    **{"akam_two_step": Rig, "akam_reversal": Rig},
}
