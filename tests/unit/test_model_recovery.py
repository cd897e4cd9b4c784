"""Model recovery: differences, winners and verdicts by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from tinycog.analyses.model_recovery import outputs
from tinycog.analyses.model_recovery.compute import d_stars, recovery, simulated, verdict
from tinycog.analyses.model_recovery.figure import matrices
from tinycog.analyses.model_recovery.step import recover
from tinycog.analyses.model_recovery.tables import D_STAR, RECOVERY
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.sections.messages import checked

AGENTS = {
    "anti": {"agent": "MB0s", "agent_d": 1, "own": "mine", "own_dim": 1},
    "values": {"agent": "MB0", "agent_d": 2, "own": None, "own_dim": 2},
}
LOSSES = {  # of the agents s0, s1, s2
    ("gru", 1, "rnn"): (0.51, 0.53, 0.55),
    ("gru", 2, "rnn"): (0.51, 0.50, 0.52),
    ("mine", 1, "cognitive"): (0.50, 0.51, 0.52),
    ("MB0", 2, "cognitive"): (0.60, 0.50, 0.70),
}


def selected(losses=LOSSES, dataset="anti", n_test=(10, 30)):
    """Two outer folds of different sizes; losses of the first are 0.4 larger, of the second as much smaller as to keep
    the mean.
    """
    rows = []
    for (model, dim, family), values in losses.items():
        for subject, value in enumerate(values):
            for outer, n in enumerate(n_test):
                of_fold = value + (0.4 if outer == 0 else -0.4 * n_test[0] / n_test[1])
                ids = {"dataset": dataset, "subject": f"s{subject}", "model": model, "dim": dim, "outer": outer}
                losses = {"val_nll": of_fold, "n_val": n, "test_nll": of_fold, "n_test": n}
                rows.append({**ids, "family": family, "n_dynamical": dim, **losses})
    return pd.DataFrame(rows)


def rows_of(fits, d_star=None, generators=AGENTS, margin=0.005):
    own, about = simulated(fits, generators)
    return recovery(own, d_star, about, margin)


def table(fits, d_star=None, generators=AGENTS, margin=0.005):
    rows = RECOVERY.typed(rows_of(fits, d_star, generators, margin))
    return rows.set_index(["generator", "model", "dim"])


def test_a_difference_is_of_the_means_over_choices_with_its_interval_over_agents():
    rows = table(selected())
    row = rows.loc[("anti", "MB0", 2)]
    differences = np.array([0.10, -0.01, 0.18])
    assert row["test_nll"] == pytest.approx(0.6)
    assert row["delta_nll"] == pytest.approx(0.09)
    expected = ttest_1samp(differences, 0).confidence_interval(0.95)
    assert (row["low"], row["high"]) == (pytest.approx(expected.low), pytest.approx(expected.high))
    own = rows.loc[("anti", "mine", 1)]
    assert (own["delta_nll"], own["low"], own["high"], own["verdict"]) == (0, 0, 0, "as good")
    assert own["own"]
    assert rows["own"].sum() == 1
    assert (rows["n_agents"] == 3).all()


def test_winners_are_counted_among_all_and_among_cognitive_models():
    rows = table(selected())
    wins = rows.loc["anti", "wins"].to_dict()
    assert wins == {
        ("gru", 1): 0, ("gru", 2): pytest.approx(2 / 3), ("mine", 1): pytest.approx(1 / 3), ("MB0", 2): 0,
    }  # fmt: skip
    cognitive = rows.loc["anti", "wins_cognitive"]
    assert cognitive[("mine", 1)] == pytest.approx(2 / 3)
    assert cognitive[("MB0", 2)] == pytest.approx(1 / 3)
    assert cognitive[["gru"]].isna().all()


def test_a_network_with_enough_variables_should_be_as_good():
    rows = table(selected())
    expected = rows.loc["anti", "expected"]
    assert expected["gru"].tolist() == ["as good"] * 2
    assert expected[["mine", "MB0"]].isna().all()
    more = {"anti": {**AGENTS["anti"], "agent_d": 2}}
    assert table(selected(), generators=more).loc[("anti", "gru", 1), "expected"] == "worse"
    assert table(selected(), generators=more).loc[("anti", "gru", 2), "expected"] == "as good"


@pytest.mark.parametrize(("low", "high", "expected"), [
    (-0.1, 0.005, "as good"), (0.006, 0.1, "worse"), (0.005, 0.1, "undecided"), (-0.1, 0.006, "undecided"),
    (math.nan, math.nan, None),
])  # fmt: skip
def test_verdicts(low, high, expected):
    assert verdict(low, high, 0.005) == expected


def test_without_the_agents_own_model_there_is_no_difference():
    rows = table(selected(dataset="values")).loc["values"]
    assert rows["delta_nll"].isna().all()
    assert set(rows["reason"]) == {"MB0 is not among the models that are fitted to its agents"}
    assert rows["wins"].sum() == pytest.approx(1)
    lost = selected()
    lost.loc[lost["model"] == "mine", "test_nll"] = np.inf
    reasons = table(lost).loc["anti", "reason"]
    assert set(reasons) == {"no fit of the agents' own model, mine, can be compared"}


def test_a_model_whose_every_fit_failed_is_named():
    lost = selected()
    lost.loc[lost["model"] == "MB0", "test_nll"] = np.inf
    row = table(lost).loc[("anti", "MB0", 2)]
    assert (row["n_agents"], row["reason"], row["wins"]) == (0, "none of its fits can be compared", 0)
    assert np.isnan(row["test_nll"])
    lost["test_nll"] = np.inf
    rows = table(lost)
    assert (rows["wins"] == 0).all()


def test_one_agent_has_no_interval():
    rows = table(selected({key: values[:1] for key, values in LOSSES.items()}))
    assert rows["low"].isna().all()
    assert rows["verdict"].isna().all()
    assert rows.loc[("anti", "gru", 2), "delta_nll"] == pytest.approx(0.01)


def d_table():
    rows = []
    for rule, values in {"reference": (1, 1, 2), "argmin": (2, 3, 1)}.items():
        rows += [{"dataset": "anti", "subject": f"s{i}", "rule": rule, "d_star": d} for i, d in enumerate(values)]
    return pd.DataFrame([*rows, {"dataset": "other", "subject": "s", "rule": "reference", "d_star": 9}])


def test_how_often_each_rule_gives_the_agents_number():
    _, about = simulated(selected(), AGENTS)
    found = D_STAR.typed(d_stars(d_table(), about)).set_index("rule")
    reference, argmin = found.loc["reference"], found.loc["argmin"]
    assert (reference["equal"], reference["below"], reference["above"]) == pytest.approx((2 / 3, 0, 1 / 3))
    assert (argmin["equal"], argmin["above"], argmin["n_agents"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3), 3)
    assert (table(selected(), d_table()).loc["anti", "d_star"] == 1).all()
    assert table(selected()).loc["anti", "d_star"].isna().all()


def test_written_as_tables_with_d_star_and_without(tmp_path):
    selected().to_parquet(tmp_path / "selected.parquet")
    d_table().to_parquet(tmp_path / "d.parquet")
    options = {"generators": AGENTS, "competing": ["gru"], "margin": 0.005}
    recover(tmp_path / "selected.parquet", tmp_path / "d.parquet", None, tmp_path / "with", **options)
    recover(tmp_path / "selected.parquet", None, None, tmp_path / "without", **options)
    sizes = {where: len(pd.read_csv(tmp_path / where / "recovery_d_star.csv")) for where in ("with", "without")}
    assert sizes == {"with": 2, "without": 0}
    assert len(pd.read_parquet(tmp_path / "without/recovery.parquet")) == 4


SIMULATED = {"source": "simulate", "task": "two_stage", "n_blocks": 4, "n_trials": 10}


def run_of(**changes):
    content = {
        "run": "t",
        "datasets": {
            "q": {**SIMULATED, "agent": {"model": "Q(1)", "parameters": {"alpha": 0.5, "beta": 2.0}}},
            "m": {**SIMULATED, "agent": {"model": "MB1", "parameters": {"alpha": 0.5, "D": 0.5, "beta": 2.0}}},
            "rats": {"source": "miller", "task": "two_stage"},
        },
        "models": {"Q1": {"family": "cognitive", "model": "Q(1)"}, "g": {"family": "rnn", "dims": [1]}},
        "cv": {"outer": 2, "inner": 2},
        "analyses": {"model_recovery": {}, "dimensionality": {}},
    }
    return checked({**content, **changes}, "t", Config)


def test_generators_are_the_simulated_data_sets():
    assert outputs.generators(run_of()) == {
        "q": {"agent": "Q(1)", "agent_d": 2, "own": "Q1", "own_dim": 2},
        "m": {"agent": "MB1", "agent_d": 2, "own": None, "own_dim": 2},
    }  # fmt: skip
    assert outputs.sources(run_of()) == ["selected", "dimensionality"]
    assert outputs.sources(run_of(analyses={"model_recovery": {}})) == ["selected"]
    cognitive = {"Q1": {"family": "cognitive", "model": "Q(1)"}}
    assert outputs.sources(run_of(models=cognitive)) == ["selected"]
    elsewhere = {"Q1": {"family": "cognitive", "model": "Q(1)", "datasets": ["m", "rats"]}, "g": {"family": "rnn"}}
    assert outputs.generators(run_of(models=elsewhere))["q"]["own"] is None
    without = run_of(analyses={})
    assert outputs.tables(without) == outputs.figures(without, []) == []
    with pytest.raises(InputError, match="model_recovery: no agent is known"):
        run_of(datasets={"rats": {"source": "miller", "task": "two_stage"}})


def test_the_figure_shows_thousandths_and_percent_and_frames_the_agents_own():
    both = pd.concat([selected(), selected({key: LOSSES[key] for key in list(LOSSES)[:2]}, "values")])
    rows = RECOVERY.typed(rows_of(both, d_table()))
    above, below = matrices(rows, 0.005).axes
    assert [label.get_text() for label in above.get_yticklabels()] == ["anti (D = 1, d* = 1)", "values (D = 2)"]
    assert [label.get_text() for label in below.get_xticklabels()] == ["gru, d = 1", "gru, d = 2", "mine", "MB0"]
    texts = {text.get_position(): text.get_text() for text in above.texts}
    assert texts == {(0, 0): "20", (1, 0): "0", (2, 0): "0", (3, 0): "90"}  # nothing of the second: no own model
    wins = {text.get_position(): text.get_text() for text in below.texts}
    assert wins == {(0, 0): "0", (1, 0): "67", (2, 0): "33", (3, 0): "0", (0, 1): "33", (1, 1): "67"}
    assert [patch.get_xy() for patch in above.patches] == [(1.5, -0.5)]
    assert [line.get_xdata()[0] for line in above.lines] == pytest.approx([2.38])
