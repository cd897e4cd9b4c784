"""Nested cross-validation over the blocks of one subject (core.md 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def k_folds(n: int, k: int, seed: int) -> list[np.ndarray]:
    """Shuffled k-fold partition of 0..n-1: k sorted arrays, the first n mod k one longer.

    The same as scikit-learn's KFold(k, shuffle=True, random_state=seed), whose folds the reference uses.
    """
    order = np.arange(n)
    np.random.RandomState(seed).shuffle(order)
    return [np.sort(part) for part in np.array_split(order, k)]


@dataclass(frozen=True)
class Split:
    """Blocks of one inner fold of an outer fold, each sorted."""

    train: np.ndarray
    val: np.ndarray
    test: np.ndarray


def nested(n_blocks: int, *, outer: int, n_outer: int, n_inner: int, seed: int) -> list[Split]:
    """The inner splits of outer fold `outer`. The inner shuffle's seed is the outer fold's number."""
    test = k_folds(n_blocks, n_outer, seed)[outer]
    trainval = np.setdiff1d(np.arange(n_blocks), test)
    validation = [trainval[positions] for positions in k_folds(len(trainval), n_inner, seed=outer)]
    return [Split(np.setdiff1d(trainval, val), val, test) for val in validation]
