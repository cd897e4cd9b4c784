"""Fields of the values of several actions, and of three logits where a trial has two choices."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.quiver import Quiver
from matplotlib.text import Text
from safetensors.numpy import save_file

from tinycog.analyses.fields import figure_values, values
from tinycog.analyses.fields.plot import plot_quiver, plot_values
from tinycog.analyses.fields.step import fields
from tinycog.dynamics.one_step import OneStep
from tinycog.models import registry
from tinycog.results import scores
from tinycog.storage import write_json
from tinycog.tasks import task_of

THREE, FOUR = task_of("three_armed_reversal"), task_of("four_armed_bandit")
ALPHA, BETA, DECAY = 0.25, 4.0, 0.6


def one_step_of(task, model, **params):
    return OneStep(task, registry.cognitive(task, model), {name: np.array([value]) for name, value in params.items()})


def test_ends_of_axes_are_where_every_value_mostly_is():
    own = np.column_stack([np.linspace(0, 1, 101), np.linspace(-2, 0, 101)])
    assert values.limits(own) == pytest.approx((-1.98, 0.99))
    own[0] = 1e6
    assert values.limits(own)[1] == pytest.approx(1.0, abs=0.02)
    assert values.limits(np.full((5, 3), 0.5)) == (-0.5, 1.5)


def test_mean_states_are_linear_in_both_values():
    """States (1 + x, 2 x - y, noise that has nothing to do with x and y)."""
    rng = np.random.default_rng(0)
    pair = rng.normal(size=(400, 2))
    noise = rng.normal(size=400)
    design = np.column_stack([pair, np.ones(400)])
    noise -= design @ np.linalg.lstsq(design, noise, rcond=None)[0]
    states = np.column_stack([1 + pair[:, 0], 2 * pair[:, 0] - pair[:, 1], 7 + noise])
    found = values.mean_states(states, pair, np.array([[0.0, 0.0], [1.0, 3.0]]))
    np.testing.assert_allclose(found, [[1, 0, 7], [2, -1, 7]], atol=1e-9)


@pytest.mark.parametrize("task", [THREE, FOUR])
@pytest.mark.parametrize("reward", [0, 1])
def test_a_field_of_values_has_the_changes_of_centred_logits(task, reward):
    """Forgetting values: the chosen one moves to the reward, the others shrink; all in one line of algebra.

    With three actions two centred values give the third. With four the other two share what is left as their mean
    difference over trials says, which here is 0.2 in logits. The mean of all logits is held at its own mean.
    """
    k = task.n_actions
    one_step = one_step_of(task, "MFD", alpha=ALPHA, D=DECAY, beta=BETA)
    rng = np.random.default_rng(1)
    z = rng.normal(size=(4000, k)) * 0.3
    z[:, 2] += 0.05
    if k == 4:  # the other two differ by as much in every trial
        z[:, 3] = z[:, 2] - 0.2
    z -= z.mean(axis=1, keepdims=True)
    level = 2.0  # of all logits
    states = (z + level) / BETA
    code = 2 * 1 + reward  # the second action
    grid = values.field(one_step, code, 0, states, z, (-0.4, 0.4))
    assert grid.shape == (169, 4)
    assert grid[0, :2].tolist() == [-0.4, -0.4]
    assert grid[1, :2].tolist() == pytest.approx([-0.4 + 0.8 / 12, -0.4])
    chosen, other = grid[:, 0], grid[:, 1]
    left = -chosen - other
    rest = [left] if k == 3 else [left / 2 + 0.1, left / 2 - 0.1]
    logits = np.column_stack([other, chosen, *rest]) + level
    new = DECAY * logits
    new[:, 1] = logits[:, 1] + ALPHA * (BETA * reward - logits[:, 1])
    change = (new - new.mean(axis=1, keepdims=True)) - (logits - logits.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(grid[:, 2:], change[:, [1, 0]], atol=1e-9)


def test_there_is_no_change_where_no_state_has_the_values():
    one_step = one_step_of(THREE, "MFD", alpha=ALPHA, D=DECAY, beta=BETA)
    rng = np.random.default_rng(0)
    z = rng.normal(size=(100, 3)) * 0.3
    z -= z.mean(axis=1, keepdims=True)
    grid = values.field(one_step, 0, 1, (z + 2) / BETA, z, (-3.0, 3.0))
    third = -grid[:, 0] - grid[:, 1]
    outside = (np.abs(np.column_stack([grid[:, :2], third])) > 2 + 1e-9).any(axis=1)  # Q leaves 0 to 1
    np.testing.assert_array_equal(np.isnan(grid[:, 2]), outside)
    z[:, 1] = -z[:, 0]  # values on a line
    z[:, 2] = 0
    grid = values.field(one_step, 0, 1, (z + 2) / BETA, z, (-1.0, 1.0))
    on_line = np.abs(grid[:, 0] + grid[:, 1]) < 1e-9
    np.testing.assert_array_equal(np.isfinite(grid[:, 2]), on_line)


def along_of(task, logits, condition, lengths, states=None, mask=None):
    """Scores of blocks of these lengths in trials, from logits before each choice and after a block's last."""
    starts = np.concatenate([[0], np.cumsum(lengths)])
    n_choices = starts[-1] * task.stages
    return scores.Scores(
        logits=logits,
        states=logits if states is None else states,
        condition=np.array(condition),
        mask=np.ones(n_choices, int) if mask is None else np.array(mask),
        split=np.full(n_choices, "train"),
        row_start=starts * task.stages + np.arange(len(starts)),
        trial_start=starts,
    )


TWO_CHOICES = task_of("original_two_stage")


def test_steps_of_three_logits_by_hand():
    """Two trials of one block: the second state is reached in the first one, the first state in the second one."""
    logits = np.array(
        [
            [1.0, 0, 5, 1, 9, 2],  # 1, 4, 7: before the first choice
            [0.0] * 6,  # between both choices, which does not matter
            [3.0, 1, 0, 0, 1, 3],  # 2, 0, -2
            [0.0] * 6,
            [0.0, 1, 2, 1, 5, 0],  # -1, 1, 5
        ]
    )
    code = [4, 8]  # A1S2B1R0, A2S1B1R0
    steps, condition = values.of_choice_states(TWO_CHOICES, along_of(TWO_CHOICES, logits, code, [2]))
    np.testing.assert_array_equal(steps, [[1, 7, 4, 1, -9, -4], [2, 0, -2, -3, 1, 7]])
    np.testing.assert_array_equal(condition, code)
    missing = along_of(TWO_CHOICES, logits, code, [2], mask=[1, 0, 1, 1])
    assert len(values.of_choice_states(TWO_CHOICES, missing)[0]) == 1


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Tables of a model of three values, whose third action is chosen too rarely, and of steps of three logits."""
    folder = tmp_path_factory.mktemp("values")
    rng = np.random.default_rng(0)
    ids = {"dataset": "d", "subject": "s", "outer": 0, "row": 0, "parameters": "fits.safetensors"}
    spec = {"family": "cognitive", "model": "MFD"}
    save_file(
        {"alpha": np.array([ALPHA]), "D": np.array([DECAY]), "beta": np.array([BETA])}, folder / "fits.safetensors"
    )
    code = np.concatenate([rng.integers(0, 4, 200), np.repeat([4, 5], [9, 11])])
    state = rng.uniform(0.2, 0.8, (len(code) + 1, 3))
    mask = np.ones(len(code), int)
    mask[0] = 0
    along = along_of(THREE, BETA * state, code, [len(code)], states=state, mask=mask)
    write_json(folder / "three.json", ids | {"model": "MFD", "dim": 3})
    scores.write(folder / "three.npz", [along])
    paths = [folder / "three.json"], [folder / "three.npz"], folder / "three"
    fields(*paths, root=folder, task="three_armed_reversal", n_actions=3, spec=spec, dim=3)
    logits = rng.normal(size=(2 * 400 + 1, 6))
    code2 = rng.integers(0, 15, 400)  # the last condition never comes
    own = along_of(TWO_CHOICES, logits, code2, [400])
    write_json(folder / "two.json", ids | {"model": "MXs", "dim": 3})
    scores.write(folder / "two.npz", [own])
    params = {"alpha_1": 0.5, "alpha_2": 0.5, "beta_1": 4.0, "beta_2": 4.0, "lambda": 0.5, "w": 0.5}
    save_file({name: np.array([value]) for name, value in params.items()}, folder / "fits.safetensors")
    paths = [folder / "two.json"], [folder / "two.npz"], folder / "two"
    fields(*paths, root=folder, task="original_two_stage", n_actions=2, spec={**spec, "model": "MXs"}, dim=3)
    return folder, along, code


def test_every_pair_of_values_has_a_field(found):
    folder, along, code = found
    grid, trials = (pd.read_parquet(folder / f"three/{name}.parquet") for name in ("value_field", "value_trials"))
    pairs = [(f"A{c + 1}R{r}", other) for c in (0, 1) for r in (0, 1) for other in range(3) if other != c]
    pairs += [("A3R1", 0), ("A3R1", 1)]  # nine trials of A3R0 are too few
    assert list(dict.fromkeys(zip(grid["condition"], grid["other"], strict=True))) == pairs
    assert grid.groupby(["condition", "other"]).size().eq(169).all()
    z = BETA * (along.states - along.states.mean(axis=1, keepdims=True))[:-1]
    for (condition, other), own in trials.groupby(["condition", "other"]):
        here = (code == THREE.conditions.index(condition)) & (along.mask == 1)
        chosen = int(condition[1]) - 1
        assert len(own) == min(60, here.sum())
        expected = {tuple(pair) for pair in z[here][:, [chosen, other]].round(9)}
        assert {tuple(pair) for pair in own[["x", "y"]].to_numpy().round(9)} <= expected
    for name in ("logit_changes", "cloud", "field", "logit_steps"):
        assert pd.read_parquet(folder / f"three/{name}.parquet").empty


def test_every_condition_of_two_choices_has_its_steps(found):
    folder, *_ = found
    steps = pd.read_parquet(folder / "two/logit_steps.parquet")
    assert list(dict.fromkeys(steps["condition"])) == TWO_CHOICES.conditions[:15]
    assert steps.groupby("condition").size().max() <= 60
    assert pd.read_parquet(folder / "two/value_field.parquet").empty


@pytest.mark.filterwarnings("error")
def test_figures_can_be_drawn_of_any_name(found, tmp_path):
    folder, *_ = found
    actions = ["a$x^$b", "猴1", "a name that is much longer than it may be"]
    plot_values(folder / "three", tmp_path / "values", subject="s", actions=actions, reward=1)
    plot_quiver(folder / "two", tmp_path / "quiver", subject="s", actions=actions[:2])
    for stem in ("values", "quiver"):
        assert {path.suffix for path in tmp_path.glob(f"{stem}.*")} == {".png", ".pdf"}


def test_what_figures_show(found, tmp_path):
    folder, *_ = found
    grid, trials = (pd.read_parquet(folder / f"three/{name}.parquet") for name in ("value_field", "value_trials"))
    own, visits = (table[table["condition"].str.endswith("R0")] for table in (grid, trials))
    drawn = figure_values.values(own, visits, reward=0, actions=["a", "b", "c"], title="t")
    texts = [text.get_text() for text in drawn.findobj(Text)]
    assert texts.count("too few trials") == 2
    assert {"value of a", "value of b", "value of c", "b chosen"} <= set(texts)
    arrows = [panel.findobj(Quiver)[0] for panel in drawn.axes]
    smaller = int(next(text for text in texts if text.startswith("arrows: 1/")).split("/")[1].split()[0])
    first = own[(own["condition"] == "A1R0") & (own["other"] == 1)]
    np.testing.assert_allclose(np.where(arrows[0].Umask, np.nan, arrows[0].U), first["dx"] / smaller)
    steps = pd.read_parquet(folder / "two/logit_steps.parquet")
    drawn = figure_values.quiver(steps, actions=["a", "b"], title="t")
    panels = drawn.axes[:16]
    assert panels[0].get_title() == "a, state 1,\nsecond action 1, no reward"
    assert panels[7].get_title() == "a, state 2,\nsecond action 2, reward"
    arrows = panels[7].findobj(Quiver)[0]
    seventh = steps[steps["condition"] == "A1S2B2R1"]
    np.testing.assert_allclose(arrows.V, seventh["dy"])
    np.testing.assert_allclose(arrows.get_array(), seventh["dz"])
    assert "no trials" in {text.get_text() for text in panels[15].findobj(Text)}
    for plot in (plot_quiver, lambda *paths, **options: plot_values(*paths, reward=0, **options)):
        plot(
            folder / "two" if plot is plot_quiver else folder / "three", tmp_path / "n", subject="x", actions=["a", "b"]
        )
        assert (tmp_path / "n.png").stat().st_size < 20_000
