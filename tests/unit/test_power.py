"""Power of d*: how often a rule finds the d of simulated choices, by hand; simulations on the subject's own folds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tinycog.analyses.dimensionality import outputs
from tinycog.analyses.dimensionality.figure import RULE_COLOURS
from tinycog.analyses.dimensionality.gather_power import gather
from tinycog.analyses.dimensionality.plot import plot_power
from tinycog.analyses.dimensionality.power import network_of, power
from tinycog.analyses.dimensionality.power_figure import found as draw
from tinycog.analyses.dimensionality.simulate import simulate
from tinycog.analyses.dimensionality.tables import POWER, SIMULATION
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results import truth
from tinycog.results.layout import Layout
from tinycog.results.selection import best_by_validation
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.simulation import playing
from tinycog.simulation.of_datasets import of_dataset
from tinycog.steps.fit import fit
from tinycog.steps.prepare import prepare
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_json
from tinycog.tasks import task_of

DESIGN = {"source": "simulate", "task": "reversal", "n_blocks": 6, "n_trials": 8}
RUN = {
    "run": "t",
    "datasets": {"a": {**DESIGN, "n_subjects": 2}},
    "models": {
        "gru": {"family": "rnn", "cell": "gru", "dims": [1, 2]},
        "sgru": {"family": "rnn", "cell": "switching_gru", "dims": [1]},
        "lstm": {"family": "rnn", "cell": "lstm", "dims": [1]},
        "LS0": {"family": "cognitive"},
    },
    "cv": {"outer": 3, "inner": 2},
    "training": {"max_epochs": 2, "seeds": 1},
    "analyses": {"dimensionality": {"power": 2}},
}
CV = {"outer": 3, "inner": 2, "n_inner": 2, "seed": 1, "protocol": "blocks"}


def config_of(**changes):
    return checked({**RUN, **changes}, "t", Config)


# counts by hand


@pytest.mark.parametrize("n", [1, 4, 20])
def test_the_interval_of_all_or_none_in_closed_form(n):
    """With n of n the lower end p has p^n = 0.025; with none the upper one (1 - p)^n."""
    every, none = truth.found([2] * n, 2), truth.found([1] * n, 2)
    assert (every["equal"], every["high"], every["below"], every["above"]) == (1, 1, 0, 0)
    assert every["low"] == pytest.approx(0.025 ** (1 / n))
    assert (none["equal"], none["low"], none["below"], none["above"]) == (0, 0, 1, 0)
    assert none["high"] == pytest.approx(1 - 0.025 ** (1 / n))


def test_shares_below_at_and_above():
    found = truth.found([1, 2, 2, 3, 3], 2)
    assert (found["below"], found["equal"], found["above"]) == pytest.approx((0.2, 0.4, 0.4))
    assert found["low"] < 0.4 < found["high"]


def fits(losses, simulation=0, reason="", generator="gru", true_d=2):
    """Selected fits of one simulation: (model, dim): test NLL of each of ten outer folds."""
    rows = []
    for (model, dim), nll in losses.items():
        for outer, value in enumerate(np.broadcast_to(nll, 10)):
            ids = {"dataset": "a", "subject": "s", "simulation": simulation, "model": model, "dim": dim, "outer": outer}
            values = {"val_nll": value, "n_val": 5, "test_nll": value, "n_test": 5}
            rows.append({**ids, "generator": generator, "true_d": true_d, **values, "reason": reason})
    return SIMULATION.typed(rows)


NOISE = np.tile([0.01, -0.01], 5)
ONE = {("gru", 1): 0.5, ("gru", 2): 0.5 + NOISE}  # equal means: d* = 1
TWO = {("gru", 1): 0.5 + NOISE, ("gru", 2): 0.4}  # lower in every fold


def test_each_rule_is_applied_to_each_simulation():
    table = pd.concat([fits(TWO, 0), fits(ONE, 1), fits(TWO, 2), fits(TWO, 3)])
    rows = POWER.typed([{"dataset": "a", "subject": "s", **row} for row in power(table, ["gru"])]).set_index("rule")
    assert list(rows.index) == ["reference", "minimal", "validation", "argmin"]
    for rule in ("reference", "minimal", "validation"):
        row = rows.loc[rule]
        assert (row["n"], row["equal"], row["below"], row["above"]) == (4, 0.75, 0.25, 0), rule
    assert (rows["generator"] == "gru").all()
    assert (rows["true_d"] == 2).all()


def test_only_competing_networks_count():
    losses = {**TWO, ("other", 3): 0.1}
    assert power(fits(losses), ["gru"])[0]["equal"] == 1
    assert power(fits(losses, true_d=3), ["gru", "other"])[0]["equal"] == 1


def test_a_simulation_without_fits_is_no_estimate():
    failed = fits(ONE, 1, reason="every fit failed").assign(test_nll=np.nan)
    partly = fits(TWO, 2)
    partly.loc[partly["outer"] == 3, ["test_nll", "reason"]] = [np.nan, "every fit failed"]
    assert [row["n"] for row in power(partly, ["gru"])] == [1] * 4  # of the other folds
    rows = power(pd.concat([fits(TWO, 0), failed]), ["gru"])
    assert [row["n"] for row in rows] == [1] * 4
    (only,) = power(failed, ["gru"])
    assert (only["n"], only["reason"]) == (0, "every fit failed")
    POWER.typed([{"dataset": "a", "subject": "s", **only}])


def test_who_stands_for_a_subject_is_d_star_by_the_rule_reference():
    """Cognitive models do not compete, but their folds count: what they lack nobody has."""
    own = fits({**TWO, ("sgru", 2): 0.39, ("MB0", 1): 0.1})
    assert network_of(own, ["gru"]) == ("gru", 2)
    assert network_of(own, ["gru", "sgru"]) == ("sgru", 2)
    assert network_of(fits(ONE), ["gru"]) == ("gru", 1)
    a_little = fits({("gru", 1): 0.5, ("gru", 2): 0.4999 + NOISE})  # lower on the mean, not significantly
    assert network_of(a_little, ["gru"]) == ("gru", 1)
    assert network_of(own, ["nobody"]) is None
    assert network_of(own.iloc[:0], ["gru"]) is None
    one_fold = own[own["outer"] == 0]
    assert network_of(one_fold, ["gru"]) == ("gru", 2)  # by argmin
    worse_elsewhere = fits({("gru", 1): 0.5, ("gru", 2): np.r_[[0.4] * 6, [0.9] * 4], ("MB0", 1): 0.1})
    lacking = worse_elsewhere[(worse_elsewhere["model"] != "MB0") | (worse_elsewhere["outer"] < 6)]
    assert network_of(worse_elsewhere, ["gru"]) == ("gru", 1)
    noisy = lacking.assign(test_nll=lacking["test_nll"] + 0.001 * (lacking["outer"] % 2) * (lacking["dim"] == 1))
    assert network_of(noisy, ["gru"]) == ("gru", 2)


def test_the_best_model_by_validation_on_common_folds():
    def choice(model, outer, val, status="ok"):
        return {"model": model, "dim": 1, "outer": outer, "val_nll": val, "status": status}

    choices = [choice("a", 0, 0.1), choice("a", 1, 0.9), choice("b", 0, 0.3), choice("b", 1, 0.5)]
    assert best_by_validation(choices) == choices[2]
    lacking = [{**choices[0], "status": "failed"}, choice("a", 1, 0.6), *choices[2:]]
    assert best_by_validation(lacking) == choices[3]  # fold 1 alone is common
    assert best_by_validation([choice("a", 0, None, "failed")]) is None


# simulations


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two subjects, each in files of its own, and as a chunk."""
    root = tmp_path_factory.mktemp("power")
    config = config_of()
    layout = Layout(root)
    options = checked({**DESIGN, "n_subjects": 2}, "t", AnyDataset).model_dump()
    prepare(layout.meta("a"), name="a", options=options, raw=root, seed=0)
    for place in (["s0"], ["s1"], ["s0", "s1"]):
        trials, name = [layout.trials("a", subject) for subject in place], "+".join(place)
        for outer in range(3):
            fold = layout.fold("a", name, "", 1, outer)
            split(trials, fold, protocol="blocks", outer=outer, n_outer=3, n_inner=2, inner=2, seed=1)
            for model, dim in (("gru", 1), ("gru", 2), ("LS0", 1)):
                key = ("a", name, model, dim, outer)
                about = {"spec": config.model_slice(model), "training": config.training_slice(model)}
                fit(trials, fold, layout.fit(*key), task="reversal", n_actions=2, name=model, dim=dim, **about)
                select(layout.fit(*key), layout.selected(*key), root=root)
    return layout


def simulated(run, output, subjects=("s0",), simulation=0, played=None, dims=(1, 2)):
    config = config_of(models={"gru": RUN["models"]["gru"] | {"dims": list(dims)}, "LS0": RUN["models"]["LS0"]})
    name = "+".join(subjects)
    trials = [run.trials("a", subject) for subject in subjects]
    folds = [run.fold("a", name, "", 1, outer) for outer in range(3)]
    models = (("gru", 1), ("gru", 2), ("LS0", 1))
    selected = [run.selected("a", name, *model, outer) for model in models for outer in range(3)]
    options = {"root": run.root, "simulation": simulation, "models": outputs.networks(config, "a"), "seed": 0}
    options |= {"played": played or of_dataset(config, "a"), "task": "reversal", "n_actions": 2}
    simulate(trials, folds, selected, output, **options)
    return pd.read_parquet(output)


def test_a_simulation_has_the_subjects_size_and_folds(run, tmp_path):
    table = simulated(run, tmp_path / "one.parquet")
    assert table.groupby(["model", "dim"])["outer"].apply(list).to_dict() == {
        ("gru", 1): [0, 1, 2],
        ("gru", 2): [0, 1, 2],
    }
    assert (table.groupby(["model", "dim"])["n_test"].sum() == 48).all()
    rows = pd.DataFrame([
        read_json(run.selected("a", "s0", model, dim, outer))
        for model, dim in (("gru", 1), ("gru", 2), ("LS0", 1)) for outer in range(3)
    ])  # fmt: skip
    name, dim = network_of(rows, ["gru"])
    assert (table["generator"] == name).all()
    assert (table["true_d"] == dim).all()
    assert (table["reason"] == "").all()


def test_simulations_differ_and_come_again_alone_or_in_a_chunk(run, tmp_path):
    first, again = (simulated(run, tmp_path / f"{i}.parquet") for i in range(2))
    pd.testing.assert_frame_equal(first, again)
    other = simulated(run, tmp_path / "other.parquet", simulation=1)
    assert (other["simulation"] == 1).all()
    assert not np.allclose(other["test_nll"], first["test_nll"])
    second = simulated(run, tmp_path / "s1.parquet", ("s1",))
    both = simulated(run, tmp_path / "both.parquet", ("s0", "s1"))
    pd.testing.assert_frame_equal(both, pd.concat([first, second], ignore_index=True))


def test_where_nobody_can_play_there_is_a_reason_in_table_and_figure(run, tmp_path):
    for i in range(2):
        place = Layout(tmp_path).simulation("a", "s0", i)
        table = simulated(run, place, simulation=i, played={"variants": [], "n_trials": None, "note": "no environment"})
        assert table["reason"].tolist() == ["no environment"]
    (tmp_path / "data/a").mkdir(parents=True)
    (tmp_path / "data/a/meta.json").write_bytes(run.meta("a").read_bytes())
    grid = {"datasets": ["a"], "models": {"gru": {"a": [1, 2]}}, "cv": {"a": CV}, "chunks": {}}
    gather(tmp_path, grid=grid, competing=["gru"], n=2)
    table = pd.read_parquet(tmp_path / "tables/dimensionality_power.parquet")
    assert table[["subject", "n", "reason"]].to_numpy().tolist() == [["s0", 0, "no environment"]]
    plot_power(tmp_path / "tables/dimensionality_power.parquet", tmp_path / "figure")
    assert (tmp_path / "figure.png").is_file()


def test_where_one_d_alone_competes_nothing_is_simulated_and_a_row_says_why(run, tmp_path):
    table = simulated(run, tmp_path / "one.parquet", dims=[2])
    assert table["reason"].tolist() == ["only d = 2 competes: d* cannot be another"]
    assert table["model"].isna().all()


def test_titles_of_several_data_sets_are_within_the_figure():
    one = {"subject": "pandemic_lockdown_TP01", "true_d": 1, "n": 100, "low": 0.5, "high": 0.9}
    one |= {"below": 0.1, "equal": 0.8, "above": 0.1}
    rows = [{"dataset": f"suthaharan_{i}", "rule": rule, **one} for i in range(3) for rule in RULE_COLOURS]
    figure = draw(pd.DataFrame(rows))
    figure.draw_without_rendering()
    for ax in figure.axes:
        box = ax.title.get_window_extent()
        assert min(box.x0, figure.bbox.width - box.x1) >= 0, ax.get_title()


def test_gathered_from_the_files_that_exist(run):
    for subject in ("s0", "s1"):
        simulated(run, run.simulation("a", subject, 0), (subject,))
    grid = {"datasets": ["a"], "models": {"gru": {"a": [1, 2]}}, "cv": {"a": CV}, "chunks": {}}
    gather(run.root, grid=grid, competing=["gru"], n=2)
    table = pd.read_parquet(run.root / "tables/dimensionality_power.parquet")
    assert table.groupby("subject")["n"].apply(list).to_dict() == {"s0": [1] * 4, "s1": [1] * 4}


@pytest.mark.parametrize("name", ["reversal", "original_two_stage"])
def test_blocks_have_their_own_lengths_and_do_not_depend_on_what_follows(name):
    from tinycog.models import registry

    task = task_of(name)
    agent = {"reversal": "MB0", "original_two_stage": "MF"}[name]
    model = registry.cognitive(task, agent)
    params = {parameter: np.array([0.5]) for parameter in model.classes}
    variants = {
        "reversal": [{"kind": "bandit", "probabilities": [0.8, 0.2], "reversal": None}],
        "original_two_stage": [{"kind": "walks", "sd": None, "bounds": None}],
    }[name]
    lengths = np.array([5, 9, 2])
    data = playing.blocks_of(model, params, task, variants, lengths, ("k",))
    whole = playing.blocks_of(model, params, task, variants, np.array([9, 9, 9]), ("k",))
    assert (data.lengths // task.stages).tolist() == [5, 9, 2]
    for block, n in enumerate(lengths * task.stages):
        np.testing.assert_array_equal(data.action[:n, block], whole.action[:n, block])
        assert data.mask[:, block].sum() == n


# config and figure


def test_what_competes_and_what_a_run_gets():
    config = config_of()
    assert {name: about["dims"] for name, about in outputs.networks(config, "a").items()} == {
        "gru": [1, 2],
        "sgru": [1],
    }
    assert outputs.tables(config) == ["dimensionality", "dimensionality_power"]
    fits_of = [("a", subject, "gru", 1, 0) for subject in ("s0", "s1")]
    assert len(outputs.simulations(config, Layout(Path("r")), fits_of)) == 4
    assert len(outputs.simulations(config, Layout(Path("r"), {"a": 1}), fits_of)) == 2
    without = config_of(analyses={"dimensionality": {}})
    assert outputs.tables(without) == outputs.figures(without, []) == ["dimensionality"]
    assert outputs.simulations(without, Layout(Path("r")), fits_of) == []
    assert outputs.tables(config_of(models={"LS0": {"family": "cognitive"}})) == []


def test_bars_are_shares_and_add_up_to_one():
    rows = [{"dataset": "a", "subject": "s", **row} for row in power(pd.concat([fits(TWO, 0), fits(ONE, 1)]), ["gru"])]
    figure = draw(POWER.typed(rows))
    (ax,) = figure.axes
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(4, 3)
    np.testing.assert_allclose(widths[:3], [[0.5, 0.5, 0]] * 3)
    np.testing.assert_allclose(widths.sum(1), 1)
    assert ax.get_yticklabels()[0].get_text() == "reference\n50% (1 to 99)"  # two simulations: 0.025 of each tail
    two = pd.concat([POWER.typed(rows), POWER.typed(rows).assign(subject="t", equal=1.0, below=0.0)])
    (ax,) = draw(two).axes
    assert ax.patches[1].get_width() == pytest.approx(0.75)
    assert ax.get_title() == "a: 2 subjects"


def test_students_compete_where_they_are_named():
    gru = {"family": "rnn", "dims": [1, 2]}
    models = {
        "gru": gru,
        "student": gru | {"teacher": "t"},
        "other": gru | {"teacher": "u"},
        "LS0": {"family": "cognitive"},
    }

    def config(**section):
        return config_of(
            models=models, teachers={"t": {"units": 2}, "u": {"units": 2}}, analyses={"dimensionality": section}
        )

    assert outputs.competing(config()) == ["gru"]
    assert outputs.competing(config(models=["student"])) == ["student"]
    for section, said in (
        (
            {"models": ["LS0"]},
            r"models: \['LS0'\] not among the networks of cells gru, .*; allowed: gru, student, other",
        ),
        ({"models": ["gru", "student"]}, "models: found teachers None, t, which d"),
        ({"models": ["student"], "power": 2}, "power: found 2 with students"),
    ):
        with pytest.raises(InputError, match=said):
            config(**section)
