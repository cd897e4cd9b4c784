"""How fast differences between states shrink or grow along a sequence of trials (methods: stability along trials)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LONGEST_PRODUCT = 4
TINY = 1e-300  # a direction that one trial wipes out altogether


def exponents(jacobians: Sequence[np.ndarray]) -> np.ndarray:
    """Lyapunov exponents (D,), 1/trial, the largest first: means over all trials of several blocks.

    Args:
        jacobians: of each block, (trial, D, D).
    """
    lengths = np.array([len(own) for own in jacobians])
    longest = lengths.max()
    padded = np.stack([np.concatenate([own, np.zeros((longest - len(own), *own.shape[1:]))]) for own in jacobians])
    return np.sort(growth(padded, lengths).sum(axis=0) / lengths.sum())[::-1]


def growth(jacobians: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """By how much directions grow or shrink along each sequence of trials, logarithms, (sequence, D).

    dF/dh of successive trials is multiplied from the left, and the product divided into a rotation and lengths after
    every trial (QR).

    Args:
        jacobians: (sequence, trial, D, D).
        lengths: (sequence,) trials of each; what follows them counts for nothing.
    """
    n, longest, n_variables = jacobians.shape[:3]
    directions = np.tile(np.eye(n_variables), (n, 1, 1))
    total = np.zeros((n, n_variables))
    for trial in range(longest):
        running = trial < lengths
        directions, lower = np.linalg.qr(jacobians[:, trial] @ directions)
        size = np.abs(np.diagonal(lower, axis1=1, axis2=2))
        total[running] += np.log(np.maximum(size[running], TINY))
    return total


def joint_spectral_radius(matrices: np.ndarray) -> tuple[float, float]:
    """Lower and upper bound of the fastest growth per trial that any sequence of the maps (map, D, D) can reach.

    From all products of up to four of them: the largest spectral radius, and the smallest of the largest norms, each to
    the power of 1 / length. An upper bound below 1 says that every sequence of conditions forgets the past.
    """
    products, low, high = matrices, 0.0, np.inf
    for length in range(1, LONGEST_PRODUCT + 1):
        if length > 1:
            products = (matrices[:, None] @ products[None]).reshape(-1, *matrices.shape[1:])
        radius = np.abs(np.linalg.eigvals(products)).max()
        norm = np.linalg.norm(products, ord=2, axis=(1, 2)).max()
        low, high = max(low, radius ** (1 / length)), min(high, norm ** (1 / length))
    return float(low), float(max(low, high))
