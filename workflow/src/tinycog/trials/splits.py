"""Which blocks or trials train, validate and test (methods: nested cross-validation; splits within blocks)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROLES = ("train", "val", "test")
WITHIN_BLOCKS = ("interspersed", "holdout")  # protocols whose roles belong to trials, with one outer and inner fold
PUBLISHED = {
    160: (20, 20),
    150: (20, 20),
    200: (25, 25),
    100: (15, 15),
}  # trials: validation and test trials of the paper


def k_folds(n: int, k: int, seed: int) -> list[np.ndarray]:
    """Shuffled k-fold partition of 0..n-1: k sorted arrays, the first n mod k one longer.

    The same as scikit-learn's KFold(k, shuffle=True, random_state=seed), whose folds the reference uses.
    """
    order = np.arange(n)
    np.random.RandomState(seed).shuffle(order)
    return [np.sort(part) for part in np.array_split(order, k)]


@dataclass(frozen=True)
class Split:
    """Units (blocks, sessions, or trials of a block) of each role, sorted."""

    train: np.ndarray
    val: np.ndarray
    test: np.ndarray

    def roles(self, unit: np.ndarray) -> np.ndarray:
        """Role of every row, whose unit is `unit`."""
        role = np.full(len(unit), "train", dtype=object)
        role[np.isin(unit, self.val)] = "val"
        role[np.isin(unit, self.test)] = "test"
        return role


def nested(n_units: int, *, outer: int, n_outer: int, n_inner: int, seed: int) -> list[Split]:
    """The inner splits of outer fold `outer` over blocks or sessions. The inner shuffle's seed is the outer fold."""
    test = k_folds(n_units, n_outer, seed)[outer]
    trainval = np.setdiff1d(np.arange(n_units), test)
    validation = [trainval[positions] for positions in k_folds(len(trainval), n_inner, seed=outer)]
    return [Split(np.setdiff1d(trainval, val), val, test) for val in validation]


def within(n_trials: int, protocol: str, seed: int) -> Split:
    """Roles of the trials of a block of `n_trials`.

    `interspersed`: one permutation for all blocks of this length, by NumPy's legacy generator as in the reference;
    `holdout`: the last trials test, those before them validate. Numbers of trials are the paper's for its lengths, an
    eighth each (at least one) for others.
    """
    eighth = max(1, round(n_trials / 8))
    n_val, n_test = PUBLISHED.get(n_trials, (eighth, eighth))
    order = np.random.RandomState(seed).permutation(n_trials) if protocol == "interspersed" else np.arange(n_trials)
    train, val, test = np.split(order, [n_trials - n_val - n_test, n_trials - n_test])
    return Split(np.sort(train), np.sort(val), np.sort(test))
