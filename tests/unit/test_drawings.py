"""Which figures of a model one job draws, and with which sub-commands."""

import importlib
import shlex
from pathlib import Path

import pandas as pd

from tinycog.analyses import drawings, registry
from tinycog.cli import plot
from tinycog.config import Config, checked
from tinycog.results.layout import Layout

AGENT = {"source": "simulate", "agent": {"model": "MB0"}, "n_blocks": 20, "n_trials": 9}
OUTPUTS = dict(registry.parts("outputs"))


def config(**analyses):
    data = {"d": AGENT | {"task": "reversal", "actions": ["it's", "$(b)"]}}
    models = {
        "gru": {"family": "rnn", "dims": [1, 2, 3]},
        "LS0": {"family": "cognitive"},
        "MB1": {"family": "cognitive"},
    }
    return checked({"run": "r", "datasets": data, "models": models, "analyses": analyses}, "config", Config)


def kinds(groups):
    return {(group.dim, *group.stems()): models for group, models in groups.items()}


def test_models_that_are_drawn_alike_share_a_group():
    of_one, of_two = {"portraits": {}, "signatures": {}}, {"fields": {}, "trajectories": {}, "drift": {}}
    assert kinds(drawings.groups(config(**of_two, **of_one), OUTPUTS)) == {
        (1, "portrait", "setpoints", "signatures"): ["gru", "LS0"],
        (2, "cloud", "field", "trajectories"): ["gru"],
        (2, "cloud", "field", "trajectories", "drift"): ["MB1"],  # whose state is the values of the actions
        (3, "cloud", "trajectories"): ["gru"],
    }
    assert kinds(drawings.groups(config(portraits={"models": ["LS0"]}), OUTPUTS)) == {
        (1, "portrait", "setpoints"): ["LS0"]
    }
    assert drawings.groups(config(), OUTPUTS) == drawings.groups(config(stability={}), OUTPUTS) == {}


def test_values_of_several_actions_are_drawn_by_their_own_rule():
    agent = {"model": "MF", "parameters": {"alpha": 0.5, "beta": 2}}
    data = {"d": AGENT | {"task": "bandit", "n_actions": 3, "agent": agent}}
    raw = {"run": "r", "datasets": data, "models": {"gru": {"family": "rnn", "dims": [2]}}, "analyses": {"fields": {}}}
    own = checked(raw, "config", Config)
    assert OUTPUTS["fields"].figures(own, [("d", "s", "gru", 2, 0)])
    assert drawings.groups(own, OUTPUTS) == {}


def test_a_figure_that_is_drawn_is_a_figure_of_the_run():
    own = config(portraits={"variants": ["delay"]}, signatures={}, fields={}, trajectories={}, drift={})
    fits = [("d", "s", "gru", 1, 0), ("d", "s", "gru", 2, 0), ("d", "s", "gru", 3, 0), ("d", "s", "MB1", 2, 0)]
    of_run = [name for of in OUTPUTS.values() for name in of.figures(own, fits) if name.count("__") > 1]
    of_groups = []
    for group, models in drawings.groups(own, OUTPUTS).items():
        drawn = {key[2] for key in fits if key[3] == group.dim}
        for model in (model for model in models if model in drawn):
            stems = group.stems().values()
            of_groups += [stem.format(dataset="d", subject="s", model=model) for stem in stems]
    assert sorted(of_groups) == sorted(of_run)


def test_sub_commands_and_what_they_read():
    own = config(portraits={"limit": 5}, signatures={})
    (group,) = drawings.groups(own, OUTPUTS)
    assert group.modules() == ["tinycog.analyses.portraits.plot", "tinycog.analyses.signatures.plot"]
    layout = Layout(Path("results/r"), {"d": 1})
    names = ("maps", "visited", "roots", "setpoints", "curves", "choice_frequency")
    folder = "results/r/dynamics/d/chunk__0/gru/d1"
    assert group.tables(layout, "s", "gru") == [f"{folder}/{name}.parquet" for name in names]
    commands = group.commands(layout, "s", "gru", own.datasets["d"].action_labels)
    common = ["--folder", folder, "--subject", "s", "--actions", '["it\'s","$(b)"]']
    assert [shlex.split(command) for command in commands] == [
        ["portrait", *common, "--limit", "5.0", "--output", "results/r/figures/portrait__d__s__gru"],
        ["setpoints", *common, "--output", "results/r/figures/setpoints__d__s__gru"],
        ["signatures", *common, "--output", "results/r/figures/signatures__d__s__gru"],
    ]
    assert set(plot.list_commands(None)) >= {command.split()[0] for command in commands}


def test_a_rule_names_every_file_that_its_figures_read(monkeypatch, tmp_path):
    own = config(portraits={"variants": ["delay"]}, signatures={}, fields={}, trajectories={}, drift={})
    groups = drawings.groups(own, OUTPUTS)
    assert {of.kind for group in groups for _, of in group.drawn} == {
        *("portrait", "setpoints", "variants", "signatures", "cloud", "field", "trajectories", "drift")
    }
    for analysis, drawing in {figure for group in groups for figure in group.drawn}:
        module, read = importlib.import_module(f"tinycog.analyses.{analysis}.plot"), []
        monkeypatch.setattr(module, "of_subject", lambda path, subject, read=read: read.append(path) or pd.DataFrame())
        monkeypatch.setattr(module, "save", lambda figure, output: None)
        (command,) = drawings.Group("d", 2, ((analysis, drawing),)).commands(Layout(tmp_path), "s", "m", ["a", "b"])
        assert f" {tmp_path}/dynamics/d/s/m/d2 " in command
        plot(shlex.split(command), standalone_mode=False)
        assert {path.stem for path in read} == set(drawing.tables), drawing.kind
