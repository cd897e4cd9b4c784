"""Parameter recovery: the table by hand, agents that are found again, and what the figure shows."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import spearmanr

from tinycog.analyses.parameter_recovery import outputs
from tinycog.analyses.parameter_recovery.compute import summary
from tinycog.analyses.parameter_recovery.figure import recovered
from tinycog.analyses.parameter_recovery.step import recover
from tinycog.analyses.parameter_recovery.tables import AGENTS
from tinycog.cli import main
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.fitting import cognitive
from tinycog.models import registry
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.simulation.play import drawn
from tinycog.tasks import task_of

DESIGN = {
    **{"source": "simulate", "task": "reversal", "n_blocks": 100, "n_trials": 40},
    "environment": {"probabilities": [0.8, 0.2], "reversal": [15, 25]},
}
RUN = {"run": "t", "datasets": {"a": DESIGN}, "models": {"MB0": {"family": "cognitive"}}}


def agents_of(tmp_path, model, n_agents, seed=0, **ranges):
    options = checked(DESIGN, "t", AnyDataset).model_dump()
    spec = {"family": "cognitive", "model": model, "optimizer": "gradient", "seeds": None}
    arguments = {"dataset": "a", "name": model, "options": options, "payoffs": None, "seed": seed, "spec": spec}
    recover(tmp_path / "agents.parquet", **arguments, n_agents=n_agents, ranges=ranges)
    return pd.read_parquet(tmp_path / "agents.parquet")


def table(true, fitted):
    labels = {"dataset": "a", "model": "MB0", "parameter": "alpha", "n_choices": 10}
    return pd.DataFrame({**labels, "agent": range(len(true)), "true": true, "fitted": fitted})


def test_correlation_and_bias_by_hand():
    true, fitted = np.array([0.1, 0.2, 0.3, 0.5]), np.array([0.2, 0.1, 0.5, 0.6])
    row = summary(table([*true, 0.9], [*fitted, np.nan])).iloc[0]
    centred = true - true.mean(), fitted - fitted.mean()
    assert row["correlation"] == pytest.approx(
        (centred[0] @ centred[1]) / np.prod([np.linalg.norm(x) for x in centred])
    )
    assert row["rank_correlation"] == pytest.approx(spearmanr(true, fitted).statistic)
    assert row["bias"] == pytest.approx(0.3 / 4)
    assert row["median_error"] == pytest.approx(0.1)
    assert row["rmse"] == pytest.approx(math.sqrt((0.01 + 0.01 + 0.04 + 0.01) / 4))
    assert (row["n_agents"], row["low"], row["high"]) == (4, 0.1, 0.9)


def test_without_variation_there_is_no_correlation():
    row = summary(table([0.1, 0.2, 0.3], [0.5, 0.5, 0.5])).iloc[0]
    assert np.isnan([row["correlation"], row["rank_correlation"]]).all()
    assert row["bias"] == pytest.approx(0.3)


@pytest.mark.parametrize(("model", "least"), [("MB0", 0.9), ("LS0", 0.9), ("MF0sp", 0.5)])
def test_agents_are_found_again(tmp_path, model, least):
    agents = agents_of(tmp_path, model, 15)
    assert (agents["fitted_nll"] < agents["true_nll"]).all()  # the truth is not the best fit of 4,000 choices
    assert (agents["n_choices"] == 4000).all()
    found = summary(agents).set_index("parameter")
    assert list(found.index) == list(registry.cognitive(task_of("reversal"), model).classes)
    assert (found["rank_correlation"] > least).all()
    assert (found["n_agents"] == 15).all()


def test_the_command_completes_and_checks_the_data_set_s_section(tmp_path):
    def run(**section):
        design = {**{key: DESIGN[key] for key in ("source", "task", "environment")}, "n_blocks": 2, "n_trials": 40}
        arguments = {"--dataset": "a", "--options": json.dumps(design | section), "--seed": 0, "--name": "MB0"}
        arguments |= {"--model": json.dumps({"family": "cognitive", "model": "MB0"}), "--agents": 2}
        arguments |= {"--output": tmp_path / "agents.parquet"}
        return CliRunner().invoke(main, ["recover", *(str(part) for pair in arguments.items() for part in pair)])

    result = run()
    assert result.exit_code == 0, result.output
    written = pd.read_parquet(tmp_path / "agents.parquet")
    assert written["n_choices"].tolist() == [80] * 4
    pd.testing.assert_frame_equal(written, AGENTS.typed(written))
    assert "--options: n_block: unknown key; did you mean 'n_blocks'?" in run(n_block=3).output


def test_of_several_starts_the_best_is_kept(tmp_path, monkeypatch):
    """Agents with alpha .5 and beta 3; one of the starts ended there, the others where choices are hardly predicted."""
    found = {"alpha": np.array([0.05, 0.5, 0.95]), "beta": np.array([9.0, 3.0, 0.1])}
    monkeypatch.setattr(cognitive, "fit", lambda *_: (found, np.ones(3, int), np.ones(3, bool)))
    agents = agents_of(tmp_path, "MB0", 2, alpha=(0.5, 0.501), beta=(3, 3.001))
    assert agents.set_index(["agent", "parameter"])["fitted"].unstack().to_numpy().tolist() == [[0.5, 3.0]] * 2
    np.testing.assert_allclose(agents["fitted_nll"], agents["true_nll"], atol=1e-3)


@pytest.mark.parametrize(("model", "n_starts"), [("MB0", 1), ("MF0sp", 3)])
def test_a_fit_is_to_all_choices_from_as_many_starts_as_in_a_run(tmp_path, monkeypatch, model, n_starts):
    grids = []

    def stays(model, data, grid, *_):
        grids.append(grid)
        params = {name: np.full(len(grid), 0.5) for name in model.parameters}
        return params, np.ones(len(grid), int), np.ones(len(grid), bool)

    monkeypatch.setattr(cognitive, "fit", stays)
    agents = agents_of(tmp_path, model, 2)
    assert [grid.seed.tolist() for grid in grids] == [list(range(n_starts))] * 2
    assert all((grid.weights["train"] == 1).all() for grid in grids)
    assert (agents["fitted"] == 0.5).all()


def test_agents_differ_and_come_again(tmp_path):
    first, again = agents_of(tmp_path, "MB0", 3, beta=(2, 2.1)), agents_of(tmp_path, "MB0", 2, beta=(2, 2.1))
    pd.testing.assert_frame_equal(first[first["agent"] < 2], again)
    assert first["true"].nunique() == 6
    beta = first.loc[first["parameter"] == "beta", "true"]
    assert beta.between(2, 2.1).all()


def test_choices_are_of_the_data_set_s_seed_and_parameters_of_the_run_s(tmp_path, monkeypatch):
    def first(own, run):
        monkeypatch.setitem(DESIGN, "seed", own)
        return agents_of(tmp_path, "MB0", 1, seed=run)[["true", "true_nll"]].to_numpy()

    none, same, other, run = first(None, 0), first(0, 0), first(7, 0), first(None, 1)
    np.testing.assert_array_equal(none, same)
    np.testing.assert_array_equal(none[:, 0], other[:, 0])
    assert (none[:, 1] != other[:, 1]).all()
    assert (none[:, 0] != run[:, 0]).all()


def test_parameters_are_drawn_in_their_ranges():
    model, rng = registry.cognitive(task_of("reversal"), "MF0sp"), np.random.default_rng(0)
    draws = pd.DataFrame([drawn(model, {"kappa": (0.5, 0.6)}, rng) for _ in range(4000)])
    expected = {"alpha": (0.05, 0.95), "alpha_X": (0.05, 0.95), "kappa": (0.5, 0.6), "beta": (1, 10)}
    for name, (low, high) in expected.items():
        assert draws[name].between(low, high).all()
        middle = math.sqrt(low * high) if name == "beta" else (low + high) / 2
        assert (draws[name] < middle).mean() == pytest.approx(0.5, abs=0.03)


def test_the_figure_has_a_panel_for_each_parameter_and_marks_fits_beyond_it():
    near = pd.concat([table([0.1, 0.2, 0.3], [0.1, 0.25, 0.3]).assign(parameter=name) for name in "abcdef"])
    assert len(recovered(near, summary(near)).axes) == 6
    far = table([0.1, 0.2, 0.3], [0.1, 0.25, 40.0])
    (ax,) = recovered(far, summary(far)).axes
    _, inside, beyond = ax.lines
    assert inside.get_xydata().tolist() == [[0.1, 0.1], [0.2, 0.25]]
    assert beyond.get_marker() == "^"
    assert beyond.get_xdata().tolist() == [0.3]


@pytest.mark.parametrize(("section", "message"), [
    ({"models": ["x"]}, "analyses.parameter_recovery.models: ['x'] not among the cognitive models ['MB0']"),
    ({"ranges": {"gamma": [0, 1]}}, "no model has a parameter 'gamma'; they have: alpha, beta"),
    ({"ranges": {"alpha": [0, 2]}}, "ranges.alpha: found [0, 2]; must be a lower and a higher value in [0, 1]"),
    ({"ranges": {"beta": [0, 5]}}, "ranges.beta: found [0, 5]; must be a lower and a higher value in (0, inf)"),
    ({"ranges": {"beta": [5, 2]}}, "ranges.beta: found [5, 2]"),
    ({"ranges": {"beta": [1, math.inf]}}, "ranges.beta: found inf; must be a finite number"),
    ({"agents": 1}, "analyses.parameter_recovery.agents: found 1; must be greater than or equal to 2"),
])  # fmt: skip
def test_what_cannot_be_simulated_is_said(section, message):
    content = {**RUN, "analyses": {"parameter_recovery": section}}
    with pytest.raises(InputError) as error:
        checked(content, "my.yaml", Config)
    assert message in str(error.value)


def test_agents_are_of_every_cognitive_model_on_every_simulated_data_set():
    models = {name: {"family": "cognitive"} for name in ("MB0", "LS0")} | {"g": {"family": "rnn"}}
    content = {**RUN, "datasets": {"a": DESIGN, "b": DESIGN, "m": {"source": "bartolo"}}, "models": models}
    everything = checked({**content, "analyses": {"parameter_recovery": {}}}, "t", Config)
    assert outputs.places(everything) == [("a", "MB0"), ("a", "LS0"), ("b", "MB0"), ("b", "LS0")]
    some = checked({**content, "analyses": {"parameter_recovery": {"models": ["LS0"]}}}, "t", Config)
    assert outputs.places(some) == [("a", "LS0"), ("b", "LS0")]
    without = {**content, "datasets": {"m": {"source": "bartolo"}}, "analyses": {"parameter_recovery": {}}}
    assert [outputs.places(checked(own, "t", Config)) for own in (content, without)] == [[], []]
