"""Bootstrap over blocks: what varies is which blocks of a subject were seen (methods: dynamical regression).

A statistic is computed for all resamples at once, from sums by block that are weighted by how often each is drawn.
"""

from __future__ import annotations

import numpy as np

LEVEL = 0.95
FEWEST_BLOCKS = 5  # for an interval
LOST = 0.05  # share of resamples that may have no value where there is an interval


def resamples(n_blocks: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """How often each block is drawn, (1 + n, n_blocks): once in the sample, then at random with replacement."""
    drawn = rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=n)
    return np.concatenate([np.ones((1, n_blocks)), drawn])


def interval(values: np.ndarray, n_blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval over resamples, low and high, of values (1 + resample, ...) whose first is the sample.

    NaN with fewer than `FEWEST_BLOCKS` blocks, or where too few of the resamples have a value.
    """
    drawn = values[1:]
    enough = (np.isfinite(drawn).mean(axis=0) >= 1 - LOST) & (n_blocks >= FEWEST_BLOCKS)
    ends = np.full((2, *values.shape[1:]), np.nan)
    if enough.any():
        ends[:, enough] = np.nanquantile(drawn[:, enough], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return ends[0], ends[1]
