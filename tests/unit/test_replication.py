"""The reference code's own fits on its tutorial, replica by replica (needs the reference's results)."""

import numpy as np
import pandas as pd
import pytest

from conftest import block_weights
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results.selection import selected_row
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

TASK = task_of("bandit")
SPEC = {"family": "rnn", "cell": "gru", "readout": "full", "seeds": 2, "l1": [1e-5]}
TRAINING = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 10_000, "patience": 200, "device": "cpu"}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("replication")]


@pytest.fixture(scope="module")
def tutorial(reference_folder) -> sequences.Sequences:
    table = pd.read_csv(reference_folder / "tutorial/trials.csv")
    columns = {name: table[name].to_numpy() for name in ("block", "trial", "action", "reward")}
    ones = np.ones(len(table), dtype=np.int8)
    return sequences.from_columns({**columns, "state": columns["action"], "mask": ones}, TASK)


@pytest.fixture(scope="module")
def reference_fits(reference_folder) -> pd.DataFrame:
    return pd.read_csv(reference_folder / "tutorial/reference_fits.csv")


def splits_of(outer):
    return block_weights(500, outer=outer, n_outer=3, n_inner=2)


def test_folds_equal_the_reference(reference_folder):
    folds = pd.read_csv(reference_folder / "tutorial/folds.csv")
    for outer in range(3):
        for inner, split in enumerate(splits_of(outer)):
            own = folds[(folds["outer"] == outer) & (folds["inner"] == inner)]
            for role in ROLES:
                expected = np.sort(own.loc[own["role"] == role, "block"])
                np.testing.assert_array_equal(np.flatnonzero(split[role][0]), expected)


@pytest.fixture(scope="module")
def fits(tutorial) -> dict[tuple[int, int], engine.Fits]:
    """Every fit of the tutorial, by (units, outer fold); about three minutes of one core."""
    return {
        (dim, outer): engine.fit(registry.build(TASK, SPEC, dim), SPEC, tutorial, splits_of(outer), TRAINING)
        for dim in (1, 2)
        for outer in range(3)
    }


def test_every_fit_equals_the_reference(fits, reference_fits):
    difference, same_epochs = [], 0
    for (dim, outer), own in fits.items():
        expected = reference_fits[(reference_fits["hidden_dim"] == dim) & (reference_fits["outer"] == outer)]
        expected = expected.sort_values(["inner", "seed"])
        assert (own.replicas.inner == expected["inner"]).all()
        assert (own.replicas.seed == expected["seed"]).all()
        difference += (own.nll["test"] - expected["test_nll"]).tolist()
        same_epochs += int((own.epochs == expected["epochs"]).sum())
    print(f"largest difference in test NLL {np.abs(difference).max():.1e}; {same_epochs} of 24 with equal epochs")
    assert np.abs(difference).max() < 5e-5
    assert same_epochs >= 18  # later rounding errors of the processor's libraries move the end of the longest fits


def test_selected_test_nll_and_dimensionality(fits):
    from tinycog.analyses.dimensionality.compute import d_star_index

    selected = np.empty((3, 2))
    n_test = np.empty(3)
    for (dim, outer), own in fits.items():
        columns = {"inner": own.replicas.inner, "status": np.array(["ok"] * 4)}
        columns |= {f"{role}_nll": own.nll[role] for role in ("train", "val", "test")}
        # every block has 20 scored choices
        columns |= {f"n_{role}": 20 * own.replicas.weights[role].sum((1, 2)) for role in ("train", "val", "test")}
        selected[outer, dim - 1] = own.nll["test"][selected_row(columns)]
        n_test[outer] = 20 * own.replicas.weights["test"][0].sum()
    nll = (selected * n_test[:, None]).sum(0) / n_test.sum()
    assert np.round(nll, 4).tolist() == [0.5915, 0.5769]  # (methods: known values)
    assert d_star_index(selected, n_test, "reference") == 1  # the second dim: d* = 2
