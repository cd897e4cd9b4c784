"""Random generators from keys, so that no draw depends on order, batch, or the number of cores."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(*key: object) -> np.random.Generator:
    """A NumPy generator whose stream is a function of `key` alone (its parts' text, in order)."""
    text = "\x1f".join(str(part) for part in key)
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")))
