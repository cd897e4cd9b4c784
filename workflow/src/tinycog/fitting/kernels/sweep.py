"""Negative log-likelihood and its gradient for eight replicas in one pass over all blocks: what every cell shares.

    tabulate     parameters -> table: what each distinct input brings to the update, computed once a sweep
    forward      each block from its first choice to its last: states, logits, likelihood; the tape keeps what is needed
    backward     each block from its last choice to its first: gradient of the parameters and of the table
    pull_back    gradient of the table -> gradient of the parameters

Inputs are rows: each distinct input of the data is one row of `inputs`, and a trial names its row. Where inputs are few
(the conditions of a task) a trial costs a look-up and no product; where every trial has an input of its own (points,
stimuli, embeddings) the same code computes every product once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tinycog.fitting.kernels.cell import advance, pull_back, retreat, tabulate
from tinycog.fitting.kernels.lanes import WIDTH, exp, larger, load, log, spread, store

TOGETHER = 4  # blocks in flight: their chains of operations are independent, and the processor overlaps them


class Readout(NamedTuple):
    """The readout's sizes.

    Attributes:
        actions: their number is that of actions.
        start: where the readout's parameters begin.
        groups: of units, each read by its own equal share of the actions; 0 for a diagonal readout.
    """

    actions: tuple[int, ...]
    start: int
    groups: int


class Choices(NamedTuple):
    """One subject's choices, block by block.

    Attributes:
        row: (block, time point) row of `inputs` that is fed after the choice.
        inputs: (row, input).
        target: (block, time point, action) the choice as a one-hot vector, or probabilities; zero where not scored.
        closed: like `target`, added to the logits; of shape (1, 1, 0) where every action is always offered.
        lengths: (block,) time points.
    """

    row: np.ndarray
    inputs: np.ndarray
    target: np.ndarray
    closed: np.ndarray
    lengths: np.ndarray


class Room(NamedTuple):
    """Flat arrays that a sweep writes to; what they hold does not matter before, and is not needed after."""

    table: np.ndarray
    table_gradient: np.ndarray
    tape: np.ndarray
    readout: np.ndarray
    readout_gradient: np.ndarray


@njit
def _own(readout, n_units, place):
    """Offset of the parameter at `place` of the full matrix (action, unit) with the biases after it; -1 for none."""
    n_actions = len(readout.actions)
    action, unit = place // n_units, place % n_units
    if readout.groups == 0:
        return readout.start * WIDTH if action == unit else -1
    size = n_units // readout.groups
    if action >= n_actions:
        return (readout.start + n_actions * size + place - n_actions * n_units) * WIDTH
    if unit // size != action * readout.groups // n_actions:
        return -1
    return (readout.start + action * size + unit % size) * WIDTH


@njit
def _unfold(readout, n_units, theta, matrix):
    """The readout as a full matrix (action, unit), with the biases after it."""
    for place in range(len(readout.actions) * (n_units + 1)):
        own = _own(readout, n_units, place)
        store(matrix, place * WIDTH, load(theta, own) if own >= 0 else spread(0.0))


@njit
def _fold(readout, n_units, matrix_gradient, gradient):
    """Add the gradient of the full matrix to that of the readout's parameters."""
    for place in range(len(readout.actions) * (n_units + 1)):
        own = _own(readout, n_units, place)
        if own >= 0:
            store(gradient, own, load(gradient, own) + load(matrix_gradient, place * WIDTH))


@njit(forceinline=True)
def _score(cell, readout, matrix, tape, slot, errors, target, closed, weights, nll):
    """Add one choice to the NLL of each role; write the slopes of its logits, for the training NLL, to `errors`."""
    n_units, n_actions = len(cell.units), len(readout.actions)
    top = spread(-np.inf)
    for o in range(n_actions):
        logit = load(matrix, (n_actions * n_units + o) * WIDTH)
        for j in range(n_units):
            logit = logit + load(matrix, (o * n_units + j) * WIDTH) * load(tape, slot + j * WIDTH)
        if closed.size:
            logit = logit + closed[o]
        store(tape, errors + o * WIDTH, logit)
        top = larger(logit, top)
    total, chosen, scored = spread(0.0), spread(0.0), 0.0
    for o in range(n_actions):
        logit = load(tape, errors + o * WIDTH) - top
        chosen = chosen + logit * target[o]
        scored += target[o]
        odds = exp(logit)
        store(tape, errors + o * WIDTH, odds)
        total = total + odds
    loss = log(total) * scored - chosen
    for role in range(3):
        store(nll, role * WIDTH, load(nll, role * WIDTH) + load(weights, role * WIDTH) * loss)
    training = load(weights, 0)
    scale = training * scored / total
    for o in range(n_actions):
        place = errors + o * WIDTH
        store(tape, place, load(tape, place) * scale - training * target[o])


@njit(forceinline=True)
def _trace(cell, readout, matrix, matrix_gradient, tape, slot, errors, slope):
    """Add the slopes of a choice's logits to the gradients of the readout and of the state."""
    n_units, n_actions = len(cell.units), len(readout.actions)
    for o in range(n_actions):
        error = load(tape, errors + o * WIDTH)
        place = (n_actions * n_units + o) * WIDTH
        store(matrix_gradient, place, load(matrix_gradient, place) + error)
        for j in range(n_units):
            place = (o * n_units + j) * WIDTH
            store(matrix_gradient, place, load(matrix_gradient, place) + error * load(tape, slot + j * WIDTH))
            own = slope + j * WIDTH
            store(tape, own, load(tape, own) + error * load(matrix, place))


@njit(nogil=True, error_model="numpy")
def _sweep(cell, readout, choices, weights, trained, room, theta, nll, gradient):
    """One sweep of eight replicas; the arrays are those of `sweep` without their first dimension."""
    n_units, n_actions = len(cell.units), len(readout.actions)
    n_blocks, n_times = choices.row.shape
    slot_width = room.tape.size // (TOGETHER * (n_times + 1))
    table, tape, matrix = room.table, room.tape, room.readout
    room.table_gradient[:] = 0.0
    room.readout_gradient[:] = 0.0
    nll[:] = 0.0
    gradient[:] = 0.0
    tabulate(cell, theta, choices.inputs, table)
    _unfold(readout, n_units, theta, matrix)
    for first in range(0, n_blocks, TOGETHER):
        blocks = range(first, min(first + TOGETHER, n_blocks))
        longest = 0
        for block in blocks:
            longest = max(longest, choices.lengths[block])
            start = (block - first) * (n_times + 1) * slot_width
            for j in range(n_units):
                store(tape, start + j * WIDTH, spread(0.0))
        for time in range(longest):
            for block in blocks:
                if time >= choices.lengths[block]:
                    continue
                slot = ((block - first) * (n_times + 1) + time) * slot_width
                errors = slot + slot_width - n_actions * WIDTH
                weight = weights[block, time if weights.shape[1] > 1 else 0]
                closed = choices.closed[block, time] if choices.closed.size else choices.closed[0, 0]
                _score(cell, readout, matrix, tape, slot, errors, choices.target[block, time], closed, weight, nll)
                if time + 1 < choices.lengths[block]:
                    advance(cell, theta, table, choices.row[block, time], tape, slot, slot + slot_width)
        for block in blocks:
            slope = ((block - first) * (n_times + 1) + n_times) * slot_width
            for j in range(n_units):
                store(tape, slope + j * WIDTH, spread(0.0))
        for time in range(longest - 1, -1, -1):
            for block in blocks:
                if time >= choices.lengths[block] or not trained[block]:
                    continue
                slot = ((block - first) * (n_times + 1) + time) * slot_width
                slope = ((block - first) * (n_times + 1) + n_times) * slot_width
                errors = slot + slot_width - n_actions * WIDTH
                if time + 1 < choices.lengths[block]:
                    row = choices.row[block, time]
                    retreat(cell, theta, gradient, table, room.table_gradient, row, tape, slot, slope)
                _trace(cell, readout, matrix, room.readout_gradient, tape, slot, errors, slope)
    pull_back(cell, choices.inputs, table, room.table_gradient, gradient)
    _fold(readout, n_units, room.readout_gradient, gradient)


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(cell, readout, choices, weights, trained, room, theta, nll, gradient):
    """Sums over choices of the NLL of every role, and the gradient of the training one, nats.

    Args:
        weights: (stack, block, time point or 1, role * WIDTH) weight of each choice in each role.
        trained: (stack, block) whether any of a stack's eight replicas trains on the block.
        theta: (stack, parameter * WIDTH) parameters.
        nll, gradient: (stack, role * WIDTH) and (stack, parameter * WIDTH), results.
    """
    for stack in range(theta.shape[0]):
        data = (choices, weights[stack], trained[stack])
        _sweep(cell, readout, *data, room, theta[stack], nll[stack], gradient[stack])
