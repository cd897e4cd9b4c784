"""Subjects whose replicas share the lanes of a kernel, against the torch cells and against each alone."""

from dataclasses import replace

import numpy as np
import pytest
from test_kernels import bandit, embedded, points, random_replicas, two_stage, with_shares

from tinycog.errors import InputError
from tinycog.fitting import engine, networks
from tinycog.fitting.gradient import Autograd
from tinycog.fitting.kernels.side_by_side import SideBySide, leaves_lanes_empty
from tinycog.models import registry

DATA = {
    "two arms": (bandit(2, n_blocks=9, n_trials=20), 2),
    "three arms": (bandit(3, n_blocks=9), 3),
    "points": (points(9), 4),
    "two stages": (two_stage(9), 6),
    "shares": (with_shares(points(9), 4), 4),
    "tasks": (embedded(points(9)), 4),
}
# blocks of each subject: one, two or four parts of the lanes, one to five sets; of nine blocks one is repeated
BLOCKS = [[0], [1, 2], [3], [0, 1, 2], [4, 5, 6, 7], [5], [6, 0], [7, 3], [*range(9)]]
REPLICAS = [1, 3, 5, 2, 1, 1, 2, 1, 1]


def subjects(name, cell, by_trial):
    data, n_actions = DATA[name]
    found = []
    for number, (blocks, n) in enumerate(zip(BLOCKS, REPLICAS, strict=True)):
        own = data.subset(np.array(blocks))
        if number == 7:  # some inputs never come
            own = replace(own, x=own.x * 0, condition=own.condition * 0 if own.condition is not None else None)
        found.append((own, random_replicas(own, n, by_trial)))
    sizes = {"n_inputs": data.x.shape[2], "n_actions": n_actions, "n_conditions": 2 * n_actions}
    if name == "tasks":
        sizes |= {"n_tasks": 2}
    return found, lambda n_units: registry.cell(cell)(**sizes, n_units=n_units)


def bits(nll, gradient):
    """Arrays that are equal only where all bits are, but for the sign of zero."""
    return np.concatenate([nll.T, gradient], axis=1) + 0.0


def test_who_leaves_lanes_empty():
    model = registry.cell("gru")(n_inputs=3, n_units=2, n_actions=2)
    data, _ = DATA["two arms"]
    for blocks, n, expected in (([0], 7, True), ([0], 8, False), ([0, 1], 3, True), ([0, 1], 4, False)):
        assert leaves_lanes_empty(model, data.subset(np.array(blocks)), n) == expected
    long = bandit(2, n_blocks=3, n_trials=12_000).subset(np.array([0, 1]))
    assert not leaves_lanes_empty(model, long.subset(np.array([0, 1, 0, 1, 0])), 1)  # its sums are made in chunks


CASES = [
    *[(cell, 2, "two arms") for cell in registry.KERNELS],
    *[("gru", 1, "three arms"), ("gru", 3, "points"), ("gru", 2, "two stages"), ("gru", 2, "shares")],
    *[("switching_gru", 2, "three arms"), ("gru", 7, "two arms"), ("gru", 20, "shares"), ("lstm", 6, "tasks")],
]


@pytest.mark.parametrize("by_trial", [False, True], ids=["by block", "by trial"])
@pytest.mark.parametrize(("cell", "n_units", "name"), CASES)
def test_subjects_side_by_side_equal_their_oracles_and_have_the_bits_of_each_alone(cell, n_units, name, by_trial):
    data, build = subjects(name, cell, by_trial)
    model = build(n_units)
    n = np.cumsum([0, *REPLICAS])
    theta = np.random.default_rng(0).normal(size=(n[-1], model.n_parameters)) * (0.3 if cell == "slin" else 0.6)
    together = SideBySide(model, data)
    result = together(theta)
    np.testing.assert_array_equal(together.nll(theta), result[0])
    for (own, grid), first, last in zip(data, n[:-1], n[1:], strict=True):
        rows = slice(first, last)
        expected_nll, expected = Autograd(model, own, grid)(theta[rows])
        np.testing.assert_allclose(result[0][:, rows], expected_nll, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(result[1][rows], expected, rtol=1e-10, atol=1e-11 * np.abs(expected).max())
        alone = SideBySide(model, [(own, grid)])(theta[rows])
        np.testing.assert_array_equal(bits(*alone), bits(result[0][:, rows], result[1][rows]))
    threaded = SideBySide(model, data, threads=3)
    kept = np.arange(n[-1]) % 3 > 0
    for gradient in (together, threaded):
        gradient.keep(kept)
        np.testing.assert_array_equal(bits(*gradient(theta[kept])), bits(result[0][:, kept], result[1][kept]))


TRAINING = {"optimizer": "adam", "learning_rate": 0.01, "max_epochs": 60, "patience": 5, "device": "auto"}


def jobs_of(name, seeds):
    data, build = subjects(name, "gru", by_trial=True)
    model, spec = build(2), {"seeds": seeds, "l1": [1e-4]}
    splits = [[{role: of[0] for role, of in grid.weights.items()}] for _, grid in data]
    pairs = enumerate(zip(data, splits, strict=True))
    return model, spec, [engine.job(model, spec, own, of, (str(number),)) for number, ((own, _), of) in pairs]


def same(first, second):
    for name in first.params:
        np.testing.assert_array_equal(first.params[name], second.params[name])
    for name in ("epochs", "best_epoch", "ended", "test_accuracy"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    for role in first.nll:
        np.testing.assert_array_equal(first.nll[role], second.nll[role])


@pytest.mark.parametrize("seeds", [1, 2, 5])
def test_fits_of_subjects_are_those_of_each_alone(seeds, monkeypatch):
    model, spec, jobs = jobs_of("shares", seeds)
    stacks = []
    monkeypatch.setattr(networks, "SideBySide", lambda *given: stacks.append(len(given[1])) or SideBySide(*given))
    fits = engine.fit_each(model, spec, jobs, TRAINING)
    assert stacks == [sum(leaves_lanes_empty(model, job.sequences, seeds) for job in jobs)]
    assert len({tuple(own.epochs) for own in fits}) > 1  # some end before others
    for job, own in zip(jobs, fits, strict=True):
        (alone,) = engine.fit_each(model, spec, [job], TRAINING)
        same(own, alone)
    turned = engine.fit_each(model, spec, jobs[::-1], TRAINING)[::-1]
    for own, other in zip(fits, turned, strict=True):
        same(own, other)


def test_fits_side_by_side_are_those_of_torch(monkeypatch):
    model, spec, jobs = jobs_of("points", 1)
    fits = engine.fit_each(model, spec, jobs, TRAINING)
    monkeypatch.setattr(networks, "has_kernel", lambda model: False)
    for job, own in zip(jobs, fits, strict=True):
        (oracle,) = engine.fit_each(model, spec, [job], TRAINING)
        np.testing.assert_array_equal(own.epochs, oracle.epochs)
        for role in own.nll:
            np.testing.assert_allclose(own.nll[role], oracle.nll[role], rtol=1e-9)


def test_a_loss_that_is_not_finite_fails_one_subject_alone():
    model, spec, jobs = jobs_of("shares", 1)
    sound = engine.fit_each(model, spec, jobs, TRAINING)
    target = jobs[2].sequences.target * np.nan
    broken = [*jobs[:2], jobs[2]._replace(sequences=replace(jobs[2].sequences, target=target)), *jobs[3:]]
    fits = engine.fit_each(model, spec, broken, TRAINING)
    assert fits[2].ended.tolist() == ["failed"]
    for number, (own, expected) in enumerate(zip(fits, sound, strict=True)):
        if number != 2:
            same(own, expected)


def test_states_that_are_led_are_trained_by_torch(monkeypatch):
    model, spec, jobs = jobs_of("points", 1)
    own = jobs[0].sequences
    guide = np.random.default_rng(0).normal(size=(own.n_trials, own.n_blocks, 4))
    led = jobs[0]._replace(sequences=replace(own, guide=guide))
    monkeypatch.setattr(networks, "SideBySide", None)
    (fits,) = engine.fit_each(model, spec, [led], TRAINING | {"align": 5.0, "max_epochs": 2})
    assert fits.reason == [""]


def test_jobs_that_need_more_memory_together_than_they_are_given_say_so():
    model, spec, jobs = jobs_of("points", 1)
    needed = [networks.memory(model, job.sequences, job.grid, 1) / 1e6 for job in jobs]
    with pytest.raises(InputError, match="memory: this job needs about"):
        engine.fit_each(model, spec, jobs, TRAINING | {"memory_mb": max(needed) + 0.01})
    engine.fit_each(model, spec, jobs[:1], TRAINING | {"memory_mb": needed[0] + 1, "max_epochs": 1})
