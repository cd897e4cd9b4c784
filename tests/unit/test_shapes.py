"""Documented shapes and dtypes, for every model on NumPy and on torch: within a check, a name is one number.

Numbers of replicas, blocks, time points, states and so on differ, so that no exchange of two axes passes.
"""

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from jaxtyping import Bool, Float64, Int8, Int16, Int64, Shaped, jaxtyped

from conftest import block_weights
from tinycog.analyses.portraits import compute as portrait
from tinycog.fitting import engine
from tinycog.fitting.objective import choice_nll, replicas
from tinycog.models import registry
from tinycog.models.interface import run, run_states
from tinycog.results import scores
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.tensors import to_torch

REPLICAS, BLOCKS, TRIALS, SUBJECTS, WIDTH = 24, 19, 17, 7, 6  # WIDTH: of a subject's embedding
SPLITS = block_weights(BLOCKS, outer=0, n_outer=4, n_inner=3)
SPLITS_BY_TRIAL = [{role: weights.repeat(TRIALS, axis=0) for role, weights in split.items()} for split in SPLITS]
ARRAYS = {"numpy": np.ndarray, "torch": torch.Tensor}
TASKS = {
    "2_actions": task_of("bandit", 2),
    "2_actions_8_conditions": task_of("two_stage"),
    "3_actions": task_of("bandit", 3),
    "4_actions": task_of("four_armed_bandit"),
    "2_choices": task_of("original_two_stage"),
}
WITH_STIMULI = {"2_actions_and_stimuli": task_of("perceptual")}


@pytest.fixture(autouse=True)
def one_thread():
    """Arrays are small, and a second thread would only wait for the first."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def check(kind, sizes, found, documented):
    """Each array of `found`, or of a list in it, is as `documented` under its name, `sizes` of the axes given."""
    assert set(found) == set(documented)
    with jaxtyped("context"):
        assert isinstance(np.broadcast_to(0, tuple(sizes.values())), Shaped[np.ndarray, " ".join(sizes)])
        for name, (dtype, shape) in documented.items():
            for value in found[name] if isinstance(found[name], list) else [found[name]]:
                says = f"{name}: documented {dtype.__name__} ({shape}) with {sizes}"
                assert isinstance(value, dtype[kind, shape]), f"{says}; found {value.dtype} {tuple(value.shape)}"


def of(dtype, **shapes):
    return {name: (dtype, shape) for name, shape in shapes.items()}


@cache
def data_of(task):
    """Ragged blocks of random choices, some of them missed."""
    rng = np.random.default_rng(0)
    lengths = np.append(rng.integers(TRIALS // 2, TRIALS, BLOCKS - 1), TRIALS)
    n = lengths.sum()
    made, action = rng.random(n) > 0.1, rng.integers(0, task.n_actions, n)
    columns = {"block": np.repeat(np.arange(BLOCKS), lengths), "trial": np.concatenate([*map(np.arange, lengths)])}
    columns |= {"action": np.where(made, action, -1), "mask": made, "mask2": made}
    columns |= {"state": action if task.one_stage else rng.integers(0, 2, n), "action2": rng.integers(0, 2, n)}
    columns |= {"reward": np.where(made, rng.integers(0, 2, n), np.nan)} | dict.fromkeys(("stim_a", "stim_b"), 0 * made)
    return replace(sequences.from_columns(columns, task), subject_code=np.arange(BLOCKS) % SUBJECTS)


MODEL = of(
    Float64,
    initial_state="replica block state",
    update="replica block state",
    policy_of_replicas="replica action",
    policy_of_blocks="replica block action",
    states="replica time+1 block state",
    logits="replica time+1 block action",
    policy_of_times="replica time+1 block action",
    states_before_choices="replica time block state",
    nll_by_block="replica 1 block",
    nll_by_trial="replica time block",
    log_likelihood="replica time block",
    log_policy="replica time block action",
)


def check_model(library, model, params, task, drive, **sizes):
    """`drive` documents the arrays that one trial brings; numbers of replicas, blocks and time points are no others."""
    data = data_of(task)
    if library == "torch":
        params, data = {name: torch.as_tensor(value) for name, value in params.items()}, to_torch(data)
    of_axes = {"replica": REPLICAS, "block": BLOCKS, "time": task.stages * TRIALS}
    sizes |= {"state": model.n_state, "action": task.n_outputs}
    assert not set(of_axes.values()) & set(sizes.values())
    initial, drives = model.initial_state(params, BLOCKS), model.drive(params, data)
    assert len(drives) == data.n_trials
    states, logits = run(model, params, data, data.n_trials)
    found = {
        "initial_state": initial,
        "update": [model.update(params, initial, trial) for trial in drives[:4]],
        "policy_of_replicas": model.policy(params, initial[:, 0]),
        "policy_of_blocks": model.policy(params, initial),
        "states": states,
        "logits": logits,
        "policy_of_times": model.policy(params, states),
        "states_before_choices": run_states(model, params, data, data.n_trials - 1),
        "nll_by_block": choice_nll(model, params, data, by_block=True),
        "nll_by_trial": choice_nll(model, params, data, by_block=False),
        "log_likelihood": sequences.log_likelihood(logits[:, :-1], data, model.log_floor),
        "log_policy": sequences.log_policy(logits[:, :-1], data),
    }
    for trial in drives[:4]:
        each = trial.values() if isinstance(trial, dict) else trial if isinstance(trial, tuple) else (trial,)
        for name, value in zip(drive, each, strict=True) if drive else ():
            found.setdefault(name, []).append(value)
    check(ARRAYS[library], of_axes | sizes, found, MODEL | drive)


def gated(rows, **more):
    """Shapes of a layer of an input matrix, a recurrent matrix and their biases."""
    return {"W_ih": f"{rows} input", "W_hh": f"{rows} unit", "b_ih": rows, "b_hh": rows, **more}


# cell: what a trial brings to its update, after (replica, block), and its recurrent layer's parameters, after (replica)
CELLS = {
    "gru": (["3*unit"], gated("3*unit")),
    "switching_gru": (
        ["3*unit unit", "3*unit", "3*unit"],
        {"W_hh": "condition 3*unit unit", "b_ih": "condition 3*unit", "b_hh": "condition 3*unit"},
    ),
    "slin": (["unit unit", "unit"], {"V": "condition unit unit", "b": "condition unit"}),
    "mi_gru": (["3*unit", "3*unit"], gated("3*unit", alpha="3*unit", beta_i="3*unit", beta_h="3*unit")),
    "rnn": (["unit"], gated("unit")),
    "low_rank_rnn": (
        ["unit"],
        {"W_ih": "unit input", "M": "unit rank", "N": "unit rank", "b_ih": "unit", "b_hh": "unit"},
    ),
    "lstm": (["4*unit"], gated("4*unit")),
    "mingru": (["unit", "unit"], {"W_ih": "2*unit input", "b_ih": "2*unit"}),
    "minlstm": (["unit", "unit"], {"W_ih": "3*unit input", "b_ih": "3*unit"}),
}
READOUTS = {
    "full": {"W_out": "action unit", "b_out": "action"},
    "diagonal": {"c": ""},
    "block": {"W_out": "action unit//3", "b_out": "action"},
}


def parameters(spec):
    """Documented parameters of a stack of networks."""
    shapes = CELLS[spec["cell"]][1] | READOUTS[spec["readout"]]
    shapes |= {"E_subject": "subject width"} if spec.get("subject_embedding") else {}
    return of(Float64, **{name: f"replica {shape}" for name, shape in shapes.items()})


def networks():
    """Every cell on every task, with every readout that it takes, of one unit and of several."""
    for cell, (task_name, task) in itertools.product(CELLS, TASKS.items()):
        kind = registry.cell(cell)
        if kind.by_condition and task.stages == 2:
            continue
        dims = [("full", 1), ("full", 5), ("diagonal", task.n_outputs), *([("block", 9)] if task.stages == 2 else [])]
        for (readout, n_units), width in itertools.product(dims, (0, WIDTH)):
            if width and (kind.by_condition or readout != "full"):
                continue
            options = {"rank": 2} if "rank" in kind.takes and n_units > 1 else {}
            spec = {"family": "rnn", "cell": cell, "readout": readout, "subject_embedding": width, **options}
            name = f"{cell}-{task_name}-{readout}-{n_units}_units{'-subjects' if width else ''}"
            yield pytest.param(spec, task, n_units, id=name)


def test_every_cell_is_checked():
    assert CELLS.keys() == registry.CELLS.keys()


@pytest.mark.parametrize("library", ARRAYS)
@pytest.mark.parametrize(("spec", "task", "n_units"), list(networks()))
def test_a_network(library, spec, task, n_units):
    model, width = registry.build(task, spec, n_units, SUBJECTS), spec["subject_embedding"]
    starts = [model.initialise(seed) for seed in range(REPLICAS)]
    params = {name: np.stack([one[name] for one in starts]) for name in model.parameters}
    sizes = {"input": task.n_inputs + width, "unit": n_units, "condition": len(task.conditions)}
    sizes |= {"rank": spec.get("rank", 1), "subject": SUBJECTS, "width": width}
    sizes |= {"action": task.n_outputs, "replica": REPLICAS}
    check(np.ndarray, sizes, params, parameters(spec))
    assert model.n_state == {"lstm": 2}.get(spec["cell"], 1) * n_units
    drive = of(Float64, **{f"drive_{i}": f"replica block {shape}" for i, shape in enumerate(CELLS[spec["cell"]][0])})
    check_model(library, model, params, task, drive, unit=n_units)


COGNITIVE = [
    pytest.param(task_of(name, n_actions), model, id=f"{name}_{n_actions or ''}-{model}")
    for name, models in registry.COGNITIVE.items()
    for n_actions in ((3, 4) if name == "bandit" else (None,))
    for model in models
]
TRIAL = {"action": Int64, "state": Int64, "reward": Float64}


@pytest.mark.parametrize("library", ARRAYS)
@pytest.mark.parametrize(("task", "name"), COGNITIVE)
def test_a_cognitive_model(library, task, name):
    model = registry.cognitive(task, name)
    x = np.random.default_rng(0).normal(size=(REPLICAS, model.n_parameters))
    params = model.from_real(x)
    sizes = {"replica": REPLICAS, "parameter": model.n_parameters, "state": model.n_state}
    found, documented = {"slopes": model.slopes(x), **params}, of(Float64, slopes="replica parameter")
    check(np.ndarray, sizes, found, documented | of(Float64, **dict.fromkeys(model.parameters, "replica")))
    check(np.ndarray, sizes, {"is_memory": model.is_memory}, of(Bool, is_memory="state"))
    trials = to_torch(data_of(task)).trials() if library == "torch" else data_of(task).trials()
    found = {column: [getattr(trial, column) for trial in trials] for column in TRIAL}
    check(ARRAYS[library], {"block": BLOCKS}, found, {column: (dtype, "block") for column, dtype in TRIAL.items()})
    check_model(library, model, params, task, {})


SEQUENCES = (
    of(Float64, **dict.fromkeys(("reward", "mask"), "time block"))
    | of(Float64, x="time block input", closed="time block action", target="time block action")
    | of(Float64, stimulus="time block stimulus", cue="time block stimulus", cue_after="time+1 block stimulus")
    | of(Int64, **dict.fromkeys(("action", "state", "condition"), "time block"))
    | of(Int64, subject_code="block", lengths="block")
)


@pytest.mark.parametrize("library", ARRAYS)
@pytest.mark.parametrize("task", (TASKS | WITH_STIMULI).values(), ids=TASKS | WITH_STIMULI)
def test_sequences(library, task):
    whole = data_of(task)
    whole = replace(whole, target=sequences.shares(whole, task.n_outputs).astype(np.float64))
    short = whole.subset(np.flatnonzero(whole.lengths < whole.lengths.max()))
    for data in (whole, short):
        n_times = data.lengths.max()
        sizes = {"time": n_times, "block": len(data.lengths), "action": task.n_outputs, "input": task.n_inputs}
        moved = to_torch(data) if library == "torch" else data
        found = moved.arrays()
        if task.stimulus:
            found |= {"cue": moved.cue(n_times).stimulus, "cue_after": moved.cue(n_times + 1).stimulus}
        absent = {"closed"} if task.stages == 1 else {"condition"}
        absent |= set() if task.stimulus else {"stimulus", "cue", "cue_after"}
        expected = {name: value for name, value in SEQUENCES.items() if name not in absent | {"lengths"}}
        check(ARRAYS[library], sizes | {"stimulus": 2}, found, expected)
        check(np.ndarray, sizes, {"lengths": moved.lengths}, {"lengths": SEQUENCES["lengths"]})


GRID = of(Int64, inner="replica", seed="replica") | of(Float64, l1="replica", weights="replica role_time block")


@pytest.mark.parametrize("splits", [SPLITS, SPLITS_BY_TRIAL], ids=["by_block", "by_trial"])
def test_replicas_and_their_weights(splits):
    whole, times = replicas(splits, range(4), [0.0, 1e-3]), len(splits[0]["train"])
    data = data_of(TASKS["2_actions"])
    parts = {
        (REPLICAS, times, BLOCKS): (whole, data),
        (5, times, BLOCKS): (whole[:5], data),
        (REPLICAS, min(times, 8), 3): (whole.of_blocks(np.array([2, 5, 11]), 8), None),
    }
    for numbers, (part, choices) in parts.items():
        assert len(part) == numbers[0]
        sizes = dict(zip(("replica", "role_time", "block"), numbers, strict=True))
        found = {"inner": part.inner, "seed": part.seed, "l1": part.l1, "weights": list(part.weights.values())}
        check(np.ndarray, sizes, found, GRID)
        if choices:
            found = {"n_scored": list(part.n_scored(choices).values())}
            check(np.ndarray, sizes, found, of(Int64, n_scored="replica"))


NETWORK = {"family": "rnn", "readout": "full", "seeds": 4, "l1": [0.0, 1e-3]}
TRAINING = {"optimizer": "adam", "learning_rate": 0.01, "max_epochs": 2, "patience": 2, "device": "cpu"}
FITS = (
    of(Float64, nll="replica", test_accuracy="replica")
    | of(Int64, epochs="replica", best_epoch="replica")
    | of(Shaped, ended="replica")
)


@pytest.mark.parametrize("splits", [SPLITS, SPLITS_BY_TRIAL], ids=["by_block", "by_trial"])
@pytest.mark.parametrize(("spec", "n_replicas"), [
    ({**NETWORK, "cell": "gru"}, REPLICAS),  # by its kernel
    ({**NETWORK, "cell": "lstm"}, REPLICAS),  # by torch
    ({"family": "cognitive", "model": "MB0", "optimizer": "gradient", "seeds": None}, 3),
    ({"family": "cognitive", "model": "MB0p", "optimizer": "gradient", "seeds": 2}, 6),
])  # fmt: skip
def test_fits(spec, n_replicas, splits):
    task = TASKS["2_actions"]
    model = registry.build(task, spec, 5)
    fits = engine.fit(model, spec, data_of(task), splits, TRAINING)
    assert len(fits.replicas) == len(fits.reason) == n_replicas
    assert fits.reason == [""] * n_replicas
    params = parameters(spec) if "cell" in spec else of(Float64, **dict.fromkeys(model.parameters, "replica"))
    found = {name: getattr(fits, name) for name in FITS} | {"nll": list(fits.nll.values())} | fits.params
    check(np.ndarray, {"replica": n_replicas, "unit": 5, "input": 3, "action": 2}, found, FITS | params)


SCORES = (
    of(Float64, logits="row action", states="row state", before="choice state", after="choice state")
    | of(Int16, condition="trial")
    | of(Int8, mask="choice")
    | of(Shaped, split="choice")
    | of(Int64, row_start="block+1", trial_start="block+1")
)


@pytest.mark.parametrize("splits", [SPLITS, SPLITS_BY_TRIAL], ids=["by_block", "by_trial"])
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_scores(task, splits):
    model, data = registry.build(task, {**NETWORK, "cell": "lstm"}, 5), data_of(task)
    n_choices = task.stages if splits is SPLITS_BY_TRIAL else 1
    weights = {role: values.repeat(n_choices, axis=0) for role, values in splits[0].items()}
    params = {name: value[None] for name, value in model.initialise(0).items()}
    along = scores.score(task, model, params, data, weights)
    n_choices = data.lengths.sum()
    sizes = {"choice": n_choices, "row": n_choices + BLOCKS, "trial": n_choices // task.stages}
    found = vars(along) | {"before": along.before(along.states), "after": along.after(along.states)}
    check(np.ndarray, sizes | {"block": BLOCKS, "state": 10, "action": task.n_outputs}, found, SCORES)


PORTRAIT = (
    of(
        Float64,
        state="grid",
        logit="grid",
        next_state="condition grid",
        next_logit="condition grid",
        multiplier="root",
        fixed_state="root",
        fixed_logit="root",
        logit_before="visited",
        change="visited",
    )
    | of(Bool, attracts="root")
    | of(Shaped, split="visited")
)


@pytest.mark.parametrize("spec", [{**NETWORK, "cell": "slin"}, {**NETWORK, "cell": "gru"}, {"model": "LS0"}])
@pytest.mark.parametrize("task", [TASKS["2_actions"], TASKS["2_actions_8_conditions"]], ids=lambda task: task.name)
def test_portraits(task, spec):
    model, rng = registry.build(task, {"family": "cognitive", **spec}, 1), np.random.default_rng(0)
    if spec.get("cell"):
        params = {name: rng.normal(scale=0.5, size=(1, *shape)) for name, shape in model.shapes.items()}
    else:
        params = {name: np.full(1, 0.3) for name in model.parameters}
    along = scores.score(task, model, params, data_of(task), SPLITS[0])
    one_step = portrait.OneStep(task, model, params)
    the_map = portrait.exact_map(one_step, along.states)
    n_roots = 0
    for code in range(len(task.conditions)):
        points, trials = portrait.fixed_points(one_step, the_map, code), portrait.visited(along, code)
        found = vars(the_map) | {"fixed_state": points.state, "fixed_logit": points.logit}
        found |= {"multiplier": points.multiplier, "attracts": points.attracts}
        found |= {"logit_before": trials.logit, "change": trials.change, "split": trials.split}
        sizes = {"grid": portrait.GRID_SIZE, "condition": len(task.conditions), "root": len(points.state)}
        check(np.ndarray, sizes | {"visited": ((along.condition == code) & (along.mask == 1)).sum()}, found, PORTRAIT)
        n_roots += len(points.state)
    assert n_roots
