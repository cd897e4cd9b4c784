"""The catalogue of cognitive models: its table, every model against its equations in scalars, identities, and maps."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import by_hand
import tinycog
from conftest import random_sequences
from tinycog.analyses.portraits import compute as portrait
from tinycog.config import Config
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import choice_nll
from tinycog.models import registry
from tinycog.models.cognitive import bandits, reversal, transition_reversal
from tinycog.models.cognitive.declaration import HALF, POSITIVE, REAL, UNIT
from tinycog.models.interface import run
from tinycog.sections.messages import checked
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.tensors import to_torch

# task: model, d, number of parameters (methods: catalogue)
TABLE = {
    "reversal": """
        BAS 0 1, LS0 1 2, LS1 1 4, MB0s 1 2, MB0se 1 2, MB0 2 2, MB1 2 3, MBf 2 3, MB0off 2 3, MB0m 2 3, MB0md 2 4,
        MB0mdnb 2 3, MF0sp 2 4, MB0p 3 4, MB1p 3 5, MFDp 4 5, Q(0) 4 2, RC 8 2""",
    "two_stage": """
        BAS 0 1, LS0 1 2, LS1 1 4, MFs 1 2, MB0s 1 2, Q(1) 2 2, MB0 2 2, MB1 2 3, MB0m 2 3, MB0md 2 4, MXs 2 4,
        Q(0) 4 2, RC 8 2""",
    "transition_reversal": """
        BAS 0 1, MFs 1 2, Q(1) 2 2, MF_bs_rb_ck 4 6, MB_bs_rb_ck 4 6, MF_dec_bs_rb_ck 4 7, MB_dec_bs_rb_ck 4 8,
        MF_MB_bs_rb_ck 6 8, MF_MB_vdec_bs_rb_ck 6 9, MF_MB_dec_bs_rb_ck 6 10, MF_MB_bs_rb_ec 7 9,
        MF_MB_vdec_bs_rb_ec 7 10, MF_MB_dec_bs_rb_ec 7 11, MB_dec_bs_rb_ec_mc 7 11, MF_MB_dec_bs_rb_mc 8 11,
        MF_MB_dec_bs_rb_ec_mc 9 13, MFmoMF_dec_bs_rb_ec_mc 11 11, MFmoMF_MB_dec_bs_rb_ec_mc 13 14""",
    "three_armed_reversal": "MF 3 2, MFD 3 3, MFDp 6 5, MFL 3 5, MFLabs 3 7, MFLb 3 7",
    "four_armed_bandit": "MF 4 2, MFD 4 3, MFDp 8 5, MFL 4 5, MFLabs 4 7",
    "original_two_stage": "MFs 3 5, MBs 2 3, MXs 3 6, MF 6 6, MB 4 4, MX 6 7, MFsr 3 7",
}
# not registered with a task by the reference
BESIDE = {
    "reversal": "CK 1 2, LS0p 2 4, MB0mdp 3 6",
    "two_stage": """
        CK 1 2, LS0p 2 4, MF0sp 2 4, MB0p 3 4, MB0mdp 3 6, MBsvlr 1 4, MBsflr 1 4, MBsah 2 5, MBsah_carried 2 5""",
    "transition_reversal": """
        MFmoMF_MB_bs_rb_ec_mc 13 12, MFmoMF_MB_vdec_bs_rb_ec_mc 13 13, MFmoMF_MB_tdec_bs_rb_ec_mc 13 13,
        MF_moMF_MB_dec_bs_rb_ec_mc 13 16, moMF_MB_dec_bs_rb_ec_mc 11 15""",
    "three_armed_reversal": "MFL_tied 3 5",
    "four_armed_bandit": "MFL_tied 4 5",
    "original_two_stage": "MF_lag1 6 6, MB_lag1 4 4, MX_lag1 6 7",
}
LABELS = {
    "reversal": "LS0 LS, MB0s MF_corr, MB0 MF, MB1 MF_decay, MBf MF_forgetful, MF0sp MF_corr_pers, MB0p MF_pers, RC RC",
    "two_stage": """
        LS0 LS, MFs MF_corr, MB0s MB_corr, Q(1) MF_Q(1), MB0 MB, MB1 MB_decay, MXs Mix_corr, Q(0) MF_Q(0), RC RC""",
    "three_armed_reversal": "MF MF, MFD MF_decay, MFDp MF_decay_pers",
    "four_armed_bandit": "MF MF, MFD MF_decay, MFDp MF_decay_pers",
    "original_two_stage": "MFs MF_corr, MBs MB_corr, MXs Mix_corr, MF MF, MB MB, MX Mix",
}
TASKS = {name: task_of(name) for name in TABLE}
EVERY = [(task, name) for task in TABLE for name in registry.COGNITIVE[task]]
REVERSAL, TWO_STAGE = TASKS["reversal"], TASKS["two_stage"]


def rows(text):
    return {name: (int(d), int(n)) for name, d, n in (row.split() for row in text.split(","))}


def model(task, name):
    return registry.cognitive(TASKS.get(task) or task_of(task), name)


def drawn(classes, rng):
    """Random values of parameters of the given classes, in floats."""
    draws = {
        UNIT: lambda: rng.uniform(0.02, 0.98),
        HALF: lambda: rng.uniform(0.01, 0.49),
        POSITIVE: lambda: math.exp(rng.normal(0.7, 0.7)),
        REAL: lambda: rng.normal(0, 1),
    }
    return {name: float(draws[cls]()) for name, cls in classes.items()}


def trial_table(task, rng, n_blocks=3, n_trials=25, masked=0.0):
    """Random choices of any task as a table; rewards of the four-armed bandit are graded."""
    n, own = n_blocks * n_trials, task_of(task)
    action = rng.integers(0, own.n_actions, n)
    graded = task == "four_armed_bandit"
    columns = {"block": np.repeat(np.arange(n_blocks), n_trials), "trial": np.tile(np.arange(n_trials), n_blocks)}
    columns |= {"action": action, "state": action if own.one_stage else rng.integers(0, 2, n)}
    columns |= {"reward": np.round(rng.random(n), 2) if graded else rng.integers(0, 2, n).astype(float)}
    columns |= {"mask": (rng.random(n) >= masked).astype(int)}
    if own.stages == 2:
        columns |= {"action2": rng.integers(0, 2, n), "mask2": (rng.random(n) >= masked).astype(int)}
    return pd.DataFrame(columns)


def data_of(task, table):
    return sequences.from_columns({name: table[name].to_numpy() for name in table}, task_of(task))


def scored_by_hand(task, name, p, table):
    """What `tinycog.score` should return, by the scalar models; a masked choice is seen, but not scored."""
    found = []
    for _, block in table.groupby("block", sort=False):
        agent = by_hand.agent(task, name, p, task_of(task).n_actions)
        for row in block.itertuples():
            first = by_hand.probabilities(agent.first())
            values = {f"p_{i}": value for i, value in enumerate(first)}
            values["log_likelihood"] = by_hand.log_likelihood(first[row.action]) if row.mask else 0.0
            if "action2" in table:
                second = by_hand.probabilities(agent.second(row.state))
                values = {"p1_0": first[0], "p1_1": first[1], "p2_0": second[0], "p2_1": second[1]} | {
                    "log_likelihood_1": values["log_likelihood"],
                    "log_likelihood_2": by_hand.log_likelihood(second[row.action2]) if row.mask2 else 0.0,
                }
                agent.update(row.action, row.state, row.action2, row.reward)
            else:
                agent.update(row.action, row.state, row.reward)
            found.append(values)
    return pd.DataFrame(found)


# -- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TABLE)
def test_models_are_those_of_the_catalogue(task):
    listed = registry.COGNITIVE[task]
    for registered, text in ((True, TABLE[task]), (False, BESIDE.get(task, ""))):
        names = [name for name, one in listed.items() if one.registered == registered]
        found = {name: (model(task, name).n_dynamical, model(task, name).n_parameters) for name in names}
        assert found == (rows(text) if text else {})


def test_figures_show_the_models_that_the_paper_s_show():
    """(methods: catalogue)"""
    for task, text in LABELS.items():
        shown = {name: one.label for name, one in registry.COGNITIVE[task].items() if one.in_figures}
        assert shown == dict(pair.split() for pair in text.split(","))
    mice = {name: one.label for name, one in registry.COGNITIVE["transition_reversal"].items() if one.in_figures}
    assert len(mice) == 17
    assert mice["MFmoMF_MB_dec_bs_rb_ec_mc"] == "MFMOMB"
    assert mice["MB_dec_bs_rb_ec_mc"] == mice["MB_bs_rb_ck"] == "MB"
    assert registry.COGNITIVE["reversal"]["MB0md"].label == "MB-GRU"


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_the_state_holds_the_dynamical_variables_first_and_stays_in_its_bounds(task, name):
    own, rng = model(task, name), np.random.default_rng(3)
    kinds = [variable.memory for variable in own.variables.values()]
    assert kinds == sorted(kinds)
    params = {key: np.array([value]) for key, value in drawn(own.classes, rng).items()}
    data = data_of(task, trial_table(task, rng))
    states, logits = run(own, params, data, data.n_trials)
    assert states.shape == (1, data.n_trials + 1, 3, own.n_state)
    assert logits.shape[-1] == task_of(task).n_outputs
    low, high = own.state_bounds
    assert ((states >= low) & (states <= high)).all()


def test_bandits_of_any_size_have_three_models():
    assert list(registry.COGNITIVE["bandit"]) == ["MF", "MFD", "MFDp"]
    assert registry.cognitive(task_of("bandit", 5), "MFDp").n_dynamical == 10
    assert registry.cognitive(task_of("bandit"), "MB0").name == "MB0"


@pytest.mark.parametrize(("short", "name"), [("Q0", "Q(0)"), ("Q1", "Q(1)")])
def test_names_without_brackets_stand_for_those_with(short, name):
    assert registry.cognitive(TWO_STAGE, short).name == registry.cognitive(TWO_STAGE, name).name == name


def test_values_before_fitting():
    """(methods: values before fitting)"""
    expected = {
        ("reversal", "BAS"): {"p": 0.5},
        ("two_stage", "RC"): {"alpha": 0.05, "beta": 6},
        ("two_stage", "LS0"): {"h": 0.1, "beta": 5},
        ("reversal", "LS1"): {"h": 0.1, "w_0": 1, "w_1": 1, "beta": 5},
        ("reversal", "MB0md"): {"D_1": 0.4, "alpha_0": 0.2, "b": 0.4, "beta": 5},
        ("reversal", "MB0mdnb"): {"D_1": 0.4, "alpha_0": 0.2, "beta": 5},
        ("reversal", "MB0off"): {"alpha": 0.5, "rho": 0, "beta": 5},
        ("reversal", "MB1p"): {"alpha": 0.5, "D": 0.5, "alpha_X": 0.5, "kappa": 0, "beta": 5},
        ("two_stage", "MXs"): {"alpha_Q": 0.5, "alpha_V": 0.5, "w": 0.5, "beta": 5},
        ("four_armed_bandit", "MFDp"): {"alpha": 0.5, "D": 0.5, "alpha_X": 0.5, "kappa": 0, "beta": 5},
        ("four_armed_bandit", "MFL"): dict.fromkeys(("alpha_c", "rho_c", "alpha_u", "rho_u"), 0.5) | {"beta": 5},
        ("three_armed_reversal", "MFLb"): {"D_c": 0.5, "u_c0": -0.1, "u_c1": 0.5}
        | {"D_u": 0.5, "u_u0": 0.5, "u_u1": -0.5, "beta": 5},
        ("transition_reversal", "MF_bs_rb_ck"): {"alpha": 0.5, "beta": 5, "lambda": 0.5}
        | {"b_bias": 0.2, "k_rot": 0.2, "k_c": 0.2},
        ("original_two_stage", "MX"): {"alpha_1": 0.4, "alpha_2": 0.4, "beta_1": 5, "beta_2": 5}
        | {"lambda": 0.5, "kappa": 0, "w": 0.5},
        ("original_two_stage", "MFsr"): {"alpha_1": 0.4, "alpha_2": 0.4, "beta_1": 5, "beta_2": 5}
        | {"nu_1": 0.5, "nu_2": 0.5, "omega": 0.5},
    }
    assert model("four_armed_bandit", "MFLabs").defaults["eta_u"] == -0.5
    for (task, name), values in expected.items():
        assert model(task, name).defaults == values


# -- equations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("masked", [0.0, 0.2])
@pytest.mark.parametrize(("task", "name"), EVERY)
def test_scores_equal_the_equations_in_scalars(task, name, masked):
    rng = np.random.default_rng(11)
    for _ in range(3):
        p, table = drawn(model(task, name).classes, rng), trial_table(task, rng, masked=masked)
        scored = tinycog.score(task=task, model=name, parameters=p, trials=table)
        expected = scored_by_hand(task, name, p, table)
        assert list(scored) == list(expected)
        np.testing.assert_allclose(scored, expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_defaults_and_ends_of_ranges_are_scored(task, name):
    """Rates of exactly 0 or 1 are what they say."""
    own, table = model(task, name), trial_table(task, np.random.default_rng(2))
    scored = tinycog.score(task=task, model=name, parameters={}, trials=table)
    np.testing.assert_allclose(scored, scored_by_hand(task, name, own.defaults, table), atol=1e-10, rtol=0)
    for end in ("low", "high"):
        limits = {key: getattr(cls, end) for key, cls in own.classes.items() if cls in (UNIT, HALF)}
        p = own.defaults | limits
        if name == "BAS":  # a logarithm of 0 by hand
            continue
        scored = tinycog.score(task=task, model=name, parameters=limits, trials=table)
        np.testing.assert_allclose(scored, scored_by_hand(task, name, p, table), atol=1e-10, rtol=0)


def test_a_baseline_that_is_certain():
    table = trial_table("reversal", np.random.default_rng(0))
    scored = tinycog.score(task="reversal", model="BAS", parameters={"p": 1}, trials=table)
    np.testing.assert_allclose(scored["p_1"], 1, atol=1e-12)
    floor = math.log(0.5e-200)
    np.testing.assert_allclose(scored["log_likelihood"], np.where(table["action"] == 1, 0, floor), atol=1e-10)


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_torch_equals_numpy_and_its_gradient_finite_differences(task, name):
    own, rng = model(task, name), np.random.default_rng(4)
    data = data_of(task, trial_table(task, rng, n_blocks=2, n_trials=8, masked=0.1))
    x = rng.normal(size=(2, own.n_parameters))

    def likelihood(x, data):
        _, logits = run(own, own.from_real(x), data, data.n_trials - 1)
        return sequences.log_likelihood(logits, data, own.log_floor).sum((1, 2))

    tensor = torch.tensor(x, requires_grad=True)
    by_torch = likelihood(tensor, to_torch(data))
    assert by_torch.dtype == torch.float64
    np.testing.assert_allclose(by_torch.detach(), likelihood(x, data), atol=1e-10)
    (slope,) = torch.autograd.grad(by_torch.sum(), tensor, allow_unused=True)
    for i in range(own.n_parameters):
        step = np.zeros_like(x)
        step[:, i] = 1e-5
        difference = (likelihood(x + step, data) - likelihood(x - step, data)) / 2e-5
        np.testing.assert_allclose(slope[:, i], difference, atol=1e-6, rtol=1e-6)


def soft(data, rng):
    """The same choices with random shares of the actions offered as targets."""
    n_actions = int(data.action.max()) + 1 if data.closed is None else data.closed.shape[-1]
    weight = rng.random((*data.action.shape, n_actions)) * (1.0 if data.closed is None else data.closed == 0)
    return replace(data, target=weight / weight.sum(-1, keepdims=True))


def graded(data, rng):
    """The same choices with rewards of any size, among them those next to which rules decide."""
    paid = data.mask * (np.arange(data.n_trials)[:, None] % data.stages == data.stages - 1)
    some = rng.choice([0.0, 1.0, 0.5, np.nextafter(0.5, 1), 1e-12, 1 - 1e-12], data.mask.shape)
    return replace(data, reward=paid * np.where(rng.random(data.mask.shape) < 0.5, some, rng.random(data.mask.shape)))


@pytest.mark.parametrize("kind", [lambda data, rng: data, soft, graded], ids=["choices", "shares", "graded"])
@pytest.mark.parametrize(("task", "name"), [place for place in EVERY if place[1] != "BAS"])
def test_compiled_programs_equal_the_rules_and_their_slopes_those_of_torch(task, name, kind):
    """Some parameters lie where they are clipped, and some give choices probabilities that only the guard bounds."""
    own, rng = model(task, name), np.random.default_rng(5)
    data = data_of(task, trial_table(task, rng, n_blocks=4, n_trials=9, masked=0.1))
    data = replace(kind(data, rng), lengths=np.full(4, data.n_trials))
    x = rng.normal(size=(19, own.n_parameters))  # more than fill eight lanes twice
    x[-2], x[-1] = np.sign(x[-2]) * 16.5, 3 * x[-1]
    compiled, n_times = Compiled(own, data), data.n_trials
    np.testing.assert_allclose(compiled.nll(x, False), choice_nll(own, own.from_real(x), data, False), atol=1e-9)
    np.testing.assert_allclose(compiled.nll(x, True), choice_nll(own, own.from_real(x), data, True), rtol=1e-10)
    for by_block in (True, False):
        alone = [compiled.nll_alone(point, by_block) for point in x]
        np.testing.assert_allclose(alone, compiled.nll(x, by_block), rtol=1e-10, atol=1e-9)
    for weights in (rng.integers(0, 2, (3, 1, 4)) * 1.0, rng.random((3, n_times, 4))):
        owner = np.arange(len(x)) % 3
        tensor = torch.tensor(x, requires_grad=True)
        nll = choice_nll(own, own.from_real(tensor), to_torch(data), weights.shape[1] == 1)
        nll = (nll * torch.tensor(weights[owner])).sum((1, 2))
        (slope,) = torch.autograd.grad(nll.sum(), tensor, allow_unused=True)
        found, slopes = compiled.training(x, weights, owner)
        np.testing.assert_allclose(found, nll.detach(), rtol=1e-10)
        np.testing.assert_allclose(slopes, slope, rtol=1e-9, atol=1e-9 * (1 + abs(slope.numpy()).max()))


def test_transforms_of_real_parameters():
    x = np.array([[-20.0] * 4, [20.0] * 4])
    params = model("reversal", "MF0sp").from_real(x)
    np.testing.assert_array_equal(params["kappa"], [-20, 20])
    np.testing.assert_allclose(params["alpha_X"], [1 / (1 + math.exp(16)), 1 / (1 + math.exp(-20))])
    np.testing.assert_allclose(params["beta"], [math.exp(-20), math.exp(16)])


# -- likelihood ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("beta", [1.0, 100.0, 460.0, 461.3, 470.0, 1000.0, 8.8e6])
def test_impossible_choices_cost_what_the_guard_says(beta, library):
    """The guard ln(0.5e-200 + (1 - 1e-200) p) (methods: policy and likelihood); after a reward L differs by beta."""
    own = model("reversal", "MB0")
    columns = {"action": np.array([0, 1]), "reward": np.array([1.0, 0.0]), "mask": np.ones(2, int)}
    columns |= {"state": columns["action"], "block": np.zeros(2, int), "trial": np.arange(2)}
    data = sequences.from_columns(columns, REVERSAL)
    params = {"alpha": np.array([1.0]), "beta": np.array([beta])}
    if library == "torch":
        data, params = to_torch(data), {name: torch.tensor(value) for name, value in params.items()}
        params["beta"].requires_grad_()
    _, logits = run(own, params, data, 1)
    found = sequences.log_likelihood(logits, data, own.log_floor)[0, :, 0]
    if library == "torch":
        assert torch.isfinite(torch.autograd.grad(found[1], params["beta"])[0]).all()
        found, logits = found.detach(), logits.detach()
    p = math.exp(-beta) / (1 + math.exp(-beta))
    assert float(found[1]) == pytest.approx(math.log(0.5e-200 + (1 - 1e-200) * p), abs=1e-10)
    assert float(found[0]) == -math.log(2)
    unguarded = sequences.log_likelihood(logits, data)[0, :, 0]  # that of networks
    assert float(unguarded[1]) == pytest.approx(-beta - math.log1p(math.exp(-beta)), rel=1e-12)


def test_targets_are_guarded_too():
    data = random_sequences(n_blocks=2, n_trials=3)
    data = replace(data, target=np.full((3, 2, 2), 0.5))
    logits = np.zeros((1, 3, 2, 2)) + np.array([1000.0, 0.0])
    found = sequences.expected_log_likelihood(logits, data, reversal.LS0.log_floor)
    np.testing.assert_allclose(found, 0.5 * math.log(0.5e-200), atol=1e-10)


def test_choices_are_among_what_is_offered_however_large_the_logits():
    table = trial_table("original_two_stage", np.random.default_rng(1))
    p = {"alpha_2": 0.9, "beta_1": 1e6, "beta_2": 0.5}
    scored = tinycog.score(task="original_two_stage", model="MBs", parameters=p, trials=table)
    np.testing.assert_allclose(scored, scored_by_hand("original_two_stage", "MBs", p, table), atol=1e-10)
    np.testing.assert_allclose(scored["p2_0"] + scored["p2_1"], 1, atol=1e-12)


def test_a_tie_of_two_choices_was_not_predicted():
    """In the original two-stage task its probability must exceed a half (methods: policy and likelihood)."""
    data = data_of("original_two_stage", trial_table("original_two_stage", np.random.default_rng(1)))
    logits = np.zeros((1, data.n_trials, data.n_blocks, 6))
    assert sequences.is_predicted(logits, data).sum() > 0
    assert sequences.is_predicted(logits, data, ties_fail=True).sum() == 0
    logits[..., [1, 3, 5]] = 1.0
    expected = (data.action[None] % 2 == 1) * data.mask
    np.testing.assert_array_equal(sequences.is_predicted(logits, data, ties_fail=True), expected)


# -- identities (methods: identities) ---------------------------------------------------------------------------------


def same(task, one, other):
    """Two models (an instance, or a name in the task, and parameters) give the same probabilities."""
    rng = np.random.default_rng(8)
    table = trial_table(task, rng)
    if task == "three_armed_reversal":
        assert set(table["reward"]) == {0, 1}
    data = data_of(task, table)
    policies = []
    for named, p in (one, other):
        own = model(task, named) if isinstance(named, str) else named
        own.check(p)
        _, logits = run(own, {key: np.array([value]) for key, value in p.items()}, data, data.n_trials - 1)
        offered = logits if data.closed is None else np.where(data.closed == 0, logits, -1e300)
        policies.append(offered - np.logaddexp.reduce(offered, axis=-1, keepdims=True))
    np.testing.assert_allclose(np.exp(policies[0]), np.exp(policies[1]), atol=1e-12)


def values(own, *, seed=5, **given):
    """Random parameters of a model, some given."""
    return drawn(own.classes, np.random.default_rng(seed)) | given


def test_with_states_that_are_actions_values_of_states_are_values_of_actions():
    p = {"alpha": 0.3, "beta": 2.0}
    same("reversal", ("MB0", p), (bandits.MF(REVERSAL), p))
    same("reversal", ("MB1", p | {"D": 0.7}), (bandits.MFD(REVERSAL), p | {"D": 0.7}))


@pytest.mark.parametrize("task", ["reversal", "two_stage"])
def test_anti_correlated_values_are_forgetting_values(task):
    one = {"alpha": 0.3, "beta": 2.0}
    same(task, ("MB0s", one), ("MB1", {"alpha": 0.3, "D": 0.7, "beta": 4.0}))


@pytest.mark.parametrize("name", ["MB0s", "MB0", "MB1", "MB0m", "MB0md"])
def test_the_probability_of_a_common_transition_scales_beta(name):
    p = values(model("two_stage", name))
    certain = type(model("two_stage", name))(replace(TWO_STAGE, common=1.0))
    same("two_stage", (name, p), (certain, p | {"beta": 0.6 * p["beta"]}))


def test_mixtures_end_in_their_parts():
    p = values(model("two_stage", "MXs"))
    same("two_stage", ("MXs", p | {"w": 1.0}), ("MB0s", {"alpha": p["alpha_V"], "beta": p["beta"]}))
    same("two_stage", ("MXs", p | {"w": 0.0}), ("MFs", {"alpha": p["alpha_Q"], "beta": p["beta"]}))
    for lag in ("", "_lag1"):
        p = values(model("original_two_stage", f"MX{lag}"))
        of_mf, of_mb = (
            {key: p[key] for key in model("original_two_stage", name + lag).classes} for name in ("MF", "MB")
        )
        same("original_two_stage", (f"MX{lag}", p | {"w": 0.0}), (f"MF{lag}", of_mf))
        same("original_two_stage", (f"MX{lag}", p | {"w": 1.0}), (f"MB{lag}", of_mb))


@pytest.mark.parametrize(
    ("with_trace", "without"),
    [
        ("LS0p", "LS0"),
        ("MB0p", "MB0"),
        ("MB1p", "MB1"),
        ("MB0mdp", "MB0md"),
        ("MF0sp", reversal.MFs(REVERSAL)),
        ("MFDp", bandits.MFD(REVERSAL)),
    ],
)
def test_without_kappa_there_is_no_perseveration(with_trace, without):
    own = model("reversal", without) if isinstance(without, str) else without
    p = values(model("reversal", with_trace), kappa=0.0)
    same("reversal", (with_trace, p), (own, {key: p[key] for key in own.classes}))


def test_nothing_forgotten_and_nothing_lost():
    p = values(model("reversal", "MB1p"), D=1.0)
    same("reversal", ("MB1p", p), ("MB0p", {key: p[key] for key in p if key != "D"}))
    p = values(model("three_armed_reversal", "MFD"), D=1.0)
    same("three_armed_reversal", ("MFD", p), ("MF", {key: p[key] for key in ("alpha", "beta")}))
    p = values(model("reversal", "MB0md"), b=0.0)
    same("reversal", ("MB0md", p), ("MB0mdnb", {key: p[key] for key in p if key != "b"}))
    p = values(model("reversal", "LS1"), w_0=1.0, w_1=1.0)
    same("reversal", ("LS1", p), ("LS0", {key: p[key] for key in ("h", "beta")}))


def test_agents_of_the_mice_contain_each_other():
    """(methods: identities)"""
    task, mice = "transition_reversal", TASKS["transition_reversal"]

    def agent(core, tags="bs_rb_ck"):
        return transition_reversal.agent(core, tags)(mice)

    def check(larger, given, smaller, renamed=None):
        p = values(larger, **given)
        same(task, (larger, p), (smaller, {key: p[(renamed or {}).get(key, key)] for key in smaller.classes}))

    check(agent("MF_dec"), {"f": 0.0}, agent("MF"))
    check(agent("MB_dec"), {"f_V": 0.0, "f_T": 0.0}, agent("MB"))
    check(agent("MF_MB_dec"), {"f_Q": 0.0, "f_T": 0.0}, agent("MF_MB"))
    check(agent("MF_MB_vdec"), {"f_Q": 0.0}, agent("MF_MB"))
    check(agent("MF_MB_dec"), {"f_T": 0.0}, agent("MF_MB_vdec"))
    tags = "bs_rb_ec_mc"
    check(agent("MFmoMF_MB_dec", tags), {"G_P": 0.0}, agent("MF_MB_dec", tags))
    check(agent("MFmoMF_dec", tags), {"w_P": 0.0}, agent("MF_dec", tags), {"alpha": "alpha_Q", "f": "f_Q"})
    check(agent("MFmoMF_MB_dec", tags), {"f_T": 0.0}, agent("MFmoMF_MB_vdec", tags))
    check(agent("MFmoMF_MB_dec", tags), {"f_Q": 0.0}, agent("MFmoMF_MB_tdec", tags))
    for core in ("MF_MB", "MF_MB_vdec", "MF_MB_dec"):
        check(agent(core, "bs_rb_ec"), {"alpha_E": 1.0}, agent(core), {"k_c": "k_E"})
    none = {"b_bias": 0.0, "k_rot": 0.0, "k_c": 0.0}
    check(agent("MF"), {"lambda": 1.0, **none}, reversal.Q1(mice))
    check(agent("MF"), {"lambda": 0.0, **none}, reversal.Q0(mice))


def test_reference_points_and_utilities_contain_forgetting():
    """(methods: identities)"""
    task = "three_armed_reversal"
    p = values(model(task, "MFLabs"))
    forgetting = p | {"eta_u": 0.0, "alpha_u": 1 - 0.6, "eta_c": p["alpha_c"], "rho_c": 0.0}
    same(task, ("MFLabs", forgetting), ("MFD", {"alpha": p["alpha_c"], "D": 0.6, "beta": p["beta"]}))
    utilities = {"D_c": 1 - p["alpha_c"], "D_u": 1 - p["alpha_u"], "beta": p["beta"]}
    utilities |= {f"u_{x}{r}": p[f"eta_{x}"] * (r - p[f"rho_{x}"]) for x in "cu" for r in (0, 1)}
    same(task, ("MFLabs", p), ("MFLb", utilities))
    scaled = {key: 3 * value if key.startswith("eta") else value for key, value in p.items()}
    same(task, ("MFLabs", p), ("MFLabs", scaled | {"beta": p["beta"] / 3}))
    scaled = {key: 3 * value if key.startswith("u_") else value for key, value in utilities.items()}
    same(task, ("MFLb", utilities), ("MFLb", scaled | {"beta": p["beta"] / 3}))
    tied = values(model(task, "MFL_tied"))
    same(task, ("MFL_tied", tied), ("MFLabs", tied | {"eta_c": tied["alpha_c"], "eta_u": -tied["alpha_u"]}))
    same(task, ("MFL", tied), ("MFLabs", tied | {"eta_c": 0.5, "eta_u": -0.5}))


# -- closed forms (methods: logit maps in closed form) -----------------------------------------------------------------


def logits_along(task, own, p):
    """L before and after each trial, and the trials' action, state and reward, (trial, block)."""
    data = data_of(task, trial_table(task, np.random.default_rng(6)))
    _, logits = run(own, {key: np.array([value]) for key, value in p.items()}, data, data.n_trials)
    L = logits[0, ..., 0] - logits[0, ..., 1]
    chi_a, chi_s = 1 - 2 * data.action, 1 - 2 * data.state
    return L[:-1], L[1:], chi_a, chi_s, data.reward


def test_maps_of_the_one_dimensional_models():
    alpha, beta, p = 0.3, 2.5, 0.8
    given = {"alpha": alpha, "beta": beta}
    L, after, chi_a, _, r = logits_along("two_stage", model("two_stage", "MFs"), given)
    np.testing.assert_allclose(after, (1 - alpha) * L + 2 * alpha * beta * r * chi_a, atol=1e-12)
    L, after, _, chi_s, r = logits_along("two_stage", model("two_stage", "MB0s"), given)
    np.testing.assert_allclose(after, (1 - alpha) * L + 2 * alpha * beta * (2 * p - 1) * r * chi_s, atol=1e-12)
    L, after, _, chi_s, r = logits_along("two_stage", reversal.MB0se(TWO_STAGE), given)
    expected = (1 - alpha) * L + 2 * alpha * beta * (2 * p - 1) * (2 * r - 1) * chi_s
    np.testing.assert_allclose(after, expected, atol=1e-12)
    h, g = 0.1, 0.8
    L, after, _, chi_s, r = logits_along("two_stage", model("two_stage", "LS0"), {"h": h, "beta": beta})
    e = (2 * g - 1) * (2 * r - 1) * chi_s
    np.testing.assert_allclose(after, beta * (1 - 2 * h) * (L / beta + e) / (1 + e * L / beta), atol=1e-12)
    assert (np.abs(after) <= beta * (1 - 2 * h) + 1e-12).all()


def test_maps_with_perseveration():
    own = model("reversal", "MF0sp")
    p = {"alpha": 0.0, "alpha_X": 0.2, "kappa": 0.4, "beta": 3.0}
    L, after, chi_a, _, r = logits_along("reversal", own, p)
    np.testing.assert_allclose(after, 0.8 * L + 2 * 0.2 * 3.0 * 0.4 * chi_a, atol=1e-12)
    L, after, chi_a, _, r = logits_along("reversal", own, p | {"alpha": 0.2})
    np.testing.assert_allclose(after, 0.8 * L + 2 * 0.2 * 3.0 * (r + 0.4) * chi_a, atol=1e-12)
    L, after, chi_a, _, _ = logits_along("two_stage", model("two_stage", "CK"), {"alpha_X": 0.2, "kappa": -0.4})
    np.testing.assert_allclose(after, 0.8 * L - 2 * 0.2 * 0.4 * chi_a, atol=1e-12)


def test_a_choice_kernel_is_perseveration_without_values():
    p = {"alpha": 0.0, "alpha_X": 0.3, "kappa": 0.7, "beta": 2.0}
    same("reversal", ("MF0sp", p), ("CK", {"alpha_X": 0.3, "kappa": 1.4}))


@pytest.mark.parametrize(
    ("task", "name", "expected"),
    [
        ("reversal", "MB0s", lambda a, s, r: 2 * 2.5 * r * (1 - 2 * a)),
        ("reversal", "MB0se", lambda a, s, r: 2 * 2.5 * (2 * r - 1) * (1 - 2 * a)),
        ("two_stage", "MFs", lambda a, s, r: 2 * 2.5 * r * (1 - 2 * a)),
        ("two_stage", "MB0s", lambda a, s, r: 2 * 2.5 * 0.6 * r * (1 - 2 * s)),
    ],
)
def test_setpoints_of_portraits(task, name, expected):
    own, params = model(task, name), {"alpha": np.array([0.3]), "beta": np.array([2.5])}
    one_step = portrait.OneStep(task_of(task), own, params)
    the_map = portrait.exact_map(one_step, np.zeros(1))
    for code in range(len(task_of(task).conditions)):
        points = portrait.fixed_points(one_step, the_map, code)
        np.testing.assert_allclose(points.logit, [expected(*task_of(task).trial_of(code))], atol=1e-6)
        np.testing.assert_allclose(points.multiplier, 0.7, atol=1e-12)


def test_perseveration_two_back_and_one_back():
    """After first actions 1, 0 the bonus goes to 0, 1, one back to 1, 0 (methods: original two-stage models)."""
    table = pd.DataFrame({"action": [1, 0, 0], "state": 0, "action2": 0, "reward": 0.0})
    p = {"alpha_2": 0.5, "beta_1": 1.0, "beta_2": 1.0, "kappa": 2.0}
    for name, favoured in (("MB", [None, 0, 1]), ("MB_lag1", [None, 1, 0])):
        scored = tinycog.score(task="original_two_stage", model=name, parameters=p, trials=table)
        expected = [0.5 if a is None else 1 / (1 + math.exp(-2 if a == 0 else 2)) for a in favoured]
        np.testing.assert_allclose(scored["p1_0"], expected, atol=1e-12)


# -- what uses the models --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TABLE)
def test_every_model_can_be_fitted_to_its_task_and_simulated(task):
    """By its name in a config, with `Q0` and `Q1` as keys."""
    dataset = {"source": "simulate", "task": task, "n_blocks": 8, "n_trials": 10}
    keys = {name.replace("(", "").replace(")", ""): name for name in registry.COGNITIVE[task]}
    agents = {
        key: dataset | {"agent": {"model": key, "parameters": model(task, name).defaults}} for key, name in keys.items()
    }
    content = {"run": "t", "datasets": agents, "models": {key: {"family": "cognitive"} for key in keys}}
    whole = checked(content | {"cv": {"outer": 2, "inner": 2}}, "t", Config)
    for key, name in keys.items():
        assert whole.dims(key)[key] == [model(task, name).n_dynamical]
        assert registry.build(TASKS[task], whole.model_slice(key), None).name == name


def test_declarations_and_the_package_load_nothing_heavy():
    """Snakemake's parsing imports the registry, and every job the package."""
    heavy = "'torch', 'pandas', 'scipy'"
    text = f"import sys, tinycog, tinycog.models.registry; print([m for m in ({heavy}) if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", text], capture_output=True, text=True).stdout.strip() == "[]"
