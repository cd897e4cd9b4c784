"""Fits of cognitive models under a prior, and populations, against closed forms, SciPy, quadrature and NUTS."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import norm, wilcoxon

import by_hand
from conftest import random_sequences
from tinycog.analyses.parameter_recovery.step import recover
from tinycog.analyses.parameters import populations as gathering
from tinycog.analyses.parameters import step, summarise
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.fitting import cognitive, engine, populations, priors
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.priors import Prior
from tinycog.models import registry
from tinycog.results import parameters
from tinycog.results.grid import Grid, plain
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.setup import costs, planning
from tinycog.steps.fit import fit
from tinycog.steps.population import population
from tinycog.steps.score import select_and_score
from tinycog.steps.split import split
from tinycog.storage import read_columns, read_json, write_columns, write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences

TASK = task_of("bandit")
MB0 = registry.cognitive(TASK, "MB0")
SPEC = {"family": "cognitive", "model": "MB0", "optimizer": "gradient", "seeds": None}
MEAN, SD = np.array([-0.5, 1.2]), np.array([0.8, 0.5])  # of alpha and beta, unconstrained


# -- a population with closed forms: each subject's likelihood is a Gaussian ------------------------------------------


def gaussian(estimates: np.ndarray, error: np.ndarray):
    """Posterior of subjects whose likelihoods have these modes and standard errors, (subject, 1)."""

    def posterior(prior: Prior, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        precision = error[:, None] ** -2 + prior.sd**-2
        modes = (estimates[:, None] * error[:, None] ** -2 + prior.mean * prior.sd**-2) / precision
        return modes, np.broadcast_to(1 / precision, modes.shape)

    return posterior


def one(mean: float = 0.0, sd: float = 1.5) -> Prior:
    return Prior(np.array([[mean]]), np.array([[sd]]))


def test_em_ends_at_the_closed_form_of_equal_errors(monkeypatch):
    monkeypatch.setattr(priors, "TOLERANCE", 1e-12)
    monkeypatch.setattr(priors, "MOST_ITERATIONS", 100_000)
    y = np.random.default_rng(0).normal(0.7, 1.3, (30, 1))
    found = priors.fit_population(gaussian(y, np.full((30, 1), 0.6)), np.ones((30, 1), bool), one())
    assert found.prior.mean.item() == pytest.approx(y.mean(), abs=1e-8)
    assert found.prior.sd.item() ** 2 == pytest.approx(y.var() - 0.36, abs=1e-8)
    assert found.converged.tolist() == [True]


def test_em_ends_at_the_largest_marginal_likelihood_of_unequal_errors(monkeypatch):
    monkeypatch.setattr(priors, "TOLERANCE", 1e-12)
    monkeypatch.setattr(priors, "MOST_ITERATIONS", 100_000)
    rng = np.random.default_rng(1)
    error = rng.uniform(0.2, 2.0, 25)
    y = rng.normal(-1, np.hypot(0.9, error))
    expected = minimize(
        lambda x: -norm.logpdf(y, x[0], np.hypot(np.exp(x[1]), error)).sum(), [0, 0], options={"gtol": 1e-9}
    )
    found = priors.fit_population(gaussian(y[:, None], error[:, None]), np.ones((25, 1), bool), one())
    assert found.prior.mean.item() == pytest.approx(expected.x[0], abs=1e-5)
    assert found.prior.sd.item() == pytest.approx(math.exp(expected.x[1]), abs=1e-5)


def test_em_stops_by_its_tolerance_and_by_its_number_of_iterations(monkeypatch):
    y, everyone = np.linspace(-2, 2, 9)[:, None], np.ones((9, 1), bool)
    asked = gaussian(y, np.full((9, 1), 0.6))

    def step(prior: Prior) -> tuple[float, float]:
        modes, variances = asked(prior, np.array([0]))
        return modes.mean(), math.sqrt(((modes - modes.mean()) ** 2 + variances).mean())

    path = [(0.0, 1.5)]
    while len(path) == 1 or max(abs(a - b) for a, b in zip(*path[-2:], strict=True)) >= 1e-3:
        path.append(step(one(*path[-1])))
    found = priors.fit_population(asked, everyone, one())
    assert found.iterations.tolist() == [len(path) - 1]
    assert (found.prior.mean.item(), found.prior.sd.item()) == pytest.approx(path[-1])
    monkeypatch.setattr(priors, "MOST_ITERATIONS", 2)
    found = priors.fit_population(asked, everyone, one())
    assert (found.iterations.tolist(), found.converged.tolist()) == ([2], [False])
    assert (found.prior.mean.item(), found.prior.sd.item()) == pytest.approx(path[2])


def test_inner_folds_end_alone_and_those_of_two_subjects_have_no_prior():
    y = np.random.default_rng(2).normal(0, 1, (8, 1))
    alone = priors.fit_population(gaussian(y, np.full((8, 1), 0.5)), np.ones((8, 1), bool), one())
    taken = np.ones((8, 3), bool)
    taken[2:, 1] = False
    taken[3:, 2] = False
    start = Prior(np.zeros((3, 1)), np.array([[1.5], [1.5], [1.2]]))
    found = priors.fit_population(gaussian(y, np.full((8, 1), 0.5)), taken, start)
    assert found.prior.mean[0] == pytest.approx(alone.prior.mean[0])
    assert found.iterations[[0, 1]].tolist() == [*alone.iterations.tolist(), 0]
    assert np.isnan([found.prior.mean[1], found.prior.sd[1]]).all()
    three = priors.fit_population(gaussian(y[:3], np.full((3, 1), 0.5)), np.ones((3, 1), bool), one(sd=1.2))
    assert found.prior.sd[2] == pytest.approx(three.prior.sd[0])


def test_a_subject_whose_fit_failed_takes_no_part():
    y = np.random.default_rng(3).normal(0, 1, (6, 1))
    without = priors.fit_population(gaussian(y, np.full((6, 1), 0.5)), np.ones((6, 1), bool), one())
    y = np.append(y, [[np.nan]], axis=0)
    found = priors.fit_population(gaussian(y, np.full((7, 1), 0.5)), np.ones((7, 1), bool), one())
    assert found.prior.mean == pytest.approx(without.prior.mean)
    assert found.prior.sd == pytest.approx(without.prior.sd)


# -- posteriors -------------------------------------------------------------------------------------------------------


def test_posterior_variances_are_those_of_the_sum_of_precisions():
    rng = np.random.default_rng(4)
    root = rng.normal(size=(3, 4, 4))
    hessian, sd = root @ root.swapaxes(1, 2), rng.uniform(0.3, 2, (3, 4))
    expected = [np.diag(np.linalg.inv(h + np.diag(s**-2))) for h, s in zip(hessian, sd, strict=True)]
    assert priors.posterior_variance(hessian, sd) == pytest.approx(np.array(expected))


def test_data_never_widen_a_prior_and_without_data_it_stays():
    hessian = np.array([np.diag([-5.0, 3.0]), np.zeros((2, 2)), np.full((2, 2), np.nan)])
    sd = np.array([[2.0, 1.0], [0.7, 1.5], [1.0, 1.0]])
    found = priors.posterior_variance(hessian, sd)
    assert found[:2] == pytest.approx(np.array([[4.0, 1 / (3 + 1)], [0.49, 2.25]]))
    assert np.isnan(found[2]).all()


def nll_by_hand(name: str, params: dict[str, float], data: sequences.Sequences, weight: np.ndarray) -> float:
    """Of the choices with a weight, (time point, block)."""
    total = 0.0
    for block in range(data.n_blocks):
        agent = by_hand.agent("bandit", name, params)
        for trial in range(data.lengths[block]):
            action, reward = int(data.action[trial, block]), float(data.reward[trial, block])
            if weight[trial, block] * data.mask[trial, block]:
                total -= by_hand.log_likelihood(by_hand.probabilities(agent.first())[action])
            agent.update(action, action, reward)
    return total


def splits_of(*train: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Of training weights (time point, block) of inner folds; the last block tests otherwise, the rest validates."""
    found = []
    for weight in train:
        rest = 1 - weight
        test = np.zeros_like(weight)
        test[:, -1] = rest[:, -1]
        found.append({"train": weight, "val": rest - test, "test": test})
    return found


NATURAL = {"alpha": expit, "D": expit, "alpha_X": expit, "kappa": float, "beta": math.exp}
WIDTH = {"kappa": (0.0, 2.0), "beta": (1.0, 1.5)}  # of the weak prior, where it is not (0, 1.5)


@pytest.mark.parametrize("name", ["MB0", "MFDp"])
def test_modes_and_deviations_are_those_of_scipy_and_plain_python(name):
    model, (_, (data,)) = registry.cognitive(TASK, name), agents(1, 7, 15, seed=3)
    rng = np.random.default_rng(5)
    weights = [np.append(rng.integers(0, 2, (15, 6)), np.zeros((15, 1)), axis=1) * 1.0 for _ in range(2)]
    fits = engine.fit(model, SPEC | {"prior": "weak"}, data, splits_of(*weights), None, ("t",))
    m, s = np.array([WIDTH.get(parameter, (0.0, 1.5)) for parameter in model.parameters]).T
    assert len(fits.replicas) == 2  # starts of all seeds make one fit
    for row, weight in enumerate(weights):

        def objective(x, weight=weight):
            params = {key: NATURAL[key](value) for key, value in zip(model.parameters, x, strict=True)}
            return nll_by_hand(name, params, data, weight) + (((x - m) / s) ** 2).sum() / 2

        expected = minimize(objective, m, method="BFGS", options={"gtol": 1e-6}).x
        for i, parameter in enumerate(model.parameters):
            assert fits.params[parameter][row] == pytest.approx(NATURAL[parameter](expected[i]), abs=2e-3)
        step, size, both = 1e-3, len(m), ((1, 1), (1, -1), (-1, 1), (-1, -1))
        precision = np.empty((size, size))
        for i, e in enumerate(np.eye(size) * step):
            for j, f in enumerate(np.eye(size) * step):
                at = [objective(expected + a * e + b * f) for a, b in both]
                precision[i, j] = (at[0] - at[1] - at[2] + at[3]) / (4 * step**2)
        values, vectors = np.linalg.eigh(precision * s * s[:, None])  # 1 where choices tell nothing
        sd = s * np.sqrt(np.diag(vectors @ np.diag(1 / values.clip(1)) @ vectors.T))
        for i, parameter in enumerate(model.parameters):
            near = (NATURAL[parameter](expected[i] + 1e-5) - NATURAL[parameter](expected[i] - 1e-5)) / 2e-5
            assert fits.params[f"posterior_sd_u/{parameter}"][row] == pytest.approx(sd[i], rel=0.01)
            assert fits.params[f"posterior_sd/{parameter}"][row] == pytest.approx(sd[i] * near, rel=0.01)
        natural = {key: fits.params[key][row] for key in model.parameters}
        alone = nll_by_hand(name, natural, data, weight) / weight.sum()
        assert fits.nll["train"][row] == pytest.approx(alone)  # the prior is no part of it


def test_the_prior_of_each_inner_fold_is_used_for_it_and_its_mean_is_a_start(monkeypatch):
    data, half = random_sequences(4, 10), np.zeros((10, 4))
    half[::2, :3] = 1
    mean, sd = np.array([[-3.0, 0.5], [2.0, -1.0]]), np.full((2, 2), 1e-3)
    spec = SPEC | {"prior": "population", "population": (mean, sd)}
    fits = engine.fit(MB0, spec, data, splits_of(half, half), None, ("t",))
    assert fits.params["alpha"] == pytest.approx(expit(mean[:, 0]), abs=1e-3)
    assert fits.params["beta"] == pytest.approx(np.exp(mean[:, 1]), rel=1e-2)
    assert fits.params["posterior_sd_u/alpha"] == pytest.approx([1e-3, 1e-3], rel=1e-3)
    seen, down = [], cognitive._down
    monkeypatch.setattr(cognitive, "_down", lambda *given: seen.append(given[2]) or down(*given))
    compiled, prior, start = Compiled(MB0, data), Prior(mean, sd), np.array([[[0.5, 0.5]], [[0.25, 0.0]]])
    cognitive.fit_posterior(compiled, np.stack([half, half]), start, prior)
    assert seen[0].tolist() == np.concatenate([mean[:, None], start], axis=1).tolist()


def test_starts_of_all_seeds_compete_by_the_posterior():
    model, data = registry.cognitive(TASK, "MFDp"), random_sequences(6, 20, seed=8)
    prior = priors.weak(model, 1)
    compiled, weights = Compiled(model, data), np.ones((1, 1, 6))
    each = [cognitive.routes_of_seeds(compiled, weights, n, ("t",), prior) for n in (1, 3)]
    assert [routes.shape[1] for routes, _ in each] == [10, 30]
    assert [n for _, n in each] == [400, 1200]
    assert (each[1][0][:, :10] == each[0][0]).all()
    # the best of each part by NLL and prior together
    pool = cognitive._pool(model, cognitive.generator("start", "t", 0))
    nll = compiled.nll(pool, True).sum((1, 2))
    m, s = np.array([WIDTH.get(parameter, (0.0, 1.5)) for parameter in model.parameters]).T
    best = (nll + (((pool - m) / s) ** 2).sum(1) / 2).reshape(10, -1).argmin(1)
    assert (each[0][0][0] == pool.reshape(10, 40, -1)[np.arange(10), best]).all()


def test_choices_that_tell_nothing_of_a_parameter_leave_its_prior():
    data = random_sequences(30, 1, seed=4)  # nothing is learnt before the only choice of a block
    spec = SPEC | {"prior": "weak", "model": "MFDp"}
    model = registry.cognitive(TASK, "MFDp")
    train = np.ones((1, 30))
    train[:, 20:] = 0
    fits = engine.fit(model, spec, data, splits_of(train), None, ("t",))
    assert [fits.params[f"posterior_sd_u/{name}"].item() for name in model.parameters] == [1.5, 1.5, 1.5, 2.0, 1.5]
    assert [fits.params[name].item() for name in model.parameters] == pytest.approx(
        [0.5, 0.5, 0.5, 0, math.e], abs=1e-4
    )
    taken = [populations.Subject(random_sequences(20, 1, seed=i), np.ones((1, 1, 20)), (i,)) for i in range(4)]
    found = populations.fit(MB0, taken, 1).prior
    assert found.mean[0] == pytest.approx([0.0, 1.0], abs=1e-4)
    assert found.sd[0] == pytest.approx([1.5, 1.5], abs=1e-4)


def test_a_person_without_a_slip_in_training_has_an_infinite_temperature_only_without_a_prior():
    """Always the paying arm; five slips among the test choices. Certainty pays in training, and costs afterwards."""
    action = np.zeros((40, 5), dtype=int)
    action[::8, 4] = 1
    rows = [(b, t, action[t, b], action[t, b], 1 - action[t, b], 1) for b in range(5) for t in range(40)]
    names = ("block", "trial", "action", "state", "reward", "mask")
    data = sequences.from_columns(dict(zip(names, np.array(rows).T, strict=True)), TASK)
    train = np.zeros((40, 5))
    train[:, :3] = 1
    fits = {
        prior: engine.fit(MB0, SPEC | {"prior": prior}, data, splits_of(train), None, ("t",))
        for prior in ("none", "weak")
    }
    without, weak = fits["none"], fits["weak"]
    assert without.params["beta"].item() > 100
    assert without.test_accuracy.item() == pytest.approx(35 / 40)
    assert without.nll["test"].item() > math.log(2)
    assert weak.params["beta"].item() < 30
    assert weak.test_accuracy.item() == pytest.approx(35 / 40)
    assert weak.nll["test"].item() < without.nll["test"].item() / 10


# -- a population of agents -------------------------------------------------------------------------------------------


def agents(n: int, n_blocks: int, n_trials: int, seed: int) -> tuple[np.ndarray, list[sequences.Sequences]]:
    """Unconstrained parameters from N(MEAN, SD), and choices of delta-rule agents on arms that pay with 0.7 and 0.3."""
    rng = np.random.default_rng(seed)
    u = rng.normal(MEAN, SD, (n, 2))
    alpha, beta = expit(u[:, :1]), np.exp(u[:, 1:])
    action, reward = (np.empty((n, n_trials, n_blocks), dtype=int) for _ in range(2))
    value = np.zeros((n, n_blocks, 2))
    for t in range(n_trials):
        p = expit(beta * (value[..., 1] - value[..., 0]))
        action[:, t] = rng.random(p.shape) < p
        reward[:, t] = rng.random(p.shape) < np.where(action[:, t] == 1, 0.3, 0.7)
        chosen = np.take_along_axis(value, action[:, t, :, None], -1)
        chosen = chosen + alpha[..., None] * (reward[:, t, :, None] - chosen)
        np.put_along_axis(value, action[:, t, :, None], chosen, -1)
    block, trial = np.repeat(np.arange(n_blocks), n_trials), np.tile(np.arange(n_trials), n_blocks)
    made = []
    for a, r in zip(action, reward, strict=True):
        columns = {"block": block, "trial": trial, "action": a.T.ravel(), "state": a.T.ravel(), "reward": r.T.ravel()}
        made.append(sequences.from_columns({**columns, "mask": np.ones(len(block))}, TASK))
    return u, made


def subjects_of(data: list[sequences.Sequences], n_train: int | None = None) -> list[populations.Subject]:
    found = []
    for i, own in enumerate(data):
        weights = np.zeros((1, 1, own.n_blocks))
        weights[..., :n_train] = 1
        found.append(populations.Subject(own, weights, (i,)))
    return found


def by_quadrature(data: list[sequences.Sequences]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and SD of the largest marginal likelihood, integrals by sums over a grid of u: no mode, Laplace or EM."""
    grids = np.linspace(-6, 5, 60), np.linspace(-2, 5, 60)
    points = np.stack(np.meshgrid(*grids, indexing="ij"), -1).reshape(-1, 2)
    alpha, beta = expit(points[:, 0]), np.exp(points[:, 1])
    likelihood = np.empty((len(data), len(points)))
    for i, own in enumerate(data):
        value, total = np.zeros((own.n_blocks, 2, len(points))), 0.0
        every = np.arange(own.n_blocks)
        for a, r in zip(own.action, own.reward, strict=True):
            towards = beta * (value[every, a] - value[every, 1 - a])
            total = total - np.logaddexp(0, -towards).sum(0)
            value[every, a] += alpha * (r[:, None] - value[every, a])
        likelihood[i] = total

    def minus(x: np.ndarray) -> float:
        weight = norm.logpdf(points, x[:2], np.exp(x[2:])).sum(1)
        return -np.logaddexp.reduce(likelihood + weight, axis=1).sum()

    best = minimize(minus, [0, 1, 0, 0], method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-5, "maxiter": 2000})
    return best.x[:2], np.exp(best.x[2:])


def test_a_population_is_recovered_as_by_quadrature_and_its_prior_helps_each_subject():
    """40 agents of 100 training choices; the same with twice as many blocks test what is predicted."""
    n, n_train = 40, 5
    truth, data = agents(n, 15, 20, seed=11)
    subjects = subjects_of(data, n_train)
    found = populations.fit(MB0, subjects, 1)
    assert found.converged.all()
    mean, sd = found.prior.mean[0], found.prior.sd[0]

    expected_mean, expected_sd = by_quadrature([own.subset(np.arange(n_train)) for own in data])
    assert mean == pytest.approx(expected_mean, abs=0.08)
    assert sd == pytest.approx(expected_sd, abs=0.08)

    spec = SPEC | {"prior": "population", "population": (found.prior.mean, found.prior.sd)}
    errors, losses = {}, {}
    for prior, own in (("none", SPEC), ("population", spec)):
        fits = []
        for i, played in enumerate(data):
            train = np.zeros((1, 15))
            train[:, :n_train] = 1
            test = np.zeros((1, 15))
            test[:, n_train + 1 :] = 1
            split = {"train": train, "test": test, "val": 1 - train - test}
            fits.append(engine.fit(MB0, own, played, [split], None, (i,)))
        x = np.array([[f.params["alpha"].item(), f.params["beta"].item()] for f in fits])
        errors[prior] = np.abs(np.stack([x[:, 0], np.log(x[:, 1])], 1) - np.stack([expit(truth[:, 0]), truth[:, 1]], 1))
        losses[prior] = np.array([f.nll["test"].item() for f in fits])
        if prior == "population":
            spread = np.array([[f.params[f"posterior_sd_u/{name}"].item() for name in MB0.parameters] for f in fits])
    # standard errors of a mean and of a standard deviation whose subjects are known up to `spread`
    of_mean = np.sqrt((SD**2 + (spread**2).mean(0)) / n)
    assert (np.abs(mean - MEAN) < 3 * of_mean).all()
    assert (np.abs(sd - SD) < 3 * (SD**2 + (spread**2).mean(0)) / SD / math.sqrt(2 * n)).all()
    assert (errors["population"].mean(0) < errors["none"].mean(0)).all()
    gain = losses["none"] - losses["population"]
    assert gain.mean() > 0
    assert wilcoxon(gain, alternative="greater").pvalue < 0.05  # some gains are very large: no Gaussian


def by_nuts(data: list[sequences.Sequences]) -> dict[str, np.ndarray]:
    """Draws of the posterior by NUTS, (chain, draw, ...): `mean` and `sd` of the population, under flat priors, and `u`
    of the agents.
    """
    numpyro = pytest.importorskip("numpyro", reason="needs NumPyro, which extra `hierarchical` installs")
    import jax
    import jax.numpy as jnp
    from numpyro import distributions, infer

    numpyro.enable_x64()
    action, reward = (jnp.stack([getattr(own, name) for own in data], 1) for name in ("action", "reward"))

    def log_likelihood(u):
        alpha, beta = jax.nn.sigmoid(u[:, :1]), jnp.exp(u[:, 1:])

        def trial(value, seen):
            a, r = seen
            first, second = value
            towards = beta * jnp.where(a == 0, first - second, second - first)
            first = first + jnp.where(a == 0, alpha * (r - first), 0)
            second = second + jnp.where(a == 1, alpha * (r - second), 0)
            return (first, second), jax.nn.log_sigmoid(towards).sum()

        zero = jnp.zeros(action.shape[1:])
        return jax.lax.scan(trial, (zero, zero), (action, reward))[1].sum()

    def model():
        sign = distributions.constraints
        mean = numpyro.sample("mean", distributions.ImproperUniform(sign.real, (), (2,)))
        sd = numpyro.sample("sd", distributions.ImproperUniform(sign.positive, (), (2,)))
        u = numpyro.sample("u", distributions.Normal(mean, sd).expand([len(data), 2]).to_event())
        numpyro.factor("choices", log_likelihood(u))

    start = infer.init_to_value(values={"mean": MEAN, "sd": SD, "u": np.tile(MEAN, (len(data), 1))})
    kernel = infer.NUTS(model, init_strategy=start)
    chains = infer.MCMC(kernel, num_warmup=500, num_samples=1000, num_chains=2, chain_method="sequential")
    chains.run(jax.random.PRNGKey(0))
    assert not chains.get_extra_fields()["diverging"].any()
    return {name: np.asarray(values) for name, values in chains.get_samples(group_by_chain=True).items()}


def mean_and_error(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over draws (chain, draw, ...), and its Monte Carlo standard error."""
    from numpyro.diagnostics import effective_sample_size

    return draws.mean((0, 1)), draws.std((0, 1)) / np.sqrt(effective_sample_size(draws))


@pytest.mark.slow
def test_with_many_choices_a_population_is_that_of_nuts():
    """2,000 choices of each of 12 agents. What EM estimates is found within four Monte Carlo errors.

    NUTS averages over populations, EM takes the most likely one. With flat priors the precision of n known values has
    a gamma posterior with mean (n - 2) / (n s^2), s their standard deviation. Posteriors of single agents differ by
    what Laplace and a population taken as known make of them, by less than a quarter of their standard deviation.
    """
    n = 12
    _, data = agents(n, 40, 50, seed=11)
    draws = by_nuts(data)
    found = populations.fit(MB0, subjects_of(data), 1)
    mean, error = mean_and_error(draws["mean"])
    assert (np.abs(found.prior.mean[0] - mean) < 4 * error).all()
    precision, error = mean_and_error(draws["sd"] ** -2.0)
    assert (np.abs((n - 2) / (n * found.prior.sd[0] ** 2) - precision) < 4 * error).all()

    spec = SPEC | {"prior": "population", "population": (found.prior.mean, found.prior.sd)}
    every = dict.fromkeys(("train", "val", "test"), np.ones((1, 40)))
    fits = [engine.fit(MB0, spec, own, [every], None, (i,)).params for i, own in enumerate(data)]
    modes = np.array([[logit(own["alpha"].item()), math.log(own["beta"].item())] for own in fits])
    sd = np.array([[own[f"posterior_sd_u/{name}"].item() for name in MB0.parameters] for own in fits])
    expected, error = mean_and_error(draws["u"])
    spread = draws["u"].std((0, 1))
    assert (np.abs(modes - expected) < spread / 4 + 4 * error).all()
    assert (np.abs(sd - spread) < spread / 4).all()


def test_the_starts_of_later_steps_do_not_matter_and_weights_are_respected():
    _, data = agents(5, 6, 15, seed=12)
    whole = populations.fit(MB0, subjects_of([own.subset(np.arange(4)) for own in data]), 1)
    weighted = populations.fit(MB0, subjects_of(data, 4), 1)
    assert weighted.prior.mean == pytest.approx(whole.prior.mean, abs=1e-6)
    assert weighted.prior.sd == pytest.approx(whole.prior.sd, abs=1e-6)


# -- files ------------------------------------------------------------------------------------------------------------

CV = {"protocol": "blocks", "outer": 2, "n_inner": 2, "inner": 2, "seed": 1}
POP = SPEC | {"prior": "population"}
PLAIN = {"task": "bandit", "n_actions": 2}
NAME, OUTER = "MB0_pop", 1


@pytest.fixture(autouse=True)
def few_steps(request, monkeypatch):
    """Tests of files need no population that EM has brought to its end."""
    if "tmp_path" in request.fixturenames:
        monkeypatch.setattr(priors, "MOST_ITERATIONS", 4)


def prepared(folder, n: int = 4, change=None, chunks: int | None = None, subjects: list[str] | None = None):
    """Trial tables and folds of agents s0, s1, ...; `change` of a subject's columns."""
    data = agents(4, 6, 12, seed=13)[1][:n]
    given = {"chunks": {"d": chunks} if chunks else {}, "datasets": ["d"], "models": {}, "cv": {"d": CV}}
    grid = Grid.of(folder, given)
    ids = subjects or [f"s{i}" for i in range(n)]
    counts = {key: {"blocks": 6, "sessions": 1, "shortest_block": 12, "trials": 72} for key in ids}
    write_json(grid.layout.meta("d"), {"dataset": "d", "subjects": ids, "counts_analysed": counts})
    block, trial = np.repeat(np.arange(6), 12), np.tile(np.arange(12), 6)
    for i, own in enumerate(data):
        labels = {"dataset": np.full(72, "d"), "subject": np.full(72, f"s{i}"), "session": np.full(72, "1")}
        action = own.action.T.ravel()
        columns = {**labels, "block": block, "trial": trial, "action": action, "state": action}
        columns |= {"reward": own.reward.T.ravel(), "mask": np.ones(72, dtype=int)}
        write_columns(grid.layout.trials("d", f"s{i}"), change(i, columns) if change else columns)
    options = {key: CV[key] for key in ("protocol", "n_inner", "inner", "seed")}
    for fold, tables in grid.by_fold("d", OUTER).items():
        split(tables, fold, outer=OUTER, n_outer=2, **options)
    return grid, given


def run(folder, **options):
    """The population's file, and what each subject's fit files hold, by their directory."""
    grid, given = prepared(folder, **options)
    file = grid.layout.population("d", NAME, OUTER)
    population(folder, file, grid=given, outer=OUTER, name=NAME, spec=POP, **PLAIN)
    fits = {}
    for fold, tables in grid.by_fold("d", OUTER).items():
        output = folder / "fits" / fold.parent.name / "outer1.parquet"
        fit(tables, fold, output, name=NAME, spec=POP, dim=2, training={}, population=file, **PLAIN)
        fits[fold.parent.name] = output
    return file, fits


def other_choices(blocks: np.ndarray):
    """A `change` that exchanges the choices, and the rewards, of some blocks."""

    def change(i, columns):
        there, exchanged = np.isin(columns["block"], blocks), ("action", "state", "reward")
        return columns | {name: np.where(there, 1 - columns[name], columns[name]) for name in exchanged}

    return change


def test_test_choices_change_neither_the_population_nor_a_fit(tmp_path):
    file, fits = run(tmp_path / "a")
    tested = read_columns(tmp_path / "a/folds/d/s0/outer1.parquet")
    blocks = np.unique(tested["block"][tested["role"] == "test"])
    assert len(blocks) == 3

    other, others = run(tmp_path / "b", change=other_choices(blocks))
    assert file.read_bytes() == other.read_bytes()
    for subject, path in fits.items():
        ours, theirs = (read_columns(one) for one in (path, others[subject]))
        assert (ours["train_nll"] == theirs["train_nll"]).all()
        assert (ours["test_nll"] != theirs["test_nll"]).all()
        stacks = [load_file(one.with_suffix(".safetensors")) for one in (path, others[subject])]
        names = {f"{of}{name}" for of in ("", "posterior_sd/", "posterior_sd_u/") for name in MB0.classes}
        assert set(stacks[0]) == names
        assert all((stacks[0][name] == stacks[1][name]).all() for name in stacks[0])


def test_validation_choices_of_an_inner_fold_do_not_change_its_population(tmp_path):
    file, _ = run(tmp_path / "a")
    roles = read_columns(tmp_path / "a/folds/d/s0/outer1.parquet")
    blocks = np.unique(roles["block"][(roles["role"] == "val") & (roles["inner"] == 0)])

    other, _ = run(tmp_path / "b", change=other_choices(blocks))
    ours, theirs = (pd.read_parquet(path).set_index("inner")[["mean", "sd"]] for path in (file, other))
    assert (ours.loc[0] == theirs.loc[0]).all(axis=None)
    assert (ours.loc[1] != theirs.loc[1]).all(axis=None)


def test_neither_the_order_of_subjects_nor_chunks_change_a_bit(tmp_path):
    file, fits = run(tmp_path / "a")
    other, chunk = run(tmp_path / "b", chunks=1, subjects=["s2", "s0", "s3", "s1"])
    assert file.read_bytes() == other.read_bytes()
    assert list(chunk) == ["chunk__0"]
    together = pd.read_parquet(chunk["chunk__0"]).set_index("subject")
    for subject, path in fits.items():
        pd.testing.assert_frame_equal(pd.read_parquet(path).set_index("subject"), together.loc[[subject]])
    own = load_file(fits["s3"].with_suffix(".safetensors"))
    rows = np.flatnonzero(together.index == "s3")
    stack = load_file(chunk["chunk__0"].with_suffix(".safetensors"))
    assert all((stack[name][rows] == values).all() for name, values in own.items())


def silent(i, columns):
    """Nothing to score of subject s3."""
    return columns | {"mask": columns["mask"] * (i != 3)}


def test_a_subject_without_choices_takes_no_part(tmp_path):
    file, fits = run(tmp_path / "a", n=4, change=silent)
    three, _ = run(tmp_path / "b", n=3)
    found, expected = pd.read_parquet(file), pd.read_parquet(three)
    assert found["n_subjects"].tolist() == expected["n_subjects"].tolist() == [3] * 4
    pd.testing.assert_frame_equal(found, expected)
    table = pd.read_parquet(fits["s3"])
    assert set(table["status"]) == {"failed"}
    assert table["reason"].str.startswith("no choice to score in the role 'train'").all()


def test_too_few_with_choices_give_no_prior_and_fits_that_say_so(tmp_path):
    file, fits = run(tmp_path, n=3, change=lambda i, columns: columns | {"mask": columns["mask"] * (i != 2)})
    found = pd.read_parquet(file)
    assert found[["mean", "sd"]].isna().all(axis=None)
    assert set(found["ended"]) == {"too few subjects"}
    assert found["n_subjects"].tolist() == [2] * 4
    table = pd.read_parquet(fits["s0"])
    words = "fewer than 3 subjects have training choices, from which a population prior could be fitted"
    assert table["reason"].tolist() == [words] * 2
    declared = {"d": {**PLAIN, "chunks": None, "models": {NAME: "MB0"}}}
    gathering.gather(tmp_path / "tables", files=[file], declared=declared)
    assert pd.read_parquet(tmp_path / "tables/populations.parquet")["median"].isna().all()


def test_two_subjects_are_refused(tmp_path):
    _, given = prepared(tmp_path, n=2)
    words = "data set 'd' has 2 subjects that can be split; a population prior needs 3"
    with pytest.raises(InputError, match=words):
        population(tmp_path, tmp_path / "p.parquet", grid=given, outer=OUTER, name=NAME, spec=POP, **PLAIN)


def test_subjects_with_other_numbers_of_inner_folds_are_refused(tmp_path):
    grid, given = prepared(tmp_path)
    split([grid.layout.trials("d", "s1")], grid.layout.fold("d", "s1", "", 0, OUTER), protocol="blocks", outer=OUTER,
          n_outer=2, n_inner=3, inner=3, seed=1)  # fmt: skip
    words = "data set 'd', outer fold 1: subjects have 2 or 3 inner folds; a population prior needs the same number"
    with pytest.raises(InputError, match=words):
        population(tmp_path, tmp_path / "p.parquet", grid=given, outer=OUTER, name=NAME, spec=POP, **PLAIN)


def test_a_population_of_something_else_is_refused_and_so_is_none(tmp_path):
    grid, given = prepared(tmp_path)
    file, fold, trials = (
        tmp_path / "p.parquet",
        grid.layout.fold("d", "s0", "", 0, OUTER),
        grid.layout.trials("d", "s0"),
    )
    population(tmp_path, file, grid=given, outer=OUTER, name=NAME, spec=POP, **PLAIN)
    options = {"name": NAME, "dim": 2, "training": {}, **PLAIN}
    with pytest.raises(InputError, match="name the file that `python -m tinycog fit-population` wrote"):
        fit([trials], fold, tmp_path / "f.parquet", spec=POP, **options)
    columns = read_columns(file)
    write_columns(file, columns | {"outer": columns["outer"] - 1})
    words = "found outer fold 0, 2 inner folds and parameters alpha, beta; needed: outer fold 1, 2 and alpha, beta"
    with pytest.raises(InputError, match=words):
        fit([trials], fold, tmp_path / "f.parquet", spec=POP, population=file, **options)


def test_tables_have_posterior_deviations_and_populations_in_natural_units(tmp_path):
    file, _ = run(tmp_path)
    layout = Layout(tmp_path)
    spec, selected = {"none": SPEC, NAME: POP}, []
    for name, own in spec.items():
        for subject in ("s0", "s1"):
            key = ("d", subject, name, 2, OUTER)
            trials = [layout.trials("d", subject)]
            given = file if own is POP else None
            fit(trials, layout.fold(*key), layout.fit(*key), name=name, spec=own, dim=2, training={}, population=given,
                **PLAIN)  # fmt: skip
            places = layout.fold(*key), layout.fit(*key), layout.selected(*key), layout.scores(*key)
            select_and_score(trials, *places, root=tmp_path, spec=own, dim=2, **PLAIN)
            selected.append(read_json(layout.selected(*key)))
    (tmp_path / "tables").mkdir()
    pd.DataFrame(selected).to_parquet(tmp_path / "tables/selected.parquet")
    declared = {"d": {**PLAIN, "chunks": None, "models": dict.fromkeys(spec, "MB0")}}
    step.gather(tmp_path / "tables/selected.parquet", tmp_path, declared=declared)
    table = pd.read_parquet(tmp_path / "tables/parameters.parquet")
    assert table.loc[table["model"] == "none", ["posterior_sd", "posterior_sd_u"]].isna().all(axis=None)
    under = table[table["model"] == NAME]
    slope = np.where(under["parameter"] == "alpha", under["value"] * (1 - under["value"]), under["value"])
    assert len(under) == 4
    assert (under["posterior_sd_u"] > 0).all()
    assert (under["posterior_sd"] / under["posterior_sd_u"]).to_numpy() == pytest.approx(slope)
    # each in its own coordinate: the row of the selected inner fold
    stack = load_file(layout.parameters("d", "s0", NAME, 2, OUTER))
    row = selected[2]["row"]
    assert set(parameters.of_selected(tmp_path, selected[2])) == {"alpha", "beta"}  # what models are run with
    assert under["posterior_sd"].tolist()[:2] == [stack[f"posterior_sd/{p}"][row] for p in ("alpha", "beta")]

    gathering.gather(tmp_path / "tables", files=[file, file], declared={"d": declared["d"]})
    found = pd.read_parquet(tmp_path / "tables/populations.parquet")
    assert len(found) == 8
    logit = found["parameter"] == "alpha"
    natural = np.where(logit, expit(found["mean"]), np.exp(found["mean"]))
    assert found["median"].to_numpy() == pytest.approx(natural)
    assert found.loc[logit, "unit"].unique().tolist() == ["share per trial, 0 to 1"]
    assert found["inner"].tolist() == [0, 0, 1, 1] * 2


def test_the_summary_has_the_mean_deviation_over_folds():
    keys = {"dataset": "d", "subject": "s", "model": "m", "dim": 2, "parameter": "alpha", "unit": "x"}
    rows = [keys | {"outer": o, "value": 0.5, "posterior_sd": sd} for o, sd in enumerate((0.1, 0.2, 0.6))]
    rows += [keys | {"outer": 0, "model": "other", "value": 0.5, "posterior_sd": None}]
    found = summarise.over_folds(pd.DataFrame(rows))
    assert found["posterior_sd"].tolist() == pytest.approx([0.3, math.nan], nan_ok=True)


@pytest.mark.parametrize("prior", ["weak", "population"])
def test_recovery_is_under_the_prior(tmp_path, prior):
    section = {"source": "simulate", "task": "bandit", "n_blocks": 3, "n_trials": 10}
    options = checked(section, "t", AnyDataset).model_dump()
    given = {"dataset": "d", "options": options, "payoffs": None, "seed": 0, "n_agents": 5, "ranges": {}}
    found = {}
    for kind in ("none", prior):
        recover(tmp_path / "part.parquet", name="m", spec=SPEC | {"prior": kind}, **given)
        found[kind] = pd.read_parquet(tmp_path / "part.parquet")
    assert (found["none"]["true"] == found[prior]["true"]).all()
    beta = {kind: np.log(rows.loc[rows["parameter"] == "beta", "fitted"]) for kind, rows in found.items()}
    assert beta[prior].std() < beta["none"].std()
    assert beta[prior].abs().max() < 4
    assert (found["none"]["fitted_nll"] <= found[prior]["fitted_nll"] + 1e-9).all()


# -- the config -------------------------------------------------------------------------------------------------------


def config(model: dict, cv: dict | None = None, **dataset) -> Config:
    of = {"source": "simulate", "task": "bandit", "n_subjects": 3, "n_blocks": 10} | dataset
    models = {"m": {"family": "cognitive", "model": "MB0"} | model}
    return checked({"datasets": {"d": of}, "models": models, "cv": cv or {}}, "t", Config)


def test_a_prior_is_part_of_what_a_fit_depends_on():
    assert config({}).model_slice("m")["prior"] == "none"
    assert config({"prior": "population"}).model_slice("m")["prior"] == "population"
    assert list(plain(config({"prior": "weak"}))["models"]) == ["m"]


@pytest.mark.parametrize(
    ("model", "cv", "dataset", "words"),
    [
        ({"prior": "strong"}, {}, {}, "'none', 'weak' or 'population'"),
        ({"prior": "weak", "optimizer": "nelder-mead"}, {}, {}, "prior: found 'weak' with optimizer 'nelder-mead'"),
        ({"prior": "population", "teacher": "t"}, {}, {}, "prior: found 'population', which is fitted to choices"),
        ({"prior": "weak", "model": "BAS"}, {}, {"task": "reversal"}, "m.prior: found 'weak' with model 'BAS'"),
        ({"prior": "population"}, {"protocol": "cross_subject"}, {"n_subjects": 6}, "with cv.protocol cross_subject"),
        ({"prior": "population"}, {}, {"n_subjects": 2}, "at least 3 subjects, but data set 'd' has at most 2"),
        ({"prior": "population"}, {}, {"subjects": 1}, "at least 3 subjects, but data set 'd' has at most 1"),
        ({"prior": "population"}, {}, {"subjects": ["s0", "s2"]}, "data set 'd' has at most 2"),
    ],
)
def test_what_cannot_have_a_prior_is_said_before_any_job(model, cv, dataset, words):
    with pytest.raises(InputError, match=words):
        config(model, cv, **dataset)


def test_the_job_of_a_population_is_planned():
    cv = {"outer": 5, "inner": 4}
    weak, under = (planning.plan(config({"prior": prior}, cv, n_trials=20))[0] for prior in ("weak", "population"))
    cost, choices = costs.read().others, 3 * 10 * 20 * (4 / 5) * (1 - 0.5 / 4)
    more = cost["job"] + 600 * 4 * choices * cost["slopes"]
    assert under.seconds - weak.seconds == pytest.approx(5 * more)
    assert under.longest == pytest.approx(max(weak.longest, more))
    assert (under.jobs, under.fits) == (weak.jobs + 5, weak.fits) == (5 * 3 + 5, 5 * 3 * 4)


def test_weak_priors_need_no_subjects():
    config({"prior": "weak"}, {"protocol": "cross_subject"}, n_subjects=6)
    config({"prior": "weak"}, n_subjects=1)
