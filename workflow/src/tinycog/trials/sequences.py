"""Trials of one subject as arrays: what models consume."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import array_api_compat
import numpy as np

from tinycog.arrays import namespace
from tinycog.errors import InputError
from tinycog.models.interface import Array, Cue, Trial
from tinycog.storage import read_columns
from tinycog.tasks import Task
from tinycog.trials.subjects import POOLED
from tinycog.trials.values import allowed

UNAVAILABLE = -9999.0  # added to the logits of actions that a choice does not offer (methods: two choices in a trial)
NEVER = -1e300  # what stands for it where logits may be of any size; exp of it is exactly 0
OF_BLOCKS = ("subject_code", "task_code")  # arrays of `Sequences` that have one value for each block


@dataclass(frozen=True)
class Sequences:
    """All blocks of one subject, time-major, padded at the end with masked choices.

    A time point is one choice: a trial, or one of the two choices of a trial in the original two-stage task.

    Attributes:
        action, state: (trial, block) integers from 0; 0 where masked (methods: missing choices).
        reward: (trial, block) float64; 0 where masked.
        mask: (trial, block) float64, 1 where the choice is scored.
        x: (trial, block, input) float64, what a network is fed after each trial.
        lengths: time points of each block.
        condition: (trial, block) code of the input condition, see `Task.condition`; None where trials have two choices.
        closed: (trial, block, output) float64, `UNAVAILABLE` where an action is not offered and 0 elsewhere, which may
            be added to a network's logits; None where every action always is offered.
        target: (trial, block, output) float64, a teacher's probabilities of all actions, with which training and
            validation compare a model (methods: targets of a teacher); None for the choices themselves. Test always
            uses choices.
        guide: (trial, block, unit) float64, a teacher's states before each choice, to which training leads those of a
            student (methods: distillation); None for nothing of that kind.
        subject_code: (block,) place of each block's subject among the sorted ids of the table; None without a table.
        task_code: (block,) number of each block's task in a set of several; None where there is one.
        stimulus: (trial, block, stimulus) float64, what is shown before each choice, columns in the order of the table;
            0 in the padding. None where nothing is shown.
    """

    action: Array
    state: Array
    reward: Array
    mask: Array
    x: Array
    lengths: np.ndarray = field(repr=False)
    condition: Array | None = None
    closed: Array | None = None
    target: Array | None = None
    guide: Array | None = None
    subject_code: Array | None = None
    task_code: Array | None = None
    stimulus: Array | None = None

    @property
    def n_subjects(self) -> int:
        """Number of subjects of the table, if these are all of its blocks."""
        return 0 if self.subject_code is None else int(self.subject_code.max()) + 1

    @property
    def stages(self) -> int:
        """Time points of a trial."""
        return 1 if self.closed is None else 2

    @property
    def n_trials(self) -> int:
        return self.action.shape[0]

    @property
    def n_blocks(self) -> int:
        return self.action.shape[1]

    @cached_property
    def _trials(self) -> list[Trial]:
        shown = [None] * self.n_trials if self.stimulus is None else self.stimulus
        columns = zip(self.action, self.state, self.reward, shown, strict=True)
        return [Trial(a, s, r, t % self.stages, stimulus) for t, (a, s, r, stimulus) in enumerate(columns)]

    def trials(self) -> list[Trial]:
        """The trials in order, each of every block."""
        return self._trials

    def cue(self, n_times: int) -> Cue | None:
        """What is seen before the choices of the first time points; 0 for a choice after the last trial."""
        if self.stimulus is None:
            return None
        shown = self.stimulus[:n_times]
        if n_times > self.n_trials:
            xp = namespace(shown)
            shown = xp.concat([shown, xp.zeros_like(shown[:1])])
        return Cue(shown)

    def subset(self, blocks: np.ndarray) -> Sequences:
        """The given blocks alone, cut to the longest of them."""
        n_trials = int(self.lengths[blocks].max())
        arrays = {
            name: value[blocks] if name in OF_BLOCKS else value[:n_trials, blocks]
            for name, value in self.arrays().items()
        }
        return Sequences(**arrays, lengths=self.lengths[blocks])

    def arrays(self) -> dict[str, Array]:
        """Everything that is an array over trials and blocks, or over blocks, by name."""
        names = ("action", "state", "reward", "mask", "x", "condition", "closed", "target", "guide", "stimulus")
        return {name: value for name in (*names, *OF_BLOCKS) if (value := getattr(self, name)) is not None}


def from_columns(columns: dict[str, np.ndarray], task: Task) -> Sequences:
    """Arrays from the columns of one subject's trial table, rows in order of block and trial."""
    if task.stages == 2:
        return _from_two_choices(columns, task)
    place = _Grid(columns["block"], columns["trial"])
    scored = columns["mask"] == 1
    action, state = (place(np.where(scored, columns[name], 0), np.int64) for name in ("action", "state"))
    reward = place(np.where(scored, columns["reward"], 0), np.float64)
    mask = place(scored, np.float64)
    x, condition = task.encode(action, state, reward), task.condition(action, state, reward)
    shown = [place(columns[name], np.float64) for name in _stimuli(columns, task)]
    stimulus = np.stack(shown, axis=-1) if shown else None
    return Sequences(action, state, reward, mask, x, place.lengths, condition, stimulus=stimulus)


def _stimuli(columns: dict[str, np.ndarray], task: Task) -> list[str]:
    """Names of the columns that are shown before a choice."""
    return [name for name in columns if name.startswith("stim_")] if task.stimulus else []


def _from_two_choices(columns: dict[str, np.ndarray], task: Task) -> Sequences:
    """Two time points a trial (methods: two choices in a trial): slots 0, 1 first actions, then two for each state.

    After the first choice a network is fed the state reached and the action; after the second one the reward as well,
    and the state slot says that the first stage follows. A missing choice is fed as action 0, unrewarded; where both
    are missing the state is 0.
    """
    block, trial = columns["block"], columns["trial"]
    first, second = columns["mask"] == 1, columns["mask2"] == 1
    n_first = task.n_actions
    reached = np.where(first | second, columns["state"], 0)
    slot = n_first + 2 * reached + np.where(second, columns["action2"], 0)
    place = _Grid(np.repeat(block, 2), np.stack([2 * trial, 2 * trial + 1], axis=1).ravel())

    def both(at_first: np.ndarray, at_second: np.ndarray, dtype: type) -> np.ndarray:
        return place(np.stack([at_first, at_second], axis=1).ravel(), dtype)

    action = both(np.where(first, columns["action"], 0), slot, np.int64)
    state = both(reached, reached, np.int64)
    reward = both(np.zeros(len(block)), np.where(second, columns["reward"], 0), np.float64)
    mask = both(first, second, np.float64)
    next_stage = both(1 + reached, np.zeros(len(block)), np.int64)
    one_hots = [next_stage[..., None] == np.arange(1 + task.n_states), action[..., None] == np.arange(task.n_outputs)]
    x = np.concatenate([*one_hots, reward[..., None]], axis=-1).astype(np.float64)
    at_second = both(np.zeros(len(block)), np.ones(len(block)), np.int64)[..., None] == 1
    slots = np.arange(task.n_outputs)
    of_state = (slots - n_first) // 2 == state[..., None]
    offered = np.where(at_second, (slots >= n_first) & of_state, slots < n_first)
    return Sequences(action, state, reward, mask, x, place.lengths, closed=np.where(offered, 0.0, UNAVAILABLE))


class _Grid:
    """Puts values of rows at their time point and block, zero elsewhere."""

    def __init__(self, block: np.ndarray, time: np.ndarray):
        self.block, self.time = block, time
        self.lengths = np.bincount(block)
        self.shape = (int(time.max()) + 1, len(self.lengths))

    def __call__(self, values: np.ndarray, dtype: type) -> np.ndarray:
        full = np.zeros(self.shape, dtype=dtype)
        full[self.time, self.block] = values
        return full


@dataclass(frozen=True)
class TrialTable:
    """What the trial table of one subject, or of all subjects pooled, gives to a fit.

    Attributes:
        own: blocks that are no relabelled copies of others.
        subject: the subject's id; `POOLED` where there are several.
    """

    dataset: str
    subject: str
    sequences: Sequences
    own: np.ndarray


def read_table(path: Path, task: Task) -> TrialTable:
    """Read a trial table, once."""
    names = ["dataset", "subject", "block", "trial", "action", "state", "reward", "mask", "aug_of"]
    names += ["action2", "mask2"] if task.stages == 2 else []
    columns = read_columns(path, None if task.stimulus else names)
    _check(columns, task, path)
    of_block = columns["subject"][columns["trial"] == 0]
    subjects, code = np.unique(of_block, return_inverse=True)
    block = columns["block"]
    return TrialTable(
        dataset=columns["dataset"][0],
        subject=subjects[0] if len(subjects) == 1 else POOLED,
        sequences=replace(from_columns(columns, task), subject_code=code),
        own=np.unique(block[columns.get("aug_of", block) == block]),
    )


def read(path: Path, task: Task) -> Sequences:
    """The trials of a table, copies included."""
    return read_table(path, task).sequences


def _check(columns: dict[str, np.ndarray], task: Task, path: Path) -> None:
    """Refuse values that models cannot use, whatever made the table: compiled code does not check again.

    Raises:
        InputError: a scored choice has an action or state out of range, or a reward that is no number from 0 to 1; a
            stimulus is no number.
    """
    first, second = columns["mask"] == 1, columns.get("mask2", columns["mask"]) == 1
    scored = {"action": first, "state": first | second, "action2": second, "reward": second}
    wrong = {name: (scored[name] & ~of.holds(columns[name]), str(of)) for name, of in allowed(task).items()}
    wrong |= {name: (~np.isfinite(columns[name]), "a number") for name in _stimuli(columns, task)}
    for name, (rows, rule) in wrong.items():
        if rows.any():
            row = rows.argmax()
            where = f"subject {columns['subject'][row]!r}, block {columns['block'][row]}, trial {columns['trial'][row]}"
            raise InputError(f"{path}: {where}: {name}: found {columns[name][row]}; allowed: {rule}")


def log_likelihood(logits: Array, sequences: Sequences, log_floor: float | None = None) -> Array:
    """Log-likelihood of each choice, (replica, trial, block), nats; 0 where masked.

    Args:
        logits: (replica, trial, block, action).
        log_floor: the model's; see `guarded`.
    """
    policy, action = log_policy(logits, sequences), sequences.action[None, :, :, None]
    if array_api_compat.is_torch_array(logits):
        chosen = policy.gather(-1, action.expand(logits.shape[0], -1, -1, -1))
    else:
        chosen = np.take_along_axis(policy, action, axis=-1)
    return guarded(chosen[..., 0], log_floor) * sequences.mask


def expected_log_likelihood(logits: Array, sequences: Sequences, log_floor: float | None = None) -> Array:
    """As `log_likelihood`, but the mean over the shares in `target` where there are any."""
    if sequences.target is None:
        return log_likelihood(logits, sequences, log_floor)
    policy = guarded(log_policy(logits, sequences), log_floor)
    return (policy * sequences.target).sum(-1) * sequences.mask


def guarded(log_probability: Array, log_floor: float | None) -> Array:
    """ln((1 - 2 floor) p + floor) of ln p: so that no choice costs everything (methods: policy and likelihood).

    The floor of cognitive models is 0.5e-200, next to which 1 - 2 floor is 1 in every digit; without that factor a
    certain choice would be more than certain, hence the limit at 0.
    """
    if log_floor is None:
        return log_probability
    xp = namespace(log_probability)
    guarded = xp.logaddexp(log_probability, xp.full_like(log_probability, log_floor))
    return xp.minimum(guarded, xp.zeros_like(guarded))  # in the order of `guarded`, so that sums round as before


def _open(logits: Array, sequences: Sequences) -> Array:
    """The logits, `NEVER` for actions that are not offered."""
    if sequences.closed is None:
        return logits
    xp = namespace(logits)
    return xp.where(sequences.closed == 0, logits, xp.full_like(logits, NEVER))


def log_policy(logits: Array, sequences: Sequences) -> Array:
    """Log-probability of every action, (replica, trial, block, action)."""
    logits = _open(logits, sequences)
    if array_api_compat.is_torch_array(logits):
        return logits.log_softmax(-1)
    return log_softmax(logits)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of the actions of logits (..., action), in NumPy."""
    below = logits - logits.max(axis=-1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=-1, keepdims=True))


def shares(sequences: Sequences, n_actions: int) -> np.ndarray:
    """What training and validation compare a model with, (trial, block, action); one-hot without targets."""
    if sequences.target is None:
        return (sequences.action[..., None] == np.arange(n_actions)).astype(np.float64)
    return sequences.target


def is_predicted(logits: Array, sequences: Sequences, ties_fail: bool = False) -> Array:
    """1 where the most probable action (ties to the lowest) was chosen and is scored, (replica, trial, block).

    With `ties_fail` a choice between equally probable actions was not predicted.
    """
    logits = _open(logits, sequences)
    predicted = (logits.argmax(-1) == sequences.action) * sequences.mask
    if ties_fail:
        highest = namespace(logits).max(logits, axis=-1, keepdims=True)
        predicted = predicted * ((logits == highest).sum(-1) == 1)
    return predicted
