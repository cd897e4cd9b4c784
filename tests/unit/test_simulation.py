"""Simulated agents and environments, against their rules."""

import itertools

import numpy as np
import pytest
from scipy import stats

from tinycog.errors import InputError
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cells.gru import GRU
from tinycog.models.interface import run
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.environments import ENVIRONMENTS_OF
from tinycog.sections.messages import checked
from tinycog.simulation import agents, environments
from tinycog.simulation.play import _choose, play
from tinycog.sources import simulate
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.sequences import log_likelihood
from tinycog.trials.table import validated

AGENTS = {
    "bandit": ("MB0", {"alpha": 0.4, "beta": 3.0}),
    "reversal": ("LS0", {"h": 0.05, "beta": 4.0}),
    "two_stage": ("MB1", {"alpha": 0.4, "D": 0.8, "beta": 4.0}),
    "transition_reversal": ("Q(1)", {"alpha": 0.4, "beta": 4.0}),
    "three_armed_reversal": ("MF", {"alpha": 0.4, "beta": 4.0}),
    "four_armed_bandit": ("MF", {"alpha": 0.4, "beta": 6.0}),
    "original_two_stage": ("MBs", {"alpha_2": 0.4, "beta_1": 6.0, "beta_2": 4.0}),
}
PAIRS = [(task, kind) for task, kinds in ENVIRONMENTS_OF.items() for kind in kinds if kind != "bahrami"]


def options(task, kind, **given):
    model, parameters = AGENTS[task]
    n_actions = task_of(task).n_actions
    environment = {"kind": kind, "levels": [[0.2, 0.7]] * n_actions} if kind == "levels" else {"kind": kind}
    section = {"source": "simulate", "task": task, "agent": {"model": model, "parameters": parameters}}
    section |= {"environment": environment, "n_blocks": 40, "n_trials": 60}
    return checked({**section, **given}, "test", AnyDataset).model_dump()


def environment(task, kind, n_blocks, n_trials, **settings):
    """An environment with settings as the config gives them, and the task."""
    section = options(task, kind)["environment"] | settings
    return environments.KINDS[kind](section, task_of(task), n_blocks, n_trials, generator("test", task, kind))


def numbers(model, values):
    return {name: np.array([value]) for name, value in values.items()}


# -- agents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "kind"), PAIRS)
def test_what_is_simulated_is_a_table_like_any_other(task, kind):
    prepared = simulate.prepare("sim", options(task, kind), None, 3)
    table = validated(prepared.table, task_of(task), "sim")
    assert prepared.counts_raw["s0"]["trials"] == len(table) == 40 * 60
    assert prepared.parameters["environment"]["kind"] == kind
    levels = [name for name in table if name.startswith(("task_p", "task_payoff"))]
    assert len(levels) == task_of(task).n_states * task_of(task).stages
    assert table[levels].stack().between(0, 1).all()


def players():
    for task in AGENTS:
        for name in registry.COGNITIVE[task_of(task).cognitive]:
            model = registry.cognitive(task_of(task), name)
            values = model.defaults | {key: 0.7 for key in ("kappa", "rho") if key in model.classes}
            yield pytest.param(task, model, values, id=f"{task} {name}")
    for task in ("two_stage", "four_armed_bandit", "original_two_stage"):
        own = task_of(task)
        cell = GRU(n_inputs=own.n_inputs, n_units=2, n_actions=own.n_outputs)
        yield pytest.param(task, cell, None, id=f"{task} gru")


@pytest.mark.parametrize(("task", "model", "values"), list(players()))
def test_likelihood_gives_the_probabilities_with_which_choices_were_drawn(task, model, values):
    own = task_of(task)
    if values is None:
        params = {name: value[None] * 5 for name, value in model.initialise(1).items()}
    else:
        params = numbers(model, values)
    world = environment(task, ENVIRONMENTS_OF[task][0], 30, 40)
    played = play(model, params, own, world, (40, 30), np.random.default_rng(5))
    block, trial = np.divmod(np.arange(30 * 40), 40)
    ones = np.ones(len(block), dtype=np.int8)
    columns = {name: values[trial, block] for name, values in played.items()}
    data = sequences.from_columns({**columns, "block": block, "trial": trial, "mask": ones, "mask2": ones}, own)
    _, logits = run(model, params, data, data.n_trials - 1)
    likelihood = log_likelihood(logits, data)[0]
    np.testing.assert_allclose(np.exp(likelihood[:: own.stages]), played["probability"], rtol=1e-10)
    if own.stages == 2:
        np.testing.assert_allclose(np.exp(likelihood[1::2]), played["probability2"], rtol=1e-10)


def test_choices_occur_as_often_as_their_probabilities_say():
    task = task_of("three_armed_reversal")
    model = registry.cognitive(task, "MF")
    world = environment("three_armed_reversal", "levels", 4000, 20)
    params = numbers(model, AGENTS["three_armed_reversal"][1])
    played = play(model, params, task, world, (20, 4000), np.random.default_rng(0))
    probability = played["probability"]
    # the mean of 1 / p over choices is the number of actions
    assert abs((1 / probability).mean() - 3) < 4 * (1 / probability).std() / np.sqrt(probability.size)


def test_a_uniform_number_below_the_cumulated_probability_of_an_action_and_those_before_it_chooses_it():
    """For probabilities 1/4, 0, 1/4, 1/4, 1/4; a number equal to a sum belongs to the next action that can occur."""
    uniform = np.array([0.0, 0.2, 0.25, 0.5, 0.7, 0.75, 0.999])
    action, probability = _choose(np.tile([0.0, -np.inf, 0.0, 0.0, 0.0], (7, 1)), uniform)
    assert action.tolist() == [0, 0, 2, 3, 3, 4, 4]
    assert probability.tolist() == [0.25] * 7
    certain, probability = _choose(np.array([[-np.inf, 0.0]]), np.zeros(1))
    assert (certain.item(), probability.item()) == (1, 1.0)


def test_what_an_agent_draws_does_not_follow_from_what_its_environment_draws():
    """First choices of 400 agents, and whether action 0 pays more often than not: two fair coins."""
    task, section = task_of("bandit"), options("bandit", "bandit", n_blocks=1, n_trials=1)
    model, values = registry.cognitive(task, "MB0"), AGENTS["bandit"][1]
    played = [agents.choices(model, values, task, section, payoffs=None, key=("k", 0, i)) for i in range(400)]
    coins = [2 * columns["action"].item() + (columns["task_p0"].item() > 0.5) for columns in played]
    assert stats.chisquare(np.bincount(coins, minlength=4)).pvalue > 1e-4


WORLDS = [
    ("bandit", "bandit", {}),
    ("reversal", "akam_reversal", {}),
    ("two_stage", "blocks", {"transition_length": 15}),
    ("two_stage", "walks", {}),
    ("transition_reversal", "akam_two_step", {}),
    ("transition_reversal", "blocks", {"transition_length": 15}),
    ("three_armed_reversal", "levels", {}),
    ("original_two_stage", "walks", {}),
]


def assert_of_probability(happened, probability, which):
    """Independent events have their probabilities, among all that `which` marks (five standard errors)."""
    happened, probability = np.asarray(happened)[which], np.asarray(probability)[which]
    expected = np.sqrt((probability * (1 - probability)).sum())
    assert expected > 5, "too few to tell"
    assert abs((happened - probability).sum()) < 5 * expected


@pytest.mark.parametrize(("task", "kind", "settings"), WORLDS)
def test_states_and_rewards_have_the_probabilities_that_the_annotations_say(task, kind, settings):
    own = task_of(task)
    section = options(task, kind, n_blocks=150, n_trials=150)
    section["environment"] |= settings
    table = simulate.prepare("sim", section, None, 3).table
    action, state = table["action"].to_numpy(), table["state"].to_numpy()
    crossed = table.get("task_transition_reversed", 0 * table["state"]).to_numpy()
    marks = [np.ones(len(table), bool), action == 0, action == 1]
    if own.one_stage:
        assert (state == action).all()
    else:
        for which in [*marks, crossed == 1] if crossed.any() else marks:
            assert_of_probability(state == (action ^ crossed), np.full(len(table), own.common), which)
    names, choice = [f"task_p{'' if own.one_stage else '_s'}{i}" for i in range(own.n_states)], state
    if own.stages == 2:
        names, choice = [f"task_p_s{i}a{j}" for i in (0, 1) for j in (0, 1)], 2 * state + table["action2"].to_numpy()
    probability = table[names].to_numpy()[np.arange(len(table)), choice]
    marks += [probability > probability.mean(), choice == len(names) - 1, *([] if own.one_stage else [state != action])]
    for which in marks:
        assert_of_probability(table["reward"], probability, which)


# -- schedules -------------------------------------------------------------------------------------------------------


def test_probabilities_of_actions_are_those_given_and_swap_once_at_one_of_the_trials_named():
    world = environment("reversal", "bandit", 2000, 20, probabilities=[0.9, 0.2], reversal=[5, 8])
    first = (world.levels[..., 0] == 0.2).argmax(axis=0)
    swapped = np.arange(20)[:, None, None] >= first[:, None]
    np.testing.assert_array_equal(world.levels, np.where(swapped, [0.2, 0.9], [0.9, 0.2]))
    assert set(first) == {5, 6, 7, 8}
    assert stats.chisquare(np.bincount(first)[5:]).pvalue > 1e-4
    at_once = environment("reversal", "bandit", 3, 4, probabilities=[0.9, 0.2], reversal=[0, 0])
    np.testing.assert_array_equal(at_once.levels, np.broadcast_to([0.2, 0.9], (4, 3, 2)))
    never = environment("three_armed_reversal", "bandit", 3, 4, probabilities=[0.1, 0.5, 0.8])
    np.testing.assert_array_equal(never.levels, np.broadcast_to([0.1, 0.5, 0.8], (4, 3, 3)))


def test_probabilities_that_are_not_given_are_drawn_anew_for_every_action_and_block():
    levels = environment("three_armed_reversal", "bandit", 1000, 4).levels
    np.testing.assert_array_equal(levels, np.broadcast_to(levels[0], (4, 1000, 3)))
    assert len(np.unique(levels)) == 3000
    assert stats.kstest(levels[0].ravel(), stats.uniform(0, 1).cdf).pvalue > 1e-4


def test_actions_lead_commonly_to_their_state_and_rewards_follow_their_probability():
    world = environment("two_stage", "blocks", 20_000, 120, probabilities=[0.2, 0.8], block_length=50)
    uniform = np.random.default_rng(0).random((2, 20_000))
    action = np.arange(20_000) % 2
    for trial, paid in ((0, (0.2, 0.8)), (49, (0.2, 0.8)), (50, (0.8, 0.2)), (100, (0.2, 0.8))):
        state = world.reach(trial, action, uniform[0])
        assert abs((state == action).mean() - 0.8) < 4 * 0.4 / np.sqrt(20_000)
        reward = world.pay(trial, state, uniform[1])
        for j in (0, 1):
            assert abs(reward[state == j].mean() - paid[j]) < 4 * 0.4 / np.sqrt((state == j).sum())


def test_transition_reversals_coincide_with_swaps_only_if_asked():
    equal = {"block_length": 50, "transition_length": 50}
    synced = environment("transition_reversal", "blocks", 400, 300, **equal, sync_flips=True)
    swapped = synced.levels[..., 0] == 0.8
    np.testing.assert_array_equal(swapped, synced.reversed)  # the better first action never changes
    free = environment("transition_reversal", "blocks", 400, 300, **equal)
    flips = np.diff(free.reversed.astype(int), axis=0) != 0
    assert (flips.sum(0) >= 5).all()
    for block in range(400):
        assert set(np.diff(np.flatnonzero(flips[:, block]))) == {50}
    better = (free.levels[..., 0] < 0.5) ^ free.reversed
    assert 0.4 < better.mean() < 0.6
    first = flips.argmax(0)
    assert stats.chisquare(np.bincount(first, minlength=50)).pvalue > 1e-4  # phases are uniform
    assert not free.reversed[0].any()  # as given at the start


def test_a_hazard_swaps_after_the_shortest_block_with_its_probability():
    world = environment("two_stage", "blocks", 3000, 200, block_length=10, hazard=0.1)
    swaps = np.diff(world.levels[..., 0], axis=0) != 0
    first = swaps.argmax(0) + 1
    lengths = np.concatenate([np.diff(np.flatnonzero(swaps[:, block])) for block in range(300)])
    assert first.min() == 10
    assert lengths.min() == 10
    assert abs(first.mean() - (10 + 9)) < 4 * np.sqrt(0.9) / 0.1 / np.sqrt(3000)  # geometric from 0, mean 9


def test_walks_stay_within_bounds_and_step_by_their_sd():
    world = environment("original_two_stage", "walks", 200, 400)
    levels = world.levels
    assert levels.shape == (400, 200, 4)
    assert levels.min() >= 0.25
    assert levels.max() <= 0.75
    inside = np.abs(levels[:-1] - 0.5) < 0.1  # far from the mirrors
    steps = np.diff(levels, axis=0)[inside]
    assert abs(steps.std() - 0.025) < 4 * 0.025 / np.sqrt(2 * steps.size)
    assert stats.kstest(levels[-1].ravel(), stats.uniform(0.25, 0.5).cdf).pvalue > 1e-4  # the uniform is stationary


def test_walks_of_the_reduced_task_fill_the_whole_range():
    levels = environment("two_stage", "walks", 200, 400).levels
    assert levels.shape == (400, 200, 2)
    assert levels.min() < 0.01
    assert levels.max() > 0.99
    steps = np.diff(levels, axis=0)[np.abs(levels[:-1] - 0.5) < 0.1]
    assert abs(steps.std() - 0.1) < 4 * 0.1 / np.sqrt(2 * steps.size)


def test_walks_have_the_bounds_and_steps_that_are_given():
    levels = environment("two_stage", "walks", 400, 300, bounds=(0.4, 0.6), sd=0.01).levels
    assert 0.4 <= levels.min() < 0.401
    assert 0.599 < levels.max() <= 0.6
    assert stats.kstest(levels[0].ravel(), stats.uniform(0.4, 0.2).cdf).pvalue > 1e-4
    steps = np.diff(levels, axis=0)[np.abs(levels[:-1] - 0.5) < 0.05]
    assert abs(steps.std() - 0.01) < 4 * 0.01 / np.sqrt(2 * steps.size)


def test_payoffs_drift_as_is_given_from_anywhere_and_stay_within_0_and_100_points():
    given = {"decay": 0.9, "centre": 30.0, "sd": 1.0, "noise": 2.0}
    world = environment("four_armed_bandit", "drift", 2000, 150, **given)
    means = world.levels
    assert stats.kstest(means[0].ravel(), stats.uniform(0, 1).cdf).pvalue > 1e-4
    steps = means[1] - (0.3 + 0.9 * (means[0] - 0.3))
    inside = (means[1] > 0) & (means[1] < 1)
    assert abs(steps[inside].std() - 0.01) < 4 * 0.01 / np.sqrt(2 * inside.sum())
    sd = 0.01 / np.sqrt(1 - 0.9**2)
    assert abs(means[-1].mean() - 0.3) < 4 * sd / np.sqrt(8000)
    assert abs(means[-1].std() - sd) < 4 * sd / np.sqrt(2 * 8000)
    high = environment("four_armed_bandit", "drift", 200, 150, **given | {"centre": 100.0})
    assert abs((high.levels[-1] == 1).mean() - 0.5) < 4 * 0.5 / np.sqrt(800)
    rewards = high.pay(149, np.full(200, 2), np.zeros(200))
    assert rewards.max() == 1
    assert set(np.round(rewards * 100, 9)) <= set(range(101))


def test_levels_are_held_as_long_as_is_given_and_the_last_to_the_end():
    given = {"levels": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], "trials_per_level": 2}
    levels = environment("three_armed_reversal", "levels", 2, 7, **given).levels
    for block in range(2):
        assert levels[:, block].tolist() == [[0.1, 0.3, 0.5]] * 2 + [[0.2, 0.4, 0.6]] * 5


def test_transitions_of_the_transition_reversal_task_reverse_by_default():
    model, parameters = AGENTS["transition_reversal"]
    section = {"source": "simulate", "task": "transition_reversal", "n_trials": 400}
    section |= {"agent": {"model": model, "parameters": parameters}}
    options = checked(section, "test", AnyDataset).model_dump()
    table = simulate.prepare("sim", options, None, 0).table
    is_reversed = table["task_transition_reversed"].eq(1)
    assert is_reversed.nunique() == 2
    common = (table["action"] == table["state"]) != is_reversed
    assert abs(common.mean() - 0.8) < 4 * 0.4 / np.sqrt(len(table))


def test_a_mirrored_walk_turns_at_its_bounds():
    np.testing.assert_allclose(
        environments.reflected(np.array([0.3, 0.2, 0.8, 0.75, 1.3, -0.3]), 0.25, 0.75),
        [0.3, 0.3, 0.7, 0.75, 0.3, 0.7],
    )


def test_drifting_payoffs_return_to_their_centre_in_whole_points():
    world = environment("four_armed_bandit", "drift", 4000, 150)
    means = world.levels
    # stationary: sd / sqrt(1 - decay**2) = 15.5 points, before clipping to 0..100
    assert abs(means[-1].mean() - 0.5) < 4 * 0.155 / np.sqrt(16_000)
    assert abs(means[-1].std() - 0.028 / np.sqrt(1 - 0.9836**2)) < 0.005
    reward = world.pay(100, np.zeros(4000, dtype=int), np.zeros(4000))
    np.testing.assert_allclose(reward * 100, np.round(reward * 100), atol=1e-9)
    noise = (reward - means[100, :, 0])[np.abs(means[100, :, 0] - 0.5) < 0.3]
    assert abs(noise.std() - 0.04) < 0.003


def test_levels_are_held_and_the_default_is_the_published_schedule():
    section = {
        "source": "simulate",
        "task": "three_armed_reversal",
        "agent": {"model": "MF", "parameters": {"alpha": 0.1, "beta": 1}},
    }
    section = checked({**section, "n_trials": 160, "n_blocks": 2}, "test", AnyDataset).model_dump()
    table = simulate.prepare("sim", section, None, 0).table
    own = table[table["block"] == 1]
    np.testing.assert_allclose(own["task_p0"].to_numpy()[::10] * 10, [5, 1, 9, 5, 1, 9, 1, 5, 8, 2, 8, 4, 2, 8, 2, 4])
    np.testing.assert_allclose(own["task_p1"].to_numpy()[9::10] * 10, [9, 5, 5, 1, 9, 5, 5, 9, 2, 4, 4, 2, 8, 4, 4, 8])
    sorted_levels = np.sort(own[["task_p0", "task_p1", "task_p2"]].to_numpy(), axis=1)
    np.testing.assert_allclose(np.unique(sorted_levels[:80], axis=0)[-1], [0.1, 0.5, 0.9])
    np.testing.assert_allclose(np.unique(sorted_levels[80:], axis=0), [[0.2, 0.4, 0.8]])


# -- rigs ------------------------------------------------------------------------------------------------------------


def rig_history(task, kind, n_blocks, n_trials, choose, **settings):
    """Reward states and transitions of a rig before each trial, when `choose(rig, trial)` acts."""
    rig = environment(task, kind, n_blocks, n_trials, **settings)
    uniform = np.random.default_rng(1).random((n_trials, 2, n_blocks))
    for trial in range(n_trials):
        state = rig.reach(trial, choose(rig, trial), uniform[trial, 0])
        rig.pay(trial, state, uniform[trial, 1])
    return rig.states, rig.transitions


def best(rig, trial):
    """The first action that commonly leads to the richer state; action 0 in neutral blocks."""
    return np.where(rig.reward_state == 2, 0, rig.reward_state ^ rig.reversed)


def runs(states, transitions):
    """Length, state, transitions, next state and next transitions of each completed block of each column."""
    found = []
    for own, mapped in zip(states.T.astype(int), transitions.T.astype(int), strict=True):
        ends = np.flatnonzero((np.diff(own) != 0) | (np.diff(mapped) != 0))
        starts = np.concatenate([[0], ends[:-1] + 1])
        found += [(e - s + 1, own[e], mapped[e], own[e + 1], mapped[e + 1]) for s, e in zip(starts, ends, strict=True)]
    return np.array(found)


def test_a_rig_starts_with_either_side_richer_and_with_either_transitions_one_whatever_the_other():
    rig = environment("transition_reversal", "akam_two_step", 4000, 1)
    assert stats.chisquare(np.bincount(2 * rig.reward_state + rig.reversed, minlength=4)).pvalue > 1e-4
    for task, kind in (("two_stage", "akam_two_step"), ("reversal", "akam_reversal")):
        rig = environment(task, kind, 4000, 1)
        assert stats.chisquare(np.bincount(rig.reward_state, minlength=2)).pvalue > 1e-4
        assert not rig.reversed.any()


def test_a_perfect_mouse_ends_sided_blocks_as_early_as_the_two_step_rig_allows():
    found = runs(*rig_history("transition_reversal", "akam_two_step", 300, 600, best))
    sided = found[found[:, 1] < 2]
    assert sided[:, 0].min() == 40  # the criterion is met long before: 40 trials are the limit
    assert (sided[:, 0] == 40).mean() > 0.99
    neutral = found[found[:, 1] == 2]
    assert neutral[:, 0].min() == 40
    assert abs(neutral[:, 0].mean() - (40 + 9)) < 4 * 9.5 / np.sqrt(len(neutral))  # hazard 0.1
    # after a sided block: neutral half the time; transitions reverse half the time, and then the richer state is kept
    share = 4 * 0.5 / np.sqrt(len(sided))
    assert abs((sided[:, 3] == 2).mean() - 0.5) < share
    assert abs((sided[:, 2] != sided[:, 4]).mean() - 0.5) < share
    moved = sided[sided[:, 3] < 2]
    np.testing.assert_array_equal(moved[:, 1] == moved[:, 3], moved[:, 2] != moved[:, 4])
    assert (neutral[:, 2] == neutral[:, 4]).all()
    assert abs((neutral[:, 3] == 0).mean() - 0.5) < 4 * 0.5 / np.sqrt(len(neutral))


def test_a_rig_has_the_settings_that_are_given():
    """The average of right choices is 1 - exp(-n / 4) / 2 after n of them, past .6 after the first; 7 trials follow."""
    given = {"tau": 4.0, "threshold": 0.6, "after_criterion": 7, "shortest": 3, "longest": 5}
    given |= {"probabilities": [0.9, 0.2], "neutral": 0.35}
    states, transitions = rig_history("two_stage", "akam_two_step", 200, 200, best, **given)
    assert set((states != states[0]).argmax(0)) == {8}
    found = runs(states, transitions)
    neutral = found[found[:, 1] == 2, 0]
    assert neutral.min() == 3
    assert abs(neutral.mean() - (3 + 1)) < 4 * np.sqrt(2) / np.sqrt(len(neutral))  # then geometric: 1/2 in each trial
    levels = [[0.9, 0.2, 0.35], [0.2, 0.9, 0.35]]  # of each state, while either is the richer one or neither
    for state, uniform in itertools.product((0, 1), (0.19, 0.21, 0.34, 0.36, 0.89, 0.91)):
        rig = environment("two_stage", "akam_two_step", 3, 1, **given)
        rig.reward_state = np.array([0, 1, 2])
        rig.reach(0, np.zeros(3, int), np.zeros(3))
        paid = rig.pay(0, np.full(3, state), np.full(3, uniform))
        assert paid.tolist() == [uniform < level for level in levels[state]]
        assert rig.annotations()[f"task_p_s{state}"].tolist() == [levels[state]]


def test_the_better_side_is_the_one_that_pays_more():
    richest = lambda rig, trial: rig.levels[rig.reward_state].argmax(1)  # noqa: E731
    found = runs(*rig_history("two_stage", "akam_two_step", 100, 300, richest))
    assert set(found[found[:, 1] < 2, 0]) == {40}
    poorest = lambda rig, trial: rig.levels[rig.reward_state].argmin(1)  # noqa: E731
    states, _ = rig_history("two_stage", "akam_two_step", 100, 300, poorest)
    assert (states == states[0]).all()


def test_the_criterion_once_met_stays_met():
    """A mouse that turns away right after the criterion: the block ends all the same, 20 trials on."""

    def turn(rig, trial):
        better = rig.reward_state % 2
        return np.where(rig.since_criterion >= 0, 1 - better, better) if trial >= 100 else 1 - better

    states, _ = rig_history("two_stage", "akam_two_step", 50, 200, turn)
    average, trial = 0.5 * np.exp(-100 / 8), 100  # of choices of the better side, after a hundred of the other
    while average <= 0.75:
        average += (1 - np.exp(-1 / 8)) * (1 - average)
        trial += 1
    assert set((states != states[0]).argmax(0)) == {trial + 20}


def test_a_mouse_that_never_finds_the_better_side_stays_in_its_block():
    worst = lambda rig, trial: 1 - (rig.reward_state ^ rig.reversed) % 2  # noqa: E731
    states, transitions = rig_history("two_stage", "akam_two_step", 100, 400, worst)
    assert (states == states[0]).all()
    assert not transitions.any()


def test_the_criterion_is_the_running_average_of_choices():
    """A mouse that turns to the better side at trial 100: the average passes 3/4 some trials later, 20 more follow."""
    turn = lambda rig, trial: (rig.reward_state if trial >= 100 else 1 - rig.reward_state) % 2  # noqa: E731
    states, _ = rig_history("two_stage", "akam_two_step", 50, 200, turn)
    average, rate, crossed = 0.5, 1 - np.exp(-1 / 8), None
    for trial in range(200):
        average += rate * ((trial >= 100) - average)
        if crossed is None and average > 0.75:
            crossed = trial
    changed = (states != states[0]).argmax(0)
    assert set(changed) == {crossed + 20 + 1}


def test_the_reversal_rig_has_shorter_blocks_and_never_repeats_a_state():
    found = runs(*rig_history("reversal", "akam_reversal", 300, 400, best))
    assert found[found[:, 1] < 2, 0].min() == 15
    assert (found[:, 1] != found[:, 3]).all()
    for state in range(3):  # the next one is either of the others
        own = found[found[:, 1] == state]
        assert abs((own[:, 3] == (state + 1) % 3).mean() - 0.5) < 4 * 0.5 / np.sqrt(len(own))


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "given", "message"),
    [
        ("bandit", {"kind": "walks"}, r"environment\.kind: found 'walks'; allowed for task 'bandit': bandit, drift"),
        ("bandit", {"kind": "wlaks"}, r"environment\.kind: found 'wlaks'; allowed: bandit, blocks, walks"),
        ("two_stage", {"block_lenght": 5}, r"block_lenght.*block_length"),
        ("original_two_stage", {"bounds": [0.7, 0.2]}, r"environment\.bounds: \[0\.7, 0\.2\] must be a lower and a"),
        ("three_armed_reversal", {"levels": [[0.5], [0.5]]}, r"environment\.levels: needed 3 lists of equal length"),
        (
            "reversal",
            {"kind": "akam_reversal", "longest": 15},
            r"environment\.longest: 15 must be more than shortest, 15",
        ),
        ("four_armed_bandit", {"kind": "bahrami"}, r"environment\.kind: the recorded payoffs have 150 trials"),
    ],
)
def test_environments_that_make_no_sense_are_refused(task, given, message):
    model, parameters = AGENTS[task]
    section = {"source": "simulate", "task": task, "agent": {"model": model, "parameters": parameters}}
    with pytest.raises(InputError, match=message):
        checked({**section, "environment": given, "n_trials": 200}, "test", AnyDataset)


def test_recorded_payoffs_are_those_of_the_file(data_folder):
    section = {"source": "simulate", "task": "four_armed_bandit", "n_trials": 150, "n_blocks": 2}
    section |= {"agent": {"model": "MF", "parameters": {"alpha": 0.3, "beta": 5.0}}}
    section |= {"environment": {"kind": "bahrami"}}
    chosen = checked(section, "test", AnyDataset).model_dump()
    table = simulate.prepare("sim", chosen, data_folder, 0).table
    columns = [f"task_payoff_a{arm}" for arm in range(4)]
    payoffs = table[columns].to_numpy()[np.arange(len(table)), table["action"]]
    np.testing.assert_allclose(table["reward"], np.round(payoffs, 2))
    first = table.loc[table["block"] == 0, columns].to_numpy()
    np.testing.assert_array_equal(first, table.loc[table["block"] == 1, columns].to_numpy())
    assert len(np.unique(first)) > 50


def test_recorded_payoffs_are_those_of_the_first_participant_of_the_group(tmp_path):
    payoffs = {("a", 2): 7, ("b", 3): 10, ("c", 3): 50}  # of each participant's first arm and first trial
    lines = [
        ",".join(map(str, (who, group, *(first + 10 * arm + trial for arm in range(4)))))
        for trial in range(4)
        for (who, group), first in payoffs.items()
    ]
    path = tmp_path / "payoffs.csv"
    header = "id,payoff_group," + ",".join(f"reward_c{arm}" for arm in (1, 2, 3, 4))
    path.write_text("\n".join([header, *lines]) + "\n")
    task, given = task_of("four_armed_bandit"), {"n_trials": 3, "n_blocks": 2}

    def played(group):
        settings = given | {"environment": {"kind": "bahrami", "payoff_group": group}}
        model = registry.cognitive(task, "MF")
        return agents.choices(model, {"alpha": 0.3, "beta": 1.0}, task, settings, payoffs=path, key=("k", 0, 0))

    columns = played(3)
    assert columns["block"].tolist() == [0, 0, 0, 1, 1, 1]
    assert columns["trial"].tolist() == [0, 1, 2, 0, 1, 2]
    for arm in range(4):
        of_arm = 0.1 + 0.1 * arm + 0.01 * columns["trial"]
        np.testing.assert_allclose(columns[f"task_payoff_a{arm}"], of_arm, atol=1e-12)
    np.testing.assert_allclose(columns["reward"], 0.1 + 0.1 * columns["action"] + 0.01 * columns["trial"], atol=1e-12)
    with pytest.raises(InputError, match=r"no participant had payoffs 4 \(environment\.payoff_group\)"):
        played(4)
    path.write_text(path.read_text().replace("b,3,11", "b,3,eleven"))
    with pytest.raises(InputError, match=r"payoffs of group 3: .*'eleven'; needed: numbers"):
        played(3)
    path.write_text(path.read_text().replace("reward_c4", "reward_d"))
    with pytest.raises(InputError, match="no column 'reward_c4'; needed: id, payoff_group, reward_c1, reward_c2"):
        played(2)


def test_every_subject_of_a_population_draws_its_own_parameters(tmp_path):
    given = {"alpha": [0.2, 0.6], "beta": [1.0, 9.0]}
    section = {"source": "simulate", "task": "bandit", "agent": {"model": "MB0", "parameters": given}}
    of = {n: population(section | {"n_subjects": n, "n_blocks": 1, "n_trials": 1}, tmp_path) for n in (3, 400)}
    drawn = {name: np.array([one[name] for one in of[400].values()]) for name in given}
    assert stats.kstest(drawn["alpha"], stats.uniform(0.2, 0.4).cdf).pvalue > 0.01
    assert stats.kstest(np.log(drawn["beta"]), stats.uniform(0, np.log(9)).cdf).pvalue > 0.01
    assert of[3] == {name: of[400][name] for name in ("s0", "s1", "s2")}
    fixed = population(section | {"agent": {"model": "MB0", "parameters": given | {"alpha": 0.3}}}, tmp_path)
    assert fixed == {"s0": {"alpha": 0.3, "beta": of[3]["s0"]["beta"]}}
    same = population(section | {"agent": {"model": "MB0", "parameters": {"alpha": 0.3, "beta": 2}}}, tmp_path)
    assert same is None


def population(section, folder):
    section = checked({"n_blocks": 2, "n_trials": 2} | section, "t", AnyDataset).model_dump()
    return simulate.prepare("d", section, folder, 0).parameters.get("subjects")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"alpha": [0.6, 0.2], "beta": 2},
            r"parameters.alpha: found \[0.6, 0.2\]; allowed: a lower and a higher value",
        ),
        ({"alpha": [0.2, 1.2], "beta": 2}, r"alpha: found 1.2; must lie in \[0, 1\]"),
        (
            {"alpha": 0.5, "beta": [0, 2]},
            r"beta: found \[0.0, 2.0\]; allowed: a lower and a higher value, both above 0",
        ),
    ],
)
def test_a_range_of_values_is_checked(parameters, message):
    agent = {"model": "MB0", "parameters": parameters}
    with pytest.raises(InputError, match=message):
        checked({"source": "simulate", "task": "bandit", "agent": agent}, "t", AnyDataset)
