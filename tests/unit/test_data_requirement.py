"""Data requirement: nested shares, losses by share against fits by hand, crossings in closed form."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

from tinycog.analyses.data_requirement import compute, outputs
from tinycog.analyses.data_requirement.compute import crossing, inner_roles, n_inner_of, n_of_share, n_to_simulate
from tinycog.analyses.data_requirement.figure import requirement
from tinycog.analyses.data_requirement.gather import gather
from tinycog.analyses.data_requirement.plot import plot
from tinycog.analyses.data_requirement.refits import Blocks, Refits
from tinycog.analyses.data_requirement.simulated import fit_simulated
from tinycog.analyses.data_requirement.step import _origins, fit_shares
from tinycog.analyses.data_requirement.tables import BLOCKS, FOLDS, TABLES
from tinycog.analyses.dimensionality import outputs as of_d_star
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.generators import generator
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.simulation.of_datasets import of_dataset
from tinycog.steps.fit import fit
from tinycog.steps.prepare import prepare
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_json
from tinycog.tasks import task_of
from tinycog.trials.sequences import read_table

DESIGN = {"source": "simulate", "task": "reversal", "n_blocks": 20, "n_trials": 10}
CV = {"protocol": "blocks", "outer": 2, "n_inner": 3, "inner": 3, "seed": 1}
DIMS = {"BAS": 0, "MB0": 2}  # BAS is a constant probability, whose fit is known in closed form


# which blocks


def test_smaller_shares_are_parts_of_larger_ones_and_come_again():
    outside = np.arange(3, 40)
    drawn = [compute.nested_subset(outside, n, generator("k")) for n in (37, 20, 7, 1)]
    for larger, smaller in pairwise(drawn):
        assert set(smaller) < set(larger)
    assert [len(own) for own in drawn] == [37, 20, 7, 1]
    assert drawn[0].tolist() == outside.tolist()
    assert all((np.diff(own) > 0).all() for own in drawn)
    other = compute.nested_subset(outside, 7, generator("other"))
    assert set(other) != set(drawn[2])


@pytest.mark.parametrize(("share", "n", "expected"), [(1.0, 37, 37), (0.5, 37, 18), (0.05, 37, 2), (0.05, 4, 1)])
def test_a_share_is_of_the_blocks_outside_the_test_fold(share, n, expected):
    assert n_of_share(share, n) == expected


@pytest.mark.parametrize(("share", "n_inner", "expected"), [(1, 9, 9), (0.2, 9, 9), (0.19, 9, 3), (0.05, 2, 2)])
def test_small_shares_have_few_inner_folds(share, n_inner, expected):
    assert n_inner_of(share, n_inner) == expected


def test_inner_folds_are_those_of_scikit_learn_and_test_blocks_come_last():
    folds = inner_roles(11, 3, n_inner=4, inner=2, seed=7)
    assert len(folds) == 2
    expected = list(KFold(4, shuffle=True, random_state=7).split(np.zeros(11)))
    for fold, (train, val) in zip(folds, expected, strict=False):
        assert np.flatnonzero(fold["train"]).tolist() == train.tolist()
        assert np.flatnonzero(fold["val"]).tolist() == val.tolist()
        assert np.flatnonzero(fold["test"]).tolist() == [11, 12, 13]
        np.testing.assert_array_equal(sum(fold.values()), 1)


@pytest.mark.parametrize(("n_outside", "n_outer", "expected"), [(100, 10, 112), (9, 10, 10), (4, 2, 8), (2, 10, 10)])
def test_so_many_blocks_are_simulated_that_every_test_fold_leaves_enough(n_outside, n_outer, expected):
    """112 blocks in 10 folds: the largest has 12. 111 leave 99."""
    assert n_to_simulate(n_outside, n_outer) == expected


# where a network overtakes


def test_a_crossing_lies_straight_between_sizes_in_logarithm():
    trials = np.array([10.0, 100.0, 1000.0])
    assert crossing(np.array([0.3, 0.1, -0.1]), trials) == pytest.approx(10**2.5)
    assert crossing(np.array([0.3, -0.1, -0.2]), trials) == pytest.approx(10**1.75)
    assert crossing(np.array([0.2, 0.0, -0.2]), trials) == pytest.approx(100)
    assert crossing(np.array([-0.2, 0.1, -0.3]), trials) == pytest.approx(10**2.25)  # the last one counts


def test_a_crossing_beyond_the_sizes_is_infinite():
    trials = np.array([10.0, 100.0])
    found = crossing(np.array([[-0.1, -0.2], [0.0, -0.1], [0.1, 0.2], [-0.1, 0.1]]), trials)
    assert found.tolist() == [-math.inf, -math.inf, math.inf, math.inf]


def test_resamples_draw_folds_and_then_as_many_of_their_blocks():
    fold = np.array([0, 1, 0, 1, 1, 2])
    weights = compute.of_folds_and_blocks(fold, 4000, generator("w"))
    assert (weights[0] == 1).all()
    drawn = weights[1:]
    sizes = {0: 2, 1: 3, 2: 1}
    by_fold = np.stack([drawn[:, fold == number].sum(1) / size for number, size in sizes.items()], axis=1)
    assert (by_fold.sum(1) == 3).all()  # three folds are drawn, each with as many blocks as it has
    assert (by_fold == by_fold.round()).all()
    np.testing.assert_allclose(drawn.mean(0), 1, atol=0.08)
    # of a block: the fold is drawn N ~ Bin(3, 1/3) times, then the block Bin(N n, 1 / n) times
    np.testing.assert_allclose(drawn[:, 5].var(), 2 / 3, atol=0.06)
    np.testing.assert_allclose(drawn[:, 0].var(), 1 * (1 - 1 / 2) + 2 / 3, atol=0.1)


# tables from losses by hand

TRIALS = {1.0: 100, 0.1: 10}


def made(losses, n_blocks=6, reasons=None):
    """Tables of folds and blocks: model: share: loss of each block per choice, two outer folds."""
    folds, blocks = [], []
    for (model, dim), of_share in losses.items():
        for share, values in of_share.items():
            values = np.broadcast_to(values, n_blocks)
            for outer in (0, 1):
                mine = np.arange(n_blocks) % 2 == outer
                family = "rnn" if model == "gru" else "cognitive"
                keys = {"dataset": "a", "subject": "s", "generator": "subject", "model": model, "dim": dim}
                keys |= {"outer": outer, "share": share}
                why = (reasons or {}).get((model, share, outer), "")
                n = {"n_blocks": 3, "n_trials": TRIALS[share] + outer, "n_inner": 2, "n_test": 10 * mine.sum()}
                nll = {"val_nll": None if why else dim / 10, "test_nll": None if why else values[mine].mean()}
                folds.append({**keys, "family": family, **n, **nll, "reason": why})
                if not why:
                    places = np.flatnonzero(mine)
                    blocks += [{**keys, "block": block, "nll": 10 * values[block], "n": 10.0} for block in places]
    return FOLDS.typed(folds), BLOCKS.typed(blocks)


def tables(*args, **options):
    found = compute.tables(*made(*args, **options), resamples=200, seed=0)
    assert set(found) <= {table.name for table in TABLES}
    return {table.name: table.typed(found[table.name]) for table in TABLES if table.name in found}


def test_losses_are_means_over_choices_and_the_best_of_each_kind_is_chosen_by_validation():
    ramp = np.arange(6) / 10
    found = tables({
        ("gru", 2): {1.0: ramp, 0.1: 0.7}, ("gru", 1): {1.0: 0.6, 0.1: 0.8},
        ("MB0", 3): {1.0: 0.35, 0.1: 0.6}, ("LS0", 4): {1.0: 0.1, 0.1: 0.1},
    })  # fmt: skip
    rows = found["data_requirement"].set_index(["model", "dim", "share"])
    row = rows.loc[("gru", 2, 1.0)]
    assert row["test_nll"] == pytest.approx(0.25)
    assert (row["n_trials"], row["n_blocks"], row["n_outer"]) == (100.5, 3, 2)
    assert row["sem"] == pytest.approx(0.05)  # folds: 0.2 and 0.3
    assert row["low"] < 0.25 < row["high"]
    assert rows["chosen"].groupby("model").sum().to_dict() == {"gru": 2, "MB0": 2, "LS0": 0}
    assert rows.loc[("gru", 1, 1.0), "chosen"]  # val NLL 0.1 against 0.2, whatever the test
    differences = found["data_requirement_difference"]
    assert differences["difference"].tolist() == pytest.approx([0.8 - 0.6, 0.6 - 0.35])
    assert differences["n_trials"].tolist() == [10.5, 100.5]
    assert differences[["network", "cognitive"]].drop_duplicates().to_numpy().tolist() == [["gru", "MB0"]]


def test_where_it_crosses_with_an_interval():
    found = tables({("gru", 1): {1.0: 0.4, 0.1: 0.6}, ("MB0", 2): {1.0: 0.5, 0.1: 0.5}})
    row = found["data_requirement_crossing"].iloc[0]
    middle = math.sqrt(10.5 * 100.5)
    assert row["trials"] == pytest.approx(middle)
    assert (row["low"], row["high"]) == (pytest.approx(middle), pytest.approx(middle))  # blocks do not differ
    assert (row["share_from_fewest"], row["share_not_reached"], row["note"]) == (0, 0, "")
    assert (row["fewest"], row["most"]) == (10.5, 100.5)


def test_an_interval_of_a_crossing_may_end_beyond_the_sizes():
    wide = np.random.default_rng(0).normal(0, 0.5, 20)
    losses = {("gru", 1): {1.0: 0.5 + wide, 0.1: 0.6}, ("MB0", 2): {1.0: 0.5, 0.1: 0.5}}
    (row,) = compute.tables(*made(losses, 20), resamples=150, seed=0)["data_requirement_crossing"]
    assert row["high"] is None
    # the same draws, by hand: the difference is 0.1 with 10.5 trials and the mean of `wide` with 100.5
    draws = compute.of_folds_and_blocks(np.arange(20) % 2, 150, generator("data requirement", 0, "a", "s", "subject"))
    last = draws[1:] @ wide / 20
    places = np.sort([10.5 * (100.5 / 10.5) ** (0.1 / (0.1 - x)) if x <= 0 else math.inf for x in last])
    assert 0.1 < row["share_not_reached"] < 0.9
    assert row["share_not_reached"] == np.isinf(places).mean()
    assert row["low"] == pytest.approx(places[3], rel=1e-9)  # the first below which 2.5% of 150 lie, no mean of two
    assert places[4] > 1.001 * places[3]


@pytest.mark.parametrize(("values", "note"), [
    ({1.0: 0.4, 0.1: 0.5}, "from the fewest trials on"),
    ({1.0: 0.6, 0.1: 0.4}, "not reached"),
])  # fmt: skip
def test_without_a_crossing_it_is_said_why(values, note):
    row = tables({("gru", 1): values, ("MB0", 2): {1.0: 0.5, 0.1: 0.5}})["data_requirement_crossing"].iloc[0]
    assert row["note"] == note
    assert np.isnan([row["trials"], row["low"], row["high"]]).all()
    shares = {"from the fewest trials on": (1, 0), "not reached": (0, 1)}
    assert (row["share_from_fewest"], row["share_not_reached"]) == shares[note]


@pytest.mark.parametrize(("model", "note"), [("gru", "no cognitive model"), ("MB0", "no network")])
def test_with_one_kind_of_model_there_is_no_crossing(model, note):
    found = tables({(model, 1): {1.0: 0.4, 0.1: 0.5}})
    assert note in found["data_requirement_crossing"]["note"].iloc[0]
    assert found["data_requirement_difference"].empty
    assert found["data_requirement"]["test_nll"].tolist() == pytest.approx([0.4, 0.5])


def test_with_few_test_blocks_there_is_no_interval():
    found = tables({("gru", 1): {1.0: 0.4, 0.1: 0.6}, ("MB0", 2): {1.0: 0.5, 0.1: 0.5}}, n_blocks=4)
    assert found["data_requirement"][["low", "high"]].isna().all(axis=None)
    row = found["data_requirement_crossing"].iloc[0]
    assert np.isfinite(row["trials"])
    assert row[["low", "high", "share_from_fewest", "share_not_reached"]].isna().all()


def test_a_size_that_failed_is_named_and_the_others_are_compared():
    why = {("gru", 0.1, fold): "not fitted: 2 blocks are fewer than 3 inner folds" for fold in (0, 1)}
    losses = {("gru", 1): {1.0: 0.4, 0.1: 0.6}, ("MB0", 2): {1.0: 0.5, 0.1: 0.5}}
    found = tables(losses, reasons=why)
    rows = found["data_requirement"].set_index(["model", "share"])
    assert rows["reason"].to_dict() == {
        ("gru", 1.0): "", ("gru", 0.1): "not fitted: 2 blocks are fewer than 3 inner folds",
        ("MB0", 1.0): "", ("MB0", 0.1): "",
    }  # fmt: skip
    assert found["data_requirement_crossing"]["note"].iloc[0] == "fewer than two sizes have both kinds of models"


def test_models_are_compared_on_common_folds():
    """The network lacks outer fold 1 at one size: every loss is of fold 0, the blocks 0, 2, 4."""
    ramp = np.arange(6) / 10
    found = tables(
        {("gru", 1): {1.0: ramp, 0.1: ramp}, ("MB0", 2): {1.0: 0.5, 0.1: ramp}}, reasons={("gru", 0.1, 1): "failed"}
    )
    rows = found["data_requirement"]
    assert rows["test_nll"].tolist() == pytest.approx([0.2, 0.2, 0.5, 0.2])
    assert (rows["n_outer"] == 1).all()
    assert rows["sem"].isna().all()


def test_when_everything_failed_nothing_stops(tmp_path):
    why = {("gru", share, fold): "every fit failed" for share in TRIALS for fold in (0, 1)}
    found = tables({("gru", 1): {1.0: 0.4, 0.1: 0.6}}, reasons=why)
    assert found["data_requirement"]["reason"].tolist() == ["every fit failed"] * 2
    assert found["data_requirement"]["n_outer"].tolist() == [0, 0]
    for name, table in found.items():
        table.to_parquet(tmp_path / f"{name}.parquet")
    plot(tmp_path, tmp_path / "figure", dataset="a", subject="s")
    assert (tmp_path / "figure.png").is_file()


# fits


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two subjects and two models: data, folds, fits, selected fits."""
    root = tmp_path_factory.mktemp("requirement")
    layout = Layout(root)
    options = checked({**DESIGN, "n_subjects": 2}, "t", AnyDataset).model_dump()
    prepare(layout.meta("a"), name="a", options=options, raw=root, seed=0)
    for subject in ("s0", "s1"):
        for outer in range(CV["outer"]):
            trials, fold = [layout.trials("a", subject)], layout.fold("a", subject, "", 1, outer)
            numbers = {"n_outer": CV["outer"], "n_inner": CV["n_inner"], "inner": CV["inner"], "seed": CV["seed"]}
            split(trials, fold, protocol="blocks", outer=outer, **numbers)
            for name, dim in (("BAS", 0), ("MB0", 2)):
                key = ("a", subject, name, dim, outer)
                fit(trials, fold, layout.fit(*key), **of_model(name, dim))
                select(layout.fit(*key), layout.selected(*key), root=root)
    return layout


def spec_of(name):
    return checked({"family": "cognitive"}, "t", AnyModel).slice(name, None)


def of_model(name, dim):
    return {"task": "reversal", "n_actions": 2, "name": name, "spec": spec_of(name), "dim": dim, "training": {}}


def shares_of(run, output, subjects=("s0",), name="BAS", dim=0, shares=(1.0, 0.5, 0.1), outer=0, place=None):
    key = ("a", subjects[0], name, dim, outer)
    options = {"shares": list(shares), "n_inner": CV["n_inner"], "inner": CV["inner"], "seed": 0}
    trials = [run.trials("a", subject) for subject in subjects]
    fold, fits = place or (run.fold(*key), run.fit(*key))
    fit_shares(trials, fold, fits, output, **of_model(name, dim), **options)
    return tuple(pd.read_parquet(output / f"{table.name}.parquet") for table in (FOLDS, BLOCKS))


def binary_nll(p, n_first, n):
    return -(n_first * math.log(p) + (n - n_first) * math.log(1 - p))


@pytest.mark.parametrize("outer", [0, 1])
def test_a_share_is_fitted_to_its_blocks_alone(run, tmp_path, outer):
    """Model BAS has one probability: that of its training choices, by hand."""
    folds, blocks = shares_of(run, tmp_path, shares=(0.5,), outer=outer)
    table = pd.read_parquet(run.trials("a", "s0"))
    first = (table["action"] == 0).groupby(table["block"]).sum().to_numpy()
    test = np.sort(list(KFold(2, shuffle=True, random_state=1).split(np.zeros(20)))[outer][1])
    outside = np.setdiff1d(np.arange(20), test)
    key = ("data requirement", "blocks", 0, "a", "s0", "subject", outer)
    subset = np.sort(generator(*key).permutation(outside)[:5])
    candidates = []
    for train, val in KFold(3, shuffle=True, random_state=outer).split(np.zeros(5)):
        p = first[subset[train]].mean() / 10
        nll = [binary_nll(p, first[own].sum(), 10 * len(own)) for own in (subset[train], subset[val], test)]
        candidates.append((nll[1], (nll[0] + nll[1]) / 50, nll[2] / 100))
    row = folds.iloc[0]
    assert row["test_nll"] == pytest.approx(min(candidates, key=lambda one: one[1])[2], abs=1e-4)
    assert row["val_nll"] == pytest.approx(sum(one[0] for one in candidates) / 50, abs=1e-4)
    assert (row["n_blocks"], row["n_trials"], row["n_inner"], row["n_test"]) == (5, 50, 3, 100)
    assert blocks["block"].tolist() == test.tolist()
    assert blocks["nll"].sum() / blocks["n"].sum() == pytest.approx(row["test_nll"])
    assert (blocks["n"] == 10).all()


def test_all_blocks_are_the_runs_own_fit(run, tmp_path, monkeypatch):
    def none(*_):
        raise AssertionError("fitted again")

    monkeypatch.setattr("tinycog.fitting.outer_fold.fit", none)
    folds, blocks = shares_of(run, tmp_path, name="MB0", dim=2, shares=(1.0,), outer=1)
    choice = read_json(run.selected("a", "s0", "MB0", 2, 1))
    row = folds.iloc[0]
    assert row["test_nll"] == pytest.approx(choice["test_nll"], abs=1e-12)
    assert (row["n_blocks"], row["n_trials"], row["n_test"]) == (10, 100, choice["n_test"])
    assert blocks["nll"].sum() == pytest.approx(choice["test_nll"] * choice["n_test"])
    fits = pd.read_parquet(run.fit("a", "s0", "MB0", 2, 1))
    assert row["val_nll"] == pytest.approx(fits["val_nll"].mul(fits["n_val"]).sum() / fits["n_val"].sum())


def test_a_share_with_fewer_blocks_than_inner_folds_has_a_reason(run, tmp_path):
    folds, blocks = shares_of(run, tmp_path, shares=(0.1,))
    row = folds.iloc[0]
    assert row["reason"] == "not fitted: 1 blocks are fewer than 3 inner folds"
    assert np.isnan(row["test_nll"])
    assert (row["n_blocks"], row["n_trials"]) == (1, 10)
    assert blocks.empty


def test_subjects_of_a_chunk_are_as_alone(run, tmp_path):
    alone = [shares_of(run, tmp_path / name, subjects=(name,), shares=(1.0, 0.5)) for name in ("s0", "s1")]
    trials, fold, fits = (
        [run.trials("a", name) for name in ("s0", "s1")],
        tmp_path / "fold.parquet",
        tmp_path / "f.parquet",
    )
    numbers = {"n_outer": 2, "n_inner": 3, "inner": 3, "seed": 1}
    split(trials, fold, protocol="blocks", outer=0, **numbers)
    fit(trials, fold, fits, **of_model("BAS", 0))
    both = shares_of(run, tmp_path / "both", subjects=("s0", "s1"), shares=(1.0, 0.5), place=(fold, fits))
    for i in range(2):
        expected = pd.concat([one[i] for one in alone], ignore_index=True)
        pd.testing.assert_frame_equal(both[i], expected)


def test_copies_train_where_their_originals_do(tmp_path):
    options = checked({**DESIGN, "n_blocks": 8, "augment": 1}, "t", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="a", options=options, raw=tmp_path, seed=0)
    path = tmp_path / "subjects/s0.parquet"
    origin = _origins(path)
    table = pd.read_parquet(path)
    assert origin.tolist() == table.groupby("block")["aug_of"].first().tolist()
    data = Blocks(read_table(path, task_of("reversal")).sequences, np.array([1, 4, 6]), np.array([0, 7]), origin)
    uses, not_ = (type("M", (), {"uses_copies": value}) for value in (True, False))
    alone, splits = data.alone(uses, n_inner=3, inner=1, seed=0)
    plain, of_plain = data.alone(not_, n_inner=3, inner=1, seed=0)
    copies = [np.flatnonzero((origin == block) & (np.arange(len(origin)) != block)).tolist() for block in (1, 4, 6)]
    assert plain.n_blocks == 5
    assert alone.n_blocks == 5 + sum(map(len, copies))
    (split_,), (reference,) = splits, of_plain
    assert split_["train"][0, :5].tolist() == reference["train"][0].tolist()
    role = dict(zip([1, 4, 6], reference["train"][0, :3], strict=True))
    order = [block for block in range(8, len(origin)) if origin[block] in role]
    assert split_["train"][0, 5:].tolist() == [role[origin[block]] for block in order]
    assert not split_["val"][0, 5:].any()
    assert not split_["test"][0, 5:].any()
    np.testing.assert_array_equal(alone.action[:, 5], data.sequences.action[:, order[0]])


def simulated(run, output, played=None, name="BAS", dim=0, outer=0, blocks=(12, 6, 3), subject="s0"):
    config = checked(
        {"datasets": {"a": DESIGN}, "models": {"MB0": {"family": "cognitive"}}, "cv": {"outer": 2, "inner": 2}},
        "t",
        Config,
    )
    selected = [run.selected("a", subject, *own, fold) for own in (("BAS", 0), ("MB0", 2)) for fold in range(2)]
    options = {"models": {own: spec_of(own) for own in DIMS}, "played": played or of_dataset(config, "a")}
    options |= {"blocks": list(blocks), "cv": CV, "outer": outer, "root": run.root, "seed": 0}
    fit_simulated([run.trials("a", subject)], selected, output, **of_model(name, dim), **options)
    return tuple(pd.read_parquet(output / f"{table.name}.parquet") for table in (FOLDS, BLOCKS))


def test_the_best_model_plays_as_many_blocks(run, tmp_path, monkeypatch):
    folds, blocks = simulated(run, tmp_path)
    val = {
        name: sum(read_json(run.selected("a", "s0", name, dim, fold))["val_nll"] for fold in range(2))
        for name, dim in (("BAS", 0), ("MB0", 2))
    }
    best = min(val, key=val.get)
    assert set(folds["generator"]) == {f"{best}, d = {DIMS[best]}"}
    assert folds["n_blocks"].tolist() == [12, 6, 3]
    assert folds["n_trials"].tolist() == [120, 60, 30]
    assert folds["share"].tolist() == [1.0, 0.5, 0.25]
    assert (folds["reason"] == "").all()
    assert (folds["n_test"] == 120).all()  # 24 blocks in two folds
    again, _ = simulated(run, tmp_path / "again")
    pd.testing.assert_frame_equal(folds, again)
    _, of_other = simulated(run, tmp_path / "other", name="MB0", dim=2)
    assert of_other["block"].tolist() == blocks["block"].tolist()
    seen = []
    monkeypatch.setattr(Refits, "subset", lambda self, outside, n: seen.append(outside) or outside[:n])
    simulated(run, tmp_path / "seen")
    assert not set(seen[0]) & set(blocks["block"])
    monkeypatch.undo()
    _, second = simulated(run, tmp_path / "second", outer=1)
    assert set(second["block"]) | set(blocks["block"]) == set(range(24))


def test_where_nobody_can_play_there_is_a_reason(run, tmp_path):
    folds, blocks = simulated(run, tmp_path, {"variants": [], "n_trials": None, "note": "no environment"})
    assert folds["reason"].tolist() == ["not fitted: no environment"] * 3
    assert blocks.empty


# figure, gathering, config


def test_gathered_from_files_and_drawn(run, tmp_path):
    for outer in range(2):
        for name, dim in (("BAS", 0), ("MB0", 2)):
            for subject in ("s0", "s1"):
                folder = run.share("requirement", "a", subject, name, dim, outer, "x").parent
                shares_of(run, folder, (subject,), name, dim, (1.0, 0.5), outer)
    models = {"BAS": {"a": [0]}, "MB0": {"a": [2]}}
    grid = {"datasets": ["a"], "models": models, "cv": {"a": CV}, "chunks": {}}
    gather(run.root, ["requirement"], grid=grid, resamples=100, seed=0)
    found = {table.name: pd.read_parquet(run.root / f"tables/{table.name}.parquet") for table in TABLES}
    assert {name: len(table) for name, table in found.items()} == {
        **{"data_requirement": 8, "data_requirement_folds": 16},
        **{"data_requirement_difference": 0, "data_requirement_crossing": 2},
    }
    assert (found["data_requirement"]["n_outer"] == 2).all()
    plot(run.root / "tables", tmp_path / "figure", dataset="a", subject="s1")
    assert (tmp_path / "figure.pdf").is_file()


def test_the_figure_has_a_line_for_each_model_and_says_where_the_network_overtakes():
    found = tables(
        {("gru", 1): {1.0: 0.4, 0.1: 0.6}, ("gru", 2): {1.0: 0.4, 0.1: 0.7}, ("MB0", 2): {1.0: 0.5, 0.1: 0.5}}
    )
    figure = requirement(*found.values())
    left, right = figure.axes
    assert left.get_legend_handles_labels()[1] == ["gru, d = 1", "gru, d = 2", "MB0"]
    assert [len(line.get_xdata()) for line in left.lines] == [2, 2, 2, 0, 2, 2]  # each with what is chosen of it
    assert left.lines[0].get_xydata().tolist() == [[10.5, 0.6], [100.5, 0.4]]
    assert left.get_xscale() == "log"
    assert right.lines[1].get_ydata().tolist() == pytest.approx([0.1, -0.1])
    assert right.lines[2].get_xdata()[0] == pytest.approx(math.sqrt(10.5 * 100.5))
    assert right.get_title() == "network ahead from 32 trials (32 to 32)"


RUN = {
    "run": "t",
    "datasets": {"a": DESIGN, "b": {**DESIGN, "cv": {"protocol": "interspersed"}}},
    "models": {"g": {"family": "rnn", "dims": [1]}, "MB0": {"family": "cognitive"}},
    "cv": {"outer": 2, "inner": 2},
}


@pytest.mark.parametrize(("section", "message"), [
    ({"shares": [1.0, 1.0]}, "found [1.0, 1.0]; allowed: each value once"),
    ({"shares": [1.0, 0.0]}, "found 0.0; must be greater than 0"),
    ({"shares": [0.5, 2.0]}, "found 2.0; must be less than or equal to 1"),
    ({"simulate": {"blocks": [1, 5]}}, "simulate.blocks"),
    ({"models": ["x"]}, "analyses.data_requirement.models: ['x'] not among models"),
])  # fmt: skip
def test_what_cannot_be_asked_for_is_said(section, message):
    with pytest.raises(InputError) as error:
        checked({**RUN, "analyses": {"data_requirement": section}}, "my.yaml", Config)
    assert message in str(error.value)


def test_data_sets_that_are_split_within_blocks_have_none():
    config = checked({**RUN, "analyses": {"data_requirement": {"shares": [0.5, 1.0]}}}, "t", Config)
    assert config.analyses.data_requirement.shares == [1.0, 0.5]
    assert outputs.dims(config) == {"g": {"a": [1], "b": []}, "MB0": {"a": [2], "b": []}}
    fits = [("a", "s0", "g", 1, 0), ("a", "s0", "MB0", 2, 0), ("b", "s0", "g", 1, 0)]
    assert outputs.figures(config, fits) == ["data_requirement__a__s0"]
    assert len(outputs.parts(config, Layout(Path("r")), fits)) == 4
    only = {**RUN, "datasets": {"b": RUN["datasets"]["b"]}, "analyses": {"data_requirement": {}}}
    with pytest.raises(InputError, match="no data set is split by blocks"):
        checked(only, "t", Config)
    without = checked(RUN, "t", Config)
    assert outputs.tables(without) == outputs.figures(without, fits) == []


def test_a_model_that_follows_a_teacher_is_left_out():
    """Its teacher would have seen all blocks."""
    models = {**RUN["models"], "student": {"family": "rnn", "dims": [1], "teacher": "t"}}
    datasets = {"a": {**DESIGN, "n_subjects": 2}}
    content = {**RUN, "datasets": datasets, "models": models, "teachers": {"t": {"units": 2}}}
    config = checked({**content, "analyses": {"data_requirement": {}, "dimensionality": {"power": 1}}}, "t", Config)
    assert list(outputs.dims(config)) == ["g", "MB0"]
    assert list(of_d_star.networks(config, "a")) == ["g"]
