"""Selection, aggregation and d* on tables small enough to work out by hand."""

import itertools
import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from tinycog.analyses.dimensionality import compute as dimensionality
from tinycog.analyses.dimensionality.tables import DIMENSIONALITY
from tinycog.analyses.performance.compute import cut_short, performance, performance_group, sem
from tinycog.analyses.performance.figure import nll_against_d
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
    assert selection.selected_row(fits) == 2


def test_failed_fits_are_never_kept():
    fits = fold(status=["ok", "ok", "failed", "failed"], val_nll=[0.55, 0.60, 0.1, 0.1])
    assert selection.inner_winners(fits).tolist() == [0]
    assert selection.selected_row(fits) == 0
    assert selection.selected_row(fold(status=["failed"] * 4)) is None


def test_test_losses_play_no_part_and_ties_go_to_the_first():
    assert selection.selected_row(fold(test_nll=[9.0, 0.0, 9.0, 0.0])) == 2
    assert selection.inner_winners(fold(val_nll=[0.5, 0.5, 0.5, 0.5])).tolist() == [0, 2]


def selected_fits(nll, n_test, model="gru", val=None, subject="s"):
    """Table of selected fits from nll: dim: test NLL of each outer fold; None where no fit was kept."""
    rows = [
        {"dataset": "a", "subject": subject, "model": model, "dim": dim, "outer": outer, "test_nll": value}
        | {"family": "rnn", "n_dynamical": dim, "n_parameters": 10 * dim, "n_test": n_test[outer], "n_val": 10}
        | {"test_accuracy": 0.5 + outer / 10, "val_nll": (val or nll)[dim][outer]}
        for dim, values in nll.items()
        for outer, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows)


def fits_of(selected, **columns):
    """Table of fits: one for each selected fit."""
    keys = selected[["dataset", "subject", "model", "dim", "outer", "test_nll"]]
    same = {"inner": 0, "val_nll": 0.4, "val_target_nll": np.nan, "status": "ok", "ended": "patience"}
    return keys.assign(**same | columns)


def compared(fits, selected, n_outer):
    """Table `performance`, and what is left out of it."""
    return performance(fits, selected, {"a": n_outer}), selection.compared(selected)[1]


def test_performance_weights_folds_by_their_choices():
    selected = selected_fits({1: [0.5, 0.7]}, n_test=[30, 10])
    fits = fits_of(selected)
    second = fits.assign(inner=1, test_nll=[0.6, 0.8])
    worse = fits.assign(val_nll=0.9, test_nll=0.0)  # not a winner of its inner fold
    table, left_out = compared(pd.concat([fits, second, worse]), selected, 3)
    assert not left_out
    row = table.iloc[0]
    assert row["test_nll"] == pytest.approx((30 * 0.5 + 10 * 0.7) / 40)
    assert row["test_accuracy"] == pytest.approx((30 * 0.5 + 10 * 0.6) / 40)
    assert row["test_nll_sem"] == pytest.approx(np.sqrt(0.05 / 3 / 4))  # .5, .6, .7, .8: squared deviations add to .05
    assert row["test_nll_sem_outer"] == pytest.approx(0.1)  # sd of (.5, .7) is .1414; / sqrt(2)
    assert (row["n_test"], row["n_outer"], row["n_outer_own"], row["n_outer_missing"]) == (40, 2, 2, 1)


EASY = [0.49, 0.50, 0.48, 0.47, 0.49, 0.48, 0.47]


def test_a_model_that_skips_the_hardest_fold_is_not_the_best():
    """SGRU has .482 over the 7 folds that it has and GRU .520 over all 8; over the same 7 folds GRU has .472."""
    gru = selected_fits({1: [*(x - 0.01 for x in EASY), 0.85]}, n_test=[10] * 8)
    sgru = selected_fits({1: [*(x + 0.0 for x in EASY[:-1]), 0.464, None]}, n_test=[10] * 8, model="sgru")
    assert [np.round(own["test_nll"].mean(), 3) for own in (sgru, gru)] == [0.482, 0.520]
    selected = pd.concat([sgru, gru])
    table, left_out = compared(fits_of(selected), selected, 8)
    assert not left_out
    by_model = table.set_index("model")
    assert by_model.loc["gru", "test_nll"] == pytest.approx(np.mean(EASY) - 0.01)
    assert by_model["test_nll"].idxmin() == "gru"
    assert by_model.loc["gru", "test_nll_sem"] == pytest.approx(np.std(EASY, ddof=1) / np.sqrt(7))
    assert by_model.loc["gru", "test_accuracy"] == pytest.approx(0.5 + np.mean(range(7)) / 10)
    counts = by_model[["n_test", "n_outer", "n_outer_own", "n_outer_missing"]]
    assert counts.loc[["gru", "sgru"]].to_numpy().tolist() == [[70, 7, 8, 0], [70, 7, 7, 1]]
    d_star, _ = dimensionality.dimensionality(selected, ["gru", "sgru"], bootstrap=100, seed=0)
    assert set(d_star["models"]) == {'["gru"]'}
    assert set(d_star["n_outer"]) == {7}


def test_a_fold_whose_test_nll_is_not_finite_is_compared_for_no_model_and_said():
    infinite = selected_fits({1: [0.5, np.inf, 0.5, 0.5]}, n_test=[10] * 4)
    other = selected_fits({2: [0.6, 0.6, np.nan, 0.3]}, n_test=[10, 10, 0, 10])
    selected = pd.concat([infinite, other])
    table, left_out = compared(fits_of(selected), selected, 4)
    assert table["test_nll"].tolist() == pytest.approx([0.5, 0.45])
    assert table["n_outer"].tolist() == [2, 2]
    assert table["n_outer_missing"].tolist() == [1, 1]
    assert [(row["dim"], row["outer"]) for row in left_out] == [(1, 1), (2, 2)]
    assert left_out[0]["reason"] == "outer fold left out of comparisons: the test NLL of its selected fit is inf"
    assert left_out[1]["reason"] == "outer fold left out of comparisons: there is no test choice to score"


@pytest.mark.parametrize(
    ("folds", "names", "shared"),
    [
        ({"a": range(8), "b": range(7)}, "ab", range(7)),
        ({"a": range(10), "b": range(5), "c": range(10)}, "abc", range(5)),  # half of the folds
        ({"a": range(10), "b": range(4), "c": range(10)}, "ac", range(10)),  # fewer
        ({"a": range(3), "b": range(3), "c": []}, "ab", range(3)),  # few, but nobody has more
        ({"a": range(5), "b": range(5, 10)}, "a", range(5)),  # none in common: of equals the last is left out
        ({"a": range(6), "b": range(10), "c": range(4, 10)}, "ab", range(6)),
        ({"a": range(2, 10), "b": range(3), "c": range(10)}, "ac", range(2, 10)),
        ({"a": []}, "", []),
    ],
)
def test_models_are_compared_on_what_they_share_unless_one_has_too_little(folds, names, shared):
    assert selection.common({name: set(own) for name, own in folds.items()}) == (list(names), set(shared))


def test_a_model_that_lacks_most_folds_is_named_and_reduces_no_other():
    sound = selected_fits({1: [0.5] * 10, 2: [0.4] * 10}, n_test=[10] * 10)
    failing = selected_fits({1: [0.1] * 4 + [None] * 6}, n_test=[10] * 10, model="slin")
    selected = pd.concat([failing, sound])
    table, left_out = compared(fits_of(selected), selected, 10)
    assert table["model"].tolist() == ["gru", "gru"]
    assert table["n_outer"].tolist() == [10, 10]
    keys = {"dataset": "a", "subject": "s", "model": "slin", "dim": 1}
    what = "its outer folds (4) have too few in common with those of the other models (up to 10)"
    assert left_out == [keys | {"reason": f"left out of comparisons: {what}"}]
    d_star, _ = dimensionality.dimensionality(selected, ["gru", "slin"], bootstrap=100, seed=0)
    assert set(d_star["models"]) == {'["gru", "gru"]'}


def test_of_models_with_equally_many_folds_the_last_of_the_table_is_left_out():
    first = selected_fits({1: [0.5, 0.5, None, None]}, n_test=[10] * 4, model="slin")
    last = selected_fits({1: [None, None, 0.4, 0.4]}, n_test=[10] * 4)
    chosen, left_out = selection.compared(pd.concat([first, last]))
    assert set(chosen["model"]) == {"slin"}
    assert [row["model"] for row in left_out] == ["gru"]


def test_a_standard_error_needs_two_finite_values():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [np.isnan(sem(values)) for values in ([], [0.5], [0.5, np.inf], [0.5, 0.7])] == [True, True, True, False]


def test_shares_of_fits_that_were_cut_short_are_those_of_a_model_and_dim():
    selected = selected_fits({1: [0.5, 0.5], 2: [0.4, 0.4]}, n_test=[10, 10])
    cognitive = selected_fits({2: [0.6, 0.6]}, n_test=[10, 10], model="MB0").assign(family="cognitive")
    ended = [["max_epochs", "patience", "max_epochs", "failed"], ["patience", "patience", "max_epochs", "patience"]]
    fits = [fits_of(selected, inner=inner, ended=of_inner) for inner, of_inner in enumerate(ended)]
    fits = pd.concat([*fits, fits_of(cognitive, ended="max_evaluations")])
    fits.loc[fits["ended"] == "failed", ["status", "val_nll"]] = ["failed", np.nan]
    table, _ = compared(fits, pd.concat([selected, cognitive]), 2)
    np.testing.assert_allclose(table["share_max_epochs"], [1 / 4, 2 / 3, np.nan])
    said = cut_short(table.assign(share_max_epochs=[0.2, 0.21, np.nan]))  # more than a fifth
    assert [row["dim"] for row in said] == [2]
    (said,) = cut_short(table.assign(share_max_epochs=[0.9, 0.1, np.nan]))
    assert said["reason"].startswith("90% of the fits ended at training.max_epochs")


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
            "test_nll_sem": [0.2, 0.4],
            "test_nll_sem_outer": [0.02, 0.04],
            "test_accuracy": [0.7, 0.8],
            "share_max_epochs": [0.1, 0.3],
        }
    )
    groups, left_out = performance_group(table), selection.compared_subjects(table)[1]
    assert not left_out
    group = groups.iloc[0]
    assert group["test_nll"] == pytest.approx(0.5)
    assert group["test_nll_sem"] == pytest.approx(0.1)
    assert group["test_nll_sem_within"] == pytest.approx(0.03)
    assert group["n_subjects"] == 2


def test_a_mean_over_subjects_is_of_the_same_subjects_for_every_model():
    """Without subject t, who is hard to predict, the other model would look better."""
    columns = {"dataset": "a", "dim": 1, "family": "rnn", "n_dynamical": 1, "n_parameters": 22}
    columns |= {"test_nll_sem": 0.1, "test_nll_sem_outer": 0.1, "test_accuracy": 0.7, "share_max_epochs": 0.0}
    rows = [("gru", "s", 0.4), ("gru", "t", 0.8), ("gru", "u", 0.4), ("LS0", "s", 0.5), ("LS0", "u", 0.6)]
    rows += [("slin", "t", 0.1)]
    table = pd.DataFrame(rows, columns=["model", "subject", "test_nll"]).assign(**columns)
    groups, left_out = performance_group(table), selection.compared_subjects(table)[1]
    assert groups["model"].tolist() == ["gru", "LS0"]
    assert groups["test_nll"].tolist() == pytest.approx([0.4, 0.55])
    assert groups[["n_subjects", "n_subjects_own"]].to_numpy().tolist() == [[2, 3], [2, 2]]
    assert [row["model"] for row in left_out] == ["slin"]
    assert "its subjects (1) have too few in common with those of the other models (up to 3)" in left_out[0]["reason"]


@pytest.mark.parametrize(("n_subjects", "half", "over"), [(2, 0.02, "outer folds"), (7, 0.3, "subjects")])
def test_bars_of_the_figure_are_one_standard_error_and_say_over_what(n_subjects, half, over):
    columns = {"dataset": "a", "n_parameters": 22, "test_nll": 0.5, "test_nll_sem_outer": 0.02, "test_accuracy": 0.7}
    kinds = pd.DataFrame({"model": ["gru", "gru", "MB0"], "dim": [1, 2, 2], "family": ["rnn", "rnn", "cognitive"]})
    kinds = kinds.assign(n_dynamical=kinds["dim"], test_nll_sem=0.3, test_nll_sem_within=0.02, n_subjects=n_subjects)
    kinds = kinds.assign(share_max_epochs=[0.0, 0.0, np.nan])
    by_subject = pd.concat([kinds.assign(subject=f"s{i}", **columns) for i in range(n_subjects)])
    figure = nll_against_d(by_subject, kinds.assign(**columns), "a")
    bars = [segment for ax in figure.axes for bars in ax.collections for segment in bars.get_segments()]
    assert len(bars) == 3 * len(figure.axes)
    np.testing.assert_allclose([np.ptp(segment[:, 1]) for segment in bars], 2 * half)
    assert figure.axes[0].get_ylabel().endswith(f"bars: SE over {over}")


def test_p_values_equal_scipy():
    nll = np.random.default_rng(0).normal(size=(2, 10, 3))  # two resamples
    p = dimensionality.p_values(nll)
    for k in range(2):
        for i in range(3):
            for j in range(3):
                if i != j:
                    expected = ttest_rel(nll[k, :, i], nll[k, :, j], alternative="less").pvalue
                    assert p[k, i, j] == pytest.approx(expected)


def test_the_largest_dim_that_beats_every_smaller_one():
    """Means .60, .57, .571, .569; d = 4 beats 1 and 3, not 2: d* = 2 (methods: behavioural dimensionality)."""
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
    assert dimensionality.d_star_index(nll, weights, "reference") == 1
    assert dimensionality.d_star_index(nll, weights, "minimal") == 1
    assert dimensionality.d_star_index(nll, weights, "argmin") == 3


def test_a_large_d_that_beats_all_smaller_wins():
    base = np.linspace(-0.01, 0.01, 10)
    nll = np.stack([0.6 + base, 0.61 + base * 1.01, 0.5 + base * 0.99], axis=1)
    assert dimensionality.d_star_index(nll, np.ones(10), "reference") == 2
    assert dimensionality.d_star_index(nll, np.ones(10), "minimal") == 2


@pytest.mark.parametrize(("gain", "better"), [(0.62, True), (0.60, False)])
def test_five_percent_are_significant(gain, better):
    # ten differences of mean gain, their standard error 1 / 3: t = 1.86 or 1.80; the table has 1.833 for 9 df and 5%
    nll = np.stack([np.zeros(10), np.tile([1.0, -1.0], 5) - gain], axis=1)
    assert dimensionality.reference_flags(nll).tolist() == [True, better]
    for rule in ("reference", "minimal"):
        assert dimensionality.d_star_index(nll, np.ones(10), rule) == better


def test_argmin_weights_folds_and_takes_the_smaller_of_equals():
    nll = np.array([[0.5, 0.4, 0.4], [0.5, 0.65, 0.65]])
    assert dimensionality.d_star_index(nll, np.array([10.0, 1.0]), "argmin") == 1
    assert dimensionality.d_star_index(nll, np.array([1.0, 10.0]), "argmin") == 0


def test_equal_losses_are_no_improvement():
    nll = np.tile(np.linspace(0.4, 0.5, 5)[:, None], 2)
    assert dimensionality.d_star_index(nll, np.ones(5), "reference") == 0


def test_table_of_a_subject_and_the_architecture_of_each_dim():
    rng = np.random.default_rng(3)
    n_test = [100] * 6
    noise = rng.normal(scale=1e-3, size=(3, 6))
    good = {1: list(0.60 + noise[0]), 2: list(0.50 + noise[1])}
    poor_test_good_val = {2: list(0.55 + noise[2])}
    selected = pd.concat(
        [
            selected_fits(good, n_test),
            selected_fits(poor_test_good_val, n_test, model="other", val={2: [0.1] * 6}),
            selected_fits({3: [0.01] * 6}, n_test, model="diagonal"),  # does not compete
        ]
    )
    table, excluded = dimensionality.dimensionality(selected, ["gru", "other"], bootstrap=200, seed=0)
    assert not len(excluded)
    by_rule = table.set_index("rule")
    assert by_rule["d_star"].tolist() == [2, 2, 2, 2]
    assert json.loads(by_rule.loc["reference", "models"]) == ["gru", "gru"]
    assert json.loads(by_rule.loc["validation", "models"]) == ["gru", "other"]
    assert by_rule["d_star_shares"].tolist() == ['{"1": 0.0, "2": 1.0}'] * 4
    assert (by_rule["note"] == "not bounded by this grid").all()
    assert json.loads(by_rule.loc["reference", "p_values"])["2<1"] < 1e-6
    again, _ = dimensionality.dimensionality(selected.iloc[::-1], ["gru", "other"], bootstrap=200, seed=0)
    pd.testing.assert_frame_equal(table, again)


def by_scalars(nll, n_test, rule):
    """Place of d* by the words of the definition, from SciPy's test of each two dims; nll by (fold, dim)."""
    dims = range(nll.shape[1])
    with np.errstate(all="ignore"):
        p = [[ttest_rel(nll[:, i], nll[:, j], alternative="less").pvalue for j in dims] for i in dims]
    if rule == "argmin":
        return min(dims, key=lambda dim: sum(n_test * nll[:, dim]))
    if rule == "minimal":
        return next(dim for dim in dims if not any(p[larger][dim] <= 0.05 for larger in dims[dim + 1 :]))
    return max(dim for dim in dims if all(p[dim][smaller] <= 0.05 for smaller in dims[:dim]))


def test_shares_are_those_of_all_resamples_that_have_two_different_folds():
    """Of three folds 24 draws are possible: 6 with each fold once, and 18 with one of them twice and another once."""
    n_test, n_draws = np.array([10, 20, 10]), 20_000
    losses = {1: [0.52, 0.54, 0.56], 2: [0.50, 0.525, 0.541], 3: [0.497, 0.53, 0.5375]}
    nll = np.array([*losses.values()]).T
    table, _ = dimensionality.dimensionality(selected_fits(losses, n_test), ["gru"], bootstrap=n_draws, seed=0)
    for row in table.itertuples():
        expected = dict.fromkeys("123", 0)
        for draw in itertools.product(range(3), repeat=3):
            if len(set(draw)) > 1:
                expected[str(1 + by_scalars(nll[list(draw)], n_test[list(draw)], row.rule))] += 1 / 24
        assert sum(share > 0.1 for share in expected.values()) > 1, "shares should not all be 0 or 1"
        assert row.d_star == 1 + by_scalars(nll, n_test, row.rule)
        shares = json.loads(row.d_star_shares)
        for dim, share in expected.items():
            assert abs(shares[dim] - share) <= 5 * np.sqrt(share * (1 - share) / n_draws) + 1e-12
    few, _ = dimensionality.dimensionality(selected_fits(losses, n_test), ["gru"], bootstrap=100, seed=0)
    for counted in few["d_star_shares"].map(json.loads):
        assert all(share * 100 == pytest.approx(round(share * 100)) for share in counted.values())


def test_the_smallest_that_none_beats_is_not_the_largest_that_beats_all():
    """The third dim beats the first, the second is better in the mean, but beats none and is beaten by none."""
    base, wiggle = np.linspace(-0.01, 0.01, 10), np.tile([1.0, -1.0], 5)
    nll = np.stack([0.60 + base, 0.57 + base + 0.06 * wiggle, 0.585 + 1.1 * base], axis=1)
    expected = {"reference": 0, "minimal": 1, "validation": 0, "argmin": 1}
    assert {rule: by_scalars(nll, np.ones(10), rule) for rule in expected} == expected
    assert {rule: dimensionality.d_star_index(nll, np.ones(10), rule) for rule in expected} == expected


def test_resamples_draw_each_pair_of_folds_alike_and_no_fold_alone():
    draws = dimensionality.resamples(3, 27_000, np.random.default_rng(0))
    assert draws.shape == (27_000, 3)
    kinds, counts = np.unique(draws, axis=0, return_counts=True)
    assert len(kinds) == 24
    assert (abs(counts - 27_000 / 24) < 5 * np.sqrt(27_000 / 24)).all()
    assert sorted(np.unique(dimensionality.resamples(5, 1000, np.random.default_rng(0)))) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("n_folds", "n_dims", "given"), [(3, 2, True), (2, 2, False), (1, 2, False), (3, 1, False)])
def test_where_nothing_can_be_resampled_there_are_no_shares(n_folds, n_dims, given):
    nll = {dim: [0.5 + dim / 100 + outer / 1000 for outer in range(n_folds)] for dim in range(1, n_dims + 1)}
    table, _ = dimensionality.dimensionality(selected_fits(nll, [10] * n_folds), ["gru"], bootstrap=100, seed=0)
    assert table["rule"].tolist() == list(dimensionality.RULES if n_folds > 1 else ["argmin"])
    assert table["d_star_shares"].notna().tolist() == [given] * len(table)
    assert DIMENSIONALITY.typed(table)["d_star_shares"].dtype == "str"  # in the file, too, where all are null
    assert set(table["note"]) == {"" if n_dims > 1 else "one dim only"}


def test_the_largest_dim_is_noted_rule_by_rule():
    """d = 2 is the lowest in the mean, but not significantly."""
    nll = {1: [0.50, 0.50, 0.50, 0.50], 2: [0.40, 0.55, 0.52, 0.40]}
    table, _ = dimensionality.dimensionality(selected_fits(nll, [10] * 4), ["gru"], bootstrap=100, seed=0)
    notes = table.set_index("rule")["note"]
    assert table.set_index("rule")["d_star"].to_dict() == {"reference": 1, "minimal": 1, "validation": 1, "argmin": 2}
    assert notes.to_dict() == dict.fromkeys(("reference", "minimal", "validation"), "") | {
        "argmin": "not bounded by this grid"
    }


def test_a_network_s_folds_count_by_their_choices():
    n_test = [30, 10]
    uneven = selected_fits({1: [0.5, 0.7]}, n_test)  # .55 for a choice, .60 for a fold
    even = selected_fits({1: [0.58, 0.58]}, n_test, model="other")
    assert dimensionality.best_by_dim(pd.concat([even, uneven]), "test").models == ["gru"]
    assert dimensionality.best_by_dim(pd.concat([even.assign(test_nll=0.54), uneven]), "test").models == ["other"]
    # by validation .5 for a choice against .52, but of fewer choices in all
    by_val = uneven.assign(val_nll=[0.6, 0.4], n_val=[10, 10]), even.assign(val_nll=0.52, n_val=[9, 9])
    assert dimensionality.best_by_dim(pd.concat(by_val), "val").models == ["gru"]
    by_val = uneven.assign(val_nll=[0.6, 0.4], n_val=[30, 10]), even.assign(val_nll=0.54, n_val=[10, 10])
    assert dimensionality.best_by_dim(pd.concat(by_val), "val").models == ["other"]


def test_one_fold_gives_the_lowest_loss_and_nothing_to_test():
    selected = selected_fits({1: [0.5], 2: [0.4], 3: [0.4]}, n_test=[10])
    table, excluded = dimensionality.dimensionality(selected, ["gru"], bootstrap=100, seed=0)
    assert table["rule"].tolist() == ["argmin"]
    assert table["d_star"].tolist() == [2]
    assert not len(excluded)


def test_dims_without_a_common_fold_are_not_compared():
    selected = selected_fits({1: [0.5, None], 2: [None, 0.4]}, n_test=[10, 10])
    table, excluded = dimensionality.dimensionality(selected, ["gru"], bootstrap=100, seed=0)
    assert table[["d_star", "dims", "note", "n_outer"]].to_numpy().tolist() == [[1, "[1]", "one dim only", 1]]
    assert not len(excluded)


def test_a_subject_without_a_network_to_compare_is_said():
    selected = selected_fits({1: [np.nan, np.nan]}, n_test=[0, 0])
    other = selected_fits({2: [0.5] * 4}, n_test=[10] * 4, model="MB0")
    one = selected_fits({1: [0.5]}, n_test=[10], subject="t")
    table, excluded = dimensionality.dimensionality(pd.concat([selected, other, one]), ["gru"], bootstrap=100, seed=0)
    assert table["subject"].tolist() == ["t"]
    assert excluded["subject"].tolist() == ["s"]
    assert excluded["reason"].iloc[0].startswith("d* needs an outer fold")
