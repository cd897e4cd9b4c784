"""What fits cost, as `make bench` measured it: resources/costs.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinycog.storage import replacing

MEASURED = Path(__file__).parents[4] / "resources/costs.csv"
DEAREST = "lstm"  # of the cells that are fed vectors
COLUMNS = ("cost", "of", "units", "seconds")


@dataclass(frozen=True)
class Costs:
    """Seconds of one core.

    Attributes:
        gradients: cell: number of units: of a gradient, for each choice and network, with its part of an epoch.
        others: `job`, a process from its start to its end, with nothing to fit; of a network without a kernel `step`,
            for each time point however many networks, and `value`, for each unit, choice and network; of a cognitive
            model, for each choice, `likelihood` (of many points at once), `slopes` and `alone` (of one point).
    """

    gradients: Mapping[str, Mapping[int, float]]
    others: Mapping[str, float]

    def gradient(self, cell: str, units: int) -> float:
        """Seconds for each choice and network; between and beyond measured sizes along a power of the units.

        A cell that was not measured is taken to cost what the dearest of them does.
        """
        measured = self.gradients.get(cell) or self.gradients[DEAREST]
        sizes = np.array(sorted(measured))
        place = int(np.clip(np.searchsorted(sizes, units), 1, len(sizes) - 1))
        low, high = sizes[place - 1], sizes[place]
        power = np.log(measured[high] / measured[low]) / np.log(high / low)
        return float(measured[low] * (units / low) ** power)


def read(path: Path = MEASURED) -> Costs:
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    gradients: dict[str, dict[int, float]] = {}
    for row in rows:
        if row["cost"] == "gradient":
            gradients.setdefault(row["of"], {})[int(row["units"])] = float(row["seconds"])
    return Costs(gradients, {row["of"]: float(row["seconds"]) for row in rows if row["cost"] != "gradient"})


def write(path: Path, rows: Iterable[tuple[str, str, int | str, float]]) -> None:
    """Write rows of `COLUMNS`, with three digits of the seconds."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*labels, f"{seconds:.3g}"] for *labels, seconds in rows)
