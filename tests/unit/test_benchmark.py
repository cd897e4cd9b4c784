"""The benchmark's code: the plain torch loop against the engine and the reference, tables by hand, tiny sizes."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from conftest import ROOT, block_weights, random_sequences
from tinycog.benchmark import (
    BASELINE,
    calibration,
    cognitive,
    comparison,
    distillation,
    host,
    kernels,
    loop,
    optimisers,
    stacked,
    timing,
)
from tinycog.benchmark import config as bench_config
from tinycog.benchmark.figure import speeds
from tinycog.benchmark.steps.calibrate import calibrate, summarise
from tinycog.errors import InputError
from tinycog.fitting import adam, engine
from tinycog.fitting.gradient import Autograd, starting_point, unflatten
from tinycog.fitting.kernels.fused import Fused
from tinycog.fitting.objective import Replicas, replicas
from tinycog.models.cells.gru import GRU
from tinycog.results.fits import columns
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.steps.prepare import prepare
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

CONFIG = yaml.safe_load((ROOT / "config/bench.yaml").read_text())


@pytest.mark.parametrize("gradient", [Autograd, Fused])
def test_the_loop_and_the_engine_train_the_same_network(gradient):
    data = random_sequences(n_blocks=9, n_trials=12, masked=0.1, ragged=True)
    splits = block_weights(9, outer=1, n_outer=3, n_inner=2)
    grid = replicas(splits, range(2), [1e-2])[1:2]
    model = GRU(n_inputs=3, n_units=2, n_actions=2)
    limits = {"learning_rate": 0.005, "max_epochs": 4, "patience": 200}
    fits = adam.train(gradient(model, data, grid), *starting_point(model, grid), **limits)
    nll, *_ = engine.evaluate(model, unflatten(fits.theta, model.shapes), data, grid)

    own = loop.train(loop.batches(data, splits[0]), 1, 1e-2, n_units=2, n_actions=2, **limits)
    assert (own.epochs, own.best_epoch) == (fits.epochs[0], fits.best_epoch[0])
    assert own.epochs == 5
    theta = torch.cat([values.flatten() for values in own.parameters]).numpy()
    np.testing.assert_allclose(theta, fits.theta[0], atol=1e-10, rtol=0)
    np.testing.assert_allclose([own.nll[role] for role in ROLES], [nll[role][0] for role in ROLES], atol=1e-10, rtol=0)


LIMITS = {"n_units": 3, "n_actions": 2, "learning_rate": 0.05, "max_epochs": 60, "patience": 4}


def test_the_loop_and_the_engine_learn_the_same_from_a_teacher_with_vectors_of_subjects_in_batches(monkeypatch):
    """Shares are learnt and validated, choices are test; blocks are drawn in the same order."""
    data, rng = random_sequences(n_blocks=9, n_trials=12, masked=0.1, ragged=True), np.random.default_rng(3)
    data = replace(data, target=rng.dirichlet([1, 1], data.action.shape), subject_code=np.arange(9) % 4)
    split, limits = block_weights(9, outer=1, n_outer=3, n_inner=2)[0], LIMITS | {"learning_rate": 0.005}
    grid = replicas([split], range(1, 2), [1e-2])
    model = GRU(n_inputs=3, n_units=3, n_actions=2, n_subjects=4, subject_width=3)
    gradient, start = Autograd(model, data, grid), starting_point(model, grid)
    parts = np.split(np.flatnonzero(split["train"][0])[::-1].copy(), [2])
    options = {name: limits[name] for name in ("learning_rate", "max_epochs", "patience")}
    fits = adam.train(gradient, *start, **options, batches=lambda epoch: map(gradient.of, parts))
    nll, followed, _ = engine.evaluate(model, unflatten(fits.theta, model.shapes), data, grid)
    vectors = torch.nn.Embedding.from_pretrained(torch.tensor(unflatten(start[0], model.shapes)["E_subject"][0]), False)
    monkeypatch.setattr(torch.nn, "Embedding", lambda *shape: vectors)
    monkeypatch.setattr(torch, "randperm", lambda n: torch.arange(n).flip(0))
    own = loop.train(loop.batches(data, split), 1, 1e-2, **limits, size=2, vectors=(4, 3))
    assert own.best_epoch == fits.best_epoch[0] > 0
    theta = torch.cat([values.flatten() for values in own.parameters]).numpy()
    np.testing.assert_allclose(theta, fits.theta[0], atol=1e-10, rtol=0)
    expected = {**{role: of[0] for role, of in followed.items()}, "test": nll["test"][0]}
    assert own.nll == pytest.approx(expected, abs=1e-10)


def trained(dtype):
    """Four replicas of two inner folds, by the loop and as one stack."""
    data = random_sequences(n_blocks=10, n_trials=12, masked=0.1, ragged=True)
    folds = [loop.batches(data, split) for split in block_weights(10, outer=1, n_outer=3, n_inner=2)]
    n_train, n_val = ({fold[role].action.shape[1] for fold in folds} for role in ("train", "val"))
    assert (n_train, n_val) == ({3, 4}, {3, 4}), "one replica or the other is padded"
    batches, seeds, l1 = [folds[i] for i in (0, 0, 1, 1)], [0, 1, 0, 1], [1e-2, 1e-2, 0.0, 1e-2]
    alone = [loop.train(*own, **LIMITS) for own in zip(batches, seeds, l1, strict=True)]
    return alone, stacked.train(stacked.stacks(batches, dtype), seeds, l1, **LIMITS)


def test_a_stack_and_the_loop_train_the_same_networks():
    alone, together = trained(torch.float64)
    epochs = [fit.epochs for fit in alone]
    assert min(epochs) < max(epochs) == 61, "some end early and are dropped from the stack"
    for one, other in zip(alone, together, strict=True):
        assert (one.epochs, one.best_epoch) == (other.epochs, other.best_epoch)
        for expected, found in zip(one.parameters, other.parameters, strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-8, rtol=0)
        assert other.nll == pytest.approx(one.nll, abs=1e-10)


def test_a_stack_in_float32_follows_the_loop_as_far_as_its_digits_go():
    alone, together = trained(torch.float32)
    assert all(values.dtype == torch.float32 for fit in together for values in fit.parameters)
    for one, other in zip(alone, together, strict=True):
        assert other.nll["val"] == pytest.approx(one.nll["val"], abs=1e-3)
        assert other.nll != one.nll


class Clock:
    """Clocks of the wall and of the processor that calls move; the wall's is twice as fast."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(timing, "process_time", lambda: self.now)
        monkeypatch.setattr(timing, "perf_counter", lambda: 2 * self.now)

    def works(self, seconds):
        self.now += seconds


def test_ways_take_turns_and_are_summarised_by_hand(monkeypatch):
    clock, order = Clock(monkeypatch), []
    lasts = {"a": iter([3.0, 1.0, 2.0]), "b": iter([10.0, 30.0, 10.0])}

    def way(name):
        order.append(name)
        clock.works(next(lasts[name]))
        return len(order)

    turns = timing.in_turns({name: lambda name=name: way(name) for name in "ab"}, 3)
    assert "".join(order) == "ababab"
    assert (turns["a"].given, turns["b"].given) == (5, 6)
    one = timing.summary(turns["a"])
    assert one == pytest.approx(
        {
            **{"seconds": 1, "median_seconds": 2, "spread": 2},
            **{"wall_seconds": 2, "wall_median_seconds": 4, "wall_spread": 2},
        }
    )
    pool = timing.pooled([turns["a"], turns["b"]])
    assert (pool.processor, pool.wall, pool.given) == ([3, 1, 2, 10, 30, 10], [6, 2, 4, 20, 60, 20], 6)
    both = timing.summary(turns["a"], turns["b"])
    assert (both["seconds"], both["median_seconds"], both["spread"]) == pytest.approx((11, 12, 33 / 11 - 1))


def test_a_turn_holds_as_much_work_as_was_asked_for(monkeypatch):
    clock = Clock(monkeypatch)
    assert timing.amount(lambda n: clock.works(0.004 * n), 0.2) == 50
    assert timing.amount(lambda n: clock.works(7.0 * n), 0.2) == 1


def test_the_loop_refuses_roles_of_single_trials():
    data = random_sequences(n_blocks=2, n_trials=5)
    split = {role: np.ones((5, 2)) for role in ROLES}
    with pytest.raises(InputError, match="whole blocks"):
        loop.batches(data, split)


@pytest.mark.slow
@pytest.mark.parametrize(("dim", "seed"), [(1, 0), (2, 1)])
def test_the_loop_equals_the_reference_code(reference_folder, dim, seed):
    """The first inner fold of outer fold 0; the longest of the 24 fits take many times as long."""
    table = pd.read_csv(reference_folder / "tutorial/trials.csv")
    columns = {name: table[name].to_numpy() for name in ("block", "trial", "action", "reward")}
    ones = np.ones(len(table), dtype=np.int8)
    data = sequences.from_columns({**columns, "state": columns["action"], "mask": ones}, task_of("bandit"))
    (split, _) = block_weights(500, outer=0, n_outer=3, n_inner=2)
    options = {"learning_rate": 0.005, "max_epochs": 10_000, "patience": 200, "n_units": dim, "n_actions": 2}
    own = loop.train(loop.batches(data, split), seed, 1e-5, **options)
    reference = pd.read_csv(reference_folder / "tutorial/reference_fits.csv")
    expected = reference.query("hidden_dim == @dim and outer == 0 and inner == 0 and seed == @seed").iloc[0]
    assert own.epochs == expected["epochs"]
    for role in ROLES:
        assert own.nll[role] == pytest.approx(expected[f"{role}_nll"], abs=1e-6)


def test_fits_one_at_a_time_count_for_all_fits_of_their_kind():
    found = [
        ["solo", 3, 2.0, 10, 0.5, 4, 0.4],
        ["solo", 3, 4.0, 20, 0.7, 6, 0.4],
        ["teacher", 3, 50.0, 7, 0.1, 7, 0.2],
    ]
    names = ["method", "n_blocks", "seconds", "epochs", "test_nll", "run_epochs", "run_test_nll"]
    n_fits = pd.Series({("teacher", 3): 2, ("solo", 3): 100}).rename_axis(["method", "n_blocks"])
    table = distillation.summary(pd.DataFrame(found, columns=names), n_fits).set_index("method")
    assert table.loc["solo", ["n_timed", "n_fits", "seconds"]].tolist() == [2, 100, 300]
    assert table.loc["teacher", ["n_timed", "n_fits", "seconds"]].tolist() == [1, 2, 100]
    text = distillation.in_markdown(
        table.reset_index(), {"seconds": 8.0, "wall": 5.0, "first": 10.0, "cores": 2}, host.describe()
    )
    assert "| solo | 3 | 100 | 2 | 15 | 5 | 0.6000 | 0.4000 | 300 |" in text
    assert "took 8 s of processor time (5 s by the clock)" in text
    assert "10 s the first time" in text
    assert "take 400 s: 50 times as long in processor time (40 times the first run), 80 times by the clock of 2" in text


def timed(method, *, seconds, epochs, test_nll, val_nll=(0.5, 0.4), n_test=(10, 30)) -> pd.DataFrame:
    """Two fits, each of an outer fold and a seed of its own."""
    n = len(test_nll)
    labels = {"method": method, "model": "gru", "dim": 2, "data": "mice", "outer": np.arange(n), "inner": 0}
    columns = {"seed": np.arange(n), "l1": 1e-5, "epochs": epochs, "best_epoch": 1, "train_nll": 0.5}
    columns |= {"val_nll": val_nll[:n], "n_trials": 100}
    columns |= {"test_nll": test_nll, "n_train": 40, "n_val": 20, "n_test": n_test[:n], "status": "ok", "reason": ""}
    return pd.DataFrame({**labels, **columns, "seconds": seconds})


def turns(method, n_replicas, epochs, seconds):
    """A row of times, of networks of table `timed`; the wall's clock says half as much again."""
    same = {"model": "gru", "dim": 2, "data": "mice", "n_trials": 100, "spread": 0.25}
    times = {"seconds": seconds, "median_seconds": 1.1 * seconds, "wall_seconds": 1.5 * seconds}
    times |= {"wall_median_seconds": 1.65 * seconds, "wall_spread": 0.5}
    return {"method": method, **same, "n_replicas": n_replicas, "epochs": epochs, **times}


TIMES = pd.DataFrame(
    [
        turns("loop", 1, 50, 1.0),  # 20 ms for an epoch of one network
        turns("stacked", 2, 100, 0.5),  # 5 ms
        turns("stacked_float32", 2, 100, 0.4),  # 4 ms
        turns("adam", 2, 3000, 3.0),  # 1 ms
        turns("fast", 2, 500, 1.0),  # 2 ms
    ]
)


def alone(method, way, dim, n_replicas, n_blocks, length, ns):
    """A row of an evaluation that takes `ns` for a trial of one replica, twice in a turn."""
    n_trials, epochs = n_blocks * length, 2 * n_replicas
    model = "gru" if way == "kernel" else f"gru_{way}"
    labels = {"method": method, "model": model, "cell": "gru", "by": way, "dim": dim, "data": "bandit"}
    sizes = {"n_replicas": n_replicas, "n_trials": n_trials, "block_length": length, "epochs": epochs}
    return {**labels, **sizes, "seconds": 1e-9 * ns * n_trials * epochs}


KERNELS = pd.DataFrame(
    [
        *(alone("forward", way, 2, 8, 10, 100, ns) for way, ns in (("kernel", 10), ("torch", 150), ("stacked", 80))),
        *(alone("gradient", way, 2, 8, 10, 100, ns) for way, ns in (("kernel", 20), ("torch", 900), ("stacked", 250))),
        alone("forward", "kernel", 10, 8, 10, 100, 70),
        alone("gradient", "kernel", 10, 8, 10, 100, 130),
        *(alone("gradient", "kernel", 2, n, 50, 20, ns) for n, ns in ((1, 33), (32, 21))),
        *(alone("gradient", "kernel", 2, n, 1, 2000, ns) for n, ns in ((1, 77), (32, 22))),
    ]
)
STARTED = {"model": "gru", "dim": 2, "data": "mice", "n_replicas": 2, "n_trials": 100, "seconds": 0.75, "epochs": 2}


def engine_table(loop_runs=1) -> pd.DataFrame:
    fits = [
        timed("loop", seconds=0, epochs=1000, test_nll=[0.70, 0.70][:loop_runs]),
        timed("adam", seconds=0, epochs=[1000, 2000], test_nll=[0.702, 0.5]),
        timed("fast", seconds=0, epochs=[100, 400], test_nll=[0.6, 0.6]),
    ]
    return comparison.engine_table(pd.concat(fits), TIMES, KERNELS, STARTED)


def test_table_engine_by_hand():
    table = engine_table()
    contract = ["method", "model", "dim", "data", "n_replicas", "n_trials"]
    contract += ["seconds", "epochs", "ns_per_trial", "selected_test_nll", "mean_test_nll"]
    assert table.columns[:11].tolist() == contract
    assert not table.duplicated([*contract[:6], "block_length"]).any()
    rows = {row["method"]: row for row in table.head(5).to_dict("records")}
    the_loop, stack, paper, fast = (rows[name] for name in ("loop", "stacked", "adam", "fast"))
    assert (paper["n_replicas"], paper["seconds"], paper["epochs"]) == (2, 3.0, 3000)
    assert paper["ns_per_trial"] == pytest.approx(3e9 / 3000 / 100)
    assert paper["selected_test_nll"] == pytest.approx((10 * 0.702 + 30 * 0.5) / 40)
    assert paper["mean_test_nll"] == pytest.approx((0.702 + 0.5) / 2)
    assert paper["difference_from_loop"] == pytest.approx(0.002)
    ratios = [f"ratio_to_{name}" for name in ("loop", "stacked", "stacked_float32")]
    assert [paper[name] for name in ratios] == pytest.approx([20 / 1, 5 / 1, 4 / 1])
    assert [fast[name] for name in ratios] == pytest.approx([20 / 2, 5 / 2, 4 / 2])
    assert [stack[name] for name in ratios] == pytest.approx([20 / 5, 5 / 5, 4 / 5])
    assert (the_loop["protocol_seconds"], stack["protocol_seconds"]) == pytest.approx((0.02 * 3000, 0.005 * 3000))
    assert [fast[f"protocol_{name}"] for name in ratios] == pytest.approx([60 / 1, 15 / 1, 12 / 1])
    assert [paper[f"protocol_{name}"] for name in ratios] == pytest.approx([60 / 3, 15 / 3, 12 / 3])
    assert np.isnan(the_loop["selected_test_nll"]), "the loop ran one of two fits"
    assert np.isnan(stack["mean_test_nll"]), "the stack is timed alone"

    gradient = table[(table["method"] == "gradient") & (table["n_trials"] == 1000) & (table["block_length"] == 100)]
    assert gradient["ns_per_trial"].tolist() == pytest.approx([20, 900, 250, 130])
    assert gradient["ratio_to_torch"].tolist() == pytest.approx([45, 1, 3.6, np.nan], nan_ok=True)
    assert gradient["ratio_to_stacked"].tolist() == pytest.approx([12.5, 250 / 900, 1, np.nan], nan_ok=True)
    assert gradient[["ratio_to_loop", "protocol_seconds", "mean_test_nll"]].isna().all(axis=None)
    assert table.iloc[-1][["method", "seconds"]].tolist() == ["start", 0.75]


def test_a_loop_that_ran_every_fit_has_a_selection():
    the_loop = engine_table(loop_runs=2).iloc[0]
    assert (the_loop["method"], the_loop["selected_test_nll"]) == ("loop", pytest.approx(0.7))


def test_the_table_in_words_and_its_figure():
    table = engine_table()
    text = comparison.in_markdown(table, host.describe())
    assert text.startswith("- All fits by `adam`: 5.0 x to 5.0 x as fast as all networks of a job stacked in torch")
    line = "| mice | 2 | adam | 2 | 3,000 | 1.000 | 10000.0 | 25% | 1.50 | 20.0 x | 5.0 x | 4.0 x | 5.0 x | 0.5505 |"
    assert line in text
    assert "| gru | 2 | 10.0 | 8.0 x | 15.0 x | 20.0 | 12.5 x | 45.0 x |" in text
    assert "| cell | d | blocks | 1 replica | 32 replicas |" in text
    assert "| gru | 2 | 50 x 20 | 33.0 | 21.0 |\n| gru | 2 | 1 x 2,000 | 77.0 | 22.0 |" in text
    assert "ends its first epoch 0.75 s after its start" in text
    figure = speeds(table, comparison.is_usual(table), "a machine")
    labels = [line.get_label() for line in figure.axes[2].lines]
    assert labels == ["gru", "gru, package's torch", "gru, stacked in torch"]
    assert [line.get_label() for line in figure.axes[4].lines] == ["50 x 20", "1 x 2,000"]


def test_caches_and_vectors_are_read_from_what_linux_says(tmp_path):
    cpu = [("1", "Data", "48K"), ("1", "Instruction", "32K"), ("2", "Unified", "2048K"), ("3", "Unified", "30720K")]
    for i, values in enumerate(cpu):
        folder = tmp_path / f"index{i}"
        folder.mkdir()
        for name, value in zip(("level", "type", "size"), values, strict=True):
            (folder / name).write_text(f"{value}\n")
    assert host.caches(tmp_path) == {"L1d": "48 KiB", "L2": "2 MiB", "L3": "30 MiB"}
    assert host.vector_bits(["fpu", "sse2", "avx", "avx2", "avx512f"]) == 512
    assert host.vector_bits(["fpu", "sse2", "avx", "avx2"]) == 256
    assert host.vector_bits(["fp", "asimd"]) == 128
    known = {**host.describe(), "cpu": "A", "caches": host.caches(tmp_path), "vector_bits": 512}
    assert host.in_words(known).startswith(
        "A, caches L1d 48 KiB, L2 2 MiB, L3 30 MiB, vectors of 512 bits, one thread; python"
    )


def test_what_a_system_does_not_tell_is_said_to_be_unknown(tmp_path):
    caches, bits = host.caches(tmp_path / "nowhere"), host.vector_bits([])
    assert (caches, bits) == ({"L1d": None, "L2": None, "L3": None}, None)
    unknown = {**host.describe(), "cpu": "B", "caches": caches, "vector_bits": bits}
    assert host.in_words(unknown).startswith("B, caches unknown, vector width unknown, one thread; python")


def test_a_fast_method_may_be_the_default_if_within_on_each_data_set():
    fits = [
        timed("adam", seconds=[2.0, 2.0], epochs=[10, 10], test_nll=[0.6, 0.5]),
        timed("fast", seconds=[1.0, 1.0], epochs=[5, 5], test_nll=[0.601, 0.5006]),
        timed("careless", seconds=[0.1, 0.1], epochs=[1, 1], test_nll=[0.61, 0.5]),
    ]
    table = optimisers.summary(pd.concat(fits), limit=0.001, seeds=2)
    assert table["within"].tolist() == [True, True, False]
    assert table["difference"].tolist() == pytest.approx([0, 0.0008, 0.005])
    assert table["difference_sem"].tolist() == pytest.approx([0, 0.0002, 0.005])
    fast, careless = optimisers.verdicts(table)
    assert "fast: within on 1 of 1 data sets, may be the default; 2.0 times as fast" in fast
    assert "careless: within on 0 of 1 data sets, may not be the default" in careless
    one_decides = optimisers.summary(pd.concat(fits), limit=0.001, seeds=1)
    assert one_decides["difference"].tolist() == pytest.approx([0, 0.001, 0.01])
    assert one_decides["difference_all"].tolist() == pytest.approx([0, 0.0008, 0.005])
    assert one_decides["n_fits"].tolist() == [1, 1, 1]
    failed = fits[1].assign(status=["ok", "failed"], test_nll=[0.5, np.nan])
    assert optimisers.summary(pd.concat([fits[0], failed]), 0.001, 2)["within"].tolist() == [True, False]
    line = "| mice | fast | 2 | 10 | 2.0 | 2.0 x | 0.5508 | +0.0008 (0.0002) | +0.0008 (0.0002) | yes |"
    assert line in optimisers.in_markdown(table)


def cognitive_fits() -> pd.DataFrame:
    """Two folds with two starts by each optimiser; fold 0 is ours by .02, fold 1 the reference's by .01."""
    train = {"gradient": [0.60, 0.50, 0.71, 0.75], "nelder-mead": [0.52, 0.55, 0.9, 0.70]}
    both = [
        timed(
            method, seconds=seconds, epochs=[10, 20, 30, 40], test_nll=[0.6] * 4, val_nll=[0.5] * 4, n_test=[9] * 4
        ).assign(model="MB1", outer=[0, 0, 1, 1], seed=[0, 1, 0, 1], train_nll=train[method])
        for method, seconds in (("gradient", 0.5), ("nelder-mead", 4.0))
    ]
    return pd.concat(both, ignore_index=True)


def test_cognitive_models_are_compared_by_the_best_of_their_starts():
    table = cognitive.summary(cognitive_fits(), limit=1e-4)
    row = table.iloc[0]
    assert (row["train_nll"], row["reference_train_nll"]) == (pytest.approx(0.605), pytest.approx(0.61))
    assert (row["difference"], row["largest"]) == (pytest.approx(-0.005), pytest.approx(0.01))
    assert (row["n_fits"], row["n_folds"], row["evaluations"], row["speed"]) == (4, 2, 100, 8.0)
    assert row["within"]
    (line,) = cognitive.verdicts(table)
    assert line.startswith("mice: training NLL of 1 of 1 models within the limit (largest difference -5.0e-03, MB1)")
    assert line.endswith("4 fits in 2.0 s, 8 times as fast as the reference's procedure (16 s)")
    text = cognitive.in_markdown(table, host.describe())
    assert "| mice | MB1 | 2 | 4 | 0.60500 | 0.61000 | -5.0e-03 | +1.0e-02 | yes |" in text


def test_a_cognitive_model_above_the_limit_or_with_a_failed_fit_is_not_within():
    fits = cognitive_fits()
    worse = fits.assign(train_nll=fits["train_nll"] + 0.0052 * (fits["method"] == "gradient"))
    assert not cognitive.summary(worse, limit=1e-4)["within"].item()
    failed = fits.assign(status=["failed", *["ok"] * 7])
    assert not cognitive.summary(failed, limit=1e-4)["within"].item()


def test_kernels_are_timed_at_tiny_sizes():
    ways, sizes = ["kernel", "torch", "stacked"], {"replicas": [1, 3], "blocks": [(4, 10), (1, 20)]}
    options = {"methods": ["forward", "gradient"], "repeats": 2, "seconds": 1e-9}
    found = pd.DataFrame(kernels.times("gru", [1, 2], **sizes, ways=ways, **options))
    assert len(found) == 2 * 2 * 2 * 2 * 3
    assert found["model"].tolist()[:3] == ["gru", "gru_torch", "gru_stacked"]
    assert found["n_replicas"].tolist()[:12] == [1] * 6 + [3] * 6
    assert set(zip(found["n_trials"], found["block_length"], strict=True)) == {(40, 10), (20, 20)}
    assert (found["epochs"] == found["n_replicas"]).all(), "one evaluation in a turn"
    assert (found["seconds"] > 0).all()


def test_the_stack_that_is_timed_alone_has_the_gradient_of_the_kernel():
    """Mean NLL over all choices, of the same networks."""
    choices = kernels.simulated(6, 10)
    model = GRU(n_inputs=3, n_units=2, n_actions=2)
    weights = {role: np.full((2, 1, 6), float(role == "train")) for role in ROLES}
    grid = Replicas(np.zeros(2, int), np.arange(2), np.zeros(2), weights)
    with np.errstate(invalid="ignore"):  # no choice to validate on
        _, expected = Fused(model, choices, grid)(starting_point(model, grid)[0])
    slopes = kernels.evaluation("gradient", "gru", 2, choices, 2, "stacked")()
    found = torch.cat([values.flatten(1) for values in slopes], 1).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12, rtol=0)


def test_timed_fits_have_one_row_for_each_replica():
    data = random_sequences(n_blocks=6, n_trials=5)
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    model = GRU(n_inputs=3, n_units=1, n_actions=2)
    spec = {"family": "rnn", "seeds": 2, "l1": [1e-5]}
    fits = engine.fit(model, spec, data, splits, {**CONFIG["methods"]["adam"], "max_epochs": 2, "device": "cpu"})
    results = {name: getattr(fits, name) for name in ("nll", "epochs", "best_epoch", "reason")}
    table = pd.DataFrame(columns({"method": "adam"}, fits.replicas, data, **results, seconds=0.1))
    assert len(table) == 4
    assert table.columns[:4].tolist() == ["method", "inner", "seed", "l1"]
    assert (table[["n_train", "n_val", "n_test"]].sum(axis=1) == 30).all()
    assert table["seconds"].sum() == pytest.approx(0.4)


def test_config_of_the_benchmark():
    config = bench_config.load(CONFIG, "config/bench.yaml")
    assert config.training_slice("engine", "monkey_V", BASELINE) == {
        **{"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 2000, "patience": 200, "device": "cpu"}
    }
    assert config.model_slice("optimisers", "humans") == {"family": "rnn", "cell": "gru", "l1": [1e-5], "seeds": 16}
    assert config.options("monkey_V")["files"][0].startswith("resources/raw/bartolo-monkeys-reversal/")
    own = {**CONFIG, "methods": {**CONFIG["methods"], "fast": {"max_epochs": 50}}}
    assert bench_config.load(own, "x").training_slice("engine", "monkey_V", "fast")["max_epochs"] == 50
    table = bench_config.load({**CONFIG, "tutorial": "trials.csv"}, "x").datasets["tutorial"]
    assert (table.source, table.file) == ("table", "trials.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": {"fast": {}}}, "methods: found fast; needed: adam"),
        ({"methods": {"adam": {}, "loop": {}}}, "other meaning: loop"),
        ({"engine": {"protocols": {"mice": {"cv": {}}}}}, "engine.protocols: .'mice'. not among datasets"),
        ({"methods": {"adam": {}, "stacked": {}}}, "other meaning: stacked"),
        ({"turns": {"seconds": 0}}, "turns.seconds"),
        ({"loop": {"replica": 2}}, "loop.replica: unknown key"),
        (
            {"dimensionality": {"agents": ["mouse", "monkey_V"]}},
            "dimensionality.agents: .'monkey_V'. not among",
        ),
        (
            {"dimensionality": {"agents": ["mouse"], "method": "slow"}},
            "dimensionality.method: found .slow.; allowed",
        ),
    ],
)
def test_errors_of_the_config(change, message):
    with pytest.raises(InputError, match=message):
        bench_config.load({**CONFIG, **change}, "config/bench.yaml")


def test_a_calibration_counts_how_often_d_star_is_right():
    """Four data sets of true d 2; shares of resamples at d = 1, 2, 3 and the d* found."""
    cases = [((0.05, 0.95, 0.0), 2), ((0.33, 0.67, 0.0), 2), ((0.9, 0.1, 0.0), 1), ((0.0, 0.2, 0.8), 3)]
    found = pd.DataFrame(cases, columns=["d_star_shares", "d_star"])
    found["d_star_shares"] = [json.dumps(dict(zip("123", shares, strict=True))) for shares, _ in cases]
    found = found.assign(case="agents", true_d=2, rule="reference")
    row = calibration.summary(found).iloc[0]
    assert row[["n_data_sets", "right", "too_small", "too_large"]].tolist() == [4, 0.5, 0.25, 0.25]
    assert row["share_at_true"] == pytest.approx((0.95 + 0.67 + 0.1 + 0.2) / 4)
    assert row["share_if_right"] == pytest.approx((0.95 + 0.67) / 2)
    assert row["share_if_wrong"] == pytest.approx((0.1 + 0.2) / 2)
    assert row[["sure", "right_if_sure"]].tolist() == [0.5, 0.5]  # the first and the third
    text = calibration.in_markdown(calibration.summary(found))
    assert "| agents | 2 | reference | 4 | 0.50 | 0.25 | 0.25 | 0.48 | 0.81 | 0.15 | 0.50 | 0.50 |" in text


def test_numbers_of_a_calibration_differ_by_what_they_should():
    numbers = calibration.drawn(10, 3, 1.5, 2000, np.random.default_rng(0))
    assert set(numbers.groupby("subject").size()) == {30}
    nll = numbers.pivot(index=["subject", "outer"], columns="dim", values="test_nll").to_numpy()
    difference = nll[:, 1:] - nll[:, :1]
    np.testing.assert_allclose(difference.mean(0), -0.015, atol=4e-4)
    np.testing.assert_allclose(difference.std(0), 0.01, rtol=0.03)
    assert (nll[:, 1] - nll[:, 2]).mean() == pytest.approx(0, abs=4e-4)


def test_agents_of_known_dimensionality_are_fitted_and_counted(tmp_path):
    section = {"source": "simulate", "task": "bandit", "n_subjects": 2, "n_blocks": 6, "n_trials": 5}
    options = checked(section, "t", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agents", options=options, raw=tmp_path, seed=0)
    trials = [tmp_path / f"subjects/s{i}.parquet" for i in range(2)]
    small = {"cv": {"outer": 3, "inner": 2}, "dims": {"gru": [1, 2]}, "max_epochs": 8, "bootstrap": 100}
    bench = bench_config.load({**CONFIG, "dimensionality": CONFIG["dimensionality"] | small}, "t")
    arguments = json.loads(json.dumps(bench.calibration_slice("agents_MB0_few")))  # as the command line passes them
    calibrate(trials, tmp_path / "found.parquet", **arguments)
    found = pd.read_parquet(tmp_path / "found.parquet")
    assert found["subject"].tolist() == ["s0"] * 4 + ["s1"] * 4
    assert set(found["case"]) == {"MB0, 30 choices"}
    assert set(found["true_d"]) == {2}
    assert set(found["n_outer"]) == {3}
    summarise([tmp_path / "found.parquet"], tmp_path / "table", n_data_sets=3, bootstrap=100, seed=0)
    table = pd.read_parquet(tmp_path / "table.parquet")
    assert table["case"].nunique() == 1 + len(calibration.NUMERICAL)
    assert set(table.loc[table["case"] == "MB0, 30 choices", "n_data_sets"]) == {2}
    assert table["right"].between(0, 1).all()
