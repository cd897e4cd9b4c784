"""Folds against the golden values of the specification and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold

from tinycog.splits import k_folds, nested


def test_golden_outer_folds_of_20_blocks():
    expected = [[3, 16], [6, 10], [2, 14], [4, 17], [1, 7], [0, 13], [18, 19], [9, 15], [8, 12], [5, 11]]
    assert [fold.tolist() for fold in k_folds(20, 10, seed=1)] == expected


def test_golden_folds_of_96_blocks():
    folds = k_folds(96, 10, seed=1)
    assert folds[0].tolist() == [31, 40, 44, 46, 59, 65, 74, 78, 80, 85]
    assert folds[1].tolist() == [2, 10, 27, 32, 38, 39, 56, 62, 77, 91]
    assert folds[2].tolist() == [19, 33, 35, 48, 54, 58, 67, 84, 90, 95]
    inner = nested(96, outer=0, n_outer=10, n_inner=9, seed=1)[0]
    assert inner.val.tolist() == [2, 13, 30, 43, 47, 49, 57, 62, 83, 95]
    assert inner.test.tolist() == folds[0].tolist()


@given(st.integers(2, 12), st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_equal_to_scikit_learn(k, extra, seed):
    n = k + extra
    expected = [test for _, test in KFold(k, shuffle=True, random_state=seed).split(np.zeros(n))]
    for ours, theirs in zip(k_folds(n, k, seed), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(("n_blocks", "n_outer", "n_inner"), [(23, 10, 9), (24, 5, 4), (500, 3, 2)])
def test_every_block_has_one_role_in_each_inner_fold(n_blocks, n_outer, n_inner):
    tested = []
    for outer in range(n_outer):
        splits = nested(n_blocks, outer=outer, n_outer=n_outer, n_inner=n_inner, seed=1)
        for split in splits:
            together = np.sort(np.concatenate([split.train, split.val, split.test]))
            np.testing.assert_array_equal(together, np.arange(n_blocks))
        validated = np.sort(np.concatenate([split.val for split in splits]))
        np.testing.assert_array_equal(validated, np.setdiff1d(np.arange(n_blocks), splits[0].test))
        tested += splits[0].test.tolist()
    assert sorted(tested) == list(range(n_blocks))
