"""Kept fits that play: what is played and fitted, by the ordinary steps and plain Python; tables and names by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import by_hand
from tinycog.analyses.model_recovery import compute, outputs, played
from tinycog.analyses.model_recovery.gather import gather
from tinycog.analyses.model_recovery.plot import plot
from tinycog.analyses.model_recovery.step import recover
from tinycog.analyses.model_recovery.tables import FITS, NETWORKS, RECOVERY
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results.grid import Grid, plain
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.steps.fit import fit
from tinycog.steps.prepare import prepare
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_columns, read_json, write_columns, write_json

DESIGN = {
    **{"source": "simulate", "task": "reversal", "n_blocks": 4, "n_trials": 8, "n_subjects": 2},
    "agent": {"model": "LS0", "parameters": {"h": 0.1, "beta": 3.0}},
}
RUN = {
    "run": "t",
    "datasets": {"a": DESIGN},
    "models": {"gru": {"family": "rnn", "cell": "gru", "dims": [1]}, "LS0": {"family": "cognitive"}},
    "cv": {"outer": 2, "inner": 2},
    "training": {"max_epochs": 2, "seeds": 1},
    "analyses": {"model_recovery": {"generators": "kept"}},
}
TASK = {"task": "reversal", "n_actions": 2}
MODELS = {"gru": 1, "LS0": 1}  # and their dims


def config_of(**changes):
    return checked({**RUN, **changes}, "t", Config)


def recovery_of(**section):
    return config_of(analyses={"model_recovery": section})


# playing, and fits to what is played


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two subjects, each in files of its own and both in a chunk, fitted by the steps of a run."""
    layout, config = Layout(tmp_path_factory.mktemp("played")), config_of()
    prepare(layout.meta("a"), name="a", options=checked(DESIGN, "t", AnyDataset).model_dump(), raw=Path(), seed=0)
    for place in (["s0"], ["s1"], ["s0", "s1"]):
        trials, name = [layout.trials("a", subject) for subject in place], "+".join(place)
        for outer in range(2):
            fold = layout.fold("a", name, "", 1, outer)
            split(trials, fold, protocol="blocks", outer=outer, n_outer=2, n_inner=2, inner=2, seed=1)
            for model, dim in MODELS.items():
                key = ("a", name, model, dim, outer)
                about = {"spec": config.model_slice(model), "training": config.training_slice(model)}
                fit(trials, fold, layout.fit(*key), **TASK, name=model, dim=dim, **about)
                select(layout.fit(*key), layout.selected(*key), root=layout.root)
    return layout


def played_by(
    run, output, name="LS0", place="s0", subjects=("s0",), simulation=0, selected=None, outers=(0, 1), **changes
):
    config = config_of()
    trials = [run.trials("a", subject) for subject in subjects]
    fold_files = [run.fold("a", place, "", 1, outer) for outer in outers]
    selected = selected or [run.selected("a", place, name, 1, outer) for outer in range(2)]
    options = {"root": run.root, "name": name, "spec": config.model_slice(name), "dim": 1, "simulation": simulation}
    options |= {"models": outputs.fitted(config, "a"), "played": outputs.played(config, "a"), "seed": 0}
    played.fit_played(trials, fold_files, selected, output, **TASK, **options | changes)
    return pd.read_parquet(output)


def nll_by_hand(params, data, blocks):
    """Mean over the choices of some blocks, of model LS0."""
    losses = []
    for block in blocks:
        agent = by_hand.agent("reversal", "LS0", params)
        for action, reward in zip(data.action[:, block], data.reward[:, block], strict=True):
            losses.append(-by_hand.log_likelihood(by_hand.probabilities(agent.first())[int(action)]))
            agent.update(int(action), int(action), float(reward))
    return np.mean(losses)


def test_what_is_played_is_fitted_as_a_run_would_and_the_player_s_own_loss_stands_beside_it(run, tmp_path, monkeypatch):
    taken, blocks_of = [], played.playing.blocks_of
    monkeypatch.setattr(
        played.playing, "blocks_of", lambda *given: taken.append((given, blocks_of(*given))) or taken[-1][1]
    )
    table = played_by(run, tmp_path / "one.parquet")
    ((given, data),) = taken
    assert (data.n_trials, data.n_blocks) == (8, 4)  # the subject's own size
    # the player is the selected fit of the first outer fold
    choice = read_json(run.selected("a", "s0", "LS0", 1, 0))
    fits = read_columns(run.fit("a", "s0", "LS0", 1, 0))
    from safetensors.numpy import load_file

    stack = load_file(run.parameters("a", "s0", "LS0", 1, 0))
    params = {name: float(values[choice["row"]]) for name, values in stack.items()}
    assert {name: value.item() for name, value in given[1].items()} == params
    assert len(fits["inner"]) > 1
    # the same choices as a trial table, fitted and selected by the steps of a run with the subject's fold files
    columns = read_columns(run.trials("a", "s0"))
    path = tmp_path / "trials.parquet"
    write_columns(path, columns | {
        name: getattr(data, name).T.ravel() for name in ("action", "reward")
    } | {"state": data.action.T.ravel()})  # fmt: skip
    rows = table.set_index(["model", "outer"])
    assert list(rows.index) == [("gru", 0), ("gru", 1), ("LS0", 0), ("LS0", 1)]
    for model, outer in rows.index:
        fold, config = run.fold("a", "s0", "", 1, outer), config_of()
        about = {"spec": config.model_slice(model), "training": config.training_slice(model)}
        fit([path], fold, tmp_path / "fit.parquet", **TASK, name=model, dim=1, **about)
        select(tmp_path / "fit.parquet", tmp_path / "fit.json", root=tmp_path)
        expected, found = read_json(tmp_path / "fit.json"), rows.loc[(model, outer)]
        for name in ("val_nll", "n_val", "test_nll", "n_test"):
            assert found[name] == pytest.approx(expected[name], rel=1e-9), (model, outer, name)
        roles = read_columns(fold)
        test = np.unique(roles["block"][roles["role"] == "test"])
        assert found["agent_nll"] == pytest.approx(nll_by_hand(params, data, test))
    assert abs(table["agent_nll"].diff()[1]) > 0.01  # the folds tell blocks apart
    assert (table["family"] == table["model"].map({"gru": "rnn", "LS0": "cognitive"})).all()
    labels = table[["dataset", "subject", "agent", "agent_dim", "agent_d", "simulation", "n_dynamical", "reason"]]
    assert labels.drop_duplicates().to_numpy().tolist() == [["a", "s0", "LS0", 1, 1, 0, 1, ""]]


def test_simulations_and_players_differ_and_come_again_alone_or_in_a_chunk(run, tmp_path):
    def of(**options):
        return played_by(run, tmp_path / "part.parquet", **options)

    first, second = of(name="gru"), of(name="gru", place="s1", subjects=("s1",))
    pd.testing.assert_frame_equal(first, of(name="gru"))
    of_chunk = {"name": "gru", "place": "s0+s1"}
    both = of(subjects=("s0", "s1"), **of_chunk)
    pd.testing.assert_frame_equal(both, pd.concat([first, second], ignore_index=True))
    pd.testing.assert_frame_equal(of(subjects=("s0",), **of_chunk), first)  # of a chunk its first subject alone
    turned = of(name="gru", outers=(1, 0)).sort_values(["model", "outer"], ascending=[False, True], ignore_index=True)
    pd.testing.assert_frame_equal(turned, first)
    losses = [first, second, of(name="gru", simulation=1), of(name="gru", seed=1), of()]
    assert len({tuple(each["agent_nll"].round(9)) for each in losses}) == 5
    assert of(name="gru", simulation=1)["simulation"].unique().tolist() == [1]


def test_a_player_whose_first_fold_failed_plays_its_next_fit(run, tmp_path):
    selected = [tmp_path / f"{outer}.json" for outer in range(2)]
    choices = [read_json(run.selected("a", "s0", "LS0", 1, outer)) for outer in range(2)]
    write_json(selected[0], {key: choices[0][key] for key in ("dataset", "subject")} | {"status": "failed"})
    write_json(selected[1], choices[1])
    by_second = played_by(run, tmp_path / "a.parquet", selected=selected)
    alone = played_by(run, tmp_path / "b.parquet", selected=selected[1:])
    pd.testing.assert_frame_equal(by_second, alone)
    assert by_second["agent_nll"].notna().all()


def test_where_nothing_is_played_every_fit_has_the_reason(run, tmp_path):
    failed = tmp_path / "failed.json"
    write_json(failed, {"dataset": "a", "subject": "s0", "status": "failed"})
    embedded = config_of().model_slice("gru") | {"subject_embedding": 2}
    for changes, reason in (
        ({"selected": [failed]}, "all fits failed of the model that plays"),
        ({"played": {"variants": [], "n_trials": None, "note": "no environment"}}, "no environment"),
        ({"name": "gru", "spec": embedded}, "a model with a subject embedding would have to be told as whom to play"),
    ):
        table = played_by(run, tmp_path / "none.parquet", **changes)
        assert set(table["reason"]) == {reason}
        assert list(zip(table["model"], table["outer"], strict=True)) == [
            ("gru", 0),
            ("gru", 1),
            ("LS0", 0),
            ("LS0", 1),
        ]
        assert table[["val_nll", "n_val", "test_nll", "n_test", "agent_nll"]].isna().all(axis=None)
        assert table["n_dynamical"].tolist() == [1] * 4


def test_gathered_from_the_files_of_the_first_subjects(run, tmp_path):
    layout = Layout(tmp_path)
    layout.meta("a").parent.mkdir(parents=True)
    layout.meta("a").write_bytes(run.meta("a").read_bytes())
    table = FITS.typed(fits_of({("LS0", 1, "cognitive"): (0.5, 0.5)}))
    for subject in ("s0", "s1"):
        for simulation in range(3):
            own = table.assign(subject=subject, simulation=simulation)
            FITS.write_part(layout.played("a", subject, "LS0", 1, simulation), own)

    def gathered(**options):
        gather(tmp_path, grid=plain(config_of()), **options)
        found = pd.read_parquet(tmp_path / "tables/recovery_fits.parquet")
        return found.groupby("subject")["simulation"].apply(lambda own: own.unique().tolist()).to_dict()

    assert gathered(subjects=None, simulations=3) == {"s0": [0, 1, 2], "s1": [0, 1, 2]}
    assert gathered(subjects=1, simulations=2) == {"s0": [0, 1]}


# tables by hand


def fits_of(losses, agent=("LS0", 1, 1), subject="s0", simulation=0, agent_nll=0.45, val=None, reason=""):
    """Rows of `recovery_fits` of two outer folds with 10 and 30 test choices; the mean over choices is the loss.

    Args:
        losses: (model, dim, family): test NLL of each outer fold.
        agent: model, dim and dynamical variables of the player.
        val: the validation NLL by model and dim, where it is not the test NLL.
    """
    rows = []
    for (model, dim, family), of_folds in losses.items():
        for outer, (loss, n) in enumerate(zip(of_folds, (10, 30), strict=True)):
            keys = {
                "dataset": "a",
                "subject": subject,
                **dict(zip(("agent", "agent_dim", "agent_d"), agent, strict=True)),
            }
            keys |= {"simulation": simulation, "model": model, "dim": dim, "family": family, "n_dynamical": dim}
            found = {"val_nll": (val or {}).get((model, dim), loss), "n_val": 5, "test_nll": loss, "n_test": n}
            if reason:
                found = dict.fromkeys(found)
            rows.append({**keys, "outer": outer, **found, "agent_nll": None if reason else agent_nll, "reason": reason})
    return rows


ONE, TWO, OWN = ("gru", 1, "rnn"), ("gru", 2, "rnn"), ("LS0", 1, "cognitive")
FIRST = {ONE: (0.6, 0.6), TWO: (0.9, 0.5), OWN: (0.5, 0.5)}  # of gru with two units (9 + 15) / 40 = 0.6
SECOND = {ONE: (0.62, 0.62), TWO: (0.56, 0.56), OWN: (0.52, 0.52)}
PLAYED = [
    *fits_of(FIRST, val={("gru", 1): 0.4, ("gru", 2): 0.6}),
    *fits_of(SECOND, simulation=1, agent_nll=0.5),
]


def test_an_agent_is_a_kept_fit_each_time_that_it_plays():
    fits, about = compute.kept(FITS.typed(PLAYED))
    assert about == {
        "a: LS0, d = 1": {
            **{"source": "kept", "dataset": "a", "agent": "LS0", "agent_d": 1, "own": "LS0", "own_dim": 1, "reason": ""}
        }
    }
    assert fits["subject"].unique().tolist() == ["s0, simulation 0", "s0, simulation 1"]
    rows = RECOVERY.typed(compute.recovery(fits, None, about, 0.005)).set_index(["model", "dim"])
    assert (rows[["source", "dataset", "agent", "n_agents"]] == ["kept", "a", "LS0", 2]).all(axis=None)
    assert rows["test_nll"].to_dict() == pytest.approx({("gru", 1): 0.61, ("gru", 2): 0.58, ("LS0", 1): 0.51})
    assert rows["delta_nll"].to_dict() == pytest.approx({("gru", 1): 0.1, ("gru", 2): 0.07, ("LS0", 1): 0})
    assert rows["own"].to_dict() == {("gru", 1): False, ("gru", 2): False, ("LS0", 1): True}
    assert rows["wins"].to_dict() == {("gru", 1): 0, ("gru", 2): 0, ("LS0", 1): 1}
    # differences of 0.10 and 0.04: half the 97.5% quantile of t with 1 degree of freedom, 12.706, times their distance
    assert rows.loc[("gru", 2), "high"] == pytest.approx(0.07 + 12.7062 * 0.03, abs=1e-4)
    assert rows["expected"].tolist()[:2] == ["as good", "as good"]


def test_of_a_network_that_plays_the_own_model_is_the_one_of_its_size():
    agent = ("gru", 2, 2)
    fits, about = compute.kept(FITS.typed(fits_of(FIRST, agent=agent) + fits_of(SECOND, agent=agent, simulation=1)))
    assert about["a: gru, d = 2"]["own_dim"] == 2
    rows = RECOVERY.typed(compute.recovery(fits, None, about, 0.005)).set_index(["model", "dim"])
    assert rows["own"].tolist() == [False, True, False]
    assert rows["delta_nll"].tolist() == pytest.approx([0.03, 0, -0.07])
    assert rows["expected"].tolist()[:2] == ["worse", "as good"]
    lstm = fits_of({("lstm", 1, "rnn"): (0.5, 0.5), ("lstm", 2, "rnn"): (0.4, 0.4)}, agent=("lstm", 1, 2))
    lstm = [{**row, "n_dynamical": 2 * row["dim"]} for row in lstm]  # a unit has two variables
    fits, about = compute.kept(FITS.typed(lstm))
    rows = compute.recovery(fits, None, about, 0.005)
    assert [(row["own"], row["delta_nll"]) for row in rows] == [(True, 0), (False, pytest.approx(-0.1))]
    without = [row for row in fits_of(FIRST, agent=agent) if row["dim"] == 1]
    fits, about = compute.kept(FITS.typed(without))
    (reason,) = {row["reason"] for row in compute.recovery(fits, None, about, 0.005)}
    assert reason == "gru is not among the models that are fitted to its agents"


def test_the_best_network_is_chosen_by_validation_and_measured_against_model_and_agent():
    """Of the first agent two units (0.60, by test losses one), of the second one (0.58, by test losses two)."""
    rows = [
        *fits_of({**FIRST, ONE: (0.64, 0.64)}, val={("gru", 1): 0.6, ("gru", 2): 0.4, ("LS0", 1): 0.1}),
        *fits_of({**SECOND, ONE: (0.58, 0.58)}, simulation=1, agent_nll=0.5, val={("gru", 1): 0.5}),
    ]
    fits, about = compute.kept(FITS.typed(rows))
    (row,) = compute.networks(fits, about, 0.005)
    assert NETWORKS.typed([row])["network"].tolist() == ["gru"]
    assert (row["n_agents"], row["network_dim"], row["share"]) == (2, 2, 0.5)
    assert (row["test_nll"], row["delta_nll"]) == pytest.approx((0.59, 0.08))
    assert (row["low"], row["high"]) == pytest.approx((0.08 - 12.7062 * 0.02, 0.08 + 12.7062 * 0.02), abs=1e-4)
    assert row["verdict"] == "undecided"
    assert row["behind"] == pytest.approx(((0.6 - 0.45) + (0.58 - 0.5)) / 2)
    behind = 0.115 - 12.7062 * 0.035, 0.115 + 12.7062 * 0.035
    assert (row["behind_low"], row["behind_high"]) == pytest.approx(behind, abs=1e-4)
    third = fits_of(SECOND, simulation=2)  # two units again
    (row,) = compute.networks(*compute.kept(FITS.typed(rows + third)), 0.005)
    assert (row["network_dim"], row["share"]) == (2, pytest.approx(2 / 3))
    cognitive = [each for each in rows if each["family"] != "rnn"]
    assert compute.networks(*compute.kept(FITS.typed(cognitive)), 0.005) == []


def test_the_agents_loss_is_over_the_choices_of_the_folds_that_are_compared():
    rows = fits_of(FIRST)
    for row in rows:
        row["agent_nll"] = (0.4, 0.2)[row["outer"]]
    (row,) = compute.networks(*compute.kept(FITS.typed(rows)), 0.005)
    assert row["behind"] == pytest.approx(0.6 - (0.4 * 10 + 0.2 * 30) / 40)
    for row in rows:
        if row["model"] == "LS0" and row["outer"] == 0:
            row["test_nll"] = np.inf
    (row,) = compute.networks(*compute.kept(FITS.typed(rows)), 0.005)
    assert row["behind"] == pytest.approx(0.5 - 0.2)  # of fold 1 alone, where two units are best by validation


def test_a_generator_that_never_played_has_its_reason_and_one_that_did_counts_where_it_did():
    nothing = fits_of(FIRST, agent=("MB0", 2, 2), reason="all fits failed of the model that plays")
    partly = [*fits_of(FIRST, subject="s1", reason="no environment"), *fits_of(FIRST)]
    fits, about = compute.kept(FITS.typed([*partly, *nothing]))
    rows = RECOVERY.typed(compute.recovery(fits, None, about, 0.005))
    lost = rows[rows["agent"] == "MB0"]
    assert set(lost["reason"]) == {"all fits failed of the model that plays"}
    assert lost[["test_nll", "delta_nll"]].isna().all(axis=None)
    kept = rows[rows["agent"] == "LS0"]
    assert (kept["n_agents"] == 1).all()
    assert set(kept["reason"]) == {""}
    of_networks = NETWORKS.typed(compute.networks(fits, about, 0.005)).set_index("agent")
    assert of_networks["n_agents"].to_dict() == {"LS0": 1, "MB0": 0}
    assert np.isnan(of_networks.loc["MB0", "test_nll"])
    assert of_networks.loc["LS0", "test_nll"] == pytest.approx(0.6)
    only = compute.networks(*compute.kept(FITS.typed(nothing)), 0.005)
    assert [row["n_agents"] for row in only] == [0]


def test_simulated_and_kept_generators_stand_in_the_same_tables(tmp_path):
    own = [{**row, "dataset": "sim"} for row in fits_of({**FIRST, ("MB0", 2, "cognitive"): (0.7, 0.7)})]
    pd.DataFrame(own).drop(columns=["agent_nll"]).to_parquet(tmp_path / "selected.parquet")
    FITS.typed(PLAYED).to_parquet(tmp_path / "recovery_fits.parquet")
    d_star = {"dataset": "sim", "subject": "s0", "rule": "reference", "d_star": 2}
    pd.DataFrame([d_star]).to_parquet(tmp_path / "dimensionality.parquet")
    generators = {"sim": {"agent": "MB0", "agent_d": 2, "own": "MB0", "own_dim": 2}}
    paths = [tmp_path / f"{name}.parquet" for name in ("selected", "dimensionality", "recovery_fits")]
    recover(*paths, tmp_path, generators=generators, competing=["gru"], margin=0.005)
    rows = pd.read_parquet(tmp_path / "recovery.parquet")
    assert rows.groupby("source", sort=False).size().to_dict() == {"simulate": 4, "kept": 3}
    # of the first agent no unit more helps, of the second it helps in both folds, by as much: d* is 1 and 2
    assert rows.groupby("generator")["d_star"].first().to_dict() == {"sim": 2, "a: LS0, d = 1": 1.5}
    found = pd.read_parquet(tmp_path / "recovery_d_star.parquet")
    kept = found[(found["source"] == "kept") & (found["rule"] == "reference")].iloc[0]
    assert (kept["n_agents"], kept["equal"], kept["above"]) == (2, 0.5, 0.5)
    networks = pd.read_parquet(tmp_path / "recovery_networks.parquet").set_index("source")
    assert np.isnan(networks.loc["simulate", "behind"])
    assert networks.loc["simulate", "delta_nll"] == pytest.approx(0.5 * 0.75 + 0.9 * 0.25 - 0.7)
    recover(paths[0], None, paths[2], tmp_path / "without", generators={}, competing=[], margin=0.005)
    rows = pd.read_parquet(tmp_path / "without/recovery.parquet")
    assert rows["d_star"].isna().all()
    assert set(rows["source"]) == {"kept"}


# what a run makes


def test_generators_tables_and_figures_of_each_choice():
    fits = [("a", "s0", "gru", 1, 0), ("a", "s1", "gru", 1, 0)]
    made = ["recovery", "recovery_d_star", "recovery_networks"]
    for generators, of_simulated, of_kept in (("simulate", True, False), ("kept", False, True), ("both", True, True)):
        config = recovery_of(generators=generators)
        assert list(outputs.generators(config)) == ["a"] * of_simulated
        assert outputs.tables(config) == [*made, *["recovery_fits"] * of_kept]
        assert outputs.sources(config) == ["selected", *["recovery_fits"] * of_kept]
        figures = ["model_recovery"] * of_simulated + ["model_recovery__a"] * of_kept
        assert outputs.figures(config, fits) == figures
    rats = {"source": "miller", "task": "two_stage"}
    models = {"MB0": {"family": "cognitive"}}
    kept = config_of(datasets={"rats": rats}, models=models)
    assert outputs.tables(kept) == [*made, "recovery_fits"]
    assert outputs.figures(config_of(analyses={}), fits) == outputs.tables(config_of(analyses={})) == []
    with pytest.raises(
        InputError, match="no agent is known; needed: a data set with source: simulate, or `generators: kept`"
    ):
        config_of(datasets={"rats": rats}, models=models, analyses={"model_recovery": {}})


def test_models_that_rest_on_other_subjects_are_not_fitted_to_what_is_played():
    models = {
        **RUN["models"],
        "population": {"family": "cognitive", "model": "MB0", "prior": "population"},
        "weak": {"family": "cognitive", "model": "MB0", "prior": "weak"},
        "embedded": {"family": "rnn", "cell": "gru", "dims": [1], "subject_embedding": 2},
        "elsewhere": {"family": "cognitive", "model": "MB0", "datasets": ["b"]},
    }
    design = {**DESIGN, "n_subjects": 6}
    config = config_of(
        models={name: models[name] for name in models if name != "embedded"}, datasets={"a": design, "b": design}
    )
    fitted = outputs.fitted(config, "a")
    assert list(fitted) == ["gru", "LS0", "weak"]
    assert fitted["gru"] == {"dims": [1], "spec": config.model_slice("gru"), "training": config.training_slice("gru")}
    pooled = config_of(
        models={name: models[name] for name in ("gru", "embedded")},
        datasets={"a": design},
        cv={"outer": 2, "inner": 2, "protocol": "cross_subject"},
    )
    assert list(outputs.fitted(pooled, "a")) == ["gru"]


def test_a_job_for_each_player_and_simulation_of_the_first_subjects(tmp_path):
    meta = {"subjects": ["s 0", "s1", "s2"], "counts_analysed": {}}
    meta["counts_analysed"] = {name: {"blocks": 4, "sessions": 1, "shortest_block": 8} for name in meta["subjects"]}
    config = recovery_of(generators="kept", subjects=2, simulations=2)
    write_json(Layout(tmp_path).meta("a"), meta)
    grid = Grid.of(tmp_path, plain(config))
    places = [grid.where(key) for key in grid.fits()]
    names = outputs.first(config, grid, "a")
    assert len(names) == 2
    found = outputs.parts(config, grid, places)
    assert found == [
        str(grid.layout.played("a", name, model, 1, i)) for name in names for model in ("gru", "LS0") for i in range(2)
    ]
    assert outputs.how_many(config) == "--subjects 2 --simulations 2"
    every = recovery_of(generators="kept")
    assert len(outputs.parts(every, grid, places)) == 6
    assert outputs.how_many(every) == "--simulations 1"
    assert outputs.parts(recovery_of(), grid, places) == []
    chunked = config_of(datasets={"a": {**DESIGN, "chunks": 1}})
    of_chunk = Grid.of(tmp_path, plain(chunked))
    assert len(outputs.parts(chunked, of_chunk, [of_chunk.where(key) for key in of_chunk.fits()])) == 2


def test_a_figure_for_each_data_set_and_a_note_where_nothing_was_played(tmp_path, monkeypatch):
    drawn = {}
    monkeypatch.setattr("tinycog.analyses.model_recovery.plot.save", lambda figure, path: drawn.update({path: figure}))
    rows = fits_of({**FIRST, TWO: (0.56, 0.56)}, agent=("gru", 2, 2)) + PLAYED
    fits, about = compute.kept(FITS.typed(rows))
    d_star = pd.DataFrame(
        [{"dataset": "a: gru, d = 2", "subject": "s0, simulation 0", "rule": "reference", "d_star": 2}]
    )
    nothing = compute.kept(FITS.typed([{**row, "dataset": "b"} for row in fits_of(FIRST, reason="no environment")]))
    agents = pd.DataFrame(fits_of({OWN: (0.5, 0.5)}))
    simulated = compute.simulated(agents, {"a": {"agent": "LS0", "agent_d": 1, "own": "LS0", "own_dim": 1}})
    table = compute.recovery(fits, d_star, about, 0.005)
    table += [row for other in (nothing, simulated) for row in compute.recovery(other[0], None, other[1], 0.005)]
    RECOVERY.typed(table).to_parquet(tmp_path / "recovery.parquet")
    for dataset in ("a", "b", None):
        plot(tmp_path / "recovery.parquet", dataset, margin=0.005, dataset=dataset)
    above, below = drawn["a"].axes
    assert [label.get_text() for label in above.get_yticklabels()] == ["gru, d = 2 (d* = 2)", "LS0, d = 1"]
    assert [patch.get_xy() for patch in below.patches] == [(0.5, -0.5), (1.5, 0.5)]
    assert below.get_xlabel() == "fitted model"
    assert above.get_ylabel() == below.get_ylabel() == "model that plays"
    assert {text.get_position(): text.get_text() for text in below.texts}[(2, 1)] == "100"
    (text,) = [text.get_text() for text in drawn["b"].texts]
    assert text == "no fit to the agents can be compared"
    of_simulated, _ = drawn[None].axes
    assert [label.get_text() for label in of_simulated.get_yticklabels()] == ["a (D = 1)"]
    assert of_simulated.get_ylabel() == "simulated data"
