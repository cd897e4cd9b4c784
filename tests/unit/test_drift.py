"""Drift to the other value or decay to 0: agents that do the one or the other, and what a run writes of them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from tinycog.analyses.drift import compute, figure, outputs
from tinycog.analyses.drift.compute import Unrewarded
from tinycog.analyses.drift.gather import gather
from tinycog.analyses.drift.plot import plot
from tinycog.analyses.drift.step import GRADED, drift
from tinycog.analyses.drift.tables import OF_ONE, TABLES
from tinycog.config import Config
from tinycog.results import scores
from tinycog.results.resampling import resamples
from tinycog.sections.fits import CrossValidation
from tinycog.sections.messages import checked
from tinycog.storage import write_json
from tinycog.tasks import task_of

TASK = task_of("reversal")
N_BLOCKS, N_TRIALS = 30, 60


def values_of(rule, noise=0.0, n_actions=2):
    """Values (block, trial + 1, action), actions and rewards (block, trial) of an agent that chooses at random.

    A rewarded choice moves its value a third of the way to 3 and lets the others lose a tenth. Without a reward `rule`
    says what the value of the chosen action and the mean of the others become.
    """
    rng = np.random.default_rng(1)
    action = rng.integers(0, n_actions, (N_BLOCKS, N_TRIALS))
    reward = rng.integers(0, 2, (N_BLOCKS, N_TRIALS))
    values = np.zeros((N_BLOCKS, N_TRIALS + 1, n_actions))
    for block, trial in np.ndindex(action.shape):
        now, chosen = values[block, trial], action[block, trial]
        new = now.copy()
        others = [a for a in range(n_actions) if a != chosen]
        if reward[block, trial]:
            new[chosen] += (3 - now[chosen]) / 3
            new[others] -= 0.1 * now[others]
        else:
            new[chosen], new[others] = rule(now[chosen], now[others])
        values[block, trial + 1] = new + noise * rng.normal(size=n_actions)
    return values, action, reward


def decay(chosen, others):
    return 0.7 * chosen, 0.9 * others


def drifting(chosen, others):
    return chosen + 0.4 * (others.mean() - chosen), others


def both_drift(chosen, others):
    return chosen + 0.2 * (others.mean() - chosen), others + 0.3 * (chosen - others)


def scored(values, action, reward, missing=()):
    """Scores whose logits are these values; choices (block, trial) are missing."""
    n_blocks, n_trials = action.shape
    mask = np.ones(action.shape, int)
    for place in missing:
        mask[place] = 0
    return scores.Scores(
        logits=values.reshape(-1, values.shape[-1]),
        states=values.reshape(-1, values.shape[-1]),
        condition=(2 * action + reward).ravel(),
        mask=mask.ravel(),
        split=np.full(action.size, "train"),
        row_start=np.arange(n_blocks + 1) * (n_trials + 1),
        trial_start=np.arange(n_blocks + 1) * n_trials,
    )


def regressed(rule, noise=0.0, n=200, n_actions=2):
    """Regressions of both values, and the trials."""
    task = TASK if n_actions == 2 else task_of("bandit", n_actions)
    data = compute.unrewarded(task, scored(*values_of(rule, noise, n_actions)))
    weights = resamples(N_BLOCKS, n, np.random.default_rng(2))
    return [compute.regressions(data, place, weights) for place in (0, 1)], data, weights


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("n_actions", [2, 3])
@pytest.mark.parametrize("equation", ["both", "level"])
def test_an_agent_that_decays_has_phi_and_no_delta_and_one_that_drifts_the_reverse(noise, n_actions, equation):
    for rule, remains, rates in ((decay, "decay", (0.0, 0.3)), (drifting, "drift", (0.4, 0.0))):
        (chosen, _), *_ = regressed(rule, noise, n_actions=n_actions)
        found, ends = chosen[equation], chosen[equation].ends(N_BLOCKS)
        assert compute.remains(ends) == remains
        for name, true in zip(("delta", "phi"), rates, strict=True):
            assert found.rates[name][0] == pytest.approx(true, abs=1e-9 if noise == 0 else 0.03)
            low, high = ends[name]
            assert low <= found.rates[name][0] <= high
            assert (low > 0) == (true > 0)
        assert found.r2 == pytest.approx(1.0, abs=1e-9) if noise == 0 else found.r2 > 0.7


def test_the_other_value_has_rates_of_its_own():
    (_, other), *_ = regressed(decay)
    assert other["both"].rates["phi"][0] == pytest.approx(0.1)
    assert other["both"].rates["delta"][0] == 0.0
    (chosen, other), *_ = regressed(both_drift)
    assert chosen["both"].rates["delta"][0] == pytest.approx(0.2)
    assert other["both"].rates["delta"][0] == pytest.approx(0.3)
    (_, other), *_ = regressed(drifting)  # it does not move
    assert other["both"].rates["delta"][0] == other["both"].rates["phi"][0] == 0.0
    assert np.isnan(other["both"].r2)
    assert compute.remains(other["both"].ends(N_BLOCKS)) == "neither"


def test_a_decay_to_another_level_looks_like_a_drift_until_the_level_is_fitted():
    """Values of -2 in place of 0 have the same policy: the level of all values is not what choices say."""
    values, action, reward = values_of(decay)
    data = compute.unrewarded(TASK, scored(values - 2, action, reward))
    found = compute.regressions(data, 0, resamples(N_BLOCKS, 100, np.random.default_rng(0)))
    assert compute.remains(found["both"].ends(N_BLOCKS)) != "decay"
    level = found["level"]
    assert compute.remains(level.ends(N_BLOCKS)) == "decay"
    assert (level.rates["delta"][0], level.rates["phi"][0]) == (0.0, pytest.approx(0.3))
    assert level.level == pytest.approx(-2.0)
    assert found["both"].level is None


def test_regressions_and_their_resamples_are_least_squares_of_the_drawn_trials():
    """Compared with NumPy's least squares of trials that are repeated as often as their block was drawn."""
    found, data, weights = regressed(both_drift, noise=0.3, n=5)
    for place in (0, 1):
        own, other, change = data.before[:, place], data.before[:, 1 - place], data.change[:, place]
        columns = {"drift": [other - own], "decay": [-own], "both": [other - own, -own]}
        columns["level"] = [*columns["both"], np.ones(len(own))]
        for equation, predictors in columns.items():
            one = found[place][equation]
            names = ["phi"] if equation == "decay" else ["delta", "phi"][: min(2, len(predictors))]
            assert list(one.rates) == names
            for i, weight in enumerate(weights):
                rows = np.repeat(np.arange(len(own)), weight[data.block].astype(int))
                design = np.column_stack(predictors)
                expected, *_ = np.linalg.lstsq(design[rows], change[rows], rcond=None)
                np.testing.assert_allclose([one.rates[name][i] for name in names], expected[: len(names)], rtol=1e-8)
                if i == 0:
                    residual = change - design @ expected
                    r2 = 1 - (residual**2).sum() / ((change - change.mean()) ** 2).sum()
                    assert one.r2 == pytest.approx(r2)
                    if equation == "level":
                        assert one.level == pytest.approx(expected[2] / expected[1])


def test_unrewarded_trials_by_hand():
    """Two blocks of three trials; the choice of the second block's second trial is missing."""
    values = np.array([[[1.0, 2, 3], [2, 2, 4], [0, 1, 2], [5, 5, 5]], [[1, 0, 1], [3, 0, 1], [3, 3, 3], [0, 0, 6]]])
    action, reward = np.array([[0, 2, 1], [1, 0, 2]]), np.array([[0, 1, 0], [0, 0, 0]])
    data = compute.unrewarded(task_of("bandit", 3), scored(values, action, reward, missing=[(1, 1)]))
    np.testing.assert_array_equal(data.action, [0, 1, 1, 2])
    np.testing.assert_array_equal(data.block, [0, 0, 1, 1])
    np.testing.assert_array_equal(data.before, [[1, 2.5], [1, 1], [0, 1], [3, 3]])
    np.testing.assert_array_equal(data.change, [[1, 0.5], [4, 4], [0, 1], [3, -3]])


def data_of(before, change, block=None):
    before, change = np.array(before, float), np.array(change, float)
    n = len(before)
    return Unrewarded(before, change, np.zeros(n, int), np.zeros(n, int) if block is None else np.array(block))


def test_a_regression_that_cannot_be_made_says_why():
    weights = np.ones((1, 1))
    few = compute.regressions(data_of([[1, 2]] * 9, [[1, 0]] * 9), 0, weights)
    assert {one.note for one in few.values()} == {"9 trials without a reward, fewer than 10"}
    assert all(np.isnan(one.r2) and not one.rates for one in few.values())
    own = np.arange(1.0, 11)
    proportional = compute.regressions(data_of(np.column_stack([own, 3 * own]), [[1, 0]] * 10), 0, weights)
    assert proportional["both"].note == proportional["level"].note == "singular: its predictors are linearly dependent"
    assert proportional["drift"].note is None
    at_zero = compute.regressions(data_of(np.column_stack([0 * own, own]), [[1, 0]] * 10), 0, weights)
    assert at_zero["decay"].note == "singular: its predictor is always 0"
    assert at_zero["drift"].rates["delta"][0] == pytest.approx(own.sum() / (own @ own))
    constant = compute.regressions(data_of(np.column_stack([own, 0 * own + 2]), [[1, 0]] * 10), 0, weights)
    assert constant["level"].note  # own, other and constant are dependent
    assert constant["both"].note is None


def test_what_remains_lies_above_0():
    ends = {"delta": (0.1, 0.2), "phi": (-0.2, -0.1)}
    assert compute.remains(ends) == "drift"
    assert compute.remains({"delta": (0.0, 0.2), "phi": (0.1, 0.2)}) == "decay"
    assert compute.remains({"delta": (0.1, 0.2), "phi": (0.1, 0.2)}) == "both"
    assert compute.remains({"delta": (-0.1, 0.2), "phi": (-0.1, 0.2)}) == "neither"
    assert compute.remains({"delta": (0.1, 0.2)}) is None
    assert compute.remains({"delta": (0.1, 0.2), "phi": (np.nan, np.nan)}) is None


def test_regions_by_hand():
    """Blocks of two trials each; in the second sample the first block is drawn twice and the second not at all."""
    data = data_of([[2, 1], [1, 2], [-1, 2], [1, 1.5]], [[-1, 0], [0.5, 0], [1, 0], [-0.5, 0]], block=[0, 0, 1, 1])
    found = compute.regions(data, np.array([[1.0, 1.0], [2.0, 0.0]]))
    assert list(found) == ["agree", "disagree", "disagree_positive"]
    np.testing.assert_allclose(found["agree"].mean, [-1, -1])
    np.testing.assert_allclose(found["disagree"].mean, [1 / 3, 0.5])
    np.testing.assert_allclose(found["disagree"].rising, [2 / 3, 1])
    np.testing.assert_allclose(found["disagree_positive"].mean, [0, 0.5])
    np.testing.assert_allclose(found["disagree_positive"].rising, [0.5, 1])
    assert [(one.n_trials, one.n_blocks) for one in found.values()] == [(1, 1), (3, 2), (2, 2)]
    found = compute.regions(data_of([[2, 1]], [[-1, 0]]), np.ones((1, 1)))
    assert np.isnan(found["disagree"].mean).all()


def test_where_values_disagree_a_drift_raises_and_a_decay_lowers_the_chosen_one():
    for rule, sign in ((decay, -1), (drifting, 1)):
        _, data, weights = regressed(rule)
        found = compute.regions(data, weights)
        assert np.sign(found["disagree_positive"].mean[0]) == sign
        assert found["disagree_positive"].rising[0] == (sign > 0)
        assert found["agree"].mean[0] < 0


def test_arrows_are_means_of_bins():
    """Values at the corners of a square, of four trials, of two, of three and of three; one trial of another action."""
    before = [[0, 0]] * 4 + [[1, 0]] * 2 + [[1, 1], [1, 1], [0.98, 1]] + [[0, 1]] * 4
    change = [[k, 1] for k in range(13)]
    data = Unrewarded(np.array(before, float), np.array(change, float), np.array([0] * 12 + [1]), np.zeros(13, int))
    bins, (low, high) = compute.arrows(data, 0)
    np.testing.assert_allclose(bins, [[0, 0, 1.5, 1, 4], [0, 1, 10, 1, 3], [2.98 / 3, 1, 7, 1, 3]])
    assert low < 0 < 1 < high
    bins, _ = compute.arrows(data, 1)
    assert bins.shape == (0, 5)
    assert compute.arrows(data, 2)[0].shape == (0, 5)


IDS = {"dataset": "d", "model": "m", "dim": 2}
SPEC = {"family": "cognitive", "model": "MB0"}


def written(folder, subjects, bootstrap=100):
    """Tables of subjects that share files: name: (values, actions, rewards), or None where the fit failed."""
    fits = [folder / "selected0.json", folder / "selected1.json"]
    along = [folder / "scores0.npz", folder / "scores1.npz"]
    (folder / "trials").mkdir()
    paths = []
    for name, own in subjects.items():
        _, action, reward = own or values_of(decay)
        block, trial = np.indices(action.shape).reshape(2, -1)
        table = pd.DataFrame({"dataset": "d", "subject": name, "block": block, "trial": trial, "mask": 1})
        table = table.assign(action=action.ravel(), state=action.ravel(), reward=reward.ravel().astype(float))
        paths.append(folder / f"trials/{name}.parquet")
        table.to_parquet(paths[-1])
    for outer, (chosen, own) in enumerate(zip(fits, along, strict=True)):
        rows = [None if data is None or outer == 0 else 0 for data in subjects.values()]
        choices = [
            {**IDS, "subject": name, "outer": outer, "row": row, "parameters": "fits.safetensors"}
            for name, row in zip(subjects, rows, strict=True)
        ]
        write_json(chosen, choices if len(choices) > 1 else choices[0])
        scores.write(own, [
            None if row is None else scored(data[0], data[1], (data[2] > 0.5).astype(int))
            for row, data in zip(rows, subjects.values(), strict=True)
        ])  # fmt: skip
    from safetensors.numpy import save_file

    save_file({"alpha": np.array([0.3]), "beta": np.array([2.0])}, folder / "fits.safetensors")
    out = folder / "dynamics/d/s/m/d2"
    out.mkdir(parents=True)
    options = {"root": folder, "task": "reversal", "n_actions": 2, "spec": SPEC, "dim": 2, "bootstrap": bootstrap}
    drift(fits, along, paths, out, **options)
    return out, {table.name: pd.read_parquet(out / f"{table.name}.parquet") for table in OF_ONE}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    values, action, reward = values_of(drifting)
    graded = np.where(np.arange(reward.size).reshape(reward.shape) % 2, 0.25, reward)
    subjects = {"s": (values, action, reward), "failed": None, "graded": (values, action, graded)}
    return written(tmp_path_factory.mktemp("drift"), subjects)


def test_tables_of_a_chunk(found):
    _, tables = found
    rates, signs, arrows = (tables[name] for name in ("drift", "drift_sign", "drift_arrows"))
    assert set(rates["subject"]) == {"s", "graded"}
    assert set(rates["outer"]) == {1}
    own = rates[rates["subject"] == "s"].set_index(["value", "equation"])
    assert own.index.tolist() == [(v, e) for v in ("chosen", "unchosen") for e in ("drift", "decay", "both", "level")]
    both = own.loc[("chosen", "both")]
    assert (both["delta"], both["phi"], both["remains"]) == (pytest.approx(0.4), 0.0, "drift")
    assert both["delta_low"] == pytest.approx(0.4)
    assert both["phi_low"] == both["phi_high"] == 0.0
    assert own.loc[("chosen", "decay"), "delta":"delta_high"].isna().all()
    assert pd.isna(own.loc[("chosen", "drift"), "phi"])
    _, _, reward = values_of(drifting)
    assert own["n_trials"].eq((reward == 0).sum()).all()
    assert own["n_blocks"].eq(N_BLOCKS).all()
    other = rates[rates["subject"] == "graded"]
    assert other["note"].eq(GRADED).all()
    assert other[["delta", "phi", "r2", "remains"]].isna().all(axis=None)
    assert set(signs["subject"]) == set(arrows["subject"]) == {"s"}
    assert signs["region"].tolist() == ["agree", "disagree", "disagree_positive"]
    raised = signs.set_index("region").loc["disagree_positive"]
    assert 0 < raised["mean_change_low"] <= raised["mean_change"] <= raised["mean_change_high"]
    assert raised["share_rising"] == raised["share_rising_low"] == 1.0
    assert set(arrows["condition"]) == {"A1R0"}
    np.testing.assert_allclose(arrows["dx"], 0.4 * (arrows["y"] - arrows["x"]), atol=1e-9)
    np.testing.assert_allclose(arrows["dy"], 0, atol=1e-9)


def test_tables_are_put_together(found):
    out, tables = found
    root = out.parents[4]
    counts = {"blocks": N_BLOCKS, "shortest_block": N_TRIALS}
    write_json(
        root / "data/d/meta.json", {"subjects": ["s", "failed"], "counts_analysed": {"s": counts, "failed": counts}}
    )
    folds = CrossValidation(outer=2, inner=2).folds()
    grid = {"datasets": ["d"], "models": {"m": {"d": [2]}}, "cv": {"d": folds}, "chunks": {}}
    gather(root, grid=grid)
    for table in TABLES:
        whole = pd.read_parquet(root / f"tables/{table.name}.parquet")
        own = tables[table.name]
        pd.testing.assert_frame_equal(whole, own[own["subject"] == "s"].reset_index(drop=True))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("actions", [["a", "b", "c"], ["猴1", "a$x^$b"]])
def test_a_figure_of_any_names(found, tmp_path, actions):
    out, tables = found
    plot(out, tmp_path / "drift", subject="s", actions=actions)
    assert {path.suffix for path in tmp_path.glob("drift.*")} == {".png", ".pdf"}
    own = [tables[name][tables[name]["subject"] == "s"] for name in ("drift_arrows", "drift", "drift_sign")]
    drawn = figure.drift(*own, actions=actions, title="t")
    texts = {text.get_text() for text in drawn.findobj(Text)}
    assert {"agree", "disagree", "decay to 0", "decay to a fitted level"} <= texts
    assert ("mean value of the others (nats)" in texts) == (len(actions) == 3)
    empty = figure.drift(own[0].iloc[:0], *own[1:], actions=actions, title="t")
    assert "too few trials" in {text.get_text() for text in empty.findobj(Text)}


def test_a_subject_without_a_test_has_a_note(found, tmp_path):
    out, _ = found
    for subject in ("failed", "graded"):
        plot(out, tmp_path / "note", subject=subject, actions=["a", "b"])
        assert (tmp_path / "note.png").stat().st_size < 20_000


def test_models_with_a_value_of_each_action_and_nothing_else_are_tested():
    data = {"source": "simulate", "n_blocks": 6, "n_trials": 12}
    content = {
        "run": "t",
        "datasets": {
            "two": data | {"task": "reversal"},
            "three": data | {"task": "bandit", "n_actions": 3, "agent": {"model": "MF"}},
            "stages": data | {"task": "two_stage"},
        },
        "models": {
            "full": {"family": "rnn", "dims": [2]},
            "diagonal": {"family": "rnn", "dims": [2], "readout": "diagonal", "datasets": ["two", "stages"]},
            "memory": {"family": "rnn", "cell": "lstm", "dims": [2], "readout": "diagonal", "datasets": ["two"]},
            **{name: {"family": "cognitive", "datasets": ["two"]} for name in ("MB1", "MB0s", "MB0p", "MF0sp")},
            "MF": {"family": "cognitive", "datasets": ["three"]},
            "MFDp": {"family": "cognitive", "datasets": ["three"]},
        },
        "cv": {"outer": 3, "inner": 2},
    }
    own = checked(content | {"analyses": {"drift": {}}}, "t", Config)
    found = outputs.dims(own)
    assert {model: {data: dims for data, dims in of.items() if dims} for model, of in found.items()} == {
        "diagonal": {"two": [2]},
        "MB1": {"two": [2]},
        "MF": {"three": [3]},
    }
    fits = [("two", "s1", "MB1", 2, 0), ("two", "s1", "MB1", 2, 1), ("two", "s1", "full", 2, 0)]
    assert outputs.figures(own, fits) == ["drift__two__s1__MB1__d2"]
    assert outputs.tables(own) == ["drift", "drift_sign"]
    assert outputs.tables(checked(content | {"analyses": {}}, "t", Config)) == []
