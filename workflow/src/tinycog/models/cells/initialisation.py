"""Initial weights equal, bit for bit, to those that torch draws after `torch.manual_seed(seed)`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def uniform_stream(seed: int, *, bound: float) -> Callable[[tuple[int, ...]], np.ndarray]:
    """A function of a shape that draws the next U(-bound, bound) numbers of the seed's stream, as float64.

    torch's float32 uniform takes the low 24 bits of one 32-bit output of MT19937 per number and maps them by one
    fused multiply-add. In float64 that product is exact, so that rounding the difference to float32 gives the same
    bits. The numbers depend on the seed and on the order of the draws alone.
    """
    generator = np.random.RandomState(seed)
    span, low = np.float64(np.float32(2 * bound)), np.float64(np.float32(bound))

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        bits = np.frombuffer(generator.bytes(4 * int(np.prod(shape))), dtype="<u4") & 0xFFFFFF
        return (bits * 2.0**-24 * span - low).astype(np.float32).astype(np.float64).reshape(shape)

    return draw
