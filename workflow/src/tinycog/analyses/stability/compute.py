"""Fixed points, attractors and exponents of one selected fit (methods: attractors; stability along trials)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tinycog.dynamics import attractors, fixed_points
from tinycog.dynamics.exponents import exponents, joint_spectral_radius
from tinycog.dynamics.fixed_points import FixedPoints
from tinycog.dynamics.one_step import OneStep
from tinycog.results.scores import Scores, relative

STARTS = 8  # states along trials from which attractors are looked for
SAME_END = 1e-3  # mean states nearer than this, relative to their size, are of one attractor
OF_ORBIT = 0.1  # and those that differ by less than this share of the size of the orbit
FEW_TRIALS = 4
FLAT = 1e-6  # a logit that varies less than this along trials does not depend on the state


def rows(one_step: OneStep, along: Scores) -> dict[str, list[dict[str, Any]]]:
    """Rows of tables `fixed_points`, `attractors` and `stability`, without the keys of the fit."""
    state, condition = before_trials(along, one_step.task.stages)
    state = state[:, : one_step.n_variables]
    codes = np.arange(len(one_step.task.conditions))
    searched = one_step.n_variables <= fixed_points.MOST_VARIABLES
    points = fixed_points.find(one_step, codes, state) if searched else [None] * len(codes)
    counts = np.bincount(condition, minlength=len(codes)).tolist()
    ends = _ends(one_step, codes, state)
    found: dict[str, list[dict[str, Any]]] = {"fixed_points": [], "attractors": []}
    for code, label in enumerate(one_step.task.conditions):
        key = {"condition": label}
        of_condition = _fixed(one_step, code, points[code], state) if searched else []
        found["fixed_points"] += [key | row for row in of_condition]
        missing = searched and not any(row["in_range"] for row in of_condition)
        doubts = {
            f"fewer than {FEW_TRIALS} trials": counts[code] < FEW_TRIALS,
            "no fixed point in the range of states along trials": missing,
        }
        of_end = {"n_trials": counts[code], "note": "; ".join(text for text, holds in doubts.items() if holds) or None}
        found["attractors"] += [key | row | of_end for row in ends[code]]
    found["stability"] = [_of_fit(one_step, along, state, condition, points)]
    return found


def before_trials(along: Scores, stages: int) -> tuple[np.ndarray, np.ndarray]:
    """States before each trial, (trial, column), and the trials' conditions, block after block."""
    return along.before(along.states)[::stages], along.condition.astype(np.int64)


def _fixed(one_step: OneStep, code: int, points: FixedPoints, visited: np.ndarray) -> list[dict[str, Any]]:
    logit = one_step.logit(points.state, code).tolist() if len(points.state) else []
    constant = fixed_points.time_constant(points.size)
    inside = fixed_points.inside(points.state, visited)
    return [
        {
            "index": i,
            "state": json.dumps(points.state[i].tolist()),
            "logit": logit[i],
            "abs_eigenvalue_max": float(points.size[i]),
            "class": kind,
            "in_range": bool(inside[i]),
            "time_constant": float(constant[i]) if np.isfinite(constant[i]) else None,
            "eigenvalues": json.dumps(_parts(points.eigenvalues[i])),
            "eigenvectors": json.dumps([_parts(vector) for vector in points.vectors[i].T]),
        }
        for i, kind in enumerate(points.kinds())
    ]


def _parts(values: np.ndarray) -> list[list[float]]:
    """Real and imaginary part of each."""
    return np.stack([values.real, values.imag], axis=-1).tolist()


def _ends(one_step: OneStep, codes: np.ndarray, visited: np.ndarray) -> list[list[dict[str, Any]]]:
    """The attractors of each condition, in ascending order of the logit."""
    start = visited[np.linspace(0, len(visited) - 1, STARTS).round().astype(int)]
    code = np.repeat(codes, len(start))

    def step(state: np.ndarray) -> np.ndarray:
        return one_step.step(state, code)

    def slopes(state: np.ndarray) -> np.ndarray:
        return one_step.jacobian(state, code)

    found = attractors.classify(step, slopes, np.tile(start, (len(codes), 1)))
    logit = np.stack([one_step.logit(row, code) for row in found.orbit])
    mean = found.orbit.mean(axis=0)
    rows: list[list[dict[str, Any]]] = []
    for own in codes:
        groups: list[list[int]] = []
        for i in np.flatnonzero(code == own):
            group = next((group for group in groups if _same(found, mean, group[0], i)), None)
            if group is None:
                groups.append([i])
            else:
                group.append(i)
        rows.append([_end(found, logit, group) for group in groups])
        rows[-1].sort(key=lambda row: (row["logit"] is None, row["logit"]))
        rows[-1] = [{"index": i, **row} for i, row in enumerate(rows[-1])]
    return rows


def _same(found: attractors.Attractors, mean: np.ndarray, i: int, j: int) -> bool:
    """Whether two starts end on the same attractor."""
    if found.kind[i] != found.kind[j] or found.kind[i] == attractors.NOWHERE:
        return bool(found.kind[i] == found.kind[j])
    size = np.ptp(found.orbit[:, i], axis=0).max()
    return bool(np.abs(mean[i] - mean[j]).max() < SAME_END * (1 + np.abs(mean[i]).max()) + OF_ORBIT * size)


def _end(found: attractors.Attractors, logit: np.ndarray, group: list[int]) -> dict[str, Any]:
    """One attractor, that of the first start in the group."""
    i = group[0]
    bounded = found.kind[i] != attractors.NOWHERE
    values = (logit[:, i].mean(), logit[:, i].min(), logit[:, i].max()) if bounded else (None,) * 3
    names = ("logit", "logit_low", "logit_high")
    exponent = float(found.exponent[i]) if np.isfinite(found.exponent[i]) else None
    own = {"class": str(found.kind[i]), "period": int(found.period[i]), "share": len(group) / STARTS}
    return (
        own
        | {name: None if value is None else float(value) for name, value in zip(names, values, strict=True)}
        | {"exponent": exponent}
    )


def _of_fit(
    one_step: OneStep, along: Scores, state: np.ndarray, condition: np.ndarray, points: list[FixedPoints | None]
) -> dict[str, Any]:
    last = np.concatenate([[condition[0]], condition[:-1]])  # what the state remembers, where it remembers a trial
    jacobians = one_step.jacobian(state, condition, last)
    of_trials = exponents(np.split(jacobians, along.trial_start[1:-1]))
    centre = state.mean(axis=0)
    places = [_settles(own, centre) if own else centre for own in points]
    linear = one_step.jacobian(np.stack(places), np.arange(len(places)))
    low, high = joint_spectral_radius(linear)
    ignores = np.ptp(relative(along.logits[:, : one_step.task.n_actions]), axis=0).max() < FLAT
    return {
        "exponent": float(of_trials[0]),
        "exponents": json.dumps(of_trials.tolist()),
        "memory": float(-1 / of_trials[0]) if of_trials[0] < 0 else None,
        "growth_low": low,
        "growth_high": high,
        "note": "the logits do not depend on the state" if ignores else None,
    }


def _settles(points: FixedPoints, centre: np.ndarray) -> np.ndarray:
    """The stable fixed point that is nearest to the centre, or any other; without one the centre."""
    if not len(points.state):
        return centre
    far = np.linalg.norm(points.state - centre, axis=1) + 1e6 * (points.size >= 1)
    return points.state[far.argmin()]
