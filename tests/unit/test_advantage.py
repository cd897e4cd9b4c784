"""How far models are ahead of the best cognitive model, over subjects."""

import numpy as np
import pandas as pd
import pytest

from tinycog.analyses.advantage import outputs
from tinycog.analyses.advantage.compute import advantage
from tinycog.analyses.advantage.figure import ahead
from tinycog.analyses.advantage.step import compare
from tinycog.analyses.advantage.tables import ADVANTAGE
from tinycog.config import Config
from tinycog.sections.messages import checked

DIMS = {"gru1": 1, "gru2": 2, "A": 1, "B": 1, "C": 2, "student": 2}


def scored(n=6, **changes):
    """Test NLL of each subject: A is best at d = 1, C worse than A, and subject s0 is hard."""
    nll = {
        "gru1": np.full(n, 0.50),
        "gru2": np.linspace(0.401, 0.501, n),
        "A": np.full(n, 0.48),
        "B": np.full(n, 0.60),
        "C": np.linspace(0.45, 0.53, n)[::-1] + 0.02,
        "student": np.full(n, 0.465),
    } | changes
    rows = [
        {"dataset": "d", "subject": f"s{i}", "model": model.rstrip("12"), "dim": DIMS[model], "family": "rnn"}
        | {"n_dynamical": DIMS[model], "test_nll": value + (i == 0) * 0.3}
        for model, values in nll.items()
        for i, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def found(table, rivals=("A", "B", "C"), seed=0):
    return ADVANTAGE.typed(advantage(table, rivals, seed)).set_index(["model", "dim", "rivals"])


def test_the_rival_is_the_best_of_the_same_d_and_of_any():
    table = found(scored())
    assert table["rival"].to_dict() == {
        ("gru", 1, "same d"): "A",
        ("gru", 1, "any d"): "A",
        ("gru", 2, "same d"): "C",
        ("gru", 2, "any d"): "A",
        ("student", 2, "same d"): "C",
        ("student", 2, "any d"): "A",
    }
    assert (table["n_subjects"] == 6).all()
    np.testing.assert_allclose(table.loc[("gru", 1), "difference"], 0.02)
    np.testing.assert_allclose(table.loc[("gru", 2, "same d"), "difference"], 0.451 - 0.51)
    np.testing.assert_allclose(table.loc[("gru", 2, "any d"), ["test_nll", "rival_nll"]].tolist(), [0.501, 0.53])
    assert table["share_ahead"].tolist() == pytest.approx([0, 0, 5 / 6, 4 / 6, 1, 1])


def test_the_difference_is_within_subjects():
    """Subject s0 is .3 harder for every model, which differences do not see: a constant one has no spread."""
    table = found(scored()).loc[("student", 2, "any d")]
    assert table["low"] == pytest.approx(-0.015, abs=1e-12)
    assert table["high"] == pytest.approx(-0.015, abs=1e-12)


def test_the_interval_is_that_of_means_of_resampled_subjects():
    own = np.random.default_rng(0).normal(size=40)
    table = found(scored(40, gru1=own, A=np.zeros(40), C=np.ones(40), B=np.ones(40))).loc[("gru", 1, "any d")]
    means = np.random.default_rng(1).choice(own, (20_000, 40)).mean(1)
    assert [table["low"], table["high"]] == pytest.approx(np.quantile(means, [0.025, 0.975]).tolist(), abs=0.02)
    assert table["difference"] == pytest.approx(own.mean())
    other = found(scored(40, gru1=own, A=np.zeros(40), C=np.ones(40), B=np.ones(40)), seed=1)
    assert other.loc[("gru", 1, "any d"), "low"] != table["low"]


def test_few_subjects_have_no_interval_and_a_subject_without_a_fit_of_every_model_does_not_count():
    assert found(scored(4))[["low", "high"]].isna().all(axis=None)
    table = scored()
    without = table[~((table["model"] == "C") & (table["subject"] == "s5"))]
    assert (found(without)["n_subjects"] == 5).all()
    np.testing.assert_allclose(
        found(without).loc[("gru", 2, "any d"), "difference"], np.linspace(0.401, 0.501, 6)[:5].mean() - 0.48
    )


def test_without_a_rival_of_the_same_d_there_is_that_of_any():
    table = scored()
    table = found(table[table["model"] != "C"], rivals=("A", "B"))
    assert table.loc["gru"].index.tolist() == [(1, "same d"), (1, "any d"), (2, "any d")]
    assert advantage(scored(), (), 0) == []


def test_models_that_are_not_named_do_not_count(tmp_path):
    scored().to_parquet(tmp_path / "performance.parquet")
    names = {"models": ["gru", "A", "B"], "rivals": ["A", "B"]}
    compare(tmp_path / "performance.parquet", tmp_path, **names, seed=0)
    table = pd.read_parquet(tmp_path / "advantage.parquet")
    assert set(table["model"]) == {"gru"}
    assert set(table["rival"]) == {"A"}


def config_of(**models):
    dataset = {"source": "simulate", "task": "reversal", "n_subjects": 2, "n_blocks": 4, "n_trials": 30}
    content = {"datasets": {"a": dataset, "b": dataset}, "models": models, "teachers": {"t": {"units": 3}}}
    content["cv"] = {"protocol": "interspersed"}
    return checked(content, "test", Config)


def test_what_a_run_gets():
    gru, mb0 = {"family": "rnn", "dims": [1]}, {"family": "cognitive"}
    both = config_of(gru=gru, MB0=mb0 | {"datasets": ["a"]}, LS0=mb0 | {"teacher": "t"}, LS1=mb0 | {"prior": "weak"})
    assert outputs.rivals(both) == ["MB0", "LS1"]
    assert outputs.held(both) == ["a", "b"]
    assert outputs.held(config_of(gru=gru, MB0=mb0 | {"datasets": ["a"]})) == ["a"]
    for models in ({"gru": gru}, {"MB0": mb0}):
        assert outputs.tables(config_of(**models)) == outputs.figures(config_of(**models), []) == []
    fits = [(name, f"s{i}", "gru", 1, 0) for name, n in (("a", 5), ("b", 4)) for i in range(n)]
    assert outputs.figures(both, fits) == ["advantage__a"]


def test_the_figure_has_every_difference_and_names_the_rival():
    figure = ahead(found(scored()).reset_index())
    (ax,) = figure.axes
    x = np.concatenate([line.get_xdata() for line in ax.lines if line.get_marker() in "so"])
    assert sorted(x) == pytest.approx(sorted(found(scored())["difference"]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["gru, d = 1", "gru, d = 2", "student, d = 2"]
    assert sorted(text.get_text() for text in ax.texts) == ["A"] * 4 + ["C"] * 2
