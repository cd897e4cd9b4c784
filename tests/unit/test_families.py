"""A family of models that no other code knows: one entry in the registry, a class, and a module that fits it."""

import json

import numpy as np
import pandas as pd
import pytest
from test_augmentation import CV, random_table, written

from tinycog.models import registry
from tinycog.models.interface import along_replicas
from tinycog.results import scores
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps import score
from tinycog.steps.fit import fit
from tinycog.steps.split import split
from tinycog.storage import read_columns
from tinycog.tasks import task_of
from tinycog.trials.copies import augmented
from tinycog.trials.sequences import Sequences, read
from tinycog.trials.splits import ROLES


class Habit:
    """Chooses action 1 with the logit `bias`; its state counts trials."""

    family = "habit"
    fitted_by = __name__
    uses_copies = True
    parameters = ("bias",)
    n_parameters = n_dynamical = n_state = 1
    state_bounds = (0.0, np.inf)
    log_floor = None
    by_condition = ties_fail = False

    @classmethod
    def of(cls, task, spec, dim, n_subjects=0):
        return cls()

    def initial_state(self, params, n_blocks):
        return np.zeros((len(params["bias"]), n_blocks, 1))

    def drive(self, params, sequences: Sequences):
        return sequences.trials()

    def update(self, params, state, trial):
        return state + 1

    def policy(self, params, state, cue=None):
        return np.concatenate([0 * state, 0 * state + along_replicas(params["bias"], state)], axis=-1)


def starts(model, spec):
    return range(2), [0.0, 0.5]


def fit_replicas(model, spec, sequences, grid, training, key):
    """The share of action 1 among training choices, smoothed by the L1 weight."""
    counted = grid.weights["train"] * sequences.mask
    share = (counted * sequences.action).sum((1, 2)) / counted.sum((1, 2))
    bias = (1 - grid.l1) * np.log(share / (1 - share))
    ended = np.full(len(grid), "converged")
    return {"bias": bias}, np.full(len(grid), 3), np.full(len(grid), 2), ended, [""] * len(grid)


@pytest.fixture
def habit(monkeypatch):
    monkeypatch.setitem(registry.FAMILIES, "habit", lambda task, spec: Habit)
    return {"family": "habit"}


def test_a_new_family_is_fitted_and_scored_without_a_change_of_engine_or_steps(habit, tmp_path):
    task = task_of("two_stage")
    trials = written(augmented(random_table("two_stage", n_subjects=1, n_blocks=6), task, 1), tmp_path / "s0.parquet")
    fold, table = tmp_path / "outer0.parquet", tmp_path / "fits.parquet"
    split([trials], fold, protocol="blocks", **{**CV, "outer": 0})
    options = {"task": "two_stage", "n_actions": 2, "spec": habit, "dim": 1}
    fit([trials], fold, table, name="habit", training=None, **options)
    fits = pd.read_parquet(table)
    assert set(fits["family"]) == {"habit"}
    assert fits[["inner", "seed", "l1"]].to_numpy().tolist() == [
        [inner, seed, l1] for inner in (0, 1) for seed in (0, 1) for l1 in (0.0, 0.5)
    ]
    # its NLL by hand: the share p of action 1 in the training blocks and their copies, which exchange the actions
    np.testing.assert_allclose(fits["train_nll"], np.log(2), atol=1e-15)
    assert (fits["status"] == "ok").all()
    choice = {"status": "ok", "inner": 0, "file": "fits.parquet", "replica": 0}
    (tmp_path / "selected.json").write_text(json.dumps(choice))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score.parameters, "of_selected", lambda root, choice: {"bias": np.array([0.25])})
        score.score([trials], fold, tmp_path / "selected.json", tmp_path / "scores.npz", root=tmp_path, **options)
    [scored] = scores.read(tmp_path / "scores.npz")
    own = read_columns(trials, ["block", "aug_of"])
    assert len(scored.before(scored.states)) == (own["block"] == own["aug_of"]).sum()  # no copies
    np.testing.assert_array_equal(scored.logits, np.broadcast_to([0.0, 0.25], scored.logits.shape))
    lengths = read(trials, task).lengths[:6]
    np.testing.assert_array_equal(scored.states[:, 0], np.concatenate([np.arange(n + 1) for n in lengths]))
    assert set(scored.split) == set(ROLES)


def test_the_registry_asks_the_class_for_everything(habit):
    assert registry.module(task_of("two_stage"), habit) == __name__
    assert registry.is_scalar(task_of("two_stage"), habit)


@pytest.mark.parametrize(("section", "competes"), [
    ({"family": "rnn", "cell": "gru"}, True),
    ({"family": "rnn", "cell": "rnn"}, False),
    ({"family": "rnn", "cell": "gru", "readout": "diagonal"}, False),
    ({"family": "cognitive"}, False),
])  # fmt: skip
def test_networks_with_a_full_readout_and_an_admitted_cell_compete_for_d(section, competes):
    assert checked(section, "t", AnyModel).competes(["gru", "slin"]) == competes
