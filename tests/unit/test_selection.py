"""Selection, aggregation and d* on tables small enough to work out by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from tinycog.analyses.dimensionality import compute as dimensionality
from tinycog.analyses.performance.compute import performance, performance_group
from tinycog.results import selection


def fold(**changes):
    columns = {
        "inner": [0, 0, 1, 1],
        "train_nll": [0.50, 0.40, 0.45, 0.30],
        "val_nll": [0.50, 0.60, 0.52, 0.58],
        "test_nll": [0.1, 0.2, 0.3, 0.4],
        "n_train": [80, 80, 60, 60],
        "n_val": [20, 20, 40, 40],
        "status": ["ok"] * 4,
    }
    return {name: np.array(values) for name, values in {**columns, **changes}.items()}


def test_validation_decides_within_and_trainval_between_inner_folds():
    fits = fold()
    assert selection.inner_winners(fits).tolist() == [0, 2]
    # trainval: (80 * .50 + 20 * .50) / 100 = .50 against (60 * .45 + 40 * .52) / 100 = .478
    assert selection.trainval_nll(fits)[[0, 2]] == pytest.approx([0.50, 0.478])
    assert selection.kept(fits) == 2


def test_failed_fits_are_never_kept():
    fits = fold(status=["ok", "ok", "failed", "failed"], val_nll=[0.55, 0.60, 0.1, 0.1])
    assert selection.inner_winners(fits).tolist() == [0]
    assert selection.kept(fits) == 0
    assert selection.kept(fold(status=["failed"] * 4)) is None


def test_test_losses_play_no_part_and_ties_go_to_the_first():
    assert selection.kept(fold(test_nll=[9.0, 0.0, 9.0, 0.0])) == 2
    assert selection.inner_winners(fold(val_nll=[0.5, 0.5, 0.5, 0.5])).tolist() == [0, 2]


def kept_fits(nll, n_test, model="gru", val=None):
    """Table of kept fits from nll: dim: test NLL of each outer fold."""
    rows = [
        {"dataset": "a", "subject": "s", "model": model, "dim": dim, "outer": outer, "test_nll": value}
        | {"family": "rnn", "n_dynamical": dim, "n_parameters": 10 * dim, "n_test": n_test[outer], "n_val": 10}
        | {"test_accuracy": 0.5 + outer / 10, "val_nll": (val or nll)[dim][outer]}
        for dim, values in nll.items()
        for outer, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_performance_weights_folds_by_their_choices():
    selected = kept_fits({1: [0.5, 0.7]}, n_test=[30, 10])
    inner = {"inner": 0, "val_nll": 0.4, "status": "ok"}
    fits = selected[["dataset", "subject", "model", "dim", "outer", "test_nll"]].assign(**inner)
    second = fits.assign(inner=1, test_nll=[0.6, 0.8])
    worse = fits.assign(val_nll=0.9, test_nll=0.0)  # not a winner of its inner fold
    table = performance(pd.concat([fits, second, worse]), selected, n_outer=3)
    row = table.iloc[0]
    assert row["test_nll"] == pytest.approx((30 * 0.5 + 10 * 0.7) / 40)
    assert row["test_accuracy"] == pytest.approx((30 * 0.5 + 10 * 0.6) / 40)
    assert row["test_nll_sem"] == pytest.approx(np.sqrt(0.05 / 3 / 4))  # .5, .6, .7, .8: squared deviations add to .05
    assert row["test_nll_sem_outer"] == pytest.approx(0.1)  # sd of (.5, .7) is .1414; / sqrt(2)
    assert (row["n_test"], row["n_outer"], row["n_outer_missing"]) == (40, 2, 1)


def test_group_is_the_mean_over_subjects():
    table = pd.DataFrame(
        {
            "dataset": "a",
            "subject": ["s", "t"],
            "model": "gru",
            "dim": 1,
            "family": "rnn",
            "n_dynamical": 1,
            "n_parameters": 22,
            "test_nll": [0.4, 0.6],
            "test_nll_sem": [0.02, 0.04],
            "test_accuracy": [0.7, 0.8],
        }
    )
    group = performance_group(table).iloc[0]
    assert group["test_nll"] == pytest.approx(0.5)
    assert group["test_nll_sem"] == pytest.approx(0.1)
    assert group["test_nll_sem_within"] == pytest.approx(0.03)
    assert group["n_subjects"] == 2


def test_p_values_equal_scipy():
    nll = np.random.default_rng(0).normal(size=(2, 10, 3))  # two resamples
    p = dimensionality.p_values(nll)
    for k in range(2):
        for i in range(3):
            for j in range(3):
                if i != j:
                    expected = ttest_rel(nll[k, :, i], nll[k, :, j], alternative="less").pvalue
                    assert p[k, i, j] == pytest.approx(expected)


def test_worked_toy_of_the_specification():
    """Means .60, .57, .571, .569; d = 4 beats 1 and 3 but not 2: flags (1, 1, 0, 0), d* = 2 (core.md 7)."""
    base = np.linspace(-0.01, 0.01, 10)
    wiggle = np.tile([1.0, -1.0], 5)
    nll = np.stack([0.60 + base, 0.57 + base + 0.005 * wiggle, 0.571 + base, 0.569 + base], axis=1)
    nll[:, 0] += 0.002 * wiggle[::-1] + 1e-4 * base
    nll[:, 2] += 1e-3 * base
    weights = np.full(10, 100.0)
    p = dimensionality.p_values(nll)
    assert p[3, 0] <= 0.05
    assert p[3, 2] <= 0.05
    assert p[3, 1] > 0.05
    assert dimensionality.reference_flags(nll).tolist() == [True, True, False, False]
    assert dimensionality.d_star(nll, weights, "reference") == 1
    assert dimensionality.d_star(nll, weights, "minimal") == 1
    assert dimensionality.d_star(nll, weights, "argmin") == 3


def test_a_large_d_that_beats_all_smaller_wins():
    base = np.linspace(-0.01, 0.01, 10)
    nll = np.stack([0.6 + base, 0.61 + base * 1.01, 0.5 + base * 0.99], axis=1)
    assert dimensionality.d_star(nll, np.ones(10), "reference") == 2
    assert dimensionality.d_star(nll, np.ones(10), "minimal") == 2


@pytest.mark.parametrize(("gain", "better"), [(0.62, True), (0.60, False)])
def test_five_percent_are_significant(gain, better):
    # ten differences of mean gain, their standard error 1 / 3: t = 1.86 or 1.80; the table has 1.833 for 9 df and 5%
    nll = np.stack([np.zeros(10), np.tile([1.0, -1.0], 5) - gain], axis=1)
    assert dimensionality.reference_flags(nll).tolist() == [True, better]
    for rule in ("reference", "minimal"):
        assert dimensionality.d_star(nll, np.ones(10), rule) == better


def test_argmin_weights_folds_and_takes_the_smaller_of_equals():
    nll = np.array([[0.5, 0.4, 0.4], [0.5, 0.65, 0.65]])
    assert dimensionality.d_star(nll, np.array([10.0, 1.0]), "argmin") == 1
    assert dimensionality.d_star(nll, np.array([1.0, 10.0]), "argmin") == 0


def test_equal_losses_are_no_improvement():
    nll = np.tile(np.linspace(0.4, 0.5, 5)[:, None], 2)
    assert dimensionality.d_star(nll, np.ones(5), "reference") == 0


def test_table_of_a_subject_and_the_architecture_of_each_dim():
    rng = np.random.default_rng(3)
    n_test = [100] * 6
    noise = rng.normal(scale=1e-3, size=(3, 6))
    good = {1: list(0.60 + noise[0]), 2: list(0.50 + noise[1])}
    poor_test_good_val = {2: list(0.55 + noise[2])}
    selected = pd.concat(
        [
            kept_fits(good, n_test),
            kept_fits(poor_test_good_val, n_test, model="other", val={2: [0.1] * 6}),
            kept_fits({3: [0.01] * 6}, n_test, model="diagonal"),  # does not compete
        ]
    )
    table, excluded = dimensionality.dimensionality(selected, ["gru", "other"], bootstrap=200, seed=0)
    assert not len(excluded)
    by_rule = table.set_index("rule")
    assert by_rule["d_star"].tolist() == [2, 2, 2, 2]
    assert json.loads(by_rule.loc["reference", "models"]) == ["gru", "gru"]
    assert json.loads(by_rule.loc["validation", "models"]) == ["gru", "other"]
    assert (by_rule["d_star_low"] <= by_rule["d_star"]).all()
    assert json.loads(by_rule.loc["reference", "p_values"])["2<1"] < 1e-6
    again, _ = dimensionality.dimensionality(selected.iloc[::-1], ["gru", "other"], bootstrap=200, seed=0)
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(
    ("losses", "n_test", "d_star"),
    [
        # of 27 draws one has fold 0 alone, and one fold 1: d = 1 and d = 3 then, with 3.7% each; else d = 2
        ([[0, 1, 10], [10, 1, 0], [10, 0, 10]], [10, 10, 10], 2),
        # each fold alone gives d = 2 or d = 3, both together d = 1, though the second has a tiny loss for each choice
        ([[1, 0, 5], [1, 5, 0]], [10, 10_000], 1),
    ],
)
def test_interval_holds_the_middle_95_percent_of_resampled_folds(losses, n_test, d_star):
    per_choice = np.array(losses).T / n_test
    selected = kept_fits({dim: list(nll) for dim, nll in enumerate(per_choice, start=1)}, n_test)
    table, _ = dimensionality.dimensionality(selected, ["gru"], bootstrap=10_000, seed=0)
    assert table["rule"].tolist() == list(dimensionality.RULES)
    row = table.set_index("rule").loc["argmin"]
    assert row[["d_star", "d_star_low", "d_star_high"]].tolist() == [d_star, 1, 3]


def test_an_architecture_s_folds_count_by_their_choices():
    n_test = [30, 10]
    uneven = kept_fits({1: [0.5, 0.7]}, n_test)  # .55 for a choice, .60 for a fold
    even = kept_fits({1: [0.58, 0.58]}, n_test, model="other")
    chosen = dimensionality.folds(pd.concat([even, uneven]), "test")
    assert chosen.models == ["gru"]


def test_one_fold_gives_the_lowest_loss_and_nothing_to_test():
    selected = kept_fits({1: [0.5], 2: [0.4], 3: [0.4]}, n_test=[10])
    table, excluded = dimensionality.dimensionality(selected, ["gru"], bootstrap=100, seed=0)
    assert table["rule"].tolist() == ["argmin"]
    assert table["d_star"].tolist() == [2]
    assert not len(excluded)


def test_no_common_fold_is_said():
    selected = kept_fits({1: [0.5, 0.5], 2: [0.4, 0.4]}, n_test=[10, 10])
    apart = selected[(selected["dim"] == 1) == (selected["outer"] == 0)]
    table, excluded = dimensionality.dimensionality(apart, ["gru"], bootstrap=100, seed=0)
    assert not len(table)
    assert excluded["reason"].iloc[0].startswith("d* needs an outer fold")
