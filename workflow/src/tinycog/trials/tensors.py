"""Sequences for models that run on torch."""

from __future__ import annotations

from dataclasses import replace

import torch

from tinycog.trials.sequences import Sequences


def to_torch(sequences: Sequences, device: str = "cpu") -> Sequences:
    """The same sequences as torch tensors."""
    arrays = {name: torch.as_tensor(value, device=device) for name, value in sequences.arrays().items()}
    return replace(sequences, **arrays)
