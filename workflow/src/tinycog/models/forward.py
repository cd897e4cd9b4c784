"""Run a model of any family through a subject's trials: NumPy arrays in, NumPy arrays out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinycog.models.interface import Model, Parameters, run_states
from tinycog.sequences import Sequences


def to_torch(sequences: Sequences, device: str = "cpu") -> Sequences:
    """The same sequences as torch tensors."""
    import torch

    arrays = {name: torch.as_tensor(value, device=device) for name, value in sequences.arrays().items()}
    return replace(sequences, **arrays)


def run(model: Model, params: Parameters, sequences: Sequences, n_updates: int) -> tuple[np.ndarray, np.ndarray]:
    """States (replica, n_updates + 1, block, D) and logits (replica, n_updates + 1, block, action), as NumPy arrays."""
    if model.family == "cognitive":
        states = run_states(model, params, sequences, n_updates)
        return states, model.policy(params, states)
    import torch

    with torch.no_grad():
        tensors = {name: torch.as_tensor(value) for name, value in params.items()}
        states = run_states(model, tensors, to_torch(sequences), n_updates)
        return states.numpy(), model.policy(tensors, states).numpy()
