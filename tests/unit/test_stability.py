"""Tables of fixed points, attractors and exponents, of fits whose maps are known."""

import json

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from tinycog.analyses.stability import outputs
from tinycog.analyses.stability.gather import gather
from tinycog.analyses.stability.step import stability
from tinycog.analyses.stability.tables import TABLES
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results import scores
from tinycog.sections.fits import CrossValidation
from tinycog.sections.messages import checked
from tinycog.storage import write_json

SPEC = {"family": "rnn", "cell": "slin", "readout": "full"}
MATRICES = [[[0.5, 0.0], [0.0, 0.8]], [[0.0, -0.9], [0.9, 0.0]], [[2.0, 0.0], [0.0, 0.5]], [[1.0, 0.0], [0.0, 0.5]]]
SHIFTS = [[0.5, 0.2], [0.0, 0.0], [1.0, 0.0], [0.0, 0.5]]
IDS = {"dataset": "d", "subject": "s", "model": "m", "dim": 2}


def along(states, conditions, blocks=(3, 4)):
    """Scores of trials in blocks of these lengths, from the state before each of them and after the last."""
    starts = np.concatenate([[0], np.cumsum(np.array(blocks) + 1)])
    return scores.Scores(
        logits=np.stack([states[:, 0], 0 * states[:, 0]], axis=1),
        states=states,
        condition=np.array(conditions),
        mask=np.ones(sum(blocks), dtype=int),
        split=np.array(["train"] * sum(blocks)),
        row_start=starts,
        trial_start=np.concatenate([[0], np.cumsum(blocks)]),
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Tables of three outer folds: one without a fit, one whose readout ignores the state."""
    folder = tmp_path_factory.mktemp("stability")
    matrices, shifts = np.array(MATRICES), np.array(SHIFTS)
    stack = {"V": np.stack([matrices - np.eye(2)] * 2), "b": np.stack([shifts] * 2)}
    stack |= {"W_out": np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0]] * 2]), "b_out": np.zeros((2, 2))}
    save_file(stack, folder / "fits.safetensors")
    states = np.random.default_rng(0).uniform(-0.5, 0.5, (9, 2))
    states[:2] = [[-0.99, -1.0], [1.5, 1.5]]
    trials = along(states, [0, 1, 0, 1, 0, 0, 2])
    flat = along(states, [0, 1, 0, 1, 0, 0, 2])
    flat.logits[:] = 0.0
    selected, scored = [], []
    for outer, row, own in ((0, 0, trials), (1, None, None), (2, 1, flat)):
        selected.append(folder / f"selected{outer}.json")
        scored.append(folder / f"scores{outer}.npz")
        write_json(selected[-1], {**IDS, "outer": outer, "row": row, "parameters": "fits.safetensors"})
        scores.write(scored[-1], [own])
    out = folder / "dynamics/d/s/m/d2"
    out.mkdir(parents=True)
    stability(selected, scored, out, root=folder, task="reversal", n_actions=2, spec=SPEC, dim=2)
    write_json(
        folder / "data/d/meta.json", {"subjects": ["s"], "counts_analysed": {"s": {"blocks": 3, "shortest_block": 2}}}
    )
    cv = CrossValidation(outer=3, inner=2).folds()
    gather(folder, grid={"datasets": ["d"], "models": {"m": {"d": [2]}}, "cv": {"d": cv}, "chunks": {}})
    return {table.name: pd.read_parquet(folder / f"tables/{table.name}.parquet") for table in TABLES}


def test_fixed_points_have_their_states_eigenvalues_and_kinds(found):
    table = found["fixed_points"]
    assert sorted(set(table["outer"])) == [0, 2]
    own = table[table["outer"] == 0].set_index("condition")
    assert own.index.tolist() == ["A1R0", "A1R1", "A2R0", "A2R1"]
    state = np.array([json.loads(text) for text in own["state"]])
    np.testing.assert_allclose(state[:3], [[1.0, 1.0], [0.0, 0.0], [-1.0, 0.0]], atol=1e-9)
    assert state[3, 1] == pytest.approx(1.0)  # the first variable stays what it is
    np.testing.assert_allclose(own["logit"], state[:, 0] - state[:, 1], atol=1e-12)
    np.testing.assert_allclose(own["abs_eigenvalue_max"], [0.8, 0.9, 2.0, 1.0])
    assert own["class"].tolist() == ["stable node", "stable spiral", "saddle", "line"]
    assert own["in_range"].tolist() == [True] * 4
    np.testing.assert_allclose(own["time_constant"].iloc[:2], [-1 / np.log(0.8), -1 / np.log(0.9)])
    assert own["time_constant"].iloc[2:].isna().all()
    np.testing.assert_allclose(json.loads(own["eigenvalues"].iloc[1]), [[0.0, 0.9], [0.0, -0.9]], atol=1e-12)
    vectors = np.array(json.loads(own["eigenvectors"].iloc[0]))  # of .8, then of .5: axes
    np.testing.assert_allclose(np.abs(vectors), [[[0, 0], [1, 0]], [[1, 0], [0, 0]]], atol=1e-12)


def test_attractors_are_told_by_condition_with_what_speaks_against_them(found):
    own = found["attractors"][found["attractors"]["outer"] == 0]
    ends = own.drop_duplicates("condition").set_index("condition")
    assert ends["class"].tolist() == ["fixed point", "fixed point", "unbounded", "fixed point"]
    assert ends["share"].iloc[:3].tolist() == [1.0, 1.0, 1.0]
    assert ends["logit"].iloc[:2].to_numpy() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert ends["logit"].isna().tolist() == [False, False, True, False]
    assert ends["n_trials"].tolist() == [4, 2, 1, 0]
    assert ends["note"].fillna("").tolist() == ["", *["fewer than 4 trials"] * 3]
    lines = own[own["condition"] == "A2R1"]  # each start stays at its first variable: 1 below it the logit
    assert len(lines) > 1
    assert lines["share"].sum() == pytest.approx(1.0)
    assert lines["logit"].is_monotonic_increasing
    assert lines["index"].tolist() == list(range(len(lines)))


def test_exponents_of_the_trials_and_bounds_of_any_sequence(found):
    own = found["stability"].set_index("outer").loc[0]
    # two blocks: conditions 0, 1, 0 and 1, 0, 0, 2: an orthogonal turn exchanges the axes
    first = [np.log([0.5 * 0.9 * 0.8, 0.8 * 0.9 * 0.5])]
    second = np.log([0.9 * 0.8 * 0.8 * 0.5, 0.9 * 0.5 * 0.5 * 2.0])
    expected = np.sort((first[0] + second) / 7)[::-1]
    np.testing.assert_allclose(json.loads(own["exponents"]), expected, atol=1e-12)
    assert own["exponent"] == pytest.approx(expected[0])
    assert own["memory"] == pytest.approx(-1 / expected[0])
    assert own["growth_low"] == pytest.approx(2.0)
    assert own["growth_high"] == pytest.approx(2.0)
    assert pd.isna(own["note"])
    assert found["stability"].set_index("outer").loc[2, "note"] == "the logits do not depend on the state"


def config(**analyses):
    simulated = {"source": "simulate", "task": "bandit", "n_blocks": 6, "n_trials": 12}
    models = {
        "gru": {"family": "rnn", "cell": "gru", "dims": [1, 2]},
        "lstm": {"family": "rnn", "cell": "lstm", "dims": [3]},
        "BAS": {"family": "cognitive"},
        "MB0s": {"family": "cognitive"},
    }
    content = {"run": "t", "datasets": {"d": simulated}, "models": models}
    return checked(content | {"cv": {"outer": 3, "inner": 2}, "analyses": analyses}, "t", Config)


def test_models_without_a_dynamical_variable_are_left_out():
    assert outputs.dims(config(stability={})) == {"gru": {"d": [1, 2]}, "lstm": {"d": [3]}, "MB0s": {"d": [1]}}
    assert outputs.dims(config(stability={"models": ["gru", "BAS"]})) == {"gru": {"d": [1, 2]}}
    assert outputs.dims(config()) == {}
    with pytest.raises(InputError, match=r"analyses.stability.models: \['LS9'\] not among models"):
        config(stability={"models": ["LS9"]})
