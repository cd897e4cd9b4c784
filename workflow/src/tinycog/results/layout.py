"""Where results lie under `results/{run}` (README, Results), for code that looks up many of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Paths of one run. `subject` is the directory name of a subject, see `tinycog.trials.subjects.directory`."""

    root: Path

    def meta(self, dataset: str) -> Path:
        return self.root / "data" / dataset / "meta.json"

    def description(self, dataset: str) -> Path:
        return self.root / "data" / dataset / "description.parquet"

    def trials(self, dataset: str, subject: str) -> Path:
        return self.root / "data" / dataset / "subjects" / f"{subject}.parquet"

    def fold(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        """The same file for every model and dim."""
        return self.root / "folds" / dataset / subject / f"outer{outer}.parquet"

    def fit(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self.root / "fits" / dataset / subject / model / f"d{dim}" / f"outer{outer}.parquet"

    def parameters(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self.fit(dataset, subject, model, dim, outer).with_suffix(".safetensors")

    def selected(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self.root / "selected" / dataset / subject / model / f"d{dim}" / f"outer{outer}.json"

    def scores(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self.root / "scores" / dataset / subject / model / f"d{dim}" / f"outer{outer}.npz"

    def portrait(self, dataset: str, subject: str, model: str, dim: int, table: str) -> Path:
        return self.root / "dynamics" / dataset / subject / model / f"d{dim}" / f"{table}.parquet"
