"""One network at a time in plain torch: what the engine is compared with, in speed and in results.

Written as one would write it without tinycog: torch's own layers, initialisation, loss and optimiser, whole sequences
at once, by the paper's protocol (methods: training of networks). Nothing of the engine is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from tinycog.errors import InputError
from tinycog.trials.sequences import Sequences


@dataclass(frozen=True)
class Batch:
    """The blocks of one role, time-major.

    Attributes:
        x: (trial, block, input) float64, what the network is fed after each trial.
        action: (trial, block) integers from 0, or shares of a teacher, (trial, block, action) float64.
        scored: (trial, block) float64, 1 where the choice counts.
        subject: (block,) row of its subject's vector, or None.
    """

    x: torch.Tensor
    action: torch.Tensor
    scored: torch.Tensor
    subject: torch.Tensor | None = None

    def of(self, blocks: torch.Tensor | np.ndarray) -> Batch:
        subject = None if self.subject is None else self.subject[blocks]
        return Batch(self.x[:, blocks], self.action[:, blocks], self.scored[:, blocks], subject)


class GRU(torch.nn.Module):
    """A GRU layer and a linear readout; each choice is predicted from the trials before it.

    Args:
        vectors: number of subjects, and width of the vector of each, which is an input; none where it is 0.
    """

    def __init__(self, n_inputs: int, n_units: int, n_actions: int, vectors: tuple[int, int] = (0, 0)):
        super().__init__()
        self.recurrent = torch.nn.GRU(n_inputs + vectors[1], n_units)
        self.readout = torch.nn.Linear(n_units, n_actions)
        self.vectors = torch.nn.Embedding(*vectors) if vectors[1] else None

    def nll(self, batch: Batch) -> torch.Tensor:
        """Mean over scored choices, nats."""
        x = batch.x
        if self.vectors is not None:
            x = torch.cat([x, self.vectors(batch.subject).expand(len(x), -1, -1)], dim=-1)
        hidden, _ = self.recurrent(x)
        before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
        loss = cross_entropy(self.readout(before).flatten(0, 1), batch.action.flatten(0, 1), reduction="none")
        return (loss * batch.scored.flatten()).sum() / batch.scored.sum()

    def penalty(self) -> torch.Tensor:
        return self.recurrent.weight_ih_l0.abs().sum() + self.recurrent.weight_hh_l0.abs().sum()


@dataclass(frozen=True)
class Trained:
    """One trained network.

    Attributes:
        parameters: in torch's order (recurrent layer, readout), at the best epoch.
        nll: role: nats per scored choice, at the best epoch.
        epochs: epochs run; best_epoch: the one of lowest validation NLL, counted from 0.
    """

    parameters: list[torch.Tensor]
    nll: dict[str, float]
    epochs: int
    best_epoch: int


def batches(sequences: Sequences, split: dict[str, np.ndarray]) -> dict[str, Batch]:
    """The blocks of each role.

    Args:
        split: weights by role of one inner fold, see `folds.read`; roles of whole blocks only.
    """
    if sequences.closed is not None or any(len(weights) > 1 for weights in split.values()):
        raise InputError("the loop is written for one choice in a trial and for roles of whole blocks")
    x, action, scored = (torch.tensor(array) for array in (sequences.x, sequences.action, sequences.mask))
    subject = None if sequences.subject_code is None else torch.tensor(sequences.subject_code)
    chosen = Batch(x, action, scored, subject)
    taught = chosen if sequences.target is None else Batch(x, torch.tensor(sequences.target), scored, subject)
    followed = {"test": chosen}  # test is measured on the choices themselves
    return {role: followed.get(role, taught).of(np.flatnonzero(weights[0])) for role, weights in split.items()}


def train(
    batch: dict[str, Batch],
    seed: int,
    l1: float,
    *,
    n_units: int,
    n_actions: int,
    learning_rate: float,
    max_epochs: int,
    patience: int,
    size: int | None = None,
    vectors: tuple[int, int] = (0, 0),
) -> Trained:
    """Adam on training NLL + L1; ends at the first epoch beyond `patience` without a lower validation NLL.

    The NLLs of all roles are measured before the steps of an epoch; epochs count from 0 to `max_epochs`.

    Args:
        size: blocks of a step, drawn in a new order in each epoch; None for one step on all of them.
        vectors: see `GRU`.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = GRU(batch["train"].x.shape[-1], n_units, n_actions, vectors).double()  # drawn in float32, then cast
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    lowest, without_gain = np.inf, 0
    for epoch in range(max_epochs + 1):
        with torch.no_grad():
            val, test = network.nll(batch["val"]).item(), network.nll(batch["test"]).item()
        with torch.set_grad_enabled(size is None):
            training = network.nll(batch["train"])
        if val < lowest:
            lowest, without_gain, best_epoch = val, 0, epoch
            nll = {"train": training.item(), "val": val, "test": test}
            best = [parameter.detach().clone() for parameter in network.parameters()]
        else:
            without_gain += 1
        for loss in [training] if size is None else map(network.nll, _drawn(batch["train"], size)):
            optimizer.zero_grad()
            (loss + l1 * network.penalty()).backward()
            optimizer.step()
        if without_gain > patience:
            break
    return Trained(best, nll, epoch + 1, best_epoch)


def _drawn(batch: Batch, size: int) -> Iterator[Batch]:
    """Its blocks in random order, so many at once."""
    return map(batch.of, torch.randperm(batch.x.shape[1]).split(size))
