"""Distillation: splits by hand counts, losses by closed forms, teachers and students on small data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from conftest import random_sequences
from tinycog.analyses.distillation import (
    compute,
    design,
    gather,
    learner,
    newcomer,
    outputs,
    pool,
    result,
    splits,
    teacher,
)
from tinycog.analyses.distillation import plot as plots
from tinycog.analyses.distillation.figure import curves as draw
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.fitting import engine, gradient, networks
from tinycog.fitting.gradient import Autograd, Partial, alignment
from tinycog.fitting.kernels.fused import Fused
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.results import scores
from tinycog.results.layout import Layout
from tinycog.results.parameters import of_row
from tinycog.sections.messages import checked
from tinycog.steps.pool import pool as pool_subjects
from tinycog.steps.prepare import prepare
from tinycog.storage import read_columns
from tinycog.tasks import task_of
from tinycog.trials.sequences import from_columns, log_softmax

BANDIT = task_of("bandit", 2)
TEACHER = {"family": "rnn", "cell": "gru", "readout": "full", "l1": [0.0], "seeds": 2, "rank": None}
TEACHER |= {"subject_embedding": 0}
TRAINING = {"optimizer": "adam", "learning_rate": 0.02, "max_epochs": 15, "patience": 10, "device": "cpu"}
OF_TASK = {"task": "transition_reversal", "n_actions": 2}


# splits


def test_the_blocks_of_the_paper_are_divided_as_in_the_paper():
    subjects = np.array(["m49"] * 143 + ["other"] * 25 + ["few"] * 5 + ["one"], dtype=object)
    found = design.parts(subjects, np.ones(len(subjects), dtype=bool), "m49", 0.25, "mice")
    own = subjects == "m49"
    assert (found["part"][own] == "test").sum() == 36
    places = found["place"][own & (found["part"] == "own")]
    assert sorted(places) == list(range(107))
    assert list(places) != sorted(places), "the order is random"
    assert (found["place"][~(found["part"] == "own")] == -1).all()
    validating = {subject: (found["part"][subjects == subject] == "val").sum() for subject in ("other", "few", "one")}
    assert validating == {"other": 2, "few": 1, "one": 0}
    assert set(found["part"][~own]) == {"train", "val"}


def test_the_split_of_another_subject_is_the_same_for_every_target_and_copies_have_no_part():
    subjects = np.repeat(np.array(["a", "b", "c"], dtype=object), 12)
    own = np.tile(np.arange(12) < 8, 3)
    of_a, of_b = (design.parts(subjects, own, target, 0.25, "d") for target in "ab")
    c = subjects == "c"
    assert (of_a["part"][c] == of_b["part"][c]).all()
    assert ((of_a["part"] == "copy") == ~own).all()
    assert (of_a["part"][subjects == "b"] != "test").all()
    other_name = design.parts(subjects, own, "a", 0.25, "another data set")
    assert (other_name["part"] != of_a["part"]).any()


@pytest.mark.parametrize(
    ("n", "expected"), [(2, [1]), (3, [2]), (9, [8]), (10, [9]), (19, [9]), (25, [9, 19]), (0, [])]
)
def test_one_block_in_ten_validates_and_at_least_one(n, expected):
    assert np.flatnonzero(design.validates(np.arange(30), n)).tolist() == expected


def test_validating_blocks_of_a_subset_are_a_tenth_as_in_the_paper():
    for n in (10, 20, 99, 100, 107):
        assert design.validates(np.arange(107), n).sum() == n // 10


def test_roles_by_hand():
    split = {
        "part": np.array(["own", "test", "own", "own", "train", "val", "copy"], dtype=object),
        "place": np.array([2, -1, 0, 1, -1, -1, -1]),
    }
    alone = design.roles(split, 2, others=False)
    assert {role: np.flatnonzero(blocks).tolist() for role, blocks in alone.items()} == {
        "train": [2],
        "val": [3],
        "test": [1],
    }
    together = design.roles(split, 3, others=True)
    assert {role: np.flatnonzero(blocks[0]).tolist() for role, blocks in together.items()} == {
        "train": [2, 3, 4],
        "val": [0, 5],
        "test": [1],
    }
    without = design.roles(split, 0, others=True)
    assert [np.flatnonzero(without[role]).tolist() for role in ("train", "val")] == [[4], [5]]
    assert alone["train"].shape == (1, 7)


SECTION = {"targets": "all", "test": 0.25, "subsets": [2, 6, "all", 50], "teacher": {"embeddings": [0, 2, 3]}}


def meta(**blocks):
    return {"dataset": "d", "subjects": list(blocks), "counts_analysed": {s: {"blocks": n} for s, n in blocks.items()}}


def test_subsets_that_a_target_can_have_and_why_not():
    found = design.pool(meta(a=8, b=3), SECTION)
    a, b = found.targets
    assert (a.subject, a.sizes) == ("a", {"2": 2, "6": 6})  # `all` is 6 too
    assert list(a.problems) == ["50"]
    assert "8 blocks, of which 2 are test: 6 are left for a subset of 50" in a.problems["50"]
    assert b.sizes == {"2": 2}
    assert list(b.problems) == ["6", "50"]
    assert found.widths == [0, 2]
    assert found.problems == {3: "a vector of 3 is wider than the data set has subjects, 2"}
    tiny = design.pool(meta(a=2, b=9), SECTION).targets[0]
    assert not tiny.sizes
    assert "1 are left for training and validation" in tiny.problems["all"]


@pytest.mark.parametrize(("asked", "names"), [("all", ["a", "b"]), (1, ["a"]), (["b"], ["b"])])
def test_targets_that_are_asked_for(asked, names):
    assert [t.subject for t in design.pool(meta(a=8, b=8), SECTION | {"targets": asked}).targets] == names


def test_a_target_that_is_not_in_the_pool_or_alone_in_it_has_a_reason():
    (missing,) = design.pool(meta(a=8, b=8), SECTION | {"targets": ["z"]}).targets
    assert missing.problems == {"": "not among the subjects of the data set, which has: a, b"}
    (alone,) = design.pool(meta(a=8), SECTION).targets
    assert not alone.sizes
    assert "teacher needs others" in alone.problems[""]


# losses


def test_a_student_is_compared_with_softened_probabilities_and_choices():
    data = random_sequences(2, 3)
    logits = np.random.default_rng(0).normal(size=(3, 2, 2))
    p = 1 / (1 + np.exp(-(logits[..., 0] - logits[..., 1]) / 2))
    found = compute.softened(logits, data, temperature=2.0, proportion=0.75)
    assert found[..., 0] == pytest.approx(0.75 * p + 0.25 * (data.action == 0))
    assert found.sum(-1) == pytest.approx(np.ones((3, 2)))


def test_actions_that_are_not_offered_have_no_share():
    task = task_of("original_two_stage", None)
    columns = {name: np.array([0, 1]) for name in ("trial", "action", "state", "action2")}
    columns |= {"block": np.zeros(2, int), "mask": np.ones(2, int), "mask2": np.ones(2, int), "reward": np.ones(2)}
    data = from_columns(columns, task)
    found = compute.softened(np.zeros((4, 1, 6)), data, temperature=1.0, proportion=1.0)
    expected = [[0.5, 0.5, 0, 0, 0, 0], [0, 0, 0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0, 0, 0], [0, 0, 0, 0, 0.5, 0.5]]
    assert found[:, 0] == pytest.approx(np.array(expected))


def test_a_student_that_is_the_teacher_has_the_teachers_entropy_and_no_slope():
    data, model = random_sequences(5, 9), registry.build(BANDIT, TEACHER, 3)
    params = {name: value[None] for name, value in model.initialise(1).items()}
    logits = run(model, params, data, data.n_trials - 1)[1]
    target = compute.softened(logits[0], data, temperature=1.0, proportion=1.0)
    data = replace(data, target=target)
    grid = replicas([{role: np.ones((1, 5)) for role in ("train", "val", "test")}], range(1), [0.0])
    theta = np.concatenate([params[name].reshape(1, -1) for name in model.shapes], axis=1)
    nll, slope = Fused(model, data, grid)(theta)
    entropy = -(target * np.log(target)).sum(-1).mean()
    assert nll[:, 0] == pytest.approx([entropy, entropy])
    assert np.abs(slope).max() < 1e-12


@pytest.mark.parametrize("readout", ["full", "diagonal"])
def test_a_heated_network_has_logits_times_the_temperature(readout):
    data, model = random_sequences(3, 6), registry.build(BANDIT, TEACHER | {"readout": readout}, 2)
    params = {name: value[None] for name, value in model.initialise(0).items()}
    cold, hot = (run(model, p, data, 5)[1] for p in (params, compute.heated(params, 3.0)))
    assert hot == pytest.approx(3 * cold)


def test_a_temperature_is_in_the_loss_and_not_in_the_prediction():
    data, model = random_sequences(6, 10), registry.build(BANDIT, TEACHER, 2)
    logits = 3 * np.random.default_rng(1).normal(size=(10, 6, 2))
    soft = replace(data, target=compute.softened(logits, data, temperature=2.0, proportion=1.0))
    blocks = np.arange(6)[None]
    weights = {"train": (blocks < 3) * 1.0, "val": (blocks == 3) * 1.0, "test": (blocks > 3) * 1.0}
    spec = TEACHER | {"l1": [0.04]}
    lesson = learner.Lesson({"dataset": "k"}, 0, soft, weights)
    (fits,) = learner._fitted(model, spec, [lesson], TRAINING, 2.0)
    own = run(model, fits.params, data, 9)[1]
    p = np.exp(log_softmax(logits / 2))
    for role in ("train", "val"):
        chosen = weights[role][0] == 1
        loss = -(4 * p * log_softmax(own / 2)).sum(-1)[:, :, chosen].mean((1, 2))
        assert fits.followed[role] == pytest.approx(loss)
    chosen = np.take_along_axis(log_softmax(own), data.action[None, :, :, None], -1)[..., 0]
    for role, blocks in (("train", slice(3)), ("val", slice(3, 4)), ("test", slice(4, 6))):
        assert fits.nll[role] == pytest.approx(-chosen[:, :, blocks].mean((1, 2)))
    assert fits.replicas.l1 == pytest.approx([0.04, 0.04])
    cooler = engine.fit(model, spec | {"l1": [0.01]}, soft, [weights], TRAINING, key=("k",))
    assert fits.params["W_out"] == pytest.approx(2 * cooler.params["W_out"])
    assert (fits.params["W_hh"] == cooler.params["W_hh"]).all()


def test_losses_of_blocks():
    data, model = random_sequences(3, 6, masked=0.3, ragged=True), registry.build(BANDIT, TEACHER, 2)
    params = {name: value[None] for name, value in model.initialise(0).items()}
    logits = run(model, params, data, 5)[1][0]
    by_hand = [
        -sum(log_softmax(logits[t, b])[data.action[t, b]] for t in range(6) if data.mask[t, b]) for b in range(3)
    ]
    assert compute.losses(model, params, data) == pytest.approx(by_hand)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_results_and_arrays_of_a_file(n, tmp_path):
    rows = [{"target": f"s{i}", "status": "ok"} for i in range(n)]
    result.write(tmp_path / "r.json", rows)
    assert [row for row, _ in result.read(tmp_path / "r.json")] == rows
    arrays = [{"logits": np.full(2, i)} if i != 1 else {} for i in range(n)]
    scores.write_arrays(tmp_path / "a.npz", arrays)
    found = scores.read_arrays(tmp_path / "a.npz", ["logits"], n)
    assert [own["logits"].tolist() if own else None for own in found] == [[0, 0], None, [2, 2]][:n]


def test_the_test_nll_counts_choices_and_not_blocks():
    data, model = random_sequences(4, 8, masked=0.3, ragged=True), registry.build(BANDIT, TEACHER, 2)
    params = {name: value[None] for name, value in model.initialise(0).items()}
    found = result.tested(model, params, data, np.array([[0.0, 1.0, 1.0, 0.0]]))
    each, n = compute.losses(model, params, data)[1:3], data.mask.sum(0)[1:3]
    assert n[0] != n[1]
    assert found["blocks"] == {"nll": pytest.approx(each.tolist()), "n": n.tolist()}
    assert (found["test_nll"], found["n_test"]) == (pytest.approx(each.sum() / n.sum()), n.sum())
    none = result.tested(model, params, replace(data, mask=0 * data.mask), np.ones((1, 4)))
    keys = dict.fromkeys(result.OF_FIT, 1)
    assert result.succeeded({}, keys, none)["reason"] == "no test choice to score"
    infinite = {"test_nll": np.inf, "n_test": 1}
    assert result.succeeded({}, keys, infinite)["reason"] == "test NLL not finite"


# curves over subsets


def point(method, subset, nll, *, target="a", n=10.0, model="gru"):
    """A result whose three test blocks of 2, 4, and 4 choices have this NLL per choice."""
    counts = np.array([2.0, 4.0, 4.0])
    keys = {"target": target, "method": method, "model": model, "dim": 2, "mode": "choices", "subset": subset}
    return keys | {"n_blocks": int(n), "n_trials": n, "tested": compute.ByBlock(np.asarray(nll) * counts, counts)}


def test_a_mean_weighs_choices_within_a_target_and_targets_alike():
    rows = [point("solo", "3", [1.0, 0.0, 0.0]), point("solo", "3", [0.4, 0.4, 0.4], target="b", n=20.0)]
    (found,) = compute.curves(rows, 50, ("k",))
    assert found["values"][0] == pytest.approx((0.2 + 0.4) / 2)
    assert (found["n_targets"], found["n_trials"], found["n_blocks"]) == (2, 15, 15)
    # fewer than five targets are not drawn: what varies is the first one's blocks, of which 0 to 3 are the first
    first = 2 * (found["values"][1:] - 0.2)
    choices = [2 * k / (2 * k + 4 * (3 - k)) for k in range(4)]
    assert np.abs(first[:, None] - choices).min(axis=1).max() < 1e-12
    assert len(np.unique(first.round(9))) > 2
    assert compute.summarised(found)["interval"] == "95% bootstrap over blocks"
    assert np.isnan(compute.summarised(found)["low"]), "three blocks are too few"


def test_targets_are_drawn_too_where_there_are_five():
    rows = [point("solo", "3", [k, k, k], target=str(k)) for k in range(5)]
    (found,) = compute.curves(rows, 4000, ("k",))
    assert found["values"][0] == 2
    assert found["values"][1:].std() == pytest.approx(np.sqrt(2 / 5), rel=0.05)  # of a mean of five, each of variance 2
    assert found["values"][1:].mean() == pytest.approx(2, abs=0.03)
    summary = compute.summarised(found)
    assert summary["interval"] == "95% bootstrap over targets and blocks"
    assert 0.6 < summary["low"] < 1 < 3 < summary["high"] < 3.4
    assert summary["test_nll"] == 2


def test_methods_are_compared_on_the_targets_that_all_of_them_have():
    rows = [point(m, "3", [v] * 3, target=t) for m, v in (("solo", 1.0), ("student", 0.5)) for t in "abcd"]
    rows = [row for row in rows if (row["method"], row["target"]) != ("student", "d")]
    rows[0]["tested"] = compute.ByBlock(np.array([20.0, 40.0, 40.0]), np.array([2.0, 4.0, 4.0]))
    found = {row["method"]: row for row in compute.curves(rows, 10, ("k",))}
    assert {row["n_targets"] for row in found.values()} == {3}
    assert found["solo"]["values"][0] == pytest.approx(12 / 3)


def test_methods_share_resamples():
    noisy = np.random.default_rng(0).random(3)
    rows = [point("solo", "3", noisy), point("student", "3", noisy), point("student", "5", noisy, n=20.0)]
    one, two, three = compute.curves(rows, 20, ("k",))
    assert (one["values"] == two["values"]).all()
    assert (one["values"] == three["values"]).all()
    other = compute.curves(rows, 20, ("another",))[0]
    assert (one["values"][1:] != other["values"][1:]).any()


def test_crossing_points_by_hand():
    nll = {"cognitive": (0.6, 0.6, 0.6), "student": (0.61, 0.58, 0.55), "solo": (0.7, 0.65, 0.6), "teacher": (0.5,) * 3}
    rows = [
        point(method, str(n), [value] * 3, n=float(n), target=target, model="MB0" if method == "cognitive" else "gru")
        for method, values in nll.items()
        for n, value in zip((20, 40, 80), values, strict=True)
        for target in "abcde"
    ]
    found = {row["method"]: row for row in compute.crossings(compute.curves(rows[::-1], 100, ("k",)), "MB0")}
    assert set(found) == {"student", "solo", "teacher"}
    assert (found["student"]["n_trials"], found["student"]["low"], found["student"]["high"]) == (40, 40, 40)
    assert found["solo"]["n_trials"] is None  # equal is not better
    assert (found["solo"]["share_reached"], found["solo"]["note"]) == (0, "never better than the baseline")
    assert found["teacher"]["note"] == "better with the smallest subset already"
    assert (found["student"]["share_reached"], found["student"]["note"], found["student"]["baseline"]) == (1, "", "MB0")


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ({"3": "abcd", "10": "abcd", "40": "ab", "all": "abcd"}, ("abcd", ["3", "10", "all"])),  # 12 results, not 8
        ({"3": "abcd", "10": "abc", "40": "abc", "all": "abcd"}, ("abc", ["3", "10", "40", "all"])),  # 12, not 8
        ({"3": "ab", "10": "bc"}, ("bc", ["10"])),  # the last of equals
        ({}, ("", [])),
    ],
)
def test_curves_are_of_the_same_targets_at_every_number_of_trials(sizes, kept):
    rows = [point("solo", subset, [0.5] * 3, target=target) for subset, own in sizes.items() for target in own]
    found = compute.complete(rows)
    targets, subsets = kept
    assert [(row["subset"], row["target"]) for row in found] == [(s, t) for s in subsets for t in targets]


def test_the_figure_says_how_many_targets_it_is_of(monkeypatch, tmp_path):
    rows = [point("solo", "3", [0.6] * 3, target=target) for target in "abc"]
    summary = pd.DataFrame([{"dataset": "d", **compute.summarised(of)} for of in compute.curves(rows, 10, ("k",))])
    titles = []
    monkeypatch.setattr(plots.figure, "curves", lambda table, _, title: titles.append(title))
    monkeypatch.setattr(plots, "save", lambda figure, output: None)
    for targets in ("abc", "abcd"):
        pd.DataFrame({"dataset": "d", "target": list(targets)}).to_parquet(tmp_path / "distillation.parquet")
        summary.to_parquet(tmp_path / "distillation_summary.parquet")
        pd.DataFrame({"dataset": ["d"]})[:0].to_parquet(tmp_path / "distillation_crossings.parquet")
        plots.plot(tmp_path, tmp_path / "figure", dataset="d")
    assert [title.splitlines()[0] for title in titles] == ["d: 3 targets", "d: 3 of 4 targets"]


def test_an_interval_has_no_upper_end_where_many_resamples_never_cross():
    base = [point("cognitive", str(n), [0.5] * 3, n=n, target=t, model="MB0") for n in (20, 40) for t in "abcde"]
    # of five targets one is far better with 40: it is drawn at least once in 1 - .8^5 = .67 of the resamples
    rows = [point("solo", str(n), [0.51] * 3, n=n, target=t) for n in (20, 40) for t in "abcde"]
    rows[5] = point("solo", "40", [0.0] * 3, n=40, target="a")
    (found,) = compute.crossings(compute.curves(base + rows, 4000, ("k",)), "MB0")
    assert (found["n_trials"], found["low"], found["high"]) == (40, 40, None)
    assert found["share_reached"] == pytest.approx(1 - 0.8**5, abs=0.03)


# on small data


POPULATION = {
    "source": "simulate",
    "task": "transition_reversal",
    "agent": {
        "model": "MF_bs_rb_ck",
        "parameters": {"alpha": 0.5, "beta": [1, 4], "lambda": [0.2, 0.8], "b_bias": 0.1, "k_rot": 0.1, "k_c": [-1, 1]},
    },
    "n_subjects": 3,
    "n_blocks": 12,
    "n_trials": 12,
}
SMALL = {"targets": ["s1"], "subsets": [3, "all"], "teacher": {"units": 3, "embeddings": [0, 2], "seeds": 2}}


def content(**section):
    models = {"gru": {"family": "rnn", "dims": [2], "seeds": 2}, "BAS": {"family": "cognitive"}}
    return {
        "run": "t",
        "datasets": {"pop": POPULATION},
        "models": models,
        "cv": {"outer": 2, "inner": 2},
        "analyses": {"distillation": SMALL | section},
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The trials of all subjects, and of s1 with its split and its copies."""
    root = tmp_path_factory.mktemp("distillation")
    layout = Layout(root)
    config = checked(content(), "t", Config)
    prepare(layout.meta("pop"), name="pop", options=config.datasets["pop"].model_dump(), raw=root, seed=0)
    pooled = layout.trials("pop", "pooled")
    pool_subjects(layout.meta("pop"), pooled)
    folder = layout.distillation("pop", "s1")
    paths = folder / "split.parquet", folder / "trials.parquet"
    splits.split(pooled, *paths, target="s1", test=0.25, relabel=1, **OF_TASK)
    return root, pooled, *paths


def test_a_targets_trials_and_copies(prepared):
    _, pooled, split, trials = prepared
    everything, own = pd.read_parquet(pooled), pd.read_parquet(trials)
    assert (everything["block"].max(), own["block"].max()) == (35, 47)
    first = own[own["block"] < 12]
    of_s1 = everything[everything["subject"] == "s1"]
    for column in ("action", "state", "reward", "trial"):
        assert (first[column].to_numpy() == of_s1[column].to_numpy()).all()
    data = pool.of_target(trials, split, task_of(*OF_TASK.values()))
    assert data.original.tolist() == [*range(12), *np.repeat(range(12), 3)]
    assert (data.row, data.dataset, data.subject) == (1, "pop", "s1")
    assert (data.sequences.subject_code == 1).all()
    part = read_columns(split)["part"]
    assert (data.split["part"] == part[12:24]).all()
    roles = data.roles(3)
    assert [int(roles[role].sum()) for role in ("train", "val", "test")] == [2 * 4, 4, 3]
    assert data.n_trials(3) == 3 * 12


def test_copies_in_a_data_set_are_left_out(prepared, tmp_path):
    from tinycog.trials.copies import augmented

    _, pooled, split, trials = prepared
    table = augmented(pd.read_parquet(pooled).drop(columns="aug_of", errors="ignore"), task_of(*OF_TASK.values()), 0)
    parts = []
    for i, (_, own) in enumerate(table.groupby("subject", sort=False)):
        start = own["block"].min()
        copied = augmented(own.assign(block=own["block"] - start), task_of(*OF_TASK.values()), 1)
        parts.append(copied.assign(block=copied["block"] + 48 * i, aug_of=copied["aug_of"] + 48 * i))
    with_copies = tmp_path / "pooled.parquet"
    pd.concat(parts, ignore_index=True).to_parquet(with_copies)
    paths = tmp_path / "split.parquet", tmp_path / "trials.parquet"
    splits.split(with_copies, *paths, target="s1", test=0.25, relabel=1, **OF_TASK)
    found, before = read_columns(paths[0]), read_columns(split)
    places = (found["subject"] == "s1") & (found["part"] != "copy")
    assert (found["part"] == "copy").sum() == 3 * 36
    assert [sorted(map(str, s["part"][p])) for s, p in ((found, places), (before, before["subject"] == "s1"))] == [
        ["own"] * 9 + ["test"] * 3
    ] * 2
    one, other = (pd.read_parquet(path)[["block", "trial", "action", "state", "aug_of"]] for path in (paths[1], trials))
    assert one.equals(other)


def fit_teachers(prepared, n, folder, **training):
    _, pooled, split, trials = prepared
    files = []
    for width in (0, 2) if n else (2,):
        file = folder / f"w{width}.parquet"
        spec = TEACHER | {"subject_embedding": width}
        options = {"n": n, "spec": spec, "dim": 3, "training": TRAINING | training}
        teacher.fit(pooled, [split], file, **options, **OF_TASK)
        files.append(file)
    output, scores = folder / "teacher.json", folder / "scores.npz"
    options = {"n": n, "spec": TEACHER, "dim": 3, "root": folder}
    teacher.select(files, [split], [trials], output, scores, **options, **OF_TASK)
    return json.loads(output.read_text()), files, output, scores


def rerun(files, width, row, data, *, table=None):
    """Logits of a fit of a teacher on the target's trials, (trial, block, action)."""
    from safetensors.numpy import load_file

    (file,) = (file for file in files if file.stem == f"w{width}")
    params = {name: v[row : row + 1] for name, v in load_file(file.with_suffix(".safetensors")).items()}
    if table is not None:
        params["E_subject"] = table(params["E_subject"])
    spec = TEACHER | {"subject_embedding": width}
    model = registry.build(task_of(*OF_TASK.values()), spec, 3, 3)
    return run(model, params, data.sequences, data.sequences.n_trials - 1)[1][0]


def mean_nll(logits, data, blocks):
    chosen = np.take_along_axis(log_softmax(logits), data.sequences.action[..., None], -1)[..., 0]
    return -chosen[:, blocks].mean()


@pytest.fixture(scope="module")
def taught(prepared, tmp_path_factory):
    return fit_teachers(prepared, 3, tmp_path_factory.mktemp("teacher"))


def test_the_teacher_is_selected_in_two_steps(prepared, taught):
    chosen, files, _, scores = taught
    data = pool.of_target(prepared[3], prepared[2], task_of(*OF_TASK.values()))
    val = np.flatnonzero((data.split["part"] == "own") & (data.split["place"] == 2))
    test = np.flatnonzero(data.split["part"] == "test")
    found = {}
    for width, file in zip((0, 2), files, strict=True):
        fits = read_columns(file)
        assert fits["n_train"].tolist() == [(2 * 11 + 2) * 12] * 2  # of each other subject 11 of 12 blocks train
        assert fits["n_val"].tolist() == [(2 * 1 + 1) * 12] * 2
        row = int(fits["val_nll"].argmin())
        logits = rerun(files, width, row, data)
        found[width] = mean_nll(logits, data, val), row, logits
    width = min(found, key=lambda w: found[w][0])
    assert (chosen["width"], chosen["row"], chosen["seed"]) == (width, found[width][1], found[width][1])
    assert chosen["own_val_nll"] == pytest.approx(found[width][0])
    assert chosen["test_nll"] == pytest.approx(mean_nll(found[width][2], data, test))
    assert (chosen["n_test"], chosen["n_trials"], chosen["method"], chosen["status"]) == (36, 36, "teacher", "ok")
    assert sum(chosen["blocks"]["nll"]) == pytest.approx(36 * chosen["test_nll"])
    assert np.load(scores)["logits"] == pytest.approx(found[width][2])


def learnt(prepared, output, taught=None, **options):
    _, _, split, trials = prepared
    options = {"n": 3, "name": "gru", "spec": TEACHER, "dim": 2, "training": TRAINING} | options
    if taught:
        options |= {"teacher": taught[2], "scores": taught[3]}
    learner.learn([trials], [split], output, **options, **OF_TASK)
    return json.loads(output.read_text()), read_columns(output.with_suffix(".parquet"))


def test_a_student_learns_from_probabilities_and_is_tested_on_choices(prepared, taught, tmp_path):
    found, fits = learnt(prepared, tmp_path / "soft.json", taught, method="student", mode="soft")
    assert (fits["n_train"][0], fits["n_val"][0], fits["n_test"][0]) == (2 * 4 * 12, 4 * 12, 3 * 12)
    assert found["row"] == fits["val_target_nll"].argmin()
    assert found["val_target_nll"] == fits["val_target_nll"].min()
    assert found["val_nll"] == fits["val_nll"][found["row"]] != found["val_target_nll"]
    assert found["test_nll"] == pytest.approx(fits["test_nll"][found["row"]])
    assert (found["n_trials"], found["mode"], found["width"]) == (36, "soft", taught[0]["width"])
    # its validation loss is at least the teacher's entropy there
    data = pool.of_target(prepared[3], prepared[2], task_of(*OF_TASK.values()))
    p = np.exp(log_softmax(np.load(taught[3])["logits"]))[:, data.roles(3)["val"][0] == 1]
    assert found["val_target_nll"] >= -(p * np.log(p)).sum(-1).mean()
    # of choices alone, a mixture is that of a student with hard labels and copies
    mixed, _ = learnt(prepared, tmp_path / "m.json", taught, method="student", mode="mixed", proportion=0.0)
    assert mixed["val_target_nll"] == pytest.approx(mixed["val_nll"])


def test_baselines_see_no_copies(prepared, tmp_path):
    solo, fits = learnt(prepared, tmp_path / "solo.json", method="solo")
    assert (fits["n_train"][0], fits["n_val"][0], fits["n_test"][0]) == (24, 12, 36)
    assert (solo["mode"], solo["width"], solo["method"]) == ("choices", None, "solo")
    spec = {"family": "cognitive", "model": "BAS", "optimizer": "gradient", "seeds": None}
    bias, _ = learnt(prepared, tmp_path / "b.json", method="cognitive", spec=spec, dim=0, training=None, name="BAS")
    data = pool.of_target(prepared[3], prepared[2], task_of(*OF_TASK.values()))
    trained = np.flatnonzero((data.split["part"] == "own") & np.isin(data.split["place"], [0, 1]))
    share = (data.sequences.action[:, trained] == 0).mean()
    assert bias["train_nll"] == pytest.approx(-share * np.log(share) - (1 - share) * np.log(1 - share))


def test_a_cognitive_model_learns_from_a_teacher_without_copies(prepared, taught, tmp_path):
    spec = {"family": "cognitive", "model": "BAS", "optimizer": "gradient", "seeds": None}
    options = {"method": "soft_cognitive", "mode": "soft", "spec": spec, "dim": 0, "training": None, "name": "BAS"}
    found, fits = learnt(prepared, tmp_path / "soft.json", taught, **options)
    assert fits["n_train"].tolist() == [24]
    data = pool.of_target(prepared[3], prepared[2], task_of(*OF_TASK.values()))
    trained = np.flatnonzero((data.split["part"] == "own") & np.isin(data.split["place"], [0, 1]))
    share = np.exp(log_softmax(np.load(taught[3])["logits"]))[:, trained, 0].mean()
    chosen = (data.sequences.action[:, trained] == 0).mean()
    assert found["train_nll"] == pytest.approx(-chosen * np.log(share) - (1 - chosen) * np.log(1 - share))


# states led by the teacher's


def similarity_by_grams(x, y):
    """Linear CKA by centred Gram matrices of rows: <K, L> / (|K| |L|)."""
    k, l = ((a - a.mean(0)) @ (a - a.mean(0)).T for a in (x, y))  # noqa: E741
    return (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())


def aligned(states, guide, weights):
    return alignment(*(torch.tensor(value) for value in (states, guide, weights))).numpy()


def test_states_that_differ_by_rotation_scale_and_shift_are_alike_and_orthogonal_ones_are_not():
    rng = np.random.default_rng(0)
    guide, rotation = rng.normal(size=(6, 5, 3)), np.linalg.qr(rng.normal(size=(3, 3)))[0]
    ones = np.ones((1, 6, 5))
    assert aligned((4 * guide @ rotation - 7)[None], guide, ones) == pytest.approx([1])
    wave = 2 * np.pi * np.arange(32) / 32
    first, second = (np.stack([np.cos(k * wave), np.sin(k * wave)], -1).reshape(8, 4, 2) for k in (1, 2))
    assert aligned(first[None], second, np.ones((1, 8, 4))) == pytest.approx([0], abs=1e-12)
    independent = aligned(rng.normal(size=(1, 500, 8, 4)), rng.normal(size=(500, 8, 20)), np.ones((1, 500, 8)))
    assert independent < 4 * 20 / 4000 / np.sqrt(4 * 20) * 3  # of n rows about sqrt(d d') / n


def test_similarity_of_counted_states_is_that_of_gram_matrices():
    rng = np.random.default_rng(1)
    guide, states = rng.normal(size=(7, 4, 5)), rng.normal(size=(2, 7, 4, 3))
    states[0] += guide[..., :3]
    counted = rng.random((2, 7, 4)) < 0.6
    found = aligned(states, guide, counted * 1.0)
    by_hand = [similarity_by_grams(guide[own], s[own]) for own, s in zip(counted, states, strict=True)]
    assert found == pytest.approx(by_hand)
    assert abs(found[0] - found[1]) > 0.02


@pytest.fixture
def led():
    """Two networks of two units that are led by states of three units, and their starting point."""
    data, model = random_sequences(5, 8, masked=0.2, ragged=True), registry.build(BANDIT, TEACHER, 2)
    data = replace(data, guide=np.random.default_rng(2).normal(size=(8, 5, 3)))
    blocks = np.arange(5)[None]
    weights = {"train": (blocks < 3) * 1.0, "val": (blocks == 3) * 1.0, "test": (blocks == 4) * 1.0}
    grid = replicas([weights], range(2), [0.0])
    return model, data, grid, gradient.starting_point(model, grid)[0]


def test_the_slope_of_a_led_network_is_that_of_nll_and_dissimilarity(led):
    model, data, grid, theta = led
    counted = np.zeros((8, 5), dtype=bool)
    counted[:, :3] = data.mask[:, :3] == 1

    def loss(row):
        params = gradient.unflatten(row[None], model.shapes)
        states, logits = (value[0] for value in run(model, params, data, 7))
        chosen = np.take_along_axis(log_softmax(logits), data.action[..., None], -1)[..., 0]
        return -chosen[counted].mean() + 0.7 * (1 - similarity_by_grams(data.guide[counted], states[counted]))

    nll, slope = Autograd(model, data, grid, align=0.7)(theta)
    for row, own in zip(theta, slope, strict=True):
        steps = 1e-6 * np.eye(len(row))
        assert own == pytest.approx([(loss(row + h) - loss(row - h)) / 2e-6 for h in steps], abs=1e-8)
    unled = Fused(model, replace(data, guide=None), grid)(theta)
    assert nll == pytest.approx(unled[0], abs=1e-13)  # what is followed is the NLL alone
    assert Autograd(model, data, grid, align=0.0)(theta)[1] == pytest.approx(unled[1], abs=1e-13)


def test_training_leads_states_only_where_it_is_told(led):
    model, data, grid, _ = led
    spec, options = TEACHER | {"l1": [0.0]}, TRAINING | {"max_epochs": 40, "patience": 40}
    free, same, tied = (
        networks.fit_replicas(model, spec, replace(data, guide=guide), grid, options | {"align": weight})[0]
        for guide, weight in ((None, 9.0), (data.guide, 0.0), (data.guide, 9.0))
    )
    assert all(free[name] == pytest.approx(same[name], abs=1e-9) for name in free)
    counted = grid.weights["train"] * data.mask
    by = [aligned(run(model, params, data, 7)[0], data.guide, counted) for params in (free, tied)]
    assert (by[1] > by[0] + 0.05).all()


def test_a_led_student_learns_its_own_choices_without_copies(prepared, taught, tmp_path):
    solo, fits = learnt(prepared, tmp_path / "solo.json", method="solo")
    same, led = (
        learnt(prepared, tmp_path / f"{weight}.json", taught, method="student", mode="align", align=weight)
        for weight in (0.0, 5.0)
    )
    assert led[1]["n_train"].tolist() == fits["n_train"].tolist() == [24, 24]
    assert (same[0]["mode"], same[0]["width"], same[0]["method"]) == ("align", taught[0]["width"], "student")
    for name in ("train_nll", "val_nll", "test_nll", "seed"):
        assert same[0][name] == pytest.approx(solo[name], abs=1e-9)
    assert abs(led[0]["test_nll"] - solo["test_nll"]) > 1e-4
    # by the states that the selected teacher has along the target's own blocks
    data = pool.of_target(prepared[3], prepared[2], task_of(*OF_TASK.values()))
    states = np.load(taught[3])["states"]
    assert states.shape == (12, 12, 3)
    readout = of_row(taught[1][(0, 2).index(taught[0]["width"])].with_suffix(".safetensors"), taught[0]["row"])
    logits = states @ readout["W_out"][0].T + readout["b_out"][0]
    assert logits == pytest.approx(np.load(taught[3])["logits"][:, data.own], abs=1e-5)


@pytest.fixture(scope="module")
def chunk(prepared, tmp_path_factory):
    """Splits and trials of s0, s2 and s1, and their teachers with 3 blocks in one job for each width."""
    _, pooled, *of_s1 = prepared
    folder = tmp_path_factory.mktemp("chunk")
    paths = {"s1": of_s1}
    for name in ("s0", "s2"):
        paths[name] = [folder / f"{name}_split.parquet", folder / f"{name}_trials.parquet"]
        splits.split(pooled, *paths[name], target=name, test=0.25, relabel=1, **OF_TASK)
    of_each = [[paths[name][i] for name in ("s0", "s2", "s1")] for i in (0, 1)]
    for width in (0, 2):
        options = {"n": 3, "spec": TEACHER | {"subject_embedding": width}, "dim": 3, "training": TRAINING}
        teacher.fit(pooled, of_each[0], folder / f"w{width}.parquet", **options, **OF_TASK)
    files = [folder / "w0.parquet", folder / "w2.parquet"]
    options = {"n": 3, "spec": TEACHER, "dim": 3, "root": folder}
    teacher.select(files, *of_each, folder / "teacher.json", folder / "scores.npz", **options, **OF_TASK)
    return folder, *of_each


def test_batches_of_a_teacher_are_drawn_for_its_target(prepared, chunk, tmp_path, monkeypatch):
    keys, job = [], engine.job
    monkeypatch.setattr(engine, "job", lambda *args: (keys.append(args[-1]), job(*args))[1])
    options = {"n": 3, "spec": TEACHER, "dim": 3, "training": TRAINING | {"max_epochs": 1}}
    teacher.fit(prepared[1], chunk[1], tmp_path / "w0.parquet", **options, **OF_TASK)
    assert keys == [("teacher", "pop", name, 3, 0) for name in ("s0", "s2", "s1")]


def test_teachers_of_a_chunk_are_those_of_each_target_alone(prepared, taught, chunk):
    chosen, files, _, scores = taught
    together = json.loads((chunk[0] / "teacher.json").read_text())
    assert [found["target"] for found in together] == ["s0", "s2", "s1"]
    own = together[2]
    assert {**own, "row": 0, "parameters": ""} == {**chosen, "row": 0, "parameters": ""}
    assert own["row"] == chosen["row"] + 4  # after two seeds of s0 and of s2
    found, alone = (
        of_row(path, r)
        for path, r in (
            (chunk[0] / own["parameters"], own["row"]),
            (files[0].parent / chosen["parameters"], chosen["row"]),
        )
    )
    assert all((found[name] == alone[name]).all() for name in alone)
    said, before = np.load(chunk[0] / "scores.npz"), np.load(scores)
    for name in ("logits", "states"):
        assert (said[f"2/{name}"] == before[name]).all()
        assert (said[f"0/{name}"] != before[name]).any()
    assert len({found["test_nll"] for found in together}) == 3


@pytest.mark.parametrize(
    ("method", "mode", "temperature"), [("solo", "choices", 1.0), ("student", "soft", 2.0), ("student", "align", 1.0)]
)
def test_learners_of_a_chunk_are_those_of_each_target_alone(
    method, mode, temperature, prepared, taught, chunk, tmp_path, monkeypatch
):
    options = {"method": method, "mode": mode, "temperature": temperature, "align": 2.0}
    alone, fits = learnt(prepared, tmp_path / "alone.json", None if method == "solo" else taught, **options)
    if method != "solo":
        options |= {"teacher": chunk[0] / "teacher.json", "scores": chunk[0] / "scores.npz"}
    options |= {"n": 3, "name": "gru", "spec": TEACHER, "dim": 2, "training": TRAINING}
    keys, job = [], engine.job
    monkeypatch.setattr(engine, "job", lambda *args: (keys.append(args[-1]), job(*args))[1])
    learner.learn(chunk[2], chunk[1], tmp_path / "all.json", **options, **OF_TASK)
    assert keys == [("pop", name, method, 3, "gru", 2, mode, 36) for name in ("s0", "s2", "s1")]  # as it is alone
    together, rows = json.loads((tmp_path / "all.json").read_text()), read_columns(tmp_path / "all.parquet")
    assert [found["target"] for found in together] == ["s0", "s2", "s1"]
    assert {**together[2], "row": 0} == {**alone, "row": 0}
    assert together[2]["row"] == alone["row"] + 4
    assert set(fits["width"]) == {-1 if method == "solo" else taught[0]["width"]}
    for name, values in fits.items():
        np.testing.assert_array_equal(rows[name][rows["target"] == "s1"], values)
    assert (
        of_row(tmp_path / "all.safetensors", together[2]["row"])["W_hh"].tolist()
        == of_row(tmp_path / "alone.safetensors", alone["row"])["W_hh"].tolist()
    )


def test_in_a_chunk_a_target_without_a_teacher_says_so_and_the_others_learn(chunk, tmp_path):
    chosen = json.loads((chunk[0] / "teacher.json").read_text())
    chosen[0] |= {"status": "failed", "reason": "why", "width": None}
    (tmp_path / "teacher.json").write_text(json.dumps(chosen))
    said = {name: array for name, array in np.load(chunk[0] / "scores.npz").items() if not name.startswith("0/")}
    np.savez(tmp_path / "scores.npz", **said)
    options = {"method": "student", "mode": "soft", "n": 3, "name": "gru", "spec": TEACHER, "dim": 2}
    found = {}
    for name, folder in (("all", chunk[0]), ("without", tmp_path)):
        files = {"teacher": folder / "teacher.json", "scores": folder / "scores.npz"}
        learner.learn(chunk[2], chunk[1], tmp_path / f"{name}.json", training=TRAINING, **files, **options, **OF_TASK)
        found[name] = json.loads((tmp_path / f"{name}.json").read_text())
    without, everyone = found["without"], found["all"]
    assert (without[0]["reason"], without[0]["target"], without[0]["width"]) == ("no teacher: why", "s0", None)
    assert without[1:] == [{**own, "row": own["row"] - 2} for own in everyone[1:]]
    assert read_columns(tmp_path / "without.parquet")["target"].tolist() == ["s2", "s2", "s1", "s1"]


def test_new_subjects_of_a_chunk_find_their_own_teacher(prepared, chunk, tmp_path):
    _, pooled, *_ = prepared
    _, split, trials = chunk
    spec = TEACHER | {"subject_embedding": 2}
    teacher.fit(pooled, split, tmp_path / "w2.parquet", n=0, spec=spec, dim=3, training=TRAINING, **OF_TASK)
    options = {"n": 0, "spec": TEACHER, "dim": 3, "root": tmp_path}
    output = tmp_path / "teacher.json"
    teacher.select([tmp_path / "w2.parquet"], split, trials, output, tmp_path / "s.npz", **options, **OF_TASK)
    options = {"n": 9, "spec": TEACHER, "dim": 3, "training": TRAINING, "root": tmp_path}
    chosen, found = json.loads(output.read_text()), []
    for targets in ([0, 1, 2], [2], [1]):  # with 9 blocks there may be fewer than with none
        paths = ([files[i] for i in targets] for files in (trials, split))
        newcomer.embed(*paths, output, tmp_path / "new.json", **options, **OF_TASK)
        content = json.loads((tmp_path / "new.json").read_text())
        found += content if len(targets) > 1 else [content]
    for own in found:
        (of_target,) = (choice for choice in chosen if choice["target"] == own["target"])
        (tmp_path / "one.json").write_text(json.dumps(of_target))
        paths = ([files[("s0", "s2", "s1").index(own["target"])]] for files in (trials, split))
        newcomer.embed(*paths, tmp_path / "one.json", tmp_path / "new.json", **options, **OF_TASK)
        assert own == json.loads((tmp_path / "new.json").read_text())
    assert len({own["test_nll"] for own in found}) == 3


def test_targets_share_files_where_their_chunk_and_number_of_blocks_are_the_same():
    found = design.pool(meta(a=8, b=3, c=8, d=9), SECTION | {"subsets": [2, "all"]})
    alone = outputs.grouped(Layout(Path("r")), found, unseen=False)
    assert list(alone) == [("a", 2), ("a", 6), ("b", 2), ("c", 2), ("c", 6), ("d", 2), ("d", 6)]
    together = outputs.grouped(Layout(Path("r"), {"d": 1, "other": 3}), found, unseen=True)
    assert together == {
        ("chunk__0", 0): ["a", "b", "c", "d"],
        ("chunk__0", 2): ["a", "b", "c", "d"],
        ("chunk__0", 6): ["a", "c", "d"],
    }
    two = outputs.grouped(Layout(Path("r"), {"d": 2}), found, unseen=False)
    assert {place for place, _ in two} == {"chunk__0", "chunk__1"}
    assert sorted(two["chunk__0", 2] + two["chunk__1", 2]) == ["a", "b", "c", "d"]
    assert Layout(Path("r"), {"d": 1}).distilled("d", "a", 2) == Path("r/distillation/d/chunk__0/n2")


@pytest.mark.parametrize(
    ("widths", "files"), [([0, 3], {"n2/teacher.json"}), ([0, 2], {f"n{n}/teacher.json" for n in (0, 2)})]
)
def test_a_teacher_without_vectors_has_no_new_subjects(widths, files, tmp_path):
    """Of two subjects a vector has two numbers at most."""
    layout, about = Layout(tmp_path), meta(a=8, b=8)
    section = {"targets": ["a"], "test": 0.25, "subsets": [2], "teacher": {"embeddings": widths}}
    given = {"section": section | {"new_subjects": True, "modes": ["soft"]}, "dims": {"solo": {}, "cognitive": {}}}
    layout.meta("d").parent.mkdir(parents=True)
    layout.meta("d").write_text(json.dumps(about))
    found = {str(path.relative_to(tmp_path / "distillation/d/a")) for path in outputs.results(layout, given, "d")}
    assert found == files | ({"n2/new_subject.json"} if 2 in widths else set())


def test_where_every_teacher_failed_students_say_so_and_the_rest_goes_on(prepared, tmp_path):
    chosen, *files = fit_teachers(prepared, 3, tmp_path, learning_rate=1e308)
    assert chosen["status"] == "failed"
    assert chosen["reason"].startswith("every teacher failed; width 0: loss not finite")
    found, fits = learnt(prepared, tmp_path / "s.json", (chosen, *files), method="student", mode="soft")
    assert (found["status"], len(fits)) == ("failed", 0)
    assert found["reason"].startswith("no teacher: every teacher failed")
    assert (tmp_path / "s.safetensors").is_file()
    broken, _ = learnt(prepared, tmp_path / "b.json", method="solo", training=TRAINING | {"learning_rate": 1e308})
    assert broken["reason"].startswith("every fit failed; the first: loss not finite")


def test_a_batch_that_is_too_large_is_named(prepared, tmp_path):
    with pytest.raises(InputError, match=r"teacher of width 0 for target 's1' with 3 blocks: training.batch: found 99"):
        fit_teachers(prepared, 3, tmp_path, batch=99)


def test_a_new_subject_gets_a_vector_and_nothing_else_changes(prepared, tmp_path):
    chosen, files, output, _ = fit_teachers(prepared, 0, tmp_path)
    _, _, split, trials = prepared
    fits = read_columns(files[0])
    assert fits["n_train"].tolist() == [2 * 11 * 12] * 2
    assert chosen["row"] == fits["val_nll"].argmin()
    assert (chosen["method"], chosen["n_trials"], chosen["width"]) == ("mean_embedding", 0, 2)
    data = pool.of_target(trials, split, task_of(*OF_TASK.values()))
    test = np.flatnonzero(data.split["part"] == "test")

    def of_row_1(row):
        return lambda table: np.concatenate([table[:, :1], row(table)[:, None], table[:, 2:]], axis=1)

    mean = rerun(files, 2, chosen["row"], data, table=of_row_1(lambda table: (table[:, 0] + table[:, 2]) / 2))
    assert chosen["test_nll"] == pytest.approx(mean_nll(mean, data, test))
    options = {"n": 9, "spec": TEACHER, "dim": 3, "training": TRAINING | {"learning_rate": 0.1}, "root": tmp_path}
    newcomer.embed([trials], [split], output, tmp_path / "new.json", **options, **OF_TASK)
    found = json.loads((tmp_path / "new.json").read_text())
    fitted = rerun(files, 2, chosen["row"], data, table=of_row_1(lambda table: np.array([found["vector"]])))
    assert found["test_nll"] == pytest.approx(mean_nll(fitted, data, test))
    val = np.flatnonzero((data.split["part"] == "own") & (data.split["place"] == 8))
    assert found["val_nll"] == pytest.approx(mean_nll(fitted, data, val))
    assert found["val_nll"] <= mean_nll(mean, data, val)
    assert (found["method"], found["n_trials"], found["width"], found["mode"]) == ("new_subject", 108, 2, "choices")
    output.write_text(json.dumps({**chosen, "status": "failed", "reason": "why"}))
    newcomer.embed([trials], [split], output, tmp_path / "new.json", **options, **OF_TASK)
    assert json.loads((tmp_path / "new.json").read_text())["reason"] == "no teacher: why"


def test_a_partial_gradient_leaves_other_parameters_as_they_are():
    data, model = random_sequences(4, 8), registry.build(BANDIT, TEACHER, 2)
    grid = replicas([{role: np.ones((1, 4)) for role in ("train", "val", "test")}], range(1), [0.0])
    params = {name: value[None] for name, value in model.initialise(3).items()}
    free = {name: np.full(shape, name == "b_out") for name, shape in model.shapes.items()}
    training = TRAINING | {"learning_rate": 0.005, "max_epochs": 2000, "patience": 2000}
    fitted, nll, reason = networks.adapt(model, params, free, data, grid, training)
    assert reason == ""
    assert all((fitted[name] == params[name]).all() for name in params if name != "b_out")
    # with the bias alone free, the mean probability becomes the share of choices
    p = np.exp(log_softmax(run(model, fitted, data, 7)[1]))[..., 0].mean()
    assert p == pytest.approx((data.action == 0).mean(), abs=1e-5)
    assert nll[0] == pytest.approx(-log_likelihood_of(model, fitted, data))
    partial = Partial(Fused(model, data, grid), np.arange(model.n_parameters) == 0)
    theta = np.concatenate([params[name].reshape(1, -1) for name in model.shapes], axis=1)
    assert (partial.of(np.array([0, 1]))(theta)[1][:, 1:] == 0).all()
    assert partial.nll(theta).shape == (2, 1)


def log_likelihood_of(model, params, data):
    logits = run(model, params, data, data.n_trials - 1)[1][0]
    return np.take_along_axis(log_softmax(logits), data.action[..., None], -1).mean()


# the whole, and what goes wrong


def test_tables_of_results_that_are_there_and_that_are_not(prepared, taught, tmp_path):
    layout = Layout(tmp_path)
    root = prepared[0]
    section = {"targets": ["s1", "nobody"], "subsets": [3, 20], "cognitive": []}
    section |= {"teacher": SMALL["teacher"] | {"embeddings": [0, 2]}}
    given = outputs.plain(checked(content(**SMALL), "t", Config))
    given["section"] |= section
    given["section"]["teacher"]["embeddings"] = [0, 2, 5]
    given["dims"]["cognitive"] = {}
    layout.meta("pop").parent.mkdir(parents=True)
    layout.meta("pop").write_bytes(Layout(root).meta("pop").read_bytes())
    here = layout.distillation("pop", "s1") / "n3"
    (here / "solo/gru/d2").mkdir(parents=True)
    (here / "student/gru/d2").mkdir(parents=True)
    (here / "teacher.json").write_bytes(taught[2].read_bytes())
    learnt(prepared, here / "solo/gru/d2/choices.json", method="solo")
    learnt(prepared, here / "student/gru/d2/soft.json", taught, method="student", mode="soft")
    gather.gather(tmp_path, given=given, bootstrap=100, seed=0)
    table = pd.read_parquet(tmp_path / "tables/distillation.parquet")
    assert table["method"].fillna("").tolist() == ["teacher", "solo", "student", "", "", "teacher", "teacher"]
    assert table["status"].tolist() == ["ok"] * 3 + ["failed"] * 4
    assert table["subset"].fillna("").tolist() == ["3"] * 3 + ["20", "", "", ""]
    assert "not among the subjects" in table["reason"][4]
    assert table["reason"][5] == "a vector of 5 is wider than the data set has subjects, 3"
    summary = pd.read_parquet(tmp_path / "tables/distillation_summary.parquet")
    assert summary["test_nll"].to_numpy() == pytest.approx(table["test_nll"][:3].to_numpy())
    assert pd.read_parquet(tmp_path / "tables/distillation_crossings.parquet").empty
    figure = draw(summary, pd.DataFrame(columns=["method", "model", "dim", "mode", "n_trials"]), title="t")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["teacher", "solo", "student"]


def test_a_network_far_worse_than_everything_else_does_not_stretch_the_figure():
    rows = [("solo", "gru", n, nll) for n, nll in ((100, 0.9), (1000, 0.5), (5000, 0.31))]
    rows += [("student", "gru", n, nll) for n, nll in ((100, 0.33), (1000, 0.32), (5000, 0.31))]
    summary = pd.DataFrame(rows, columns=["method", "model", "n_trials", "test_nll"])
    summary = summary.assign(dim=2, mode="soft", low=summary["test_nll"] - 0.01, high=summary["test_nll"] + 0.01)
    (ax,) = draw(summary, pd.DataFrame(columns=["method", "model", "dim", "mode", "n_trials"]), title="t").axes
    low, high = ax.get_ylim()
    assert low < 0.3
    assert 0.34 < high < 0.35  # all of the student's with its intervals
    assert [text.get_text() for text in ax.texts] == ["↑ 0.90", "↑ 0.50"]
    alone = draw(summary[:3], pd.DataFrame(columns=["method", "model", "dim", "mode", "n_trials"]), title="t").axes[0]
    assert alone.get_ylim()[1] > 0.9
    assert not alone.texts


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"targets": ["s9"]}, r"targets: \['s9'\] not in the pool; data set 'pop' has 3 subjects: s0, s1, s2"),
        ({"targets": 4}, r"targets: the first 4 asked for; data set 'pop' has 3 subjects"),
        ({"subsets": [10]}, r"subsets: the smallest needs 10 blocks; .* has 12, of which 3 are test"),
        ({"subsets": [1]}, r"subsets"),
        ({"subsets": [3, 3]}, r"subsets: \[3, 3\] has a value twice"),
        ({"teacher": {"embeddings": [0, 4]}}, r"teacher.embeddings: found 4; data set 'pop' has 3 subjects"),
        ({"teacher": {"embeddings": [2, 2]}}, r"embeddings: \[2, 2\] has a value twice"),
        ({"teacher": {"cell": "slin"}}, r"subject_embedding: found 2 with cell 'slin'"),
        ({"teacher": {"embeddings": [0]}, "new_subjects": True}, r"needs a vector of each subject"),
        ({"relabel": 2}, r"relabel: found 2; task 'transition_reversal' has level 1 only \(data set 'pop'\)"),
        ({"students": ["BAS"]}, r"students: \['BAS'\] not among the networks .*; allowed: gru"),
        ({"cognitive": ["gru"]}, r"cognitive: \['gru'\] not among the cognitive models .*; allowed: BAS"),
        ({"datasets": ["x"]}, r"datasets: \['x'\] not among the datasets; allowed: pop"),
        ({"modes": ["mixed"], "temperature": 2}, r"temperature: found 2 with mode 'mixed'"),
    ],
)
def test_a_config_that_cannot_be_run_says_why(section, message):
    with pytest.raises(InputError, match=message):
        checked(content(**section), "t", Config)


def test_a_pool_needs_two_subjects():
    config = content()
    config["datasets"] = {"pop": POPULATION | {"subjects": ["s1"]}}
    with pytest.raises(InputError, match=r"datasets: data set 'pop' has 1 subjects; a teacher needs at least 2"):
        checked(config, "t", Config)


def test_students_and_training_follow_the_run():
    config = content(modes=["soft", "mixed"], proportion=0.3, temperature=1.0)
    config["models"]["told"] = {"family": "rnn", "subject_embedding": 1, "datasets": []}
    config["models"]["taught"] = {"family": "rnn", "teacher": "group", "datasets": []}
    config["models"]["of_all"] = {"family": "cognitive", "model": "MF", "prior": "population", "datasets": []}
    config["teachers"] = {"group": {}}
    config["training"] = {"batch": 4, "max_epochs": 7}
    config = checked(config, "t", Config)
    assert config.analyses.distillation.networks(config) == ["gru"]
    assert config.analyses.distillation.baselines(config) == ["BAS"], "a population would have seen all blocks"
    assert outputs.training(config, of_teacher=True)["batch"] == 4
    assert "batch" not in outputs.training(config, of_teacher=False)
    assert outputs.training(config, of_teacher=False)["max_epochs"] == 7
    assert outputs.softness(config, "student", "mixed") == "--proportion 0.3 --temperature 1.0"
    own = content(temperature=2.0, teacher=SMALL["teacher"] | {"training": {"batch": 9}})
    own = checked(own, "t", Config)
    assert outputs.training(own, of_teacher=True)["batch"] == 9
    assert outputs.softness(own, "student", "soft") == "--proportion 1.0 --temperature 2.0"
    assert outputs.softness(own, "soft_cognitive", "soft") == "--proportion 1.0 --temperature 1.0"
    led = checked(content(modes=["soft", "align"], align=0.4), "t", Config)
    assert outputs.softness(led, "student", "align") == "--align 0.4"
    assert outputs.teacher(own, 2)["subject_embedding"] == 2
