"""Which analyses of a model one job makes, and with which sub-commands."""

import shlex
from pathlib import Path

import pytest
from test_drawings import OUTPUTS, config

from tinycog.analyses import computed, registry
from tinycog.cli import analyse
from tinycog.results.layout import Layout

EVERY = {name: {} for name in ("portraits", "signatures", "stability", "fields", "trajectories", "drift")}
RESAMPLED = ("signatures", "drift", "dynamical_regression")


def commands(groups):
    return {(group.dim, *(of.command for _, of in group.computed)): models for group, models in groups.items()}


def test_models_that_are_analysed_alike_share_a_job():
    own = config(**EVERY, dynamical_regression={"models": ["gru"]})
    of_one, of_two = ("portrait", "stability"), ("stability", "fields", "trajectories")
    assert commands(computed.groups(own, OUTPUTS)) == {
        (1, *of_one, "signatures", "dynamical-regression"): ["gru"],
        (1, *of_one, "signatures"): ["LS0"],
        (2, *of_two, "dynamical-regression"): ["gru"],
        (3, *of_two, "dynamical-regression"): ["gru"],
        (2, *of_two, "drift"): ["MB1"],  # whose state is the values of the actions
    }
    assert computed.groups(config(), OUTPUTS) == {}
    reads = {
        group.dim: group.reads_trials() for group in computed.groups(config(stability={}, trajectories={}), OUTPUTS)
    }
    assert reads == {1: False, 2: True, 3: True}


def test_what_a_job_runs_and_writes():
    own = config(portraits={}, signatures={"bootstrap": 177})
    (group,) = computed.groups(own, OUTPUTS)
    assert group.modules() == ["tinycog.analyses.portraits.step", "tinycog.analyses.signatures.step"]
    assert group.commands() == "portrait signatures --bootstrap 177"
    assert not group.reads_trials()
    written = ("setpoints", "roots", "maps", "visited", "curves", "choice_frequency", "choice_odds", "signatures")
    assert group.tables() == list(written)


@pytest.mark.parametrize("name", [name for name, of in OUTPUTS.items() if hasattr(of, "computed")])
def test_sub_commands_give_a_step_what_it_asks_for(name, monkeypatch, tmp_path):
    """A sub-command passes on all that `analyse` is given, trials where the analysis says that it reads them."""
    own = config(**{name: {"bootstrap": 177} if name in RESAMPLED else {}})
    (group, *_) = computed.groups(own, OUTPUTS)
    ((_, of),) = group.computed
    module, given = dict(registry.parts("step"))[name], {}
    step = next(
        own
        for own in vars(module).values()
        if getattr(own, "__module__", "") == module.__name__ and "selected" in getattr(own, "__annotations__", {})
    )
    monkeypatch.setattr(module, step.__name__, lambda *args, **options: given.update(args=args, options=options))
    given_to_all = "--selected a --selected b --scores c --scores d --trials t --root r --task reversal --checked"
    common = f"{given_to_all} --model {{}} --dim 2 --output {tmp_path}"
    analyse(shlex.split(f"{common} {group.commands()}"), standalone_mode=False)
    trials = [[Path("t")]] if of.reads_trials else []
    assert given["args"] == ([Path("a"), Path("b")], [Path("c"), Path("d")], *trials, tmp_path)
    options = {"root": Path("r"), "task": "reversal", "n_actions": None, "spec": {}, "dim": 2}
    assert given["options"] == options | ({"bootstrap": 177} if name in RESAMPLED else {})


@pytest.mark.parametrize("name", [name for name, of in OUTPUTS.items() if hasattr(of, "computed")])
def test_what_is_drawn_or_joined_of_a_model_is_computed(name, tmp_path):
    own, module = config(**{name: {}}), OUTPUTS[name]
    for model, dim in (("gru", 1), ("gru", 2), ("MB1", 2)):
        if dim not in module.dims(own).get(model, {}).get("d", []):
            continue
        (of,) = module.computed(own, "d", model, dim)
        assert len(set(of.tables)) == len(of.tables)
        drawn = module.drawings(own, "d", model, dim) if hasattr(module, "drawings") else []
        files = module.parts(own, Layout(tmp_path), [("d", "s", model, dim, 0)]) if hasattr(module, "parts") else []
        assert {table for drawing in drawn for table in drawing.tables} | {Path(file).stem for file in files} <= {
            *of.tables
        }
