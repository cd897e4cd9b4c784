"""Fits to all choices, and intervals of their parameters."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

import by_hand
from conftest import random_sequences
from tinycog.analyses.parameters import compute, summarise
from tinycog.analyses.parameters.refit import refit
from tinycog.analyses.parameters.tables import PART, SUMMARY
from tinycog.fitting import all_choices
from tinycog.fitting.objective import choice_nll
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.tasks import task_of
from tinycog.trials import sequences

TASK = task_of("bandit")
SPEC = {"family": "cognitive", "seeds": None, "optimizer": "gradient"}


def played(model: str, params: dict[str, float], n_blocks: int, n_trials: int, seed: int = 0) -> sequences.Sequences:
    """Choices of a plain-Python agent on two arms that pay with 0.7 and 0.3."""
    rng, rows = np.random.default_rng(seed), []
    for block in range(n_blocks):
        agent = by_hand.agent("bandit", model, params)
        for trial in range(n_trials):
            action = int(rng.random() < by_hand.probabilities(agent.first())[1])
            reward = int(rng.random() < (0.7, 0.3)[action])
            agent.update(action, action, reward)
            rows.append((block, trial, action, action, reward, 1))
    names = ("block", "trial", "action", "state", "reward", "mask")
    return sequences.from_columns(dict(zip(names, np.array(rows).T, strict=True)), TASK)


def nll_by_hand(model: str, params: dict[str, float], data: sequences.Sequences) -> float:
    total = 0.0
    for block in range(data.n_blocks):
        agent = by_hand.agent("bandit", model, params)
        for trial in range(data.lengths[block]):
            action, reward = int(data.action[trial, block]), float(data.reward[trial, block])
            total -= by_hand.log_likelihood(by_hand.probabilities(agent.first())[action])
            agent.update(action, action, reward)
    return total


def fitted(model: str, data: sequences.Sequences) -> dict[str, np.ndarray]:
    return all_choices.fit(registry.cognitive(TASK, model), data, SPEC, ("test",))[0]


def intervals(model: str, data: sequences.Sequences, known: dict[str, np.ndarray] | None = None) -> tuple:
    return compute.profile(registry.cognitive(TASK, model), data, known or fitted(model, data))


def test_the_profile_of_a_share_is_that_of_the_binomial_likelihood():
    data = random_sequences(6, 20, seed=2)
    n, k = data.mask.sum(), data.action.sum()

    def nll(p: float) -> float:
        return -k * math.log(p) - (n - k) * math.log(1 - p)

    def excess(p: float) -> float:
        return 2 * (nll(p) - nll(k / n)) - chi2.ppf(0.95, 1)

    values, lowest, ends = intervals("BAS", data)
    assert values == {"p": pytest.approx(k / n)}
    assert lowest == pytest.approx(nll(k / n))
    assert ends["p"].low == pytest.approx(brentq(excess, 1e-6, k / n), rel=1e-5)
    assert ends["p"].high == pytest.approx(brentq(excess, k / n, 1 - 1e-6), rel=1e-5)
    assert ends["p"].note == ""


def test_profiles_of_two_parameters_are_those_of_scipy_and_plain_python():
    data = played("MFDp", {"alpha": 0.4, "D": 1.0, "alpha_X": 0.5, "kappa": 0.0, "beta": 3.0}, 8, 25)
    values, lowest, ends = intervals("MB0", data)

    def nll(alpha: float, beta: float) -> float:
        return nll_by_hand("MB0", {"alpha": alpha, "beta": beta}, data)

    def excess(x: float, name: str) -> float:
        """Twice the NLL above the minimum, of the best fit with one parameter at x, and the threshold away."""
        other = {"alpha": ("beta", (0.01, 30.0)), "beta": ("alpha", (1e-4, 1 - 1e-4))}[name]
        best = minimize(
            lambda y: nll(**{name: x, other[0]: y[0]}), values[other[0]], bounds=[other[1]], method="L-BFGS-B"
        )
        return 2 * (best.fun - lowest) - chi2.ppf(0.95, 1)

    assert lowest == pytest.approx(nll(**values))
    for name in ("alpha", "beta"):
        assert excess(ends[name].low, name) == pytest.approx(0, abs=1e-3)
        assert excess(ends[name].high, name) == pytest.approx(0, abs=1e-3)
        assert ends[name].low < values[name] < ends[name].high
        assert ends[name].note == ""


def test_of_many_choices_the_profile_is_walds_interval():
    data = played("MFDp", {"alpha": 0.3, "D": 1.0, "alpha_X": 0.5, "kappa": 0.0, "beta": 2.0}, 80, 30)
    model = registry.cognitive(TASK, "MB0")
    values, _, ends = intervals("MB0", data)
    x, step = np.array([values["alpha"], values["beta"]]), np.array([1e-3, 1e-2])
    shifts = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) * step
    points = {name: x[i] + shifts[:, i] for i, name in enumerate(("alpha", "beta"))}
    nll = choice_nll(model, points, data, by_block=True).sum((1, 2)).reshape(3, 3)
    second = np.array([nll[2, 1] - 2 * nll[1, 1] + nll[0, 1], nll[1, 2] - 2 * nll[1, 1] + nll[1, 0]]) / step**2
    mixed = (nll[2, 2] - nll[2, 0] - nll[0, 2] + nll[0, 0]) / (4 * step.prod())
    error = np.sqrt(np.diag(np.linalg.inv([[second[0], mixed], [mixed, second[1]]])))
    for name, sd in zip(("alpha", "beta"), error, strict=True):
        assert ends[name].high - values[name] == pytest.approx(1.96 * sd, rel=0.06)
        assert values[name] - ends[name].low == pytest.approx(1.96 * sd, rel=0.06)


def test_profiles_do_not_depend_on_how_other_parameters_are_written():
    """MB1p's kappa is multiplied by alpha_X and MFDp's is not: alone their product is known as alpha_X goes to 0."""
    data = played("MFDp", {"alpha": 0.3, "D": 0.6, "alpha_X": 0.01, "kappa": 0.05, "beta": 3.0}, 10, 40, seed=3)
    (_, low_a, ends_a), (_, low_b, ends_b) = (intervals(name, data) for name in ("MB1p", "MFDp"))
    assert low_a == pytest.approx(low_b, abs=1e-3)
    for name in ("alpha", "D", "alpha_X", "beta"):
        assert ends_a[name].note == ends_b[name].note
        assert ends_a[name].high == pytest.approx(ends_b[name].high, rel=0.01)
        assert ends_a[name].low == pytest.approx(ends_b[name].low, rel=0.01, abs=1e-6)


def test_what_choices_do_not_tell_is_not_identified():
    data = random_sequences(30, 1, seed=4)  # nothing is learnt before the only choice of a block
    _, lowest, ends = intervals("MFDp", data)
    assert lowest == pytest.approx(30 * math.log(2))
    words = "not identified: from end to end of the range"
    assert {name: (end.low, end.high, end.note) for name, end in ends.items()} == {
        **dict.fromkeys(("alpha", "D", "alpha_X"), (0.0, 1.0, words)),
        "kappa": (None, None, words),
        "beta": (0.0, None, words),
    }


def test_an_end_that_no_value_beyond_is_excluded_from_is_that_of_the_range():
    data = played("MFDp", {"alpha": 1.0, "D": 1.0, "alpha_X": 0.5, "kappa": 0.0, "beta": 2.0}, 6, 20, seed=1)
    _, _, ends = intervals("MB0", data)
    assert (ends["alpha"].high, ends["alpha"].note) == (1.0, "upper end: 1, that of the range")
    assert 0.2 < ends["alpha"].low < 1


def test_a_poor_fit_is_left_for_the_better_one_that_the_profile_meets():
    data = played("MFDp", {"alpha": 0.4, "D": 1.0, "alpha_X": 0.5, "kappa": 0.0, "beta": 3.0}, 8, 25)
    poor = {"alpha": np.array([1e-7]), "beta": np.array([1e-6])}
    good, bad = intervals("MB0", data), intervals("MB0", data, poor)
    assert bad[1] == pytest.approx(good[1], abs=1e-4)
    for name, end in good[2].items():
        assert [bad[2][name].low, bad[2][name].high] == pytest.approx([end.low, end.high], rel=1e-3)


class Wells:
    """A likelihood with one parameter and two minima: a wide one at -8, a narrow one, 0.2 nats higher, at 2.05."""

    def minimised(self, start: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u = start[:, 0]
        return start, np.minimum((u + 8) ** 2, 0.2 + 2000 * (u - 2.05) ** 2)


def test_the_interval_reaches_over_a_narrow_optimum_far_away():
    best, others = np.array([-8.0]), np.array([[2.05]])
    ends, reached = compute._Profile(Wells(), best, 0.0, others).ends()
    half = chi2.ppf(0.95, 1) / 2
    assert not reached.any()
    assert ends[0] == pytest.approx([-8 - math.sqrt(half), 2.05 + math.sqrt((half - 0.2) / 2000)], abs=1e-3)
    ends, _ = compute._Profile(Wells(), best, 0.0, np.empty((0, 1))).ends()
    assert ends[0, 1] == pytest.approx(-8 + math.sqrt(half), abs=1e-3)


def test_other_optima_are_those_apart_and_hardly_worse():
    optima = np.array([[0.0, 0.0], [0.05, 0.0], [3.0, 0.0], [3.02, 0.0], [5.0, 5.0]])
    found = compute._others(optima, np.array([1.0, 1.01, 1.5, 1.4, 9.0]))
    assert found.tolist() == [[3.0, 0.0]]


def test_the_bootstrap_of_a_share_has_the_error_of_a_mean_over_blocks():
    rng = np.random.default_rng(5)
    p = rng.uniform(0.2, 0.6, 60)
    data = random_sequences(60, 20)
    data = sequences.Sequences(
        **(data.arrays() | {"action": (rng.random((20, 60)) < p).astype(int)}), lengths=data.lengths
    )
    shares = data.action.mean(0)
    end = compute.bootstrap(registry.cognitive(TASK, "BAS"), data, "gradient", 2000, generator("test"), ())["p"]
    error = shares.std() / math.sqrt(60)  # of a mean over resampled blocks of the same length
    assert [end.low, end.high] == pytest.approx([shares.mean() - 1.96 * error, shares.mean() + 1.96 * error], abs=0.003)


def test_bootstrap_intervals_cover_the_truth():
    model, covered = registry.cognitive(TASK, "BAS"), 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        data = random_sequences(25, 20)
        action = (rng.random((20, 25)) < 0.3).astype(int)
        data = sequences.Sequences(**(data.arrays() | {"action": action}), lengths=data.lengths)
        end = compute.bootstrap(model, data, "gradient", 200, generator("cover", seed), ())["p"]
        covered += end.low <= 0.3 <= end.high
    assert 0.87 < covered / 150 < 0.99


def test_too_few_blocks_to_draw_from_are_said():
    model = registry.cognitive(TASK, "BAS")
    end = compute.bootstrap(model, random_sequences(9, 5), "gradient", 100, generator("test"), ())["p"]
    assert (end.low, end.high, end.note) == (None, None, "9 blocks are fewer than 10 to draw from")
    assert compute.bootstrap(model, random_sequences(10, 5), "gradient", 100, generator("test"), ())["p"].note == ""


def test_a_share_of_1_has_a_lower_end_alone():
    data = random_sequences(12, 5)
    data = sequences.Sequences(**(data.arrays() | {"action": np.ones((5, 12), dtype=int)}), lengths=data.lengths)
    words = "upper end: 1, that of the range"
    drawn = compute.bootstrap(registry.cognitive(TASK, "BAS"), data, "gradient", 100, generator("test"), ())["p"]
    assert (drawn.low, drawn.high, drawn.note) == (1, 1, words)
    _, _, ends = intervals("BAS", data)
    assert (ends["p"].high, ends["p"].note) == (1, words)
    assert ends["p"].low == pytest.approx(math.exp(-chi2.ppf(0.95, 1) / 2 / 60), abs=1e-5)


def test_a_real_parameter_leaves_0():
    data = played("MFDp", {"alpha": 0.3, "D": 0.6, "alpha_X": 0.3, "kappa": 0.5, "beta": 3.0}, 10, 40)
    surface = compute.Surface(registry.cognitive(TASK, "MFDp"), data)
    found, _ = surface.minimised(np.zeros((1, 5)), np.array([-1]))
    assert surface.natural(found)["kappa"].item() == pytest.approx(0.5, abs=0.4)
    params = {name: np.array([value]) for name, value in zip(("alpha", "D", "alpha_X"), (0.3, 0.6, 0.9), strict=True)}
    params |= {"kappa": np.array([-70.0]), "beta": np.array([4.0])}
    again = surface.natural(surface.coordinates(params))
    assert {name: value.item() for name, value in again.items()} == pytest.approx(
        {name: value.item() for name, value in params.items()}
    )


def table(folder, subject: str, mask: int) -> str:
    rng, n = np.random.default_rng(7), 120
    block, trial = np.repeat(np.arange(12), 10), np.tile(np.arange(10), 12)
    action = rng.integers(0, 2, n) if mask else np.full(n, -1)
    columns = {"dataset": "d", "subject": subject, "session": "1", "block": block, "trial": trial, "action": action}
    columns |= {"state": np.maximum(action, 0), "reward": rng.integers(0, 2, n) * 1.0, "mask": mask}
    path = folder / f"{subject}.parquet"
    pd.DataFrame(columns).astype({"mask": "int8"}).to_parquet(path)
    return path


@pytest.mark.parametrize("interval", ["profile", "bootstrap"])
def test_each_subject_of_a_chunk_is_refitted_alone_and_one_without_choices_says_so(tmp_path, interval):
    trials = [table(tmp_path, "a", 1), table(tmp_path, "b", 0), table(tmp_path, "c", 1)]
    options = {"task": "bandit", "n_actions": 2, "name": "m", "spec": SPEC | {"model": "MB0"}}
    options |= {"interval": interval, "n_draws": 100, "seed": 0}
    refit(trials, tmp_path / "all.parquet", **options)
    refit(trials[2:], tmp_path / "alone.parquet", **options)
    rows = pd.read_parquet(tmp_path / "all.parquet")
    assert rows["subject"].tolist() == ["a", "a", "b", "b", "c", "c"]
    assert rows["dim"].tolist() == [2] * 6
    pd.testing.assert_frame_equal(rows[4:].reset_index(drop=True), pd.read_parquet(tmp_path / "alone.parquet"))
    assert rows.loc[2:3, ["value", "low", "high", "nll", "n_choices"]].isna().all(axis=None)
    assert rows.loc[2:3, "note"].tolist() == ["no choice to score"] * 2
    words = {"profile": "95% profile likelihood", "bootstrap": "95% bootstrap over blocks"}[interval]
    assert rows["interval"].tolist() == [words, words, "", "", words, words]
    found = rows[rows["subject"] == "a"].set_index("parameter")["value"]
    data = sequences.read(trials[0], TASK)
    assert rows.loc[0, "nll"] * 120 == pytest.approx(nll_by_hand("MB0", found.to_dict(), data))
    assert rows.loc[0, "n_choices"] == 120


def test_relabelled_copies_are_not_fitted(tmp_path):
    path = table(tmp_path, "a", 1)
    own = pd.read_parquet(path).assign(aug_of=lambda rows: rows["block"])
    copies = own.assign(block=own["block"] + 12, action=1 - own["action"], state=1 - own["state"])
    pd.concat([own, copies]).to_parquet(path)
    options = {"task": "bandit", "n_actions": 2, "name": "m", "spec": SPEC | {"model": "BAS"}}
    refit([path], tmp_path / "part.parquet", **options, interval="profile", n_draws=100, seed=0)
    (row,) = pd.read_parquet(tmp_path / "part.parquet").to_dict("records")
    assert (row["value"], row["n_choices"]) == (pytest.approx(own["action"].mean()), 120)


def test_the_summary_over_folds_is_counted_by_hand_and_keeps_what_only_one_side_has():
    keys = {"dataset": "d", "model": "m", "dim": 2, "posterior_sd": None}
    folds = (
        [("s", "alpha", v) for v in (0.1, 0.2, 0.6)] + [("s", "beta", v) for v in (2.0, 4.0)] + [("t", "alpha", 0.5)]
    )
    values = pd.DataFrame([keys | {"subject": s, "parameter": p, "value": v} for s, p, v in folds])
    of_refit = {"value": 0.25, "low": 0.0, "high": 0.5, "interval": "x", "note": "n", "nll": 0.6, "n_choices": 9}
    of_refit |= {"dataset": "d", "model": "m", "dim": 2, "parameter": "alpha"}
    refits = PART.typed([of_refit | {"subject": s} for s in ("s", "u")])
    declared = {"d": {"task": "bandit", "n_actions": 2, "chunks": None, "models": {"m": "MB0"}}}
    found = SUMMARY.typed(summarise.with_refits(summarise.over_folds(values), refits, declared))
    assert found[["subject", "parameter"]].to_numpy().tolist() == [
        ["s", "alpha"],
        ["s", "beta"],
        ["t", "alpha"],
        ["u", "alpha"],
    ]
    assert found["mean"].tolist()[:3] == pytest.approx([0.3, 3.0, 0.5])
    assert found["sd"].tolist()[:2] == pytest.approx([math.sqrt(0.07), math.sqrt(2)])
    assert found["sd"].isna().tolist() == [False, False, True, True]
    assert found["n_outer"].tolist() == [3, 2, 1, 0]
    assert found["value"].isna().tolist() == [False, True, True, False]
    assert found["range_low"].tolist() == [0, 0, 0, 0]
    assert found["range_high"].isna().tolist() == [False, True, False, False]
    assert found["unit"].tolist()[1] == "nats per unit of reward"
    without = summarise.with_refits(summarise.over_folds(values), PART.typed([]), declared)
    assert SUMMARY.typed(without)[["value", "low", "nll", "n_choices"]].isna().all(axis=None)
