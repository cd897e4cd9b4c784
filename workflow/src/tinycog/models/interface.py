"""What every model is: an initial state, a policy, an update, over arrays whose first dimension is the replica.

Networks and cognitive models alike are objects with

    family                                      what tables call its kind
    fitted_by                                   name of the module that fits it, see `tinycog.fitting.engine.fit_each`
    uses_copies                                 whether relabelled copies of blocks train it
    parameters                                  names of the parameter arrays
    n_dynamical                                 number of dynamical variables D
    n_state                                     width of the state: D, and what a cognitive model remembers of a trial
    state_names                                 names of the state's columns
    states_alike                                whether a column of the state means the same in every fit
    state_bounds                                range that no column of the state can leave
    log_floor                                   logarithm of what its likelihood adds to a probability; None for nothing
    by_condition                                whether it has parameters of its own for each input condition
    ties_fail                                   whether a choice between equally probable actions counts as wrong
    initial_state(params, n_blocks) -> state    (replica, block, n_state), before the first trial
    drive(params, sequences) -> [trial, ...]    what each trial brings to the update, before the state is known
    update(params, state, trial) -> state       (replica, block, n_state), after the trial
    policy(params, state, cue) -> logits        (replica, ..., action) for states (replica, ..., n_state); the cue is
                                                what is seen before the choice, None in most tasks
    prediction_error(state, trial) -> error     (replica, ...) reward minus what was expected; None for a model that
                                                expects no reward

`params` maps each name to an array (replica, ...). Arrays are NumPy's or torch's; every model runs on both. Everything
else (likelihood, fitting, simulation, portraits) is written once over this interface.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import array_api_compat
import numpy as np

from tinycog.arrays import namespace

Array = Any  # numpy.ndarray or torch.Tensor; floating arrays are float64
Parameters = Mapping[str, Array]


class Trial(NamedTuple):
    """One time point of every block: integer action and state, real reward; (block,) or (replica, block).

    In the original two-stage task `stage` 0 brings the first action and the state it led to, without a reward, and
    stage 1 the second action (slots 2, 3 in state 0 and 4, 5 in state 1), the same state and the reward. `stimulus`
    (..., block, stimulus) is what was shown before the choice, None where nothing is shown.
    """

    action: Array
    state: Array
    reward: Array
    stage: int = 0
    stimulus: Array | None = None


class Cue(NamedTuple):
    """What is seen before a choice: `stimulus` (..., block, stimulus), for states (replica, ..., block, n_state)."""

    stimulus: Array


class Model(Protocol):
    family: str
    fitted_by: str
    uses_copies: bool
    parameters: tuple[str, ...]
    n_dynamical: int
    n_state: int
    state_names: tuple[str, ...]
    states_alike: bool
    state_bounds: tuple[float, float]
    log_floor: float | None
    by_condition: bool
    ties_fail: bool

    def initial_state(self, params: Parameters, n_blocks: int) -> Array: ...

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Any]: ...

    def update(self, params: Parameters, state: Array, trial: Any) -> Array: ...

    def policy(self, params: Parameters, state: Array, cue: Cue | None = None) -> Array: ...

    def prediction_error(self, state: Array, trial: Trial) -> Array | None: ...


def run_states(model: Model, params: Parameters, sequences: Any, n_updates: int) -> Array:
    """States before trials 0..n_updates of every block, shape (replica, n_updates + 1, block, n_state).

    The longest block is updated `n_updates` times: as often as it has trials, or once less where the state after its
    last trial is not needed. A shorter block is updated fewer times, by the trials that it lacks, and is reset to its
    initial state in the padding after it, where an update could overflow and make sums over all blocks NaN.
    """
    state = initial = model.initial_state(params, sequences.n_blocks)
    xp = namespace(state)
    last = n_updates - (sequences.n_trials - np.asarray(sequences.lengths))  # updates of each block
    running = xp.asarray(np.arange(n_updates)[:, None] < last, device=array_api_compat.device(state))[..., None]
    states = [state]
    for time, trial in enumerate(model.drive(params, sequences)[:n_updates]):
        state = model.update(params, state, trial)
        if time >= last.min():
            state = xp.where(running[time], state, initial)
        states.append(state)
    return xp.stack(states, axis=1)


def run(model: Model, params: Parameters, sequences: Any, n_updates: int) -> tuple[Array, Array]:
    """States (replica, n_updates + 1, block, n_state) and logits (replica, n_updates + 1, block, action)."""
    states = run_states(model, params, sequences, n_updates)
    return states, model.policy(params, states, sequences.cue(n_updates + 1))


def along_replicas(parameter: Array, like: Array) -> Array:
    """A scalar parameter (replica,) shaped to multiply an array (replica, ...)."""
    return parameter.reshape(-1, *[1] * (like.ndim - 1))
