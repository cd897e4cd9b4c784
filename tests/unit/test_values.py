"""What the columns of a trial may hold is said in one place, and everybody who reads trials refuses the same."""

import numpy as np
import pandas as pd
import pytest

import tinycog
from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import table
from tinycog.storage import write_columns
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.table import validated
from tinycog.trials.values import allowed

TASK = task_of("two_stage")
GOOD = {"action": [0, 1], "state": [1, 0], "reward": [0.25, 1]}
BAD = {"action": [-2, 0.5, 2, np.inf], "state": [-1, 0.5, 2], "reward": [-1e-9, 1.0000001, np.inf]}


def by_score(columns, folder):
    tinycog.score(task="two_stage", model="MB0", parameters={}, trials=pd.DataFrame(columns))


def by_own_table(columns, folder):
    file = folder / "own.csv"
    pd.DataFrame(columns).to_csv(file, index=False)
    section = {"source": "table", "task": "two_stage", "file": str(file)}
    table.prepare("d", checked(section, "t", AnyDataset).model_dump(), folder, 0)


def canonical(columns):
    ids = {"dataset": "d", "subject": "s", "session": "1", "block": [0, 0], "trial": [0, 1], "mask": [1, 1]}
    return pd.DataFrame(ids | columns)


def by_trial_table(columns, folder):
    validated(canonical(columns), TASK, "t")


def by_fit(columns, folder):
    path = folder / "s.parquet"
    frame = canonical(columns)
    write_columns(path, {name: frame[name].to_numpy() for name in frame})
    sequences.read(path, TASK)


READERS = (by_score, by_own_table, by_trial_table, by_fit)


@pytest.mark.parametrize("reader", READERS)
def test_everybody_takes_what_is_allowed(reader, tmp_path):
    reader(GOOD, tmp_path)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("column", "value"), [(column, value) for column in BAD for value in BAD[column]])
def test_everybody_refuses_what_is_not(reader, column, value, tmp_path):
    with pytest.raises(InputError, match=column):
        reader(GOOD | {column: [float(GOOD[column][0]), value]}, tmp_path)


def test_second_choices_belong_to_the_original_two_stage_task():
    assert str(allowed(task_of("original_two_stage"))["action2"]) == "integers from 0 to 1"
    assert "action2" not in allowed(TASK)
    assert str(allowed(task_of("bandit", 5))["action"]) == "integers from 0 to 4"
    assert str(allowed(TASK)["reward"]) == "a number from 0 to 1"
