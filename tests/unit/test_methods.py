"""Tables of docs/methods.md against the code: cognitive models, cores of agents, parameter counts, values, tasks."""

import re
from pathlib import Path

import pytest

from tinycog.models import registry
from tinycog.models.cognitive.declaration import HALF, POSITIVE, REAL, UNIT
from tinycog.models.cognitive.transition_reversal import CORES
from tinycog.tasks import task_of

METHODS = (Path(__file__).parents[2] / "docs/methods.md").read_text(encoding="utf-8")
CLASSES = {"U": UNIT, "H": HALF, "P": POSITIVE, "R": REAL}
TABLES = {
    "Reversal and two-stage models": ("reversal", "two_stage"),
    "Retired two-stage models": ("two_stage",),
    "Bandit models": ("three_armed_reversal", "four_armed_bandit"),
    "Original two-stage models": ("original_two_stage",),
}


def rows(heading):
    """Cells of the rows of the last table under a heading."""
    section = METHODS.split(f"### {heading}\n")[1].split("\n#")[0]
    table = re.findall(r"(?:^\|.*\n?)+", section, re.MULTILINE)[-1]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def parameters(cell):
    """Class of each parameter in `alpha U, beta P`; names without a class have that of the next one."""
    found, waiting = {}, []
    for item in cell.split(", "):
        name, *letter = item.split()
        waiting.append(name)
        if letter:
            found |= dict.fromkeys(waiting, CLASSES[letter[0]])
            waiting = []
    return found


@pytest.mark.parametrize("heading", TABLES)
def test_cognitive_models_are_those_of_the_tables(heading):
    listed = [(row[0].split()[0], row[1], parameters(row[2])) for row in rows(heading)]
    for task in TABLES[heading]:
        catalogue = registry.COGNITIVE[task]
        for name, d, classes in listed:
            if name in catalogue:
                model = registry.cognitive(task_of(task), name)
                n = task_of(task).n_actions
                assert (task, name, model.n_dynamical) == (task, name, {"K": n, "2K": 2 * n}.get(d) or int(d))
                assert (task, name, list(model.classes.items())) == (task, name, list(classes.items()))
    assert {name for name, _, _ in listed} <= {name for task in TABLES[heading] for name in registry.COGNITIVE[task]}


def test_no_model_is_left_out_of_the_tables():
    listed = {task: set() for tasks in TABLES.values() for task in tasks}
    for heading, tasks in TABLES.items():
        for task in tasks:
            listed[task] |= {row[0].split()[0] for row in rows(heading)}
    for task, names in listed.items():
        assert {name.removesuffix("_lag1") for name in registry.COGNITIVE[task]} <= names


def test_cores_are_those_of_the_table():
    listed = {row[0]: parameters(row[2]) for row in rows("Transition-reversal models")}
    assert all(dict(CORES[core]) == classes for core, classes in listed.items())
    assert len(listed) == 9


def test_values_before_fitting_are_those_of_the_table():
    given = [(row[0], [pair.rsplit(" ", 1) for pair in row[1].split(", ")]) for row in rows("Values before fitting")]
    for task in {task for tasks in TABLES.values() for task in tasks}:
        for name in registry.COGNITIVE[task]:
            model = registry.cognitive(task_of(task), name)
            expected = {key: cls.default for key, cls in model.classes.items()}
            for models, pairs in given:
                named = re.findall(r"[\w()]+", models.split(" of ")[0])
                applies = name.removesuffix("_lag1") in named or ("all of" in models and task == "original_two_stage")
                expected |= {key: float(value) for key, value in pairs if applies and key in expected}
            assert (task, name, model.defaults) == (task, name, expected)


def test_parameter_counts_are_those_of_the_table():
    columns = [
        ("gru", name) for name in ("reversal", "three_armed_reversal", "four_armed_bandit", "original_two_stage")
    ]
    columns += [(cell, name) for cell in ("switching_gru", "slin") for name in ("reversal", "two_stage")]
    for dim, *counts in rows("Parameter counts"):
        for (cell, task), count in zip(columns, counts, strict=True):
            spec = {"family": "rnn", "cell": cell, "readout": "full"}
            assert registry.build(task_of(task), spec, int(dim)).n_parameters == int(count)


def test_tasks_are_those_of_the_table():
    for name, n_actions, n_states, common, good, _ in rows("Tasks"):
        task = task_of(name.strip("`"), 2 if n_actions == "K" else None)
        if n_actions != "K":
            assert (n_actions.split(",")[0], n_states) == (str(task.n_actions), str(task.n_states))
        assert float(common.split(",")[0]) == task.common
        assert not good or float(good) == task.good
