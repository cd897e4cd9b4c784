"""Runs the programs of `tinycog.fitting.tracing` on many replicas at once: likelihoods, and their gradient.

Every operation is done to all replicas of a stack before the next one, so that reading the programs costs little. The
gradient is that of reverse accumulation: a first pass over a block keeps the states; then, from the last trial to the
first, a trial's program is run once more and its operations are differentiated in reverse order.

Scratch arrays are flat: a place in them is the number of a register times `width`, the replicas of a stack.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from tinycog.fitting.kernels import kept
from tinycog.fitting.kernels.lanes import (
    WIDTH,
    add,
    borrowed,
    exp,
    lanes,
    larger,
    load,
    log_and_inverse,
    smaller,
    spread,
    store,
    where_positive,
)

ADD, SUBTRACT, MULTIPLY, DIVIDE, ABSOLUTE = range(5)  # codes of operations
IMPROBABLE = 400.0  # -ln p from which on the floor of the likelihood counts


class Programs(NamedTuple):
    """The operations of every kind of trial, on numbered registers. These hold, in this order, parameters, constants,
    what parameters alone determine, the state, the trial's inputs, and then the results of a program's own operations.

    Attributes:
        once: (operation, 4), run before the first trial: code, register of the result, registers of the operands.
        code: (operation, 4), the programs of all kinds of trials, one after the other.
        spans: (kind, 3), where a kind's program begins, where its first part, which gives the next state, ends, and
            where all ends.
        logits: (kind, choice), registers of the logits of the actions offered.
        following: (kind, column), registers of the next state.
        constants: their values.
        initial: (column,) state before the first trial; memory of the last trial has no column here.
        n_registers: number of registers.
    """

    once: np.ndarray
    code: np.ndarray
    spans: np.ndarray
    logits: np.ndarray
    following: np.ndarray
    constants: np.ndarray
    initial: np.ndarray
    n_registers: int


class Choices(NamedTuple):
    """Trials, by block.

    Attributes:
        kind: (block, time point) kind of each trial.
        target: (block, time point, choice) share of each action offered, 0 where not scored.
        inputs: (block, time point, input) inputs of the trial's program, which depend on the data alone.
        lengths: (block,) time points.
        floor: -ln of what the likelihood adds to every probability.
    """

    kind: np.ndarray
    target: np.ndarray
    inputs: np.ndarray
    lengths: np.ndarray
    floor: float


class Room(NamedTuple):
    """Flat scratch arrays, whose contents matter only during a call.

    Attributes:
        registers, slopes: (register, replica), values, and derivatives of the loss by them.
        states: (time point and one more, column, replica).
        errors: (2 x choice, replica), slopes of the logits.
        total, weight: (replica,).
    """

    registers: np.ndarray
    slopes: np.ndarray
    states: np.ndarray
    errors: np.ndarray
    total: np.ndarray
    weight: np.ndarray


@intrinsic
def _any_above(typing_context, left, right):
    """Whether `left` is above `right` in any lane."""

    def generate(context, builder, signature, arguments):
        above = builder.fcmp_ordered(">", *arguments)
        bits = builder.bitcast(above, ir.IntType(WIDTH))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(lanes, lanes), generate


@njit(forceinline=True)
def _run(code, first, last, registers, width):
    """Operations `first` to `last`, the latter excluded."""
    for i in range(first, last):
        operation, result, left, right = code[i, 0], code[i, 1] * width, code[i, 2] * width, code[i, 3] * width
        if operation == ADD:
            for k in range(0, width, WIDTH):
                store(registers, result + k, load(registers, left + k) + load(registers, right + k))
        elif operation == SUBTRACT:
            for k in range(0, width, WIDTH):
                store(registers, result + k, load(registers, left + k) - load(registers, right + k))
        elif operation == MULTIPLY:
            for k in range(0, width, WIDTH):
                store(registers, result + k, load(registers, left + k) * load(registers, right + k))
        elif operation == DIVIDE:
            for k in range(0, width, WIDTH):
                store(registers, result + k, load(registers, left + k) / load(registers, right + k))
        else:
            for k in range(0, width, WIDTH):
                value = load(registers, left + k)
                store(registers, result + k, larger(value, 0.0 - value))


@njit(forceinline=True)
def _taken(slopes, place):
    """Take the slopes from a place, and leave 0 there."""
    slope = load(slopes, place)
    store(slopes, place, spread(0.0))
    return slope


@njit(forceinline=True)
def _reverse(code, first, last, registers, slopes, width):
    """Add the slopes of the operations' results to those of their operands; slopes of results are 0 afterwards."""
    for i in range(last - 1, first - 1, -1):
        operation, result, left, right = code[i, 0], code[i, 1] * width, code[i, 2] * width, code[i, 3] * width
        if operation == ADD:
            for k in range(0, width, WIDTH):
                slope = _taken(slopes, result + k)
                add(slopes, left + k, slope)
                add(slopes, right + k, slope)
        elif operation == SUBTRACT:
            for k in range(0, width, WIDTH):
                slope = _taken(slopes, result + k)
                add(slopes, left + k, slope)
                add(slopes, right + k, 0.0 - slope)
        elif operation == MULTIPLY:
            for k in range(0, width, WIDTH):
                slope = _taken(slopes, result + k)
                add(slopes, left + k, slope * load(registers, right + k))
                add(slopes, right + k, slope * load(registers, left + k))
        elif operation == DIVIDE:
            for k in range(0, width, WIDTH):
                slope = _taken(slopes, result + k) / load(registers, right + k)
                add(slopes, left + k, slope)
                add(slopes, right + k, 0.0 - slope * load(registers, result + k))
        else:
            for k in range(0, width, WIDTH):
                slope, value = _taken(slopes, result + k), load(registers, left + k)
                negative = where_positive(0.0 - value, 0.0 - slope, spread(0.0))
                add(slopes, left + k, where_positive(value, slope, negative))


@njit(forceinline=True)
def _guarded(loss, floor):
    """-ln(p + floor) of -ln p, and its slope (methods: policy and likelihood)."""
    distance = spread(floor) - loss
    odds = exp(smaller(distance, 0.0 - distance))
    log_total, inverse = log_and_inverse(1.0 + odds)
    return smaller(loss, spread(floor)) - log_total, where_positive(distance, inverse, odds * inverse)


@njit(forceinline=True)
def _score(logits, kind, target, block, time, floor, registers, errors, width, k):
    """Loss of a trial's choice in eight replicas; the slopes of its logits go to `errors`."""
    n = logits.shape[1]
    top = load(registers, logits[kind, 0] * width + k)
    if n == 2:  # one exponential will do
        difference = load(registers, logits[kind, 1] * width + k) - top
        odds = exp(smaller(difference, 0.0 - difference))
        log_total, inverse = log_and_inverse(1.0 + odds)
        of_first = larger(difference, spread(0.0)) + log_total
        store(errors, k, of_first)
        store(errors, width + k, of_first - difference)
        store(errors, 2 * width + k, where_positive(difference, odds * inverse, inverse))
        store(errors, 3 * width + k, where_positive(difference, inverse, odds * inverse))
    else:
        for i in range(1, n):
            top = larger(load(registers, logits[kind, i] * width + k), top)
        total = spread(0.0)
        for i in range(n):
            odds = exp(load(registers, logits[kind, i] * width + k) - top)
            store(errors, (n + i) * width + k, odds)
            total = total + odds
        log_total, inverse = log_and_inverse(total)
        for i in range(n):
            store(errors, i * width + k, top - load(registers, logits[kind, i] * width + k) + log_total)
            store(errors, (n + i) * width + k, load(errors, (n + i) * width + k) * inverse)
    # `errors` has every action's -ln p by now, and after them its p
    loss, counted = spread(0.0), spread(0.0)
    for i in range(n):
        share = target[block, time, i]
        weight = spread(share)
        if share > 0.0:
            of_action = load(errors, i * width + k)
            if _any_above(of_action, spread(IMPROBABLE)):
                of_action, slope = _guarded(of_action, floor)
                weight = weight * slope
            loss = loss + share * of_action
        counted = counted + weight
        store(errors, i * width + k, weight)
    for i in range(n):
        error = load(errors, (n + i) * width + k) * counted - load(errors, i * width + k)
        store(errors, i * width + k, error)
    return loss


@njit(forceinline=True)
def _prepare(once, constants, registers, width, theta, first):
    """Fill the registers of parameters, constants and what parameters alone determine, for replicas from `first` on."""
    n, n_parameters = theta.shape
    for p in range(n_parameters):
        for lane in range(width):  # lanes that are left repeat the last replica
            registers[p * width + lane] = theta[min(first + lane, n - 1), p]
    for c in range(len(constants)):
        for lane in range(width):
            registers[(n_parameters + c) * width + lane] = constants[c]
    _run(once, 0, len(once), registers, width)


@njit(forceinline=True)
def _copy(source, at, target, to, n):
    for k in range(0, n, WIDTH):
        store(target, to + k, load(source, at + k))


@njit(forceinline=True)
def _fill(target, to, value, n):
    for k in range(0, n, WIDTH):
        store(target, to + k, spread(value))


@njit(forceinline=True)
def _enter(inputs, block, time, registers, at, width):
    """Inputs of a trial, the same for all replicas."""
    for i in range(inputs.shape[2]):
        _fill(registers, at + i * width, inputs[block, time, i], width)


@kept
def likelihood(programs, choices, registers, theta, nll):
    """As `likelihoods`, but for one replica, without lanes, seven of which would be idle; rounding differs.

    Args:
        registers: (register,) scratch.
        theta: (parameter,), natural values.
        nll: (time point or 1, block), result.
    """
    once, code, spans = borrowed(programs.once), borrowed(programs.code), borrowed(programs.spans)
    logits, following = borrowed(programs.logits), borrowed(programs.following)
    constants, initial = borrowed(programs.constants), borrowed(programs.initial)
    kinds, target, lengths = borrowed(choices.kind), borrowed(choices.target), borrowed(choices.lengths)
    inputs = borrowed(choices.inputs)
    registers, nll = borrowed(registers), borrowed(nll)
    n_state, n_logits, floor = len(initial), logits.shape[1], math.exp(-choices.floor)
    registers[: len(theta)] = theta
    registers[len(theta) : len(theta) + len(constants)] = constants
    _run_alone(once, 0, len(once), registers)
    state = len(theta) + len(constants) + len(once)
    after = np.empty(n_state)
    nll[:] = 0.0
    for block in range(len(lengths)):
        for j in range(n_state):
            registers[state + j] = initial[j]
        for time in range(lengths[block]):
            kind = kinds[block, time]
            for i in range(inputs.shape[2]):
                registers[state + n_state + i] = inputs[block, time, i]
            _run_alone(code, spans[kind, 0], spans[kind, 2], registers)
            top = -np.inf
            for i in range(n_logits):
                top = max(top, registers[logits[kind, i]])
            total = 0.0
            for i in range(n_logits):
                total += math.exp(registers[logits[kind, i]] - top)
            total = math.log(total)
            for i in range(n_logits):
                share = target[block, time, i]
                if share > 0.0:
                    of_action = top - registers[logits[kind, i]] + total
                    if of_action > IMPROBABLE:
                        of_action = -math.log(math.exp(-of_action) + floor)
                    nll[time if nll.shape[0] > 1 else 0, block] += share * of_action
            for j in range(n_state):
                after[j] = registers[following[kind, j]]
            for j in range(n_state):
                registers[state + j] = after[j]


@njit(forceinline=True)
def _run_alone(code, first, last, registers):
    """As `_run`, for one replica."""
    for i in range(first, last):
        operation, result, left, right = code[i, 0], code[i, 1], registers[code[i, 2]], registers[code[i, 3]]
        if operation == ADD:
            registers[result] = left + right
        elif operation == SUBTRACT:
            registers[result] = left - right
        elif operation == MULTIPLY:
            registers[result] = left * right
        elif operation == DIVIDE:
            registers[result] = left / right
        else:
            registers[result] = abs(left)


@njit
def _any(weights, owners, block):
    """Whether one of the owners has a weight in the block."""
    for owner in owners:
        for weight in weights[owner, :, block]:
            if weight != 0.0:
                return True
    return False


@kept
def likelihoods(programs, choices, room, theta, nll):
    """NLL of every choice, nats, or its sum over a block's.

    Args:
        theta: (replica, parameter), natural values.
        nll: (replica, time point or 1, block), result.
    """
    once, code, spans = borrowed(programs.once), borrowed(programs.code), borrowed(programs.spans)
    logits, following = borrowed(programs.logits), borrowed(programs.following)
    constants, initial = borrowed(programs.constants), borrowed(programs.initial)
    kinds, target, lengths = borrowed(choices.kind), borrowed(choices.target), borrowed(choices.lengths)
    inputs = borrowed(choices.inputs)
    registers, states = borrowed(room.registers), borrowed(room.states)
    errors, total = borrowed(room.errors), borrowed(room.total)
    floor = choices.floor
    width, n_state = len(total), len(initial)
    by_block = nll.shape[1] == 1
    state = (theta.shape[1] + len(constants) + len(once)) * width
    for first in range(0, len(theta), width):
        _prepare(once, constants, registers, width, theta, first)
        n = min(width, len(theta) - first)
        for block in range(len(lengths)):
            nll[first : first + n, :, block] = 0.0
            for j in range(n_state):
                _fill(registers, state + j * width, initial[j], width)
            _fill(total, 0, 0.0, width)
            for time in range(lengths[block]):
                kind = kinds[block, time]
                _enter(inputs, block, time, registers, state + n_state * width, width)
                _run(code, spans[kind, 0], spans[kind, 2], registers, width)
                for k in range(0, width, WIDTH):
                    add(total, k, _score(logits, kind, target, block, time, floor, registers, errors, width, k))
                if not by_block or time == lengths[block] - 1:
                    for lane in range(n):
                        nll[first + lane, 0 if by_block else time, block] = total[lane]
                    _fill(total, 0, 0.0, width)
                for j in range(n_state):
                    _copy(registers, following[kind, j] * width, states, j * width, width)
                _copy(states, 0, registers, state, n_state * width)


@kept
def gradients(programs, choices, room, theta, weights, owner, nll, gradient):
    """Sums of NLL over choices, nats, and their gradient.

    Args:
        theta: (replica, parameter), natural values.
        weights: (set, time point or 1, block) weight of each choice.
        owner: (replica,) index of the replica's set of weights.
        nll, gradient: (replica,) and (replica, parameter), results.
    """
    once, code, spans = borrowed(programs.once), borrowed(programs.code), borrowed(programs.spans)
    logits, following = borrowed(programs.logits), borrowed(programs.following)
    constants, initial = borrowed(programs.constants), borrowed(programs.initial)
    kinds, target, lengths = borrowed(choices.kind), borrowed(choices.target), borrowed(choices.lengths)
    inputs = borrowed(choices.inputs)
    registers, slopes, states = borrowed(room.registers), borrowed(room.slopes), borrowed(room.states)
    errors, total, weight = borrowed(room.errors), borrowed(room.total), borrowed(room.weight)
    floor = choices.floor
    width, n_state, n_logits = len(total), len(initial), logits.shape[1]
    by_block = weights.shape[1] == 1
    state = (theta.shape[1] + len(constants) + len(once)) * width
    for first in range(0, len(theta), width):
        _prepare(once, constants, registers, width, theta, first)
        _fill(slopes, 0, 0.0, len(slopes))
        _fill(total, 0, 0.0, width)
        n = min(width, len(theta) - first)
        for block in range(len(lengths)):
            length = lengths[block]
            if not _any(weights, owner[first : first + n], block):
                continue
            for j in range(n_state):
                _fill(states, j * width, initial[j], width)
            for time in range(length - 1):
                kind, at = kinds[block, time], time * n_state * width
                _copy(states, at, registers, state, n_state * width)
                _enter(inputs, block, time, registers, state + n_state * width, width)
                _run(code, spans[kind, 0], spans[kind, 1], registers, width)
                for j in range(n_state):
                    _copy(registers, following[kind, j] * width, states, at + (n_state + j) * width, width)
            after = length * n_state * width  # slopes of the state after a trial
            _fill(states, after, 0.0, n_state * width)
            for time in range(length - 1, -1, -1):
                if time == length - 1 or not by_block:
                    for lane in range(width):
                        weight[lane] = weights[owner[first + min(lane, n - 1)], 0 if by_block else time, block]
                kind = kinds[block, time]
                _copy(states, time * n_state * width, registers, state, n_state * width)
                _enter(inputs, block, time, registers, state + n_state * width, width)
                _run(code, spans[kind, 0], spans[kind, 2], registers, width)
                for k in range(0, width, WIDTH):
                    own = load(weight, k)
                    add(total, k, own * _score(logits, kind, target, block, time, floor, registers, errors, width, k))
                    for i in range(n_logits):
                        add(slopes, logits[kind, i] * width + k, own * load(errors, i * width + k))
                for j in range(n_state):
                    for k in range(0, width, WIDTH):
                        add(slopes, following[kind, j] * width + k, load(states, after + j * width + k))
                _reverse(code, spans[kind, 0], spans[kind, 2], registers, slopes, width)
                _copy(slopes, state, states, after, n_state * width)
                _fill(slopes, state, 0.0, n_state * width)
        _reverse(once, 0, len(once), registers, slopes, width)
        for lane in range(n):
            nll[first + lane] = total[lane]
            for p in range(theta.shape[1]):
                gradient[first + lane, p] = slopes[p * width + lane]
