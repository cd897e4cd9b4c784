"""Negative log-likelihood and its gradient for a stack of replicas in one pass over all blocks: what every cell shares.

    tabulate     parameters -> table: what each distinct input brings to the update, computed once a sweep
    forward      each block from its first choice to its last: states, logits, likelihood; the tape keeps what is needed
    backward     each block from its last choice to its first: gradient of the parameters and of the table
    pull_back    gradient of the table -> gradient of the parameters

A stack is eight replicas, one in each lane; or four, two or one, whose blocks are divided among two, four or eight
parts of the lanes, so that as many blocks, a set, are run at once. Replicas of a stack share their blocks, or each has
blocks of its own, one in each lane.

Inputs are rows: each distinct input of the data is one row of `inputs`, and a trial names its row. Where inputs are few
(the conditions of a task) a trial costs a look-up and no product; where every trial has an input of its own (points,
stimuli, embeddings) the same code computes every product once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tinycog.fitting.kernels import kept
from tinycog.fitting.kernels.cell import advance, count, pull_back, read_rows, retreat, tabulate
from tinycog.fitting.kernels.lanes import (
    WIDTH,
    add,
    exp,
    larger,
    load,
    log_and_inverse,
    smaller,
    spread,
    spread_parts,
    store,
    where_positive,
)

TOGETHER = 8  # sets of blocks in flight: their chains of operations are independent, and the processor overlaps them


class Readout(NamedTuple):
    """The readout's sizes.

    Attributes:
        actions: how many there are, see `tinycog.fitting.kernels.cell.count`.
        start: where the readout's parameters begin.
        groups: of units, each read by its own equal share of the actions; 0 for a diagonal readout.
    """

    actions: tuple[int, ...] | int
    start: int
    groups: int


class Choices(NamedTuple):
    """Choices, set of blocks by set of blocks.

    Attributes:
        parts: a tuple as long as there are blocks in a set.
        replicas: a tuple as long as there are replicas in a stack.
        few: a tuple as long as there are rows, where they are read as `Rows`; else empty.
        row: flat (set, time point, part), row of `inputs` that is fed after the choice.
        inputs: (row, input).
        target: flat (set, time point, action, part), the choice as a one-hot vector, or probabilities; zero where not
            scored.
        closed: like `target`, added to the logits; empty where every action is always offered.
        lengths, shortest: (set,) time points of the longest and of the shortest block.
        ends: flat (set, part) float64, time points of every block.
        starts, widths: (table,) of embeddings: place of its parameters, and numbers in a row.
        codes: flat (set, table, part), the row of each block.
    """

    parts: tuple[int, ...]
    replicas: tuple[int, ...]
    few: tuple[int, ...]
    row: np.ndarray
    inputs: np.ndarray
    target: np.ndarray
    closed: np.ndarray
    lengths: np.ndarray
    shortest: np.ndarray
    ends: np.ndarray
    starts: np.ndarray
    widths: np.ndarray
    codes: np.ndarray


class Room(NamedTuple):
    """Flat scratch arrays of a sweep, for one stack; their contents matter only during the sweep."""

    theta: np.ndarray
    gradient: np.ndarray
    nll: np.ndarray
    table: np.ndarray
    table_gradient: np.ndarray
    tape: np.ndarray
    readout: np.ndarray
    readout_gradient: np.ndarray


@njit(forceinline=True)
def _own(readout, n_units, place):
    """Offset of the parameter at `place` of the full matrix (action, unit) with the biases after it; -1 for none."""
    n_actions = count(readout.actions)
    action, unit = place // n_units, place % n_units
    if readout.groups == 0:
        return readout.start * WIDTH if action == unit else -1
    size = n_units // readout.groups
    if action >= n_actions:
        return (readout.start + n_actions * size + place - n_actions * n_units) * WIDTH
    if unit // size != action * readout.groups // n_actions:
        return -1
    return (readout.start + action * size + unit % size) * WIDTH


@njit(forceinline=True)
def _unfold(readout, n_units, theta, matrix):
    """The readout as a full matrix (action, unit), with the biases after it."""
    for place in range(count(readout.actions) * (n_units + 1)):
        own = _own(readout, n_units, place)
        store(matrix, place * WIDTH, load(theta, own) if own >= 0 else spread(0.0))


@njit(forceinline=True)
def _fold(readout, n_units, matrix_gradient, gradient):
    """Add the gradient of the full matrix to that of the readout's parameters."""
    for place in range(count(readout.actions) * (n_units + 1)):
        own = _own(readout, n_units, place)
        if own >= 0:
            add(gradient, own, load(matrix_gradient, place * WIDTH))


@njit(forceinline=True)
def _score(n_units, readout, choices, choice, matrix, tape, slot, errors, weights, nll):
    """Add one choice to both NLLs; write the slopes of the training NLL by its logits to `errors`."""
    n_actions, parts = count(readout.actions), choices.parts
    start = choice * n_actions * len(parts)
    for o in range(n_actions):
        logit = load(matrix, (n_actions * n_units + o) * WIDTH)
        for j in range(n_units):
            logit = logit + load(matrix, (o * n_units + j) * WIDTH) * load(tape, slot + j * WIDTH)
        if choices.closed.size:
            logit = logit + spread_parts(choices.closed, start + o * len(parts), parts)
        store(tape, errors + o * WIDTH, logit)
    training = load(weights, 0)
    if n_actions == 2:  # one exponential will do
        first = spread_parts(choices.target, start, parts)
        second = spread_parts(choices.target, start + len(parts), parts)
        difference = load(tape, errors + WIDTH) - load(tape, errors)
        odds = exp(smaller(difference, 0.0 - difference))  # of the less probable action
        log_total, inverse = log_and_inverse(1.0 + odds)
        scored = first + second
        loss = (log_total + larger(difference, spread(0.0))) * scored - difference * second
        probability = where_positive(difference, inverse, odds * inverse)
        error = training * (probability * scored - second)
        store(tape, errors, 0.0 - error)
        store(tape, errors + WIDTH, error)
    else:
        top = spread(-np.inf)
        for o in range(n_actions):
            top = larger(load(tape, errors + o * WIDTH), top)
        total, chosen, scored = spread(0.0), spread(0.0), spread(0.0)
        for o in range(n_actions):
            logit = load(tape, errors + o * WIDTH) - top
            share = spread_parts(choices.target, start + o * len(parts), parts)
            chosen = chosen + logit * share
            scored = scored + share
            odds = exp(logit)
            store(tape, errors + o * WIDTH, odds)
            total = total + odds
        log_total, inverse = log_and_inverse(total)
        loss = log_total * scored - chosen
        scale = training * scored * inverse
        for o in range(n_actions):
            share = spread_parts(choices.target, start + o * len(parts), parts)
            store(tape, errors + o * WIDTH, load(tape, errors + o * WIDTH) * scale - training * share)
    for role in range(2):
        add(nll, role * WIDTH, load(weights, role * WIDTH) * loss)


@njit(forceinline=True)
def _trace(n_units, readout, matrix, matrix_gradient, tape, slot, errors, slopes, slope):
    """Add the slopes of a choice's logits to the gradients of the readout and of the state, `slopes` at `slope`."""
    n_actions = count(readout.actions)
    for o in range(n_actions):
        error = load(tape, errors + o * WIDTH)
        place = (n_actions * n_units + o) * WIDTH
        add(matrix_gradient, place, error)
        for j in range(n_units):
            place = (o * n_units + j) * WIDTH
            add(matrix_gradient, place, error * load(tape, slot + j * WIDTH))
            add(slopes, slope + j * WIDTH, error * load(matrix, place))


@njit(forceinline=True)
def _stop(n_units, choices, group, time, tape, slot):
    """Put blocks of the set that have no choice at this time back into the initial state, 0.

    A linear cell may overflow in the padding after a short block, and 0 times infinity is NaN. From 0 it does not.
    """
    left = spread_parts(choices.ends, group * len(choices.parts), choices.parts) - float(time)
    for j in range(n_units):
        store(tape, slot + j * WIDTH, where_positive(left, load(tape, slot + j * WIDTH), spread(0.0)))


@njit(forceinline=True, error_model="numpy")
def _pass_over(cell, readout, choices, weights, trained, room):
    """One sweep of the stack whose parameters are in the room.

    Inlined, like all that `sweep` calls: otherwise a process that compiles would run another copy of this function than
    a process that loads `sweep` from the cache, and round differently.
    """
    n_units, n_actions = count(cell.units), count(readout.actions)
    n_sets, parts = len(choices.lengths), choices.parts
    n_times = choices.row.size // (n_sets * len(parts))
    slot_width = room.tape.size // (TOGETHER * (n_times + 1))
    table, tape, matrix = room.table, room.tape, room.readout
    theta, gradient, nll = room.theta, room.gradient, room.nll
    room.table_gradient[:] = 0.0
    room.readout_gradient[:] = 0.0
    nll[:] = 0.0
    gradient[:] = 0.0
    tabulate(cell, theta, choices.inputs, table)
    _unfold(readout, n_units, theta, matrix)
    for first in range(0, n_sets, TOGETHER):
        sets = range(first, min(first + TOGETHER, n_sets))
        longest, shortest = 0, n_times
        for group in sets:
            longest, shortest = max(longest, choices.lengths[group]), min(shortest, choices.shortest[group])
            start = (group - first) * (n_times + 1) * slot_width
            for j in range(n_units):
                store(tape, start + j * WIDTH, spread(0.0))
        for time in range(longest):
            if time >= shortest:  # in a loop of its own: the one below is compiled as if there were no padding
                for group in sets:
                    _stop(n_units, choices, group, time, tape, ((group - first) * (n_times + 1) + time) * slot_width)
            for group in sets:
                if time >= choices.lengths[group]:
                    continue
                slot = ((group - first) * (n_times + 1) + time) * slot_width
                errors = slot + slot_width - n_actions * WIDTH
                weight = weights[group, time if weights.shape[1] > 1 else 0]
                choice = group * n_times + time
                _score(n_units, readout, choices, choice, matrix, tape, slot, errors, weight, nll)
                if time + 1 < choices.lengths[group]:
                    rows = read_rows(choices.row, choice * len(parts), parts, choices.few)
                    advance(cell, theta, table, rows, tape, slot, slot + slot_width)
        for group in sets:
            slope = ((group - first) * (n_times + 1) + n_times) * slot_width
            for j in range(n_units):
                store(tape, slope + j * WIDTH, spread(0.0))
        for time in range(longest - 1, -1, -1):
            for group in sets:
                if time >= choices.lengths[group] or not trained[group]:
                    continue
                slot = ((group - first) * (n_times + 1) + time) * slot_width
                slope = ((group - first) * (n_times + 1) + n_times) * slot_width
                errors = slot + slot_width - n_actions * WIDTH
                if time + 1 < choices.lengths[group]:
                    rows = read_rows(choices.row, (group * n_times + time) * len(parts), parts, choices.few)
                    retreat(cell, theta, gradient, table, room.table_gradient, rows, tape, slot, slope)
                _trace(n_units, readout, matrix, room.readout_gradient, tape, slot, errors, tape, slope)
    pull_back(cell, choices.inputs, table, room.table_gradient, gradient)
    _fold(readout, n_units, room.readout_gradient, gradient)


@njit(forceinline=True)
def fill_lanes(theta, stack, replicas, filled):
    """Write the parameters of a stack's replicas to all lanes; those that are left repeat the last replica."""
    n, n_parameters = theta.shape
    size = len(replicas)
    for lane in range(WIDTH):
        replica = min(stack * size + lane % size, n - 1)
        for p in range(n_parameters):
            filled[p * WIDTH + lane] = theta[replica, p]


@njit(forceinline=True)
def empty_lanes(room, stack, replicas, nll, gradient):
    """Write the sums over the lanes of each of a stack's replicas to the results."""
    n, n_parameters = gradient.shape
    size = len(replicas)
    half = WIDTH // 2
    while half >= size:  # parts two by two: rounding errors are those of three additions, not of seven
        for place in range(2):
            _add_half(room.nll, place, half)
        for place in range(n_parameters):
            _add_half(room.gradient, place, half)
        half //= 2
    for lane in range(size):
        replica = stack * size + lane
        if replica < n:
            for role in range(2):
                nll[role, replica] = room.nll[role * WIDTH + lane]
            for p in range(n_parameters):
                gradient[replica, p] = room.gradient[p * WIDTH + lane]


@njit(forceinline=True)
def _add_half(array, place, half):
    for lane in range(half):
        array[place * WIDTH + lane] += array[place * WIDTH + half + lane]


@kept
def sweep(cell, readout, choices, weights, trained, room, theta, nll, gradient):
    """Sums over choices of the training and the validation NLL, and the gradient of the training one, nats.

    Args:
        weights: (stack, set, time point or 1, role * WIDTH) weight of each choice in each of the two roles.
        trained: (stack, set) whether any of a stack's replicas trains on one of the blocks.
        theta: (replica, parameter).
        nll, gradient: (role, replica) and (replica, parameter), results.
    """
    for stack in range(len(weights)):
        fill_lanes(theta, stack, choices.replicas, room.theta)
        _pass_over(cell, readout, choices, weights[stack], trained[stack], room)
        empty_lanes(room, stack, choices.replicas, nll, gradient)
