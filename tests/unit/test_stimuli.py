"""A model that sees a stimulus before it chooses, through everything that runs models; expected values by scalars."""

import math
from dataclasses import replace

import array_api_compat
import numpy as np
import pytest
import torch
from test_augmentation import written

from conftest import block_weights
from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import choice_nll
from tinycog.models.cognitive.declaration import REAL, UNIT, CognitiveModel, Variable
from tinycog.models.cognitive.rules import moved
from tinycog.models.interface import run
from tinycog.results import scores
from tinycog.simulation.environments import Scheduled
from tinycog.simulation.play import play
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.sequences import Sequences
from tinycog.trials.table import validated
from tinycog.trials.tensors import to_torch

TASK = task_of("perceptual")


class Adapting(CognitiveModel):
    """Chooses action 1 with logit w s + k t + b X: stimuli s and t, and X, which moves to the s of the last trial."""

    classes = {"w": REAL, "k": REAL, "b": REAL, "rate": UNIT}
    variables = {"X": Variable(1, -math.inf, math.inf)}

    def learn(self, p, now, trial):
        return {"X": moved(now["X"], p["rate"], trial.stimulus[..., :1])}

    def policy(self, params, state, cue=None):
        p, now = self._shaped(params, state), self._named(state)
        logit = p["w"] * cue.stimulus[..., :1] + p["k"] * cue.stimulus[..., 1:] + p["b"] * now["X"]
        return array_api_compat.array_namespace(logit).concat([0 * logit, logit], axis=-1)


MODEL = Adapting(TASK)
PARAMS = {"w": 1.5, "k": -0.7, "b": 0.8, "rate": 0.3}


def stacked(*values):
    return {name: np.array([one[name] for one in values]) for name in MODEL.classes}


def data_of(lengths=(9, 5, 7), seed=0, masked=()):
    """Choices, with stimuli of many values; `masked` rows were missed."""
    rng, n = np.random.default_rng(seed), sum(lengths)
    columns = {"block": np.repeat(range(len(lengths)), lengths), "trial": np.concatenate([*map(np.arange, lengths)])}
    action, mask = rng.integers(0, 2, n), ~np.isin(np.arange(n), masked)
    columns |= {"action": np.where(mask, action, -1), "state": np.where(mask, action, 0), "mask": mask.astype(int)}
    columns |= {
        "reward": np.where(mask, rng.random(n), np.nan),
        "stim_s": rng.normal(size=n),
        "stim_a": rng.normal(size=n),
    }
    return columns


def by_hand(columns, p):
    """State before each row, its logit, and the NLL of its choice (0 where missed)."""
    states, logits, nll, x = [], [], [], 0.0
    for i, trial in enumerate(columns["trial"]):
        x = 0.0 if trial == 0 else x
        s = columns["stim_s"][i]
        logit = p["w"] * s + p["k"] * columns["stim_a"][i] + p["b"] * x
        signed = logit if columns["action"][i] == 1 else -logit
        states.append(x)
        logits.append(logit)
        nll.append(math.log1p(math.exp(-signed)) if columns["mask"][i] == 1 else 0.0)
        x += p["rate"] * (s - x)
    return np.array(states), np.array(logits), np.array(nll)


def test_likelihood_and_its_slopes_by_numpy_and_torch():
    columns = data_of(masked=(3, 12))
    data, other = sequences.from_columns(columns, TASK), {"w": -1.0, "k": 0.2, "b": -0.5, "rate": 0.9}
    at = data.mask.T == 1
    nll = choice_nll(MODEL, stacked(PARAMS, other), data, by_block=False)
    for own, p in zip(nll, (PARAMS, other), strict=True):
        expected = by_hand(columns, p)[2][columns["mask"] == 1]
        np.testing.assert_allclose(own.T[at], expected, rtol=1e-13)
        assert own.sum() == pytest.approx(expected.sum(), rel=1e-13)  # nothing from the padding
    params = {name: torch.tensor(value, requires_grad=True) for name, value in stacked(PARAMS).items()}
    by_torch = choice_nll(MODEL, params, to_torch(data), by_block=True)
    np.testing.assert_allclose(by_torch.detach().sum(), nll[0].sum(), rtol=1e-13)
    slopes = torch.autograd.grad(by_torch.sum(), list(params.values()))
    for (name, value), slope in zip(PARAMS.items(), slopes, strict=True):
        up, down = (by_hand(columns, PARAMS | {name: value + step})[2].sum() for step in (1e-6, -1e-6))
        assert slope.item() == pytest.approx((up - down) / 2e-6, rel=1e-7)


def test_scores_have_the_logits_of_each_trial_and_no_stimulus_after_the_last_one():
    columns = data_of()
    data = sequences.from_columns(columns, TASK)
    scored = scores.score(TASK, MODEL, stacked(PARAMS), data, block_weights(3, outer=0, n_outer=3, n_inner=2)[0])
    states, logits, _ = by_hand(columns, PARAMS)
    np.testing.assert_allclose(scored.before(scored.states)[:, 0], states, atol=1e-14)
    np.testing.assert_allclose(scored.before(scored.logits)[:, 1], logits, atol=1e-13)
    last = scored.row_start[1:] - 1
    np.testing.assert_allclose(scored.logits[last, 1], PARAMS["b"] * scored.states[last, 0], atol=1e-13)


def test_an_agent_chooses_by_the_stimuli_that_it_is_shown():
    rng, shape = np.random.default_rng(3), (40, 200)
    stimuli = {"stim_s": rng.normal(size=shape), "stim_a": rng.normal(size=shape)}
    environment = Scheduled(TASK, np.full((*shape, 2), 0.5))
    played = play(MODEL, stacked(PARAMS), TASK, environment, shape, np.random.default_rng(0), stimuli)
    for name, values in stimuli.items():
        np.testing.assert_array_equal(played[name], values)
    trial, block = (place.T.ravel() for place in np.indices(shape))
    columns = {name: values.T.ravel() for name, values in played.items()} | {"block": block, "trial": trial}
    columns["mask"] = np.ones(len(block), dtype=int)
    _, logits, nll = by_hand(columns, PARAMS)
    np.testing.assert_allclose(columns["probability"], np.exp(-nll), rtol=1e-12)
    policy = 1 / (1 + np.exp(-logits))
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.0)):  # as often as the policy says, within 4 standard errors
        own = (policy >= low) & (policy < high)
        error = np.sqrt((policy * (1 - policy))[own].sum()) / own.sum()
        assert abs(columns["action"][own].mean() - policy[own].mean()) < 4 * error


def test_stimuli_come_from_the_table_of_a_task_that_shows_them(tmp_path):
    import pandas as pd

    ids = {"dataset": "d", "subject": "s", "session": "1", "task_note": 1.0}
    table = validated(pd.DataFrame(data_of(masked=(3,)) | ids), TASK, "d")
    data = sequences.read(written(table, tmp_path / "s.parquet"), TASK)
    assert data.stimulus.shape == (9, 3, 2)
    own = table[table["block"] == 1]
    np.testing.assert_array_equal(data.stimulus[:5, 1], own[["stim_s", "stim_a"]])
    assert not data.stimulus[5:, 1].any()
    assert data.stimulus[3, 0].all()  # what was shown before a missed choice was shown
    np.testing.assert_array_equal(data.cue(4).stimulus, data.stimulus[:4])
    part = data.subset(np.array([2, 1]))
    np.testing.assert_array_equal(part.stimulus, data.stimulus[:7, [2, 1]])
    np.testing.assert_array_equal(part.trials()[2].stimulus, part.stimulus[2])
    np.testing.assert_array_equal(to_torch(data).stimulus.numpy(), data.stimulus)
    without = sequences.read(tmp_path / "s.parquet", task_of("bandit"))
    assert without.stimulus is without.cue(3) is without.trials()[0].stimulus is None
    assert sequences.from_columns(data_of(), task_of("bandit")).stimulus is None
    broken = table.assign(stim_a=table["stim_a"].where(table.index != 6, np.inf))
    with pytest.raises(InputError, match=r"subject 's', block 0, trial 6: stim_a: found inf; allowed: a number"):
        sequences.read(written(broken, tmp_path / "broken.parquet"), TASK)


def test_stimuli_that_differ_beyond_a_block_s_end_change_nothing():
    data = sequences.from_columns(data_of(), TASK)
    beyond = np.arange(9)[:, None] >= data.lengths
    other: Sequences = replace(data, stimulus=np.where(beyond[..., None], 7.0, data.stimulus))
    _, logits = run(MODEL, stacked(PARAMS), data, 8)
    _, changed = run(MODEL, stacked(PARAMS), other, 8)
    np.testing.assert_array_equal(logits[:, ~beyond], changed[:, ~beyond])


class Deciding(Adapting):
    """Learns only from an s above 1, and is biased where t is negative."""

    def learn(self, p, now, trial):
        like = trial.stimulus if isinstance(now["X"], np.ndarray) else now["X"]
        xp = array_api_compat.array_namespace(like)
        above = xp.astype(trial.stimulus[..., :1] > 1, now["X"].dtype)
        return {"X": moved(now["X"], p["rate"], trial.stimulus[..., :1], above)}

    def policy(self, params, state, cue=None):
        xp = array_api_compat.array_namespace(cue.stimulus)
        biased = xp.astype(cue.stimulus[..., 1:] < 0, state.dtype)
        return super().policy(params, state, cue) + biased * params["k"].reshape(-1, *[1] * (state.ndim - 1))


@pytest.mark.parametrize(("kind", "n_programs"), [(Adapting, 2), (Deciding, 2 * 4)])
def test_stimuli_are_inputs_of_the_compiled_programs(kind, n_programs):
    """As many programs as actions, and as outcomes of comparisons; likelihood and slopes those of the rules."""
    own, data = kind(TASK), sequences.from_columns(data_of((60, 40, 50)), TASK)
    x = np.random.default_rng(0).normal(size=(11, 4))
    compiled = Compiled(own, data)
    assert len(compiled.programs.spans) == n_programs + 1  # for the padding, where no reward is graded
    np.testing.assert_allclose(compiled.nll(x, False), choice_nll(own, own.from_real(x), data, False), rtol=1e-10)
    alone = [compiled.nll_alone(point, False) for point in x]
    np.testing.assert_allclose(alone, compiled.nll(x, False), rtol=1e-10)
    tensor, weights = torch.tensor(x, requires_grad=True), np.random.default_rng(1).random((1, 60, 3))
    nll = (choice_nll(own, own.from_real(tensor), to_torch(data), False) * torch.tensor(weights)).sum((1, 2))
    (slope,) = torch.autograd.grad(nll.sum(), tensor)
    found, slopes = compiled.training(x, weights, np.zeros(11, int))
    np.testing.assert_allclose(found, nll.detach(), rtol=1e-10)
    np.testing.assert_allclose(slopes, slope, rtol=1e-9, atol=1e-9 * abs(slope.numpy()).max())


def test_a_rule_may_not_compare_what_is_fitted():
    class Clipping(Adapting):
        def learn(self, p, now, trial):
            return {"X": now["X"] * (now["X"] > 0)}

    with pytest.raises(TypeError, match="a rule may compare what data determine"):
        Compiled(Clipping(TASK), sequences.from_columns(data_of(), TASK))


def test_the_engine_fits_a_model_that_sees_stimuli():
    """Logistic regression by iteratively reweighted least squares: nothing is carried over from trial to trial."""

    class Regression(Adapting):
        classes = {"w": REAL, "k": REAL}
        variables = {}

        def update(self, params, state, trial):
            return state

        def policy(self, params, state, cue=None):
            p = self._shaped(params, state)
            logit = p["w"] * cue.stimulus[..., :1] + p["k"] * cue.stimulus[..., 1:]
            return array_api_compat.array_namespace(logit).concat([0 * logit, logit], axis=-1)

    columns = data_of((50, 60, 40, 55, 45, 50))
    data, splits = sequences.from_columns(columns, TASK), block_weights(6, outer=0, n_outer=3, n_inner=2)
    fits = engine.fit(Regression(TASK), {"optimizer": "gradient", "seeds": None}, data, splits)
    shown = np.stack([columns["stim_s"], columns["stim_a"]], -1)
    for inner, split in enumerate(splits):
        own = split["train"][0, columns["block"]] == 1
        x, y, beta = shown[own], columns["action"][own], np.zeros(2)
        for _ in range(20):
            p = 1 / (1 + np.exp(-x @ beta))
            beta = beta + np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x, x.T @ (y - p))
        np.testing.assert_allclose([fits.params[name][inner] for name in ("w", "k")], beta, atol=1e-4)
