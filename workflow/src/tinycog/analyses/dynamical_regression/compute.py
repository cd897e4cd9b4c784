"""Dynamical regression: least squares of what a trial changes on what was before (methods: dynamical regression).

All functions are of arrays. Sums over trials are kept by block, so that a resample of blocks is a weighted sum of
them. The sample itself is the first row of the weights, and everything is computed for all rows at once: what resamples
give is what the sample gives, to the last operation. Where a design is singular the values are NaN.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tinycog.analyses.dynamical_regression import quantity as quantities
from tinycog.results.scores import Scores

FEWEST_TRIALS = 4  # of a condition, the reference's
CONSTANT = {"predictor": 1e-6, "change": 1e-9}  # standard deviations, the reference's noise: less counts as none
SINGULAR = 1e-12  # of the largest eigenvalue of a cross-product matrix
GAIN = 0.01, 1e-5  # R² that the full regression must add to the reduced one: so much, and this share of its own
POOR = {quantities.CHOICE_STATES: 0.1}  # R² below which a regression is poor
POOR_ELSE = 0.3
NEAREST = 1e-3  # smallest singular value of I - A with which it is inverted


@dataclass(frozen=True)
class Trials:
    """What is regressed: scored trials, block after block.

    Attributes:
        x, change: (trial, variable) before the trial, and by it.
        reward: (trial,) a further predictor; None where conditions tell rewards apart.
        condition: (trial,) codes.
        block: (trial,) from 0.
    """

    x: np.ndarray
    change: np.ndarray
    reward: np.ndarray | None
    condition: np.ndarray
    block: np.ndarray


def trials(scores: Scores, quantity: str, stages: int, reward: np.ndarray | None) -> Trials:
    """The trials of which every choice is scored.

    Args:
        reward: (trial,) of all trials of the scores where rewards are graded; conditions then do not name them.
    """
    x = quantities.values(quantity, scores.logits)
    before, after = scores.before(x)[::stages], scores.after(x)[stages - 1 :: stages]
    used = (scores.mask.reshape(-1, stages) == 1).all(axis=1)
    lengths = np.diff(scores.trial_start)
    return Trials(
        x=before[used],
        change=(after - before)[used],
        reward=None if reward is None else reward[used],
        condition=scores.condition[used] // (1 if reward is None else 2),
        block=np.repeat(np.arange(len(lengths)), lengths)[used],
    )


@dataclass(frozen=True)
class Coefficients:
    """Of the sample and each resample: intercept (1 + resample, target), slopes (1 + resample, target, predictor)."""

    intercept: np.ndarray
    slopes: np.ndarray


@dataclass(frozen=True)
class Regression:
    """The regression of one condition; predictors are the variables in order, and the reward where there is one.

    Attributes:
        n, n_blocks: trials, and blocks with any.
        full, reduced: coefficients; for what the reduced one drops 0 in the sample, NaN in resamples. The same object
            where no variable can be dropped.
        r2_full, r2_reduced: (target,) of the sample; NaN for a change that is always the same.
        centre: (predictor,) means.
        reason: why there are no coefficients; None where there are.
    """

    n: int
    n_blocks: int
    full: Coefficients
    reduced: Coefficients
    r2_full: np.ndarray
    r2_reduced: np.ndarray
    centre: np.ndarray
    reason: str | None

    @property
    def keeps_reduced(self) -> np.ndarray:
        """(target,) whether the full regression explains too little more."""
        least, share = GAIN
        if self.reduced is self.full:
            return np.zeros(len(self.r2_full), bool)
        return ~(self.r2_full - self.r2_reduced > least + share * np.abs(self.r2_full))

    @property
    def kept(self) -> Coefficients:
        """Those of the regression that is kept for each target."""
        reduced = self.keeps_reduced
        return Coefficients(
            np.where(reduced, self.reduced.intercept, self.full.intercept),
            np.where(reduced[:, None], self.reduced.slopes, self.full.slopes),
        )

    @property
    def r2(self) -> np.ndarray:
        """(target,) of the regression that is kept."""
        return np.where(self.keeps_reduced, self.r2_reduced, self.r2_full)


@dataclass(frozen=True)
class _Moments:
    """Cross-products of a constant, p predictors and k changes, about their means and in units of their own.

    Attributes:
        sums: (1 + resample, 1 + p + k, 1 + p + k).
        centre, scale: (p,) mean and unit of the predictors.
        shift, size: (k,) of the changes; a unit of 0 for a change that is always the same.
    """

    sums: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    size: np.ndarray

    def solve(self, kept: list[int], targets: list[int], n_free: int) -> tuple[Coefficients, np.ndarray, int]:
        """The regression of these targets on a constant and the kept predictors.

        Returns:
            Coefficients, NaN where the design has a rank below `n_free`; R² (target,) and rank of the sample.
        """
        p = len(self.centre)
        columns, ends = [0, *(1 + j for j in kept)], [1 + p + i for i in targets]
        gram, cross = self.sums[:, columns][:, :, columns], self.sums[:, columns][:, :, ends]
        beta, rank = _least_squares(gram, cross)
        explained = np.einsum("ct,ct->t", beta[0], 2 * cross[0] - gram[0] @ beta[0])
        total = self.sums[0, ends, ends]
        with np.errstate(invalid="ignore"):
            r2 = np.where(total > 0, explained / total, np.nan)
        beta = np.where((rank == n_free)[:, None, None], beta, np.nan)
        shift, size = self.shift[targets], self.size[targets]
        own = beta[:, 1:].mT * size[:, None] / self.scale[kept]
        intercept = shift + beta[:, 0] * size - own @ self.centre[kept]
        slopes = np.full((len(beta), len(targets), p), np.nan)  # no interval for what is dropped
        slopes[0] = 0
        slopes[:, :, kept] = own
        return Coefficients(intercept, slopes), np.minimum(r2, 1.0), int(rank[0])


def regress(data: Trials, code: int, weights: np.ndarray, quantity: str) -> Regression:
    """The regression of the condition with this code.

    Args:
        weights: what `resamples` gives for the blocks of the data.
    """
    here = data.condition == code
    x, change, block = data.x[here], data.change[here], data.block[here]
    n, k = x.shape
    predictors = x if data.reward is None else np.column_stack([x, data.reward[here]])
    p, (present, starts) = predictors.shape[1], np.unique(block, return_index=True)
    n_free = 1 + p - (quantity == quantities.CENTRED)  # centred logits have no common part
    nothing = partial(_without, n, len(present), len(weights), k, p)
    if n < (least := max(FEWEST_TRIALS, n_free + 1)):
        return nothing(f"{n} trials, fewer than {least}")
    moments = _moments(predictors, change, starts, weights[:, present])
    full, r2, rank = moments.solve(list(range(p)), list(range(k)), n_free)
    if rank < n_free:
        return nothing(f"singular: its predictors and the constant have rank {rank}, not {n_free}")
    found = Regression(n, len(present), full, full, r2, r2, moments.centre, None)
    if quantity == quantities.LOGIT:  # there is nothing to drop
        return found
    kept = [[*quantities.reduced(quantity, k, target), *range(k, p)] for target in range(k)]
    each, r2, _ = zip(*(moments.solve(own, [i], 1 + len(own)) for i, own in enumerate(kept)), strict=True)
    intercept = np.concatenate([one.intercept for one in each], axis=1)
    reduced = Coefficients(intercept, np.concatenate([one.slopes for one in each], axis=1))
    return replace(found, reduced=reduced, r2_reduced=np.concatenate(r2))


def _without(n: int, n_blocks: int, n_rows: int, k: int, p: int, reason: str) -> Regression:
    nothing = Coefficients(np.full((n_rows, k), np.nan), np.full((n_rows, k, p), np.nan))
    r2 = np.full(k, np.nan)
    return Regression(n, n_blocks, nothing, nothing, r2, r2, np.full(p, np.nan), reason)


def _moments(predictors: np.ndarray, change: np.ndarray, starts: np.ndarray, weights: np.ndarray) -> _Moments:
    """Weighted sums over blocks, which begin at `starts`; `weights` (1 + resample, block).

    The variables, of which there are as many as changes, have one unit for all: the pseudo-inverse of centred logits
    depends on it. What is constant becomes 0.
    """
    k = change.shape[1]
    centre, shift = predictors.mean(axis=0), change.mean(axis=0)
    scale, size = predictors.std(axis=0), change.std(axis=0)
    scale[:k] = scale[:k].max()
    scale[scale < CONSTANT["predictor"]] = np.inf
    size[size < CONSTANT["change"]] = np.inf
    z = np.column_stack([np.ones(len(change)), (predictors - centre) / scale, (change - shift) / size])
    of_blocks = np.stack([part.T @ part for part in np.split(z, starts[1:])])
    sums = np.tensordot(weights, of_blocks, axes=1)
    return _Moments(sums, centre, scale, shift, np.where(np.isinf(size), 0, size))


def _least_squares(gram: np.ndarray, cross: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pseudo-inverses of X'X (..., c, c) times X'Y (..., c, t), and ranks (...)."""
    values, vectors = np.linalg.eigh(gram)
    kept = values > SINGULAR * np.maximum(values[..., -1:], 0)
    inverse = np.where(kept, 1 / np.where(kept, values, 1), 0)
    return vectors @ (inverse[..., None] * (vectors.mT @ cross)), kept.sum(axis=-1)


def is_poor(regressions: list[Regression], quantity: str) -> bool:
    """Whether a kept regression of a model explains little; a change that is always the same is explained."""
    least = POOR.get(quantity, POOR_ELSE)
    return any(bool((one.r2 < least).any()) for one in regressions)


@dataclass(frozen=True)
class Step:
    """One trial of a condition as a map of the variables, x' = A x + b + c r, of the sample and each resample.

    From the full regression: a small effect of another variable is small here, and not 0.

    Attributes:
        matrix: (1 + resample, variable, variable) A = I + B.
        constant: (1 + resample, variable) b.
        reward: (1 + resample, variable) c; None where conditions tell rewards apart.
    """

    matrix: np.ndarray
    constant: np.ndarray
    reward: np.ndarray | None


def step_of(regression: Regression) -> Step:
    slopes, k = regression.full.slopes, regression.full.intercept.shape[1]
    return Step(
        matrix=slopes[:, :, :k] + np.eye(k),
        constant=regression.full.intercept,
        reward=slopes[:, :, k] if slopes.shape[2] > k else None,
    )


def basis(quantity: str, k: int) -> np.ndarray:
    """Orthonormal columns (variable, free) that span the values that the variables can have."""
    if quantity != quantities.CENTRED:
        return np.eye(k)
    return np.linalg.svd(np.eye(k) - 1 / k)[0][:, : k - 1]


def spectral_radius(matrix: np.ndarray, span: np.ndarray) -> float:
    """Largest size of an eigenvalue of A (variable, variable) on the values that the variables can have."""
    return float(np.abs(np.linalg.eigvals(span.T @ matrix @ span)).max())


def fixed_point(matrix: np.ndarray, constant: np.ndarray, span: np.ndarray) -> np.ndarray | None:
    """The x with A x + b = x; None where I - A is nearly singular, so that a line of values nearly stays."""
    away = span.T @ (np.eye(len(matrix)) - matrix) @ span
    if np.linalg.svd(away, compute_uv=False)[-1] < NEAREST:
        return None
    return span @ np.linalg.solve(away, span.T @ constant)


def role_entries(step: Step, roles: quantities.Roles) -> dict[tuple[str, str], np.ndarray]:
    """(target role, source role): entries of A, b and c between variables of these roles, (1 + resample, entry).

    The source is `itself` on the diagonal of A, `constant` for b and `reward` for c.
    """
    entries: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for i, (target, sign) in enumerate(zip(roles.names, roles.signs, strict=True)):
        entries[target, "constant"].append(sign * step.constant[:, i])
        if step.reward is not None:
            entries[target, "reward"].append(sign * step.reward[:, i])
        for j, source in enumerate(roles.names):
            entry = sign * roles.signs[j] * step.matrix[:, i, j]
            entries[target, "itself" if i == j else source].append(entry)
    return {pair: np.stack(values, axis=1) for pair, values in entries.items()}


def role_averages(steps: list[Step], roles: list[quantities.Roles]) -> dict[tuple[str, str], np.ndarray]:
    """(target role, source role): mean entry over conditions with the same outcome, (1 + resample,).

    Every relabelling of the actions maps these conditions, and the entries of a pair of roles, to each other: the mean
    over all relabellings is this mean.
    """
    of_each = [role_entries(step, role) for step, role in zip(steps, roles, strict=True)]
    return {pair: np.concatenate([one[pair] for one in of_each], axis=1).mean(axis=1) for pair in of_each[0]}
