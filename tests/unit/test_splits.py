"""Folds against known values and against scikit-learn."""

import hashlib
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold

from tinycog.errors import InputError
from tinycog.sections.base import IDENTIFIER
from tinycog.steps.split import split as make_fold
from tinycog.storage import write_text
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences
from tinycog.trials.splits import ROLES, k_folds, nested, within
from tinycog.trials.subjects import cannot_split, directory


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
        trainval = np.setdiff1d(np.arange(n_blocks), splits[0].test)
        inner = KFold(n_inner, shuffle=True, random_state=outer).split(trainval)  # (methods: nested cross-validation)
        for split, (_, val) in zip(splits, inner, strict=True):
            np.testing.assert_array_equal(split.val, trainval[val])
        tested += splits[0].test.tolist()
    assert sorted(tested) == list(range(n_blocks))


# trials: validation, test (methods: splits within blocks)
INTERSPERSED = {
    160: (
        [0, 5, 28, 29, 31, 32, 34, 38, 53, 79, 82, 99, 104, 114, 115, 126, 127, 134, 149, 153],
        [9, 21, 25, 36, 39, 47, 58, 67, 70, 72, 77, 81, 87, 88, 103, 117, 140, 150, 152, 155],
    ),
    150: (
        [14, 19, 23, 29, 31, 32, 35, 49, 57, 65, 74, 79, 82, 99, 118, 122, 130, 131, 136, 138],
        [9, 21, 25, 36, 39, 47, 58, 67, 70, 72, 77, 81, 87, 88, 103, 115, 117, 140, 142, 145],
    ),
    200: (
        [
            17,
            28,
            29,
            31,
            32,
            34,
            38,
            53,
            79,
            82,
            99,
            114,
            115,
            127,
            128,
            132,
            133,
            142,
            147,
            151,
            157,
            166,
            169,
            173,
            176,
        ],
        [9, 21, 25, 36, 39, 47, 58, 67, 70, 72, 77, 81, 87, 88, 103, 117, 140, 148, 165, 172, 174, 188, 190, 192, 193],
    ),
    100: (
        [19, 20, 25, 29, 37, 39, 46, 49, 69, 72, 77, 81, 94, 97, 98],
        [9, 12, 21, 36, 44, 47, 58, 64, 65, 67, 70, 83, 87, 88, 96],
    ),
}


@pytest.mark.parametrize("n_trials", INTERSPERSED)
def test_golden_interspersed_trials(n_trials):
    split = within(n_trials, "interspersed", seed=0)
    assert (split.val.tolist(), split.test.tolist()) == INTERSPERSED[n_trials]


@pytest.mark.parametrize(("n_trials", "eighth"), [(3, 1), (11, 1), (13, 2), (80, 10), (85, 11)])
def test_an_eighth_of_other_lengths_validates_and_another_tests(n_trials, eighth):
    split = within(n_trials, "holdout", seed=0)
    assert split.val.tolist() == list(range(n_trials - 2 * eighth, n_trials - eighth))
    assert split.test.tolist() == list(range(n_trials - eighth, n_trials))


@given(st.integers(3, 400), st.sampled_from(["interspersed", "holdout"]))
def test_every_trial_has_one_role(n_trials, protocol):
    split = within(n_trials, protocol, seed=0)
    together = np.concatenate([split.train, split.val, split.test])
    assert sorted(together) == list(range(n_trials))
    assert min(len(split.train), len(split.val), len(split.test)) >= 1
    if protocol == "holdout":
        assert split.train.max() < split.val.min() <= split.val.max() < split.test.min()


def folds_of(tmp_path, protocol, n_inner=2, task="bandit", **changes):
    """Fold file of three sessions of two blocks, read back."""
    columns = {"block": np.repeat(np.arange(6), 8), "trial": np.tile(np.arange(8), 6), "mask": np.ones(48)}
    columns |= {name: np.zeros(48, dtype=int) for name in ("action", "state")} | {"reward": np.zeros(48)} | changes
    sessions = np.repeat(["b", "c", "a"], 16)
    trials, fold = tmp_path / "trials.parquet", tmp_path / "fold.parquet"
    pd.DataFrame(columns | {"dataset": "d", "subject": "x", "session": sessions}).to_parquet(trials)
    make_fold([trials], fold, protocol=protocol, outer=0, n_outer=3, n_inner=n_inner, inner=n_inner, seed=1)
    data = sequences.read(trials, task_of(task))
    return folds.read(fold, data)[1], data


def test_blocks_of_a_session_stay_together(tmp_path):
    splits, _ = folds_of(tmp_path, "session")
    assert len(splits) == 2
    for weights in splits:
        for role in ROLES:
            pairs = weights[role].reshape(3, 2)
            assert (pairs[:, 0] == pairs[:, 1]).all()
            assert pairs[:, 0].sum() == 1
    expected = k_folds(3, 3, seed=1)[0]  # sessions are numbered in the order of the data: b, c, a
    assert np.flatnonzero(splits[0]["test"].reshape(3, 2)[:, 0]).tolist() == expected.tolist()


@pytest.mark.parametrize("protocol", ["interspersed", "holdout"])
def test_trials_of_a_block_have_their_own_roles(tmp_path, protocol):
    (weights,), _ = folds_of(tmp_path, protocol, n_inner=1)
    expected = within(8, protocol, seed=1).roles(np.arange(8))
    for role in ROLES:
        np.testing.assert_array_equal(weights[role], np.repeat((expected == role)[:, None], 6, axis=1))


def test_both_choices_of_a_trial_share_its_role(tmp_path):
    second = {"action2": np.zeros(48, dtype=int), "mask2": np.ones(48)}
    (weights,), data = folds_of(tmp_path, "holdout", n_inner=1, task="original_two_stage", **second)
    assert weights["test"].shape == (data.n_trials, data.n_blocks) == (16, 6)
    assert weights["test"][:, 0].tolist() == [0] * 14 + [1, 1]


def listed(tmp_path, **columns):
    """What is read of a fold file with these rows, for blocks of three and two trials."""
    zeros = dict.fromkeys(("action", "state", "reward", "mask"), np.zeros(5, dtype=int))
    trials = zeros | {"block": np.array([0, 0, 0, 1, 1]), "trial": np.array([0, 1, 2, 0, 1])}
    data = sequences.from_columns(trials, task_of("bandit"))
    pd.DataFrame({"outer": 0, "inner": 0, **columns, "role": "train"}).to_parquet(tmp_path / "fold.parquet")
    return folds.read(tmp_path / "fold.parquet", data)[1]


@pytest.mark.parametrize(
    ("block", "trial"),
    [
        ([0], None),
        ([0, 0], None),
        ([0, 1, 1], None),
        ([0, 1, 2], None),
        ([0, 0, 0, 1], [0, 1, 2, 0]),
        ([0, 0, 0, 1, 1], [0, 1, 2, 0, 0]),
        ([0, 0, 0, 0, 1, 1], [0, 1, 2, 2, 0, 1]),
        ([0, 0, 0, 1, 1], [1, 2, 3, 1, 2]),  # counted from 1
        ([0, 0, 0, 1, 1], [0, 1, 2, 0, 2]),
    ],
)
def test_a_fold_file_lists_everything_once(tmp_path, block, trial):
    what = r"trial of the 5" if trial else "of the 2 blocks"
    columns = {"block": block} | ({"trial": trial} if trial else {})
    with pytest.raises(InputError, match=rf"fold\.parquet: inner fold 0 does not list each {what} of the trials once"):
        listed(tmp_path, **columns)


def test_a_fold_file_lists_in_any_order(tmp_path):
    assert listed(tmp_path, block=[1, 0])[0]["train"].tolist() == [[1, 1]]
    (weights,) = listed(tmp_path, block=[1, 0, 1, 0, 0], trial=[1, 2, 0, 0, 1])
    assert weights["train"].tolist() == [[1, 1], [1, 1], [1, 0]]


@pytest.mark.parametrize(
    ("protocol", "n_units", "shortest", "n_inner", "reason"),
    [
        ("blocks", 8, 1, 5, None),  # the largest test fold is 3 of 8: 5 are left
        ("blocks", 7, 1, 4, None),  # 3 of 7
        ("blocks", 3, 1, 2, None),  # one a fold
        ("blocks", 2, 1, 1, "2 blocks are fewer than cv.outer = 3 folds"),
        ("blocks", 7, 1, 5, "7 blocks leave 4 outside a test fold, fewer than cv.inner = 5 folds"),
        ("session", 2, 9, 1, "2 sessions are fewer than cv.outer = 3 folds"),
        ("interspersed", 1, 3, 1, None),
        ("holdout", 1, 2, 1, "a block of 2 trials is too short to train, validate and test"),
    ],
)
def test_data_that_cannot_be_split_are_told_by_their_numbers(protocol, n_units, shortest, n_inner, reason):
    cv = {"protocol": protocol, "outer": 3, "inner": n_inner, "n_inner": n_inner}
    assert cannot_split(n_units, shortest, cv) == reason


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        *((plain, plain) for plain in ("m1", "a.b-c_d", "7", "a-", "a_b_c")),
        *(("rat 1/left", "rat+201+2Fleft"), ("../up", "x+2E.+2Fup"), ("été", "x+C3+A9t+C3+A9")),
        *(("a__b", "a_+5Fb"), ("_a", "x+5Fa"), (".", "x+2E"), ("a+20", "a+2B20"), ("", "x"), ("a___b", "a_+5F_b")),
    ],
)
def test_a_subject_s_folder_is_its_id_with_odd_characters_as_bytes(subject, name):
    assert directory(subject) == name


def test_long_names_are_cut_and_stay_different(tmp_path):
    assert directory("a" * 100) == "a" * 100  # as it has always been
    assert directory("鼠" * 11) == "x" + "+E9+BC+A0" * 11  # x and 99 more
    assert directory("a" * 101) == "a" * 82 + "+x" + hashlib.sha256(b"a" * 101).hexdigest()[:16]
    long = [*("鼠" * n for n in (12, 27, 300)), *(f"{'a' * 90}{i}{'_' * 20}" for i in range(3)), "_" * 300]
    names = [directory(subject) for subject in long]
    assert len(set(names)) == len(names)
    for name in names:
        assert len(name) == 100
        assert re.fullmatch(IDENTIFIER, name)
        assert "__" not in name
        figure = f"portrait__{'d' * 40}__{name}__{'m' * 40}.png"
        write_text(tmp_path / figure, "")  # under a name that is longer still, at first
        assert (tmp_path / figure).is_file()
