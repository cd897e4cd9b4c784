"""Times of several ways to do the same, taken in turns.

On a machine that does other work too, what is measured at different times is measured on different machines. So what is
compared is timed in one process, A B C A B C ..., and compared by the ratio of the fastest turns. Other work only ever
adds to a time, so the fastest turn is the least disturbed one; of many short turns, one hardly was. Medians mix the
machine's states.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from time import perf_counter, process_time
from typing import Any

import numpy as np


@dataclass
class Turns:
    """Seconds of every turn, by the wall's clock and by the processor's; what the last turn gave."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    given: Any = None


def in_turns(calls: Mapping[Hashable, Callable[[], Any]], repeats: int) -> dict[Hashable, Turns]:
    """Time each call `repeats` times: one turn of each, in order, then the next of each."""
    turns = {name: Turns() for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            own = turns[name]
            wall, processor = perf_counter(), process_time()
            own.given = call()
            own.processor.append(process_time() - processor)
            own.wall.append(perf_counter() - wall)
    return turns


def pooled(turns: Sequence[Turns]) -> Turns:
    """Turns of the same work as one."""
    wall, processor = zip(*((own.wall, own.processor) for own in turns), strict=True)
    return Turns(list(chain(*wall)), list(chain(*processor)), turns[-1].given)


def amount(call: Callable[[int], Any], seconds: float) -> int:
    """The n for which `call(n)`, which does n units of work, takes about `seconds` of the processor's time."""
    call(1)  # may compile
    n = 1
    while (taken := in_turns({0: partial(call, n)}, 1)[0].processor[0]) < seconds / 2:
        n *= 2
    return max(1, round(n * seconds / taken))


def summary(*turns: Turns) -> dict[str, float]:
    """Fastest turn, median, and spread, by the processor's clock (`seconds`) and by the wall's (`wall_seconds`).

    What was timed in parts has their sums. The spread is (slowest - fastest) / fastest. Ratios are those of the
    processor's clock. A turn that is longer than a time slice of the system also waits for other processes, by the
    wall's clock, and none of its turns may escape that: beside two busy processes all were three times as long.
    """
    found = {}
    for prefix, parts in (("", [own.processor for own in turns]), ("wall_", [own.wall for own in turns])):
        fastest, slowest = sum(map(min, parts)), sum(map(max, parts))
        found |= {f"{prefix}seconds": fastest, f"{prefix}median_seconds": float(sum(map(np.median, parts)))}
        found[f"{prefix}spread"] = (slowest - fastest) / fastest
    return found
