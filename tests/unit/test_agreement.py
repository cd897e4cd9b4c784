"""Correlations of logits between fits: sequences with known r, failed folds, chunks, one fold alone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.stats import pearsonr

from tinycog.analyses.agreement import compute, figure
from tinycog.analyses.agreement.gather import gather
from tinycog.analyses.agreement.outputs import figures, parts, tables
from tinycog.analyses.agreement.plot import plot_agreement, plot_subjects
from tinycog.analyses.agreement.step import agree
from tinycog.config import Config
from tinycog.results.grid import Grid
from tinycog.results.layout import Layout
from tinycog.results.scores import Scores, relative, write
from tinycog.sections.fits import CrossValidation
from tinycog.sections.messages import checked
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials.subjects import directory

BANDIT = task_of("bandit")


def scores_of(logits, *, mask=None, split=None, condition=None, task=BANDIT) -> Scores:
    """Scores of one block: logits (choice, action) before each choice; what follows the last one is of no matter."""
    logits = np.asarray(logits, dtype=float)
    n = len(logits)
    return Scores(
        logits=np.concatenate([logits, np.full((1, logits.shape[1]), 99.0)]),
        states=np.zeros((n + 1, 1)),
        condition=np.zeros(n // task.stages, dtype=np.int16) if condition is None else np.array(condition, np.int16),
        mask=np.ones(n, dtype=np.int8) if mask is None else np.array(mask, dtype=np.int8),
        split=np.full(n, "train") if split is None else np.array(split),
        row_start=np.array([0, n + 1]),
        trial_start=np.array([0, n // task.stages]),
    )


def two(logit, **options) -> Scores:
    """Scores of two actions whose logit L is given; the logits themselves drift together, which means nothing."""
    drift = np.linspace(-3, 5, len(logit))
    return scores_of(np.stack([drift + logit, drift], axis=1), **options)


def rows(fits: dict, task=BANDIT) -> pd.DataFrame:
    made = {name: [compute.Fit.of(one, task) for one in own] for name, own in fits.items()}
    return pd.DataFrame(compute.rows(made)).set_index(["model_a", "dim_a", "model_b", "dim_b"])


# sequences of four choices with r by hand: x.y = -1 + 0 + 0 + 1 over sqrt(20) sqrt(2) / 2 ...
X = np.array([-3.0, -1, 1, 3])  # length sqrt(20)
Y = np.array([-1.0, 1, -1, 1])  # length 2, X.Y = 3 - 1 - 1 + 3 = 4
Z = np.array([1.0, -1, -1, 1])  # length 2, X.Z = -3 + 1 - 1 + 3 = 0, Y.Z = -1 - 1 + 1 + 1 = 0
XY = 4 / (np.sqrt(20) * 2)


def test_means_over_pairs_within_and_between_models_by_hand():
    table = rows({("m", 1): [two(X), two(Y + 7), two(3 * Z)], ("c", 2): [two(-X), two(Y)]})
    assert list(table.index) == [("m", 1, "m", 1), ("m", 1, "c", 2), ("c", 2, "c", 2)]
    within, between, other = (row for _, row in table.iterrows())
    np.testing.assert_allclose(within[["mean", "min", "max"]].astype(float), [XY / 3, 0, XY], atol=1e-12)
    assert within["n_pairs"] == 3
    # x, y, z against -x and y: -1, XY, -XY, 1, 0, 0
    np.testing.assert_allclose(between[["mean", "min", "max"]].astype(float), [0, -1, 1], atol=1e-12)
    assert between["n_pairs"] == 6
    np.testing.assert_allclose(other[["mean", "min", "max"]].astype(float), [-XY] * 3, atol=1e-12)
    assert other["n_pairs"] == 1
    assert table["reason"].tolist() == ["", "", ""]
    assert table["n_constant"].tolist() == [0, 0, 0]


def test_any_sequences_have_scipy_s_correlations():
    rng = np.random.default_rng(1)
    sequences = list(rng.normal(size=(5, 300)) + rng.normal(size=300) * 2)
    found = compute.correlations(sequences)
    for i, a in enumerate(sequences):
        for j, b in enumerate(sequences):
            np.testing.assert_allclose(found[i, j], pearsonr(a, b).statistic, atol=1e-12)
    assert np.abs(found).max() <= 1


def test_choices_that_are_not_scored_do_not_count_and_training_choices_are_counted():
    mask, split = [1, 1, 0, 1, 1, 1], ["train", "train", "train", "val", "test", "train"]
    logits = [two(np.insert(values, 2, odd), mask=[1, 1, 0, 1, 1]) for values, odd in ((X, 50.0), (Y, -50.0))]
    found = rows({("m", 1): logits}).iloc[0]
    np.testing.assert_allclose(found["mean"], XY, atol=1e-12)
    assert found["n_choices"] == 4
    long = np.arange(6.0)
    a, b = two(long, mask=mask, split=split), two(long, mask=mask, split=["test"] * 3 + ["train"] * 3)
    table = rows({("m", 1): [a, a], ("n", 1): [b]})
    assert table["n_train"].tolist() == [3, 3, 3]
    c = two(long, mask=mask, split=["test"] * 5 + ["train"])
    assert rows({("m", 1): [a, c]}).iloc[0]["n_train"] == 2.0
    assert rows({("m", 1): [a], ("n", 1): [c, c]})["n_train"].tolist() == [3, 5 / 3, 1]


def test_of_more_actions_the_centred_logits_of_all_are_compared():
    """(1, 0, -1) and (0, 0, 0) after centring against (1, -1, 0) and (0, 0, 0): 1 / 2."""
    task = task_of("bandit", 3)
    first, second = [[5.0, 4, 3], [2, 2, 2]], [[8.0, 6, 7], [-1, -1, -1]]
    found = rows({("m", 1): [scores_of(first, task=task), scores_of(second, task=task)]}, task).iloc[0]
    np.testing.assert_allclose(found["mean"], 0.5, atol=1e-12)
    assert found["n_choices"] == 2
    np.testing.assert_allclose(relative(np.array(first)), [[1, 0, -1], [0, 0, 0]], atol=1e-15)
    np.testing.assert_array_equal(relative(np.array([[5.0, 3], [1, 2]])), [[2], [-1]])


def test_of_a_second_choice_the_logits_of_the_state_reached_are_compared():
    """Six logits: first actions, then two of each state; 8a + 4s + 2b + r is the condition of a trial."""
    task = task_of("original_two_stage")
    logits = np.array([[1, 2, 3, 4, 5, 6], [10, 20, 33, 40, 55, 60], [1, 2, 3, 4, 5, 6], [10, 20, 33, 40, 55, 60.0]])
    scores = scores_of(logits, task=task, condition=[8 + 2 + 1, 4 + 2])  # states 0 and 1
    np.testing.assert_array_equal(scores.offered(task), [[1, 2], [33, 40], [1, 2], [55, 60]])
    np.testing.assert_array_equal(two(X).offered(BANDIT), two(X).logits[:-1])


@pytest.mark.parametrize("wobble", [0.0, 1e-8])
def test_constant_logits_have_no_correlation(wobble):
    flat = two(np.array([0.3, 0.3 + wobble, 0.3, 0.3]))
    table = rows({("BAS", 0): [flat, flat, flat], ("m", 1): [two(X), two(Y), flat]})
    of_flat, between, within = (row for _, row in table.iterrows())
    for row, n in ((of_flat, 3), (between, 9)):
        assert np.isnan(row[["mean", "min", "max"]].astype(float)).all()
        assert row["reason"] == "the logits of one of each two fits are constant"
        assert (row["n_pairs"], row["n_constant"]) == (0, n)
    np.testing.assert_allclose(within["mean"], XY, atol=1e-12)
    assert (within["n_pairs"], within["n_constant"], within["reason"]) == (1, 2, "")


def test_one_fold_alone_has_no_pair_within_its_model():
    table = rows({("m", 1): [two(X)], ("n", 1): [two(Y)]})
    within, between, _ = (row for _, row in table.iterrows())
    assert (within["n_pairs"], within["n_constant"]) == (0, 0)
    assert within["reason"] == "one outer fold alone has a fit"
    np.testing.assert_allclose(between["mean"], XY, atol=1e-12)
    nothing = rows({("m", 1): [two(X, mask=[0] * 4)] * 2}).iloc[0]
    assert np.isnan(nothing["mean"])
    assert nothing["n_choices"] == 0


# -- files -----------------------------------------------------------------------------------------------------------


def grid_of(folder: Path, subjects: list[str], chunks: dict | None = None) -> dict:
    """A grid of two models, one of them with two dims, and three outer folds; its data set is `d`."""
    given = {"datasets": ["d"], "models": {"m": {"d": [1, 2]}, "c": {"d": [2]}}, "chunks": chunks or {}}
    given["cv"] = {"d": CrossValidation(outer=3, inner=2).folds()}
    counted = {name: {"blocks": 9, "sessions": 1, "shortest_block": 9} for name in subjects}
    write_json(Layout(folder).meta("d"), {"dataset": "d", "subjects": subjects, "counts_analysed": counted})
    return given


def keep(folder: Path, grid: dict, place: str, subjects: dict[str, dict]) -> None:
    """Scores of every fit, as the steps leave them; {subject: {(model, dim): scores or None of each outer fold}}."""
    layout = Layout(folder, grid["chunks"])
    for model, dim in (("m", 1), ("m", 2), ("c", 2)):
        for outer in range(3):
            of_all = [own[model, dim][outer] for own in subjects.values()]
            keys = {"dataset": "d", "model": model, "dim": dim, "outer": outer}
            choices = [
                {
                    **keys,
                    "subject": name,
                    "status": "ok" if one else "failed",
                    "row": 0,
                    "parameters": "none.safetensors",
                }
                for name, one in zip(subjects, of_all, strict=True)
            ]
            write_json(layout.selected("d", place, model, dim, outer), choices if len(choices) > 1 else choices[0])
            write(layout.scores("d", place, model, dim, outer), of_all)


def agreed(folder: Path, grid: dict, place: str) -> pd.DataFrame:
    output = Layout(folder, grid["chunks"]).agreement("d", place)
    agree(folder, output, grid=grid, subject=place, task="bandit", n_actions=2)
    return pd.read_parquet(output)


@pytest.fixture(autouse=True)
def parameters(tmp_path, monkeypatch):
    """Selected fits have parameters, which the analysis does not need."""
    from safetensors.numpy import save_file

    save_file({"w": np.zeros((1, 1))}, tmp_path / "none.safetensors")


ONE = {("m", 1): [two(X), two(Y), None], ("m", 2): [two(X)] * 3, ("c", 2): [None, None, None]}
OTHER = {("m", 1): [two(Z)] * 3, ("m", 2): [two(Y)] * 3, ("c", 2): [two(X)] * 3}


def test_folds_without_a_fit_are_left_out_and_models_without_any(tmp_path):
    grid = grid_of(tmp_path, ["s 1"])
    keep(tmp_path, grid, "s+201", {"s 1": ONE})
    table = agreed(tmp_path, grid, "s+201")
    assert table["subject"].unique().tolist() == ["s 1"]
    pairs = table[["model_a", "dim_a", "model_b", "dim_b", "n_pairs"]].to_numpy().tolist()
    assert pairs == [["m", 1, "m", 1, 1], ["m", 1, "m", 2, 6], ["m", 2, "m", 2, 3]]
    np.testing.assert_allclose(table["mean"], [XY, (1 + XY) / 2, 1], atol=1e-12)
    Layout(tmp_path).scores("d", "s+201", "m", 2, 0).unlink()  # a job that has no result, where that is allowed
    table = agreed(tmp_path, grid, "s+201")
    assert table["n_pairs"].tolist() == [1, 4, 1]


def test_subjects_of_a_chunk_are_as_if_each_was_alone(tmp_path):
    both = grid_of(tmp_path, ["s 1", "t"], {"d": 1})
    keep(tmp_path, both, "chunk__0", {"s 1": ONE, "t": OTHER})
    shared = agreed(tmp_path, both, "chunk__0")
    gather(tmp_path, grid=both)
    table = pd.read_parquet(tmp_path / "tables/logit_correlations.parquet")
    pd.testing.assert_frame_equal(table, shared)
    alone = grid_of(tmp_path, ["s 1", "t"])
    for place, name, own in (("s+201", "s 1", ONE), ("t", "t", OTHER)):
        keep(tmp_path, alone, place, {name: own})
        by_itself = agreed(tmp_path, alone, place)
        pd.testing.assert_frame_equal(shared[shared["subject"] == name].reset_index(drop=True), by_itself)
    gather(tmp_path, grid=alone)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "tables/logit_correlations.parquet"), shared)
    assert len(shared) == 3 + 6


def test_a_data_set_alone_is_all_that_a_job_depends_on(tmp_path):
    given = {
        "datasets": ["a", "b"],
        "models": {"m": {"a": [1], "b": [1, 2]}, "n": {"a": [], "b": [3]}},
        "cv": {"a": {"outer": 2}, "b": {"outer": 3}},
        "chunks": {"b": 4},
    }
    alone = {
        "datasets": ["a"],
        "models": {"m": {"a": [1]}, "n": {"a": []}},
        "cv": {"a": {"outer": 2}},
        "chunks": {},
    }
    assert Grid.of(tmp_path, given).alone("a") == alone
    assert Grid.of(tmp_path, given).alone("b")["chunks"] == {"b": 4}


def test_what_a_run_gets_of_it(tmp_path):
    content = {
        "run": "t",
        "datasets": {"a": {"source": "simulate", "task": "bandit"}},
        "models": {"MB0": {"family": "cognitive"}},
    }
    on, off = (checked(content | {"analyses": analyses}, "t", Config) for analyses in ({"agreement": {}}, {}))
    fits = [("a", who, "MB0", 2, outer) for who in ("s0", "s1") for outer in range(2)] + [("b", "x", "MB0", 2, 0)]
    assert tables(on) == ["logit_correlations"]
    assert tables(off) == figures(off, fits) == parts(off, Layout(tmp_path), fits) == []
    assert figures(on, fits) == ["agreement__a__s0", "agreement__a__s1", "agreement__b__x", "agreement_subjects__a"]
    files = parts(on, Layout(tmp_path, {"a": 1}), fits)
    folder = tmp_path / "agreement"
    assert files == [folder / "a/chunk__0/logit_correlations.parquet", folder / "b/x/logit_correlations.parquet"]


# -- figures ---------------------------------------------------------------------------------------------------------


def test_the_matrix_shows_every_mean_twice_and_none_where_there_is_none():
    flat = two(np.zeros(4))
    table = rows({("m", 1): [two(X), two(Y)], ("m", 2): [two(X), two(X)], ("BAS", 0): [flat, flat]}).reset_index()
    drawn = figure.of_subject(table, "d: s")
    matrix, strips, bar = drawn.axes
    texts = [text.get_text() for text in matrix.texts]
    assert texts == [f"{XY:.2f}", f"{(1 + XY) / 2:.2f}", "–", f"{(1 + XY) / 2:.2f}", "1.00", *["–"] * 4]
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["m, d = 1", "m, d = 2", "BAS, d = 0"]
    assert bar.get_ylabel() == "mean correlation of logits"
    within, between = strips.lines
    np.testing.assert_allclose(within.get_ydata(), [XY, 1], atol=1e-12)
    np.testing.assert_allclose(between.get_ydata(), [(1 + XY) / 2], atol=1e-12)


def test_a_panel_for_each_model_over_subjects():
    parts = []
    for i, who in enumerate(("a", "b", "c")):
        own = rows({("m", 1): [two(X), two(Y)], ("n", 2): [two(X), two(X)]}).reset_index()
        parts.append(own[own["model_a"] == own["model_b"]].assign(subject=who, dataset="d", n_train=100.0 * i))
    drawn = figure.over_subjects(pd.concat(parts, ignore_index=True), "d: 3 subjects")
    assert [ax.get_title() for ax in drawn.axes] == ["m, d = 1", "n, d = 2"]
    for ax, mean in zip(drawn.axes, (XY, 1), strict=True):
        np.testing.assert_array_equal(ax.lines[0].get_xdata(), [0, 100, 200])
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [mean] * 3, atol=1e-12)


def test_a_figure_is_of_one_subject_or_of_each_model_with_itself(tmp_path, monkeypatch):
    drawn = {}
    for name in ("of_subject", "over_subjects"):
        monkeypatch.setattr(
            figure, name, lambda table, title, name=name: drawn.update({name: (table, title)}) or Figure()
        )
    grid = grid_of(tmp_path, ["s 1", "t"], {"d": 1})
    keep(tmp_path, grid, "chunk__0", {"s 1": ONE, "t": OTHER})
    agreed(tmp_path, grid, "chunk__0")
    gather(tmp_path, grid=grid)
    plot_agreement(Layout(tmp_path, {"d": 1}).agreement("d", "chunk__0"), tmp_path / "one", subject="s+201")
    table, title = drawn["of_subject"]
    assert (set(table["subject"]), len(table), title) == ({"s 1"}, 3, "d: s 1")
    plot_subjects(tmp_path / "tables/logit_correlations.parquet", tmp_path / "all", dataset="d")
    table, title = drawn["over_subjects"]
    assert (table["model_a"] == table["model_b"]).all()
    assert (table["dim_a"] == table["dim_b"]).all()
    assert (len(table), title) == (2 + 3, "d: 2 subjects")


def test_figures_say_why_there_is_nothing_to_see(tmp_path):
    grid = grid_of(tmp_path, ["s 1"])
    none = dict.fromkeys(ONE, [None] * 3)
    single = none | {("m", 1): [two(X), None, None]}
    for own, words in ((none, "every fit failed"), (single, "no correlation: one outer fold alone has a fit")):
        keep(tmp_path, grid, "s+201", {"s 1": own})
        agreed(tmp_path, grid, "s+201")
        gather(tmp_path, grid=grid)
        correlations = tmp_path / "tables/logit_correlations.parquet"
        plot_agreement(Layout(tmp_path).agreement("d", "s+201"), tmp_path / "one", subject=directory("s 1"))
        plot_subjects(correlations, tmp_path / "all", dataset="d")
        for name in ("one", "all"):
            assert (tmp_path / f"{name}.png").stat().st_size
        from tinycog.analyses.agreement.plot import _why_not

        assert _why_not(pd.read_parquet(correlations)) == words
        assert re.match(r"\w", words)
