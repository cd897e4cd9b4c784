"""The probabilities that a cognitive model with given parameters gives to choices: `tinycog.score`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.models.interface import run
from tinycog.storage import read_json, replacing
from tinycog.tasks import Task, task_of
from tinycog.trials import sequences
from tinycog.trials.values import Allowed, allowed


def score(
    *, task: str, model: str, parameters: Mapping[str, float], trials: pd.DataFrame, n_actions: int | None = None
) -> pd.DataFrame:
    """Probability of every action, and the log-likelihood of the one chosen, on each trial.

    Args:
        task: name of the task; a `bandit` has `n_actions` actions, two by default.
        model: the catalogue's name of one of the task's cognitive models; `Q0` and `Q1` stand for Q(0) and Q(1).
        parameters: natural values, ends of the ranges included; a parameter that is left out has the value that the
            reference gives it (methods: values before fitting).
        trials: one row for each trial: `action` and `reward`; `state`, where it is not the action; `action2` in the
            original two-stage task. Optional: `mask`, 0 for a choice that is not scored (`mask2` for second choices, by
            default the same); such a choice changes the state all the same, by what its row says, or as action 0
            without a reward where that is missing (-1, empty). `subject` and `block`: where they change, the state
            starts anew. `trial`: the order in a block; without `block`, a trial number that does not increase starts a
            new block.

    Returns:
        Rows as in `trials`. `p_0`, `p_1`, ... and `log_likelihood` (nats; 0 where masked); in the original two-stage
        task `p1_0`, `p1_1`, then `p2_0`, `p2_1` in the state reached, `log_likelihood_1` and `log_likelihood_2`.

    Raises:
        InputError: names the argument or the column with its first offending row (from 1), and what is allowed.
    """
    try:
        the_task = task_of(task, n_actions)
        the_model = registry.cognitive(the_task, model)
    except ValueError as error:
        raise InputError(str(error)) from None
    params = {name: np.array([value]) for name, value in _completed(the_model, parameters).items()}
    columns = _columns(trials, the_task)
    everything = columns | {name: np.ones_like(columns[name]) for name in ("mask", "mask2") if name in columns}
    data = replace(  # a choice that is not scored is seen as well
        sequences.from_columns(everything, the_task), mask=sequences.from_columns(columns, the_task).mask
    )
    _, logits = run(the_model, params, data, data.n_trials - 1)
    policy = np.exp(sequences.log_policy(logits, data)[0])
    likelihood = sequences.log_likelihood(logits, data, the_model.log_floor)[0] + 0.0  # no -0
    block, time = columns["block"], columns["trial"] * the_task.stages
    stages = [(time, np.arange(the_task.n_actions) + np.zeros((len(time), 1), dtype=int))]
    if the_task.stages == 2:
        stages.append((time + 1, the_task.n_actions + 2 * data.state[time, block][:, None] + np.arange(2)))
    scored = {}
    for number, (at, slots) in enumerate(stages, start=1):
        stage = str(number) if len(stages) > 1 else ""
        for i, slot in enumerate(slots.T):
            scored[f"p{stage}_{i}"] = policy[at, block, slot]
    for number, (at, _) in enumerate(stages, start=1):
        scored["log_likelihood" + (f"_{number}" if len(stages) > 1 else "")] = likelihood[at, block]
    return pd.DataFrame(scored, index=trials.index)


def _completed(model: CognitiveModel, parameters: Mapping[str, float]) -> dict[str, float]:
    """Every parameter of the model, in floats: those given, and defaults."""
    if not isinstance(parameters, Mapping):
        raise InputError(f"parameters: found {parameters!r}; allowed: a mapping of names to numbers")
    if unknown := [name for name in parameters if name not in model.classes]:
        known = ", ".join(model.classes)
        raise InputError(f"parameters: found {unknown[0]!r}; model {model.name!r} has: {known}")
    try:
        model.check_ranges(parameters)
    except ValueError as error:
        raise InputError(f"parameters: {error}") from None
    return {name: float(value) for name, value in (model.defaults | dict(parameters)).items()}


def _columns(trials: pd.DataFrame, task: Task) -> dict[str, np.ndarray]:
    """Checked columns as `sequences.from_columns` takes them."""
    required = ["action", *([] if task.one_stage else ["state"]), *(["action2"] if task.stages == 2 else []), "reward"]
    if missing := [name for name in required if name not in trials]:
        found = ", ".join(map(str, trials)) or "none"
        raise InputError(f"trials: no column {missing[0]!r}, which task {task.name!r} needs; found: {found}")
    if trials.empty:
        raise InputError("trials: no rows; needed: one for each trial")
    first = last = _mask(trials, "mask", np.ones(len(trials), dtype=bool))
    reward = _numbers(trials, "reward")
    holds = allowed(task)
    paid = holds["reward"].holds(reward)
    action, acted = _codes(trials, "action", holds, first)
    columns = {"mask": first.astype(np.int8)}
    if task.stages == 2:
        last = _mask(trials, "mask2", first)
        second, acted_again = _codes(trials, "action2", holds, last)
        state, reached = _codes(trials, "state", holds, first | last)
        seen = reached & acted_again & paid  # else the second choice is missing
        columns |= {"mask2": last.astype(np.int8), "action2": np.where(seen, second, 0)}
        columns |= {"action": np.where(acted, action, 0), "state": np.where(reached, state, 0)}
    else:
        of_action = task.one_stage and ("state" not in trials or task.n_actions > 2)
        state, reached = (action, acted) if of_action else _codes(trials, "state", holds, first)
        seen = acted & reached & paid  # else the choice is missing
        columns |= {"action": np.where(seen, action, 0), "state": np.where(seen, state, 0)}
    _demand(~last | paid, trials, "reward", str(holds["reward"]))
    columns["reward"] = np.where(seen, reward, 0.0)
    return columns | dict(zip(("block", "trial"), _places(trials), strict=True))


def _mask(trials: pd.DataFrame, name: str, otherwise: np.ndarray) -> np.ndarray:
    """Which choices are scored."""
    if name not in trials:
        return otherwise
    numbers = _numbers(trials, name)
    _demand(np.isin(numbers, (0, 1)), trials, name, "0 or 1")
    return numbers == 1


def _codes(
    trials: pd.DataFrame, name: str, holds: Mapping[str, Allowed], needed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A column's codes, and which rows have one; every row that needs one must have it."""
    numbers = _numbers(trials, name)
    found = holds[name].holds(numbers)
    _demand(~needed | found, trials, name, str(holds[name]))
    return np.where(found, numbers, 0).astype(int), found


def _places(trials: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Block of each row, and its place in the block, both from 0."""
    keys = [name for name in ("subject", "block") if name in trials]
    for name in keys:
        _demand(trials[name].notna().to_numpy(), trials, name, "a value in every row")
    rows = trials[keys].reset_index(drop=True) if keys else pd.DataFrame({"all": np.zeros(len(trials))})
    block = rows.groupby(list(rows), sort=False).ngroup()
    if "trial" not in trials:
        returns = (block != block.shift()) & block.duplicated()
        rule = "the rows of a block one after the other, or a column `trial`; this block was left before"
        _demand(~returns.to_numpy(), trials, (keys or ["block"])[-1], rule)
        return block.to_numpy(), block.groupby(block).cumcount().to_numpy()
    number = pd.Series(_numbers(trials, "trial"))
    _demand(np.isfinite(number.to_numpy()), trials, "trial", "a number in every row")
    if "block" in trials:
        twice = pd.DataFrame({"block": block, "trial": number}).duplicated().to_numpy()
        _demand(~twice, trials, "trial", "a number only once in each block")
    else:
        starts = number.groupby(block).diff() <= 0
        block = pd.DataFrame({"block": block, "part": starts.groupby(block).cumsum()})
        block = block.groupby(["block", "part"], sort=False).ngroup()
    return block.to_numpy(), number.groupby(block).rank().to_numpy().astype(int) - 1


def _numbers(trials: pd.DataFrame, name: str) -> np.ndarray:
    """A column as floats: NaN for an empty cell; infinity, which no column allows, for text that is no number."""
    if list(trials.columns).count(name) > 1:
        raise InputError(f"trials: {list(trials.columns).count(name)} columns are called {name!r}; rename all but one")
    values = trials[name]
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return np.where(numbers.isna() & values.notna(), np.inf, numbers)


def _demand(good: np.ndarray, trials: pd.DataFrame, name: str, allowed: str) -> None:
    """Raise InputError for the first row that is not good."""
    if not good.all():
        row = int(good.argmin())
        value = trials[name].iloc[row]
        value = value.item() if hasattr(value, "item") else value
        raise InputError(f"trials: row {row + 1}, column {name!r}: found {value!r}; allowed: {allowed}")


def score_files(
    parameters: Path, trials: Path, output: Path, *, task: str, model: str, n_actions: int | None = None
) -> None:
    """`score` of a table of trials (.csv or .parquet) with parameters from a JSON file; writes CSV.

    Raises:
        InputError: as `score`, or a file cannot be read.
    """
    for path in (parameters, trials):
        if not path.is_file():
            raise InputError(f"{path}: no such file")
    try:
        values = read_json(parameters)
    except ValueError as error:
        raise InputError(f"{parameters}: not readable as JSON ({error})") from None
    try:
        read = pd.read_parquet if trials.suffix == ".parquet" else _read_csv
        table = read(trials)
    except (ValueError, OSError) as error:  # as those of pandas and Arrow are
        raise InputError(f"{trials}: not readable as {trials.suffix.lstrip('.') or 'csv'} ({error})") from None
    scored = score(task=task, model=model, parameters=values, trials=table, n_actions=n_actions)
    with replacing(output) as temporary:
        scored.to_csv(temporary, index=False)


def _read_csv(path: Path) -> pd.DataFrame:
    """Ids are text: 01 is not 1, NA is an id, and only an empty cell is none."""
    as_text = {"dtype": str, "keep_default_na": False, "na_values": [""]}
    ids = pd.read_csv(path, usecols=lambda name: name in ("subject", "block"), **as_text)
    return pd.read_csv(path).assign(**ids)
