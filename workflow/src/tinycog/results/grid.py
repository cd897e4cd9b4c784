"""The fits that a run consists of, found from its data sets' meta.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycog.results.layout import Layout
from tinycog.storage import read_json
from tinycog.trials.subjects import analysed, directory, left_out


@dataclass(frozen=True)
class Grid:
    """Data sets x subjects x models x dims x outer folds.

    Attributes:
        root: the run's results folder.
        models: model: data set: dims, in the order of the config.
        cv: data set: `CrossValidation.folds`.
    """

    root: Path
    datasets: list[str]
    models: dict[str, dict[str, list[int]]]
    cv: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, root: Path, given: dict[str, Any]) -> Grid:
        """From the plain values that a rule passes."""
        return cls(root, given["datasets"], given["models"], given["cv"])

    def subjects(self) -> Iterator[tuple[str, str]]:
        """(data set, subject id) of every subject that can be cross-validated."""
        for dataset in self.datasets:
            for subject in analysed(self._meta(dataset), self.cv[dataset])[0]:
                yield dataset, subject

    def excluded(self) -> list[dict[str, str]]:
        """Subjects that filters leave out or that cannot be cross-validated, with the reason."""
        metas = {dataset: self._meta(dataset) for dataset in self.datasets}
        return [row for name, meta in metas.items() for row in (*left_out(meta), *analysed(meta, self.cv[name])[1])]

    def models_of(self, dataset: str) -> Iterator[tuple[str, int]]:
        """(model, dim) of every set of fits on a data set."""
        for model, dims in self.models.items():
            for dim in dims[dataset]:
                yield model, dim

    def fits(self) -> Iterator[dict[str, Any]]:
        """Keys of every fit job: dataset, subject, model, dim, outer."""
        for dataset, subject in self.subjects():
            for model, dim in self.models_of(dataset):
                for outer in range(self.cv[dataset]["outer"]):
                    yield {"dataset": dataset, "subject": subject, "model": model, "dim": dim, "outer": outer}

    def where(self, keys: dict[str, Any]) -> tuple[str, str, str, int, int]:
        """The arguments of `Layout`'s methods for the keys of a fit job."""
        return keys["dataset"], directory(keys["subject"]), keys["model"], keys["dim"], keys["outer"]

    def _meta(self, dataset: str) -> dict[str, Any]:
        return read_json(Layout(self.root).meta(dataset))
