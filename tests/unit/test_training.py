"""Training of stacks of networks against torch's own optimiser, layer and loss, one network at a time."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from numba.core.errors import LoweringError

from conftest import block_weights, random_sequences
from tinycog.errors import InputError
from tinycog.fitting import adam, engine, networks
from tinycog.fitting.gradient import Autograd, starting_point, unflatten
from tinycog.fitting.kernels.fused import Fused
from tinycog.fitting.objective import replicas
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cells.gru import GRU
from tinycog.models.cells.slin import SLIN
from tinycog.models.cells.switching_gru import SwitchingGRU
from tinycog.simulation.environments import Scheduled
from tinycog.simulation.play import play
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES
from tinycog.trials.tensors import to_torch

TASK = task_of("bandit")
OPTIONS = {"learning_rate": 0.005, "patience": 200}


def trained(model, data, grid, gradient=Fused, **options):
    """What training leaves behind, and the NLL of every role at the parameters it kept."""
    fits = adam.train(gradient(model, data, grid), *starting_point(model, grid), **{**OPTIONS, **options})
    nll, *_ = engine.evaluate(model, unflatten(fits.theta, model.shapes), data, grid)
    return fits, nll


def one_in_plain_torch(data, split, seed, l1, n_units, *, max_epochs, patience, learning_rate, stride=1, batches=None):
    """One network, on the blocks of each role alone (methods: epochs and early stopping)."""
    batches = batches or (lambda epoch: [blocks["train"]])
    torch.manual_seed(seed)
    layer, readout = torch.nn.GRU(3, n_units), torch.nn.Linear(n_units, 2)
    layer, readout = layer.double(), readout.double()
    parameters = [*layer.parameters(), *readout.parameters()]
    betas = (0.9**stride, 0.999**stride)
    optimizer = torch.optim.AdamW(parameters, lr=stride * learning_rate, betas=betas, weight_decay=0)
    tensors = to_torch(data)
    blocks = {role: np.flatnonzero(weights[0]) for role, weights in split.items()}

    def nll(blocks):
        hidden = layer(tensors.x[:, blocks])[0]
        hidden = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
        loss = torch.nn.functional.cross_entropy(
            readout(hidden).flatten(0, 1), tensors.action[:, blocks].flatten(), reduction="none"
        )
        mask = tensors.mask[:, blocks].flatten()
        return (loss * mask).sum() / mask.sum()

    best, without_gain, epoch = np.inf, 0, 0
    for epoch in range(max_epochs + 1):
        with torch.no_grad():
            losses = [nll(blocks[role]).item() for role in ROLES]
        if losses[1] < best:
            best, without_gain, kept, best_epoch = losses[1], 0, losses, epoch
        else:
            without_gain += 1
        for batch in batches(epoch):
            penalty = layer.weight_ih_l0.abs().sum() + layer.weight_hh_l0.abs().sum()
            optimizer.zero_grad()
            (nll(batch) + l1 * penalty).backward()
            optimizer.step()
        if without_gain > patience:
            break
    return kept, best_epoch, epoch + 1


@pytest.mark.parametrize(("gradient", "stride"), [(Autograd, 1), (Fused, 1), (Fused, 4)])
def test_every_replica_equals_one_network_in_plain_torch(gradient, stride):
    data = random_sequences(n_blocks=12, n_trials=10, masked=0.1, ragged=True)
    splits = block_weights(12, outer=1, n_outer=3, n_inner=2)
    grid = replicas(splits, range(2), [1e-5, 1e-2])
    model = GRU(n_inputs=3, n_units=2, n_actions=2)
    limits = {"max_epochs": 400, "patience": 20, "stride": stride}
    fits, nll = trained(model, data, grid, gradient, **limits)
    assert len(set(fits.epochs)) > 1, "replicas should end at different epochs, or leaving the stack is not tested"
    for row in range(len(grid)):
        own = splits[grid.inner[row]], grid.seed[row], grid.l1[row]
        expected, best_epoch, epochs = one_in_plain_torch(data, *own, 2, learning_rate=0.005, **limits)
        assert (fits.best_epoch[row], fits.epochs[row]) == (best_epoch, epochs)
        np.testing.assert_allclose([nll[role][row] for role in ROLES], expected, atol=1e-8, rtol=0)


BATCHES = {"learning_rate": 0.005, "max_epochs": 60, "patience": 20, "device": "cpu"}


@pytest.mark.parametrize("n_units", [2, 7])
def test_batches_are_parts_of_a_new_order_of_training_blocks_in_every_epoch(n_units, monkeypatch):
    """By kernel and by torch as in a plain loop; of six or seven training blocks the last batch has three or one."""
    data = random_sequences(n_blocks=14, n_trials=10, masked=0.1, ragged=True)
    splits = block_weights(14, outer=1, n_outer=4, n_inner=3)
    model, spec = GRU(n_inputs=3, n_units=n_units, n_actions=2), {"family": "rnn", "seeds": 2, "l1": [1e-3]}
    blocks = [np.flatnonzero(split["train"][0]) for split in splits]
    assert [len(own) for own in blocks] == [6, 7, 7]

    def drawn(inner):
        def of_epoch(epoch):
            order = generator("rat", 1, "batches", inner, epoch).permutation(blocks[inner])
            return [order[:3], order[3:6], order[6:]] if len(order) == 7 else [order[:3], order[3:]]

        return of_epoch

    fits = engine.fit(model, spec, data, splits, BATCHES | {"optimizer": "adam", "batch": 3}, key=("rat", 1))
    for row in range(6):
        own = splits[fits.replicas.inner[row]], fits.replicas.seed[row], fits.replicas.l1[row]
        limits = {name: BATCHES[name] for name in ("learning_rate", "max_epochs", "patience")}
        limits["batches"] = drawn(fits.replicas.inner[row])
        expected, best_epoch, epochs = one_in_plain_torch(data, *own, n_units, **limits)
        assert (fits.best_epoch[row], fits.epochs[row]) == (best_epoch, epochs)
        np.testing.assert_allclose([fits.nll[role][row] for role in ROLES], expected, atol=1e-8, rtol=0)
    monkeypatch.setattr(networks, "has_kernel", lambda model: False)
    by_torch = engine.fit(model, spec, data, splits, BATCHES | {"optimizer": "adam", "batch": 3}, key=("rat", 1))
    for name in model.parameters:
        np.testing.assert_allclose(fits.params[name], by_torch.params[name], atol=1e-8, rtol=0)
    other = engine.fit(model, spec, data, splits, BATCHES | {"optimizer": "adam", "batch": 3}, key=("rat", 2))
    assert np.abs(other.params["W_out"] - fits.params["W_out"]).max() > 1e-3


def test_a_batch_has_no_more_blocks_than_an_inner_fold_trains_on():
    data = random_sequences(n_blocks=14, n_trials=10)
    data.mask[:, 0] = 0  # without a scored choice, a block is in no batch
    splits = block_weights(14, outer=1, n_outer=4, n_inner=3)
    model, spec = GRU(n_inputs=3, n_units=1, n_actions=2), {"family": "rnn", "seeds": 1, "l1": [1e-3]}
    n_blocks = [int((split["train"][0] * data.mask.any(0)).sum()) for split in splits]
    assert sorted(n_blocks) == [5, 6, 7]
    message = rf"training.batch: found 8; inner fold 0 trains on {n_blocks[0]} blocks; allowed: 1 to {n_blocks[0]}, or"
    with pytest.raises(InputError, match=message):
        engine.fit(model, spec, data, splits, BATCHES | {"optimizer": "adam", "batch": 8})
    spec["seeds"] = 2
    fits = engine.fit(model, spec, data, splits[-1:], BATCHES | {"optimizer": "adam", "batch": n_blocks[-1]})
    whole = engine.fit(model, spec, data, splits[-1:], BATCHES | {"optimizer": "adam"})
    np.testing.assert_allclose(fits.params["W_hh"], whole.params["W_hh"], atol=1e-9)  # one batch of all blocks


def test_in_batches_an_inner_fold_without_a_validation_choice_fails_alone():
    data = random_sequences(n_blocks=8, n_trials=10)
    splits = block_weights(8, outer=0, n_outer=4, n_inner=2)
    splits[0]["val"] = np.zeros_like(splits[0]["val"])
    model, spec = GRU(n_inputs=3, n_units=1, n_actions=2), {"family": "rnn", "seeds": 1, "l1": [1e-3]}
    fits = engine.fit(model, spec, data, splits, BATCHES | {"optimizer": "adam", "batch": 2})
    assert fits.reason == ["no choice to score in the role 'val' (its blocks: none)", ""]


def test_a_job_that_needs_more_memory_than_it_is_given_says_so_before_it_starts(monkeypatch):
    data, splits = random_sequences(n_blocks=6, n_trials=8), block_weights(6, outer=0, n_outer=3, n_inner=2)
    model, spec = GRU(n_inputs=3, n_units=128, n_actions=2), {"family": "rnn", "seeds": 400, "l1": [1e-5]}
    needed = networks.memory(model, data, replicas(splits, range(400), [1e-5]), 1)
    parameters = 3 * 128 * (3 + 128 + 2) + 2 * 129
    assert 800 * parameters * 8 * 8 < needed < 800 * parameters * 8 * 8 * 2  # Adam keeps some eight arrays of them
    monkeypatch.setattr(networks, "Fused", None)
    message = r"memory: this job needs about 3,7\d\d MB and is given 3,000 MB;.*fit_model:mem_mb=4000`"
    with pytest.raises(InputError, match=message):
        engine.fit(model, spec, data, splits, BATCHES | {"optimizer": "adam", "memory_mb": 3000.0})


PEAK = """
import json, re, sys
from pathlib import Path
import numpy as np
from tinycog.benchmark.kernels import simulated
from tinycog.fitting import engine, networks
from tinycog.fitting.objective import replicas
from tinycog.models import registry
cell, n_units, n_blocks, n_trials, seeds = json.loads(sys.argv[1])
model = registry.cell(cell)(n_inputs=3, n_units=n_units, n_actions=2)
training = {"optimizer": "adam", "learning_rate": .005, "max_epochs": 1, "patience": 9, "device": "cpu"}

def fit(n_blocks, n_trials, seeds):
    data = simulated(n_blocks, n_trials)
    splits = [{role: np.arange(n_blocks)[None] % 3 == code for code, role in enumerate(("train", "val", "test"))}]
    engine.fit(model, {"family": "rnn", "seeds": seeds, "l1": [0.0]}, data, splits, training)
    grid = replicas(splits, range(seeds), [0.0])
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]  # of this program alone
    return networks.memory(model, data, grid, 1) / 1e6, int(peak) / 1e3

_, before = fit(10, 5, 1)
estimate, peak = fit(n_blocks, n_trials, seeds)
print(estimate - networks.PROCESS_BYTES / 1e6, peak - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is what Linux tells")
@pytest.mark.parametrize("job", [("gru", 2, 10_000, 20, 2), ("gru", 64, 500, 100, 1), ("gru", 30, 10, 20, 1200)])
def test_a_job_takes_about_the_memory_that_was_estimated(job):
    """Few units, many choices, many networks: what it takes above the smallest job, never more, and at least half."""
    command = [sys.executable, "-c", PEAK, json.dumps(job)]
    subprocess.run(command, check=True, capture_output=True)  # compiles, which takes memory of its own
    estimate, taken = map(float, subprocess.check_output(command, text=True).split())
    assert taken <= estimate <= 2 * taken


def test_the_fast_optimiser_goes_along_adams_path_in_longer_steps():
    """After 40 of its steps it is where Adam is after 160, to the first order in the length of a step.

    The error of such a method is proportional to what its step is longer: with strides of 2 a third of that with 4.
    """
    data, model = agent_sequences(), GRU(n_inputs=3, n_units=2, n_actions=2)
    splits = [split | {"val": split["train"]} for split in block_weights(20, outer=0, n_outer=4, n_inner=3)]
    grid = replicas(splits, range(4), [1e-5])
    given = {"learning_rate": 0.005, "max_epochs": 159, "patience": 200}
    assert adam.options("adam", **given) == {**given, "stride": 1}
    fast = adam.options("fast", **given)
    assert fast == {"learning_rate": 0.005, "max_epochs": 40, "patience": 100, "stride": 4}
    along, _ = trained(model, data, grid, **given)
    strides, _ = trained(model, data, grid, **fast | {"max_epochs": 39})
    longer, _ = trained(model, data, grid, **given | {"learning_rate": 0.02, "max_epochs": 39})
    halfway, _ = trained(model, data, grid, **given | {"max_epochs": 79, "stride": 2})
    others = (strides.theta, halfway.theta, longer.theta, starting_point(model, grid)[0])
    by_4, by_2, by_longer, length = (np.linalg.norm(other - along.theta, axis=1).mean() for other in others)
    assert by_4 < 0.1 * length
    assert by_2 == pytest.approx(by_4 / 3, rel=0.1)
    assert by_longer > 5 * by_4  # a longer step alone leaves the path


def agent_sequences(n_blocks=20, n_trials=20):
    """Choices with something to learn, so that training goes on for hundreds of epochs."""
    model = registry.cognitive(TASK, "MB0")
    params = {"alpha": np.array([0.5]), "beta": np.array([3.0])}
    schedule = np.random.default_rng(0).random((1, n_blocks, 2)).repeat(n_trials, axis=0)
    played = play(model, params, TASK, Scheduled(TASK, schedule), (n_trials, n_blocks), np.random.default_rng(1))
    block, trial = np.divmod(np.arange(n_blocks * n_trials), n_trials)
    columns = {name: played[name][trial, block] for name in ("action", "state", "reward")}
    return sequences.from_columns({**columns, "block": block, "trial": trial, "mask": np.ones(len(block))}, TASK)


@pytest.mark.parametrize("n_units", [1, 2, 4])
def test_a_network_alone_equals_itself_in_a_stack_bit_for_bit(n_units):
    """Through to the best epoch of long fits, where any difference in rounding would have grown."""
    data = agent_sequences()
    grid = replicas(block_weights(20, outer=0, n_outer=4, n_inner=3), range(4), [1e-5, 1e-3])
    model = GRU(n_inputs=3, n_units=n_units, n_actions=2)
    stack, _ = trained(model, data, grid, max_epochs=1500)
    rows = [0, 5, len(grid) - 1, int(stack.best_epoch.argmax())]
    assert stack.best_epoch[rows[-1]] > 200
    for row in rows:
        alone, _ = trained(model, data, grid[row : row + 1], max_epochs=1500)
        assert (alone.best_epoch[0], alone.epochs[0]) == (stack.best_epoch[row], stack.epochs[row])
        np.testing.assert_array_equal(alone.theta[0], stack.theta[row])


@pytest.mark.parametrize("n_units", [1, 2, 4])
def test_by_autograd_a_network_alone_equals_itself_in_a_stack_over_200_epochs(n_units):
    """1e-8 in parameters and losses; validating on the training blocks keeps the newest parameters at every epoch."""
    data = agent_sequences()
    splits = [split | {"val": split["train"]} for split in block_weights(20, outer=0, n_outer=4, n_inner=3)]
    grid = replicas(splits, range(2), [1e-5, 1e-3])
    model = GRU(n_inputs=3, n_units=n_units, n_actions=2)
    for last in (0, 1, 9, 49, 99, 199):
        options = {"gradient": Autograd, "max_epochs": last, "patience": 10_000}
        stack, stack_nll = trained(model, data, grid, **options)
        assert (stack.best_epoch >= 0.9 * last).all(), "an early best epoch would compare less than it says"
        for row in (0, 5, len(grid) - 1):
            alone, nll = trained(model, data, grid[row : row + 1], **options)
            assert alone.best_epoch[0] == stack.best_epoch[row]
            for role in ROLES:
                assert abs(nll[role][0] - stack_nll[role][row]) <= 1e-8
            np.testing.assert_allclose(alone.theta[0], stack.theta[row], atol=1e-8, rtol=0)


def test_parts_of_a_stack_give_the_same_fits(monkeypatch):
    data = random_sequences(n_blocks=10, n_trials=8)
    splits = block_weights(10, outer=0, n_outer=3, n_inner=3)
    spec = {"family": "rnn", "seeds": 2, "l1": [1e-5]}
    training = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 30, "patience": 200, "device": "cpu"}
    model = GRU(n_inputs=3, n_units=6, n_actions=2)
    monkeypatch.setattr(networks, "has_kernel", lambda model: False)  # only what autograd trains is cut into parts
    whole = engine.fit(model, spec, data, splits, training)
    monkeypatch.setattr(networks, "STACK_BYTES", 1)
    parts = engine.fit(model, spec, data, splits, training)
    for name in model.parameters:
        np.testing.assert_allclose(whole.params[name], parts.params[name], atol=1e-8, rtol=0)


@pytest.mark.parametrize("error", [LoweringError("no"), RuntimeError("LLVM says no")])
def test_a_network_whose_kernel_cannot_be_compiled_trains_by_torch_with_a_warning(error, monkeypatch):
    data = random_sequences(n_blocks=6, n_trials=8)
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "rnn", "seeds": 1, "l1": [1e-5]}
    training = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 20, "patience": 200, "device": "cpu"}
    model = GRU(n_inputs=3, n_units=2, n_actions=2)
    expected = engine.fit(model, spec, data, splits, training)

    class Broken(Fused):
        def __init__(self, *_):
            raise error

    monkeypatch.setattr(networks, "Fused", Broken)
    with pytest.warns(UserWarning, match=f"cell 'gru' with 2 units: .* {re.escape(str(error))}.*; it trains by torch"):
        fits = engine.fit(model, spec, data, splits, training)
    np.testing.assert_allclose(fits.nll["test"], expected.nll["test"], atol=1e-9)


@pytest.mark.parametrize("method", [Autograd, Fused])
def test_no_more_replicas_are_trained_together_by_autograd_than_the_memory_of_a_stack_holds(method, monkeypatch):
    sizes = []

    class Counted(method):
        def __init__(self, model, sequences, part, *device):
            sizes.append(len(part))
            super().__init__(model, sequences, part, *device)

    monkeypatch.setattr(networks, method.__name__, Counted)
    data = random_sequences(n_blocks=10, n_trials=8)
    grid = replicas(block_weights(10, outer=0, n_outer=3, n_inner=3), range(2), [1e-5])
    training = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 0, "patience": 1, "device": "cpu"}
    n_units = 6
    model = GRU(n_inputs=3, n_units=n_units, n_actions=2)
    if method is Autograd:
        monkeypatch.setattr(networks, "has_kernel", lambda model: False)
    one = 8 * 10 * n_units * 8 * 25  # trials, blocks, units, bytes of a number, arrays of a trial that autograd keeps
    for memory, expected in ((6 * one, [6]), (6 * one - 1, [5, 1]), (4 * one, [4, 2]), (one - 1, [1] * 6)):
        sizes.clear()
        monkeypatch.setattr(networks, "STACK_BYTES", memory)
        networks.fit_replicas(model, {}, data, grid, training)
        assert sizes == (expected if method is Autograd else [6])


def test_ends_at_the_first_epoch_beyond_patience_and_at_the_cap():
    data = random_sequences(n_blocks=6, n_trials=6)
    grid = replicas(block_weights(6, outer=0, n_outer=3, n_inner=2), range(1), [0.0])
    model = GRU(n_inputs=3, n_units=1, n_actions=2)
    fits, _ = trained(model, data, grid, max_epochs=5000, patience=7)
    assert (fits.epochs == fits.best_epoch + 1 + 8).all()  # 8 epochs without gain after the best; counted from 0
    assert (fits.ended == "patience").all()
    capped, _ = trained(model, data, grid, max_epochs=3, patience=7)
    assert (capped.epochs == 4).all()  # epochs 0..3
    assert (capped.ended == "max_epochs").all()


class Scripted:
    """A gradient of 1 everywhere, and the NLLs (epoch, role, replica) that were written down for each epoch."""

    def __init__(self, nll):
        self.nll, self.epoch = nll, -1

    def keep(self, rows):
        self.nll = self.nll[:, :, rows]

    def __call__(self, theta):
        self.epoch += 1
        return self.nll[self.epoch], np.ones_like(theta)


def scripted(nll, patience):
    one = np.ones((nll.shape[2], 1))
    options = {"learning_rate": 0.1, "max_epochs": len(nll) - 1, "patience": patience}
    return adam.train(Scripted(nll), one, 0 * one, **options)


def test_an_equal_validation_loss_is_no_gain():
    val = [3.0, 2.0, 2.0, 2.0, 2.0, 1.0]  # the third epoch without gain is beyond patience, so that 1.0 is not seen
    fits = scripted(np.repeat(val, 3).reshape(6, 3, 1), patience=2)
    assert (fits.best_epoch.item(), fits.epochs.item()) == (1, 5)
    assert fits.ended.item() == "patience"  # at the epoch before the last; and at the last one itself:
    assert scripted(np.repeat(val[:5], 3).reshape(5, 3, 1), patience=2).ended.item() == "patience"
    assert scripted(np.repeat(val[:4], 3).reshape(4, 3, 1), patience=2).ended.item() == "max_epochs"
    assert fits.theta.item() == pytest.approx(1 - 0.1)  # under a constant gradient Adam's steps are its learning rate


@pytest.mark.parametrize("role", range(3))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_of_any_role_that_is_not_finite_is_a_failure_of_its_replica(role, value):
    nll = np.broadcast_to(np.linspace(2, 1, 6)[:, None, None], (6, 3, 2)).copy()
    nll[3, role, 1] = value
    fits = scripted(nll, patience=9)
    assert fits.reason == ["", "loss not finite at epoch 3"]
    assert fits.ended.tolist() == ["max_epochs", "failed"]
    assert fits.epochs.tolist() == [6, 4]
    assert fits.theta[0].item() == pytest.approx(1 - 0.1 * 5)


@pytest.mark.parametrize("blocks", [0, 1])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("family", ["rnn", "cognitive"])
def test_an_inner_fold_fails_alone_without_a_scored_choice_to_train_or_to_validate_on(family, role, blocks):
    """The role has a block without scored choices, or no block at all; without a test choice the fit stands."""
    data = random_sequences(n_blocks=6, n_trials=6)
    splits = block_weights(6, outer=0, n_outer=3, n_inner=4)  # of one block each
    data.mask[:, splits[1]["val"][0] == 1] = 0
    splits[1]["val"], splits[1][role] = splits[1][role], splits[1]["val"] * blocks
    unscored = str(np.flatnonzero(splits[1][role][0])[0]) if blocks else "none"
    spec = {"family": family, "seeds": 2, "l1": [1e-5], "optimizer": "gradient"}
    training = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 3, "patience": 5, "device": "cpu"}
    model = GRU(n_inputs=3, n_units=1, n_actions=2) if family == "rnn" else registry.cognitive(TASK, "MB0")
    fits = engine.fit(model, spec, data, splits, training)
    assert fits.replicas.inner.tolist() == [*np.repeat(range(4), 2 if family == "rnn" else 1)]
    failed = fits.replicas.inner == 1
    expected = f"no choice to score in the role {role!r} (its blocks: {unscored})"
    assert fits.reason == [expected if bad and role != "test" else "" for bad in failed]
    for values in (fits.nll["test"], fits.test_accuracy):
        np.testing.assert_array_equal(np.isnan(values), failed)
    for values in (fits.nll["train"], fits.nll["val"]):
        np.testing.assert_array_equal(np.isnan(values), failed & (role != "test"))


class NewCell(SLIN):
    """A cell that no list has: what it is fed stands on the cell itself."""

    cell = "new"


@pytest.mark.parametrize("cell", [SwitchingGRU, SLIN, GRU, NewCell])
def test_weights_of_a_condition_that_training_never_meets_are_used_as_they_are(cell):
    """Condition 3 (second arm, rewarded) comes in two blocks, one that both inner folds test and one that trains in
    inner fold 0 alone; after it the other inner fold predicts with weights that only its L1 has moved.
    """
    data = random_sequences(n_blocks=6, n_trials=6)
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    trained, tested = (np.flatnonzero(splits[0][role][0])[0] for role in ("train", "test"))
    assert splits[1]["val"][0, trained] == 1
    data.condition[data.condition == 3] = 2
    data.condition[5] = 3  # after the last choice of a block nothing is predicted
    spec = {"family": "rnn", "readout": "full", "seeds": 1, "l1": [1e-5]}
    training = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 3, "patience": 5, "device": "cpu"}
    model = cell.of(TASK, spec, 1)
    assert [engine.n_unlearnt(model, data, split) for split in splits] == [0, 0]
    data.condition[2, [trained, tested]] = 3
    data.mask[4, tested] = 0  # choices 3 and 5 of the tested block are scored after condition 3
    switching = cell is not GRU
    assert [engine.n_unlearnt(model, data, split) for split in splits] == [0, 2 * switching]
    assert engine.n_unlearnt(model, data, splits[1], np.flatnonzero(splits[1]["train"][0])) == 0
    fits = engine.fit(model, spec, data, splits, training)
    assert fits.reason == ["", ""]
    assert np.isfinite([*fits.nll.values()]).all()
    if switching:
        bias = "b_ih" if cell is SwitchingGRU else "b"
        start = model.initialise(0)[bias]
        same = [(fits.params[bias][row] == start).all(axis=-1) for row in (0, 1)]
        assert [bool(of_condition[3]) for of_condition in same] == [False, True]  # the L1 is not for biases


@pytest.mark.parametrize("n_times", [1, 7])
def test_choices_that_rest_on_unlearnt_weights_are_counted_one_by_one(n_times):
    """Roles, masks and conditions at random, of blocks or of single choices."""
    rng, counts = np.random.default_rng(n_times), []
    model = registry.build(TASK, {"family": "rnn", "cell": "switching_gru", "readout": "full"}, 1)
    for seed in range(30):
        data = random_sequences(n_blocks=5, n_trials=7, seed=seed, masked=0.5, ragged=True)
        data.condition[:] = rng.choice(4, data.condition.shape, p=[0.5, 0.3, 0.1, 0.1])
        shape = min(n_times, data.n_trials), 5
        of_split = rng.choice(ROLES, shape, p=[0.3, 0.2, 0.5])
        split = {name: (of_split == name).astype(float) for name in ROLES}
        role, cells = np.broadcast_to(of_split, data.mask.shape), np.argwhere(data.mask)
        learnt = {data.condition[t, b] for trial, b in cells if role[trial, b] == "train" for t in range(trial)}
        tested = [(trial, b) for trial, b in cells if role[trial, b] == "test"]
        counts.append(sum(any(data.condition[t, b] not in learnt for t in range(trial)) for trial, b in tested))
        assert engine.n_unlearnt(model, data, split) == counts[-1]
    assert len(set(counts)) > 3


class SeedOneDiverges(GRU):
    """A GRU whose loss is not finite from the start for seed 1."""

    def initialise(self, seed):
        return {name: value * (np.nan if seed == 1 else 1.0) for name, value in super().initialise(seed).items()}


def test_a_diverging_replica_fails_alone():
    data = random_sequences(n_blocks=6, n_trials=6)
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "rnn", "seeds": 3, "l1": [1e-5]}
    training = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 20, "patience": 5, "device": "cpu"}
    shape = {"n_inputs": 3, "n_units": 2, "n_actions": 2}
    fits = engine.fit(SeedOneDiverges(**shape), spec, data, splits, training)
    sound = engine.fit(GRU(**shape), spec, data, splits, training)
    bad = fits.replicas.seed == 1
    assert [why for why in fits.reason if why] == ["loss not finite at epoch 0"] * 2
    for values in (*fits.nll.values(), fits.test_accuracy):
        np.testing.assert_array_equal(np.isnan(values), bad)
    np.testing.assert_allclose(fits.nll["test"][~bad], sound.nll["test"][~bad], atol=1e-12, rtol=0)
