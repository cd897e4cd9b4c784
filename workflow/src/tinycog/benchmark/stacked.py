"""All networks of a job at once in plain torch: what one would write today where the loop trains one network at a time.

The protocol is that of `benchmark.loop`, from the same initial weights; nothing of the engine is used. Parameters have
the replica as first dimension and blocks are the last one, so that products are batched matrix products and everything
else runs along memory. `torch.func.vmap` over a module is slower (it has no rule for `torch.nn.GRU`, so that the cell
must be written out there too), and so are stacks with the unit as the last dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch.nn.functional import log_softmax, pad

from tinycog.benchmark.loop import GRU, Batch, Trained
from tinycog.trials.splits import ROLES

Parameters = list[torch.Tensor]  # in the order of `Trained.parameters`, each (replica, ...)


@dataclass(frozen=True)
class Stack:
    """The blocks of one role, of every replica; one that has fewer than others is padded with blocks of weight 0.

    Attributes:
        x: (replica, input, trial, block) floats, what the networks are fed after each trial.
        action: (replica, trial, block) integers from 0.
        weight: (replica, trial, block) floats, a choice's share in the replica's mean; 0 where it does not count.
    """

    x: torch.Tensor
    action: torch.Tensor
    weight: torch.Tensor

    def __getitem__(self, rows: torch.Tensor) -> Stack:
        return Stack(*(getattr(self, field.name)[rows] for field in fields(self)))


def stacks(batches: Sequence[dict[str, Batch]], dtype: torch.dtype) -> dict[str, Stack]:
    """The blocks of each role, of every replica; `batches` are each replica's, by role."""
    return {role: stack([batch[role] for batch in batches], dtype) for role in ROLES}


def stack(batches: Sequence[Batch], dtype: torch.dtype) -> Stack:
    """One role's blocks of each replica, `loop.batches`, as one stack."""
    most = max(batch.action.shape[1] for batch in batches)

    def joined(arrays: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.stack([pad(array, (0, most - array.shape[-1])) for array in arrays]).contiguous()

    x = joined([batch.x.permute(2, 0, 1) for batch in batches]).to(dtype)
    weight = joined([batch.scored / batch.scored.sum() for batch in batches]).to(dtype)
    return Stack(x, joined([batch.action for batch in batches]), weight)


def nll(parameters: Parameters, data: Stack) -> torch.Tensor:
    """(replica,) mean over scored choices, nats."""
    w_input, w_state, b_input, b_state, w_readout, b_readout = parameters
    n_replicas, n_inputs, n_trials, n_blocks = data.x.shape
    n_units = w_state.shape[2]
    driven = torch.baddbmm(b_input[..., None], w_input, data.x.reshape(n_replicas, n_inputs, -1))
    driven = driven.view(n_replicas, 3 * n_units, n_trials, n_blocks).permute(2, 0, 1, 3).contiguous().unbind()
    state = data.x.new_zeros(n_replicas, n_units, n_blocks)
    before = []  # each choice is predicted from the trials before it
    for drive in driven:
        before.append(state)
        own = torch.baddbmm(b_state[..., None], w_state, state)
        gates = torch.sigmoid(drive[:, : 2 * n_units] + own[:, : 2 * n_units])
        reset, update = gates[:, :n_units], gates[:, n_units:]
        new = torch.tanh(torch.addcmul(drive[:, 2 * n_units :], reset, own[:, 2 * n_units :]))
        state = torch.lerp(new, state, update)
    hidden = torch.stack(before, 2).view(n_replicas, n_units, -1)
    log_policy = log_softmax(torch.baddbmm(b_readout[..., None], w_readout, hidden), 1)
    chosen = log_policy.gather(1, data.action.reshape(n_replicas, 1, -1))
    return -(chosen[:, 0] * data.weight.flatten(1)).sum(1)


def penalty(parameters: Parameters) -> torch.Tensor:
    """(replica,) sum of absolute recurrent weights."""
    return sum(weights.abs().sum((1, 2)) for weights in parameters[:2])


def initial(seeds: Sequence[int], n_inputs: int, n_units: int, n_actions: int, dtype: torch.dtype) -> Parameters:
    """Those of the loop's networks: drawn in float32, then cast."""
    drawn = []
    for seed in seeds:
        torch.manual_seed(seed)
        drawn.append([values.detach() for values in GRU(n_inputs, n_units, n_actions).parameters()])
    return [torch.stack(values).to(dtype).requires_grad_() for values in zip(*drawn, strict=True)]


def train(
    data: dict[str, Stack],
    seeds: Sequence[int],
    l1: Sequence[float],
    *,
    n_units: int,
    n_actions: int,
    learning_rate: float,
    max_epochs: int,
    patience: int,
) -> list[Trained]:
    """What `loop.train` gives for each replica, whose blocks, seed and L1 weight are at its place.

    Replicas that have finished are dropped from the stack. Test NLL is measured once, at the parameters that are kept.
    """
    torch.set_num_threads(1)
    dtype = data["train"].x.dtype
    parameters = initial(seeds, data["train"].x.shape[1], n_units, n_actions, dtype)
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=True)
    best = [values.detach().clone() for values in parameters]
    lowest = torch.full((len(seeds),), np.inf, dtype=dtype)
    epochs, best_epoch, without_gain = torch.zeros((3, len(seeds)), dtype=torch.long)
    going, train_data, val_data = torch.arange(len(seeds)), data["train"], data["val"]
    weight = torch.tensor(l1, dtype=dtype)
    for epoch in range(max_epochs + 1):
        with torch.no_grad():
            val = nll(parameters, val_data)
        gain = val < lowest[going]
        gained = going[gain]
        lowest[gained], best_epoch[gained] = val[gain], epoch
        for kept, values in zip(best, parameters, strict=True):
            kept[gained] = values.detach()[gain]
        without_gain[going] += 1
        without_gain[gained] = 0
        optimizer.zero_grad()
        (nll(parameters, train_data) + weight[going] * penalty(parameters)).sum().backward()
        optimizer.step()
        epochs[going] += 1
        stay = without_gain[going] <= patience
        if not stay.any():
            break
        if not stay.all():
            going, train_data, val_data = going[stay], train_data[stay], val_data[stay]
            _drop(optimizer, parameters, stay)
    with torch.no_grad():
        reached = {role: nll(best, data[role]).tolist() for role in ROLES}
    own = ([values[i] for values in best] for i in range(len(seeds)))
    return [
        Trained(parameters, {role: reached[role][i] for role in ROLES}, int(epochs[i]), int(best_epoch[i]))
        for i, parameters in enumerate(own)
    ]


def _drop(optimizer: torch.optim.Adam, parameters: Parameters, stay: torch.Tensor) -> None:
    """Go on with some of the replicas, with their moments."""
    for values in parameters:
        values.grad, values.data = None, values.data[stay]
        state = optimizer.state[values]
        for moment in ("exp_avg", "exp_avg_sq"):
            state[moment] = state[moment][stay]
