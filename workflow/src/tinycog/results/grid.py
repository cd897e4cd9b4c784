"""The fits that a run consists of, found from its data sets' meta.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycog.results.layout import Layout
from tinycog.storage import read_json
from tinycog.trials.subjects import POOLED, analysed, directory, left_out


@dataclass(frozen=True)
class Grid:
    """Data sets x subjects x models x dims x outer folds.

    Attributes:
        layout: where the run's results lie.
        models: model: data set: dims, in the order of the config.
        cv: data set: `CrossValidation.folds`.
    """

    layout: Layout
    datasets: list[str]
    models: dict[str, dict[str, list[int]]]
    cv: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, root: Path, given: dict[str, Any]) -> Grid:
        """From the run's results folder and the plain values that a rule passes."""
        return cls(Layout(root, given["chunks"]), given["datasets"], given["models"], given["cv"])

    def subjects(self) -> Iterator[tuple[str, str]]:
        """(data set, subject id) of every subject that can be cross-validated."""
        for dataset in self.datasets:
            for subject in self.subjects_of(dataset):
                yield dataset, subject

    def subjects_of(self, dataset: str, most: int | None = None) -> list[str]:
        """Ids of those of a data set, or of so many of them, from the first."""
        return analysed(self._meta(dataset), self.cv[dataset])[0][:most]

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

    def every_table(self, dataset: str) -> list[Path]:
        """Trial tables of all subjects of a data set."""
        return [self.layout.trials(dataset, directory(subject)) for subject in self._meta(dataset)["subjects"]]

    def tables(self, dataset: str) -> dict[str, list[Path]]:
        """Trial tables by place: of a subject, of all pooled, or of those subjects of a chunk that can be split."""
        subjects = [*self._meta(dataset)["subjects"], POOLED]
        if dataset in self.layout.chunks:
            subjects = analysed(self._meta(dataset), self.cv[dataset])[0]
        found: dict[str, list[Path]] = {}
        for name in map(directory, subjects):
            found.setdefault(self.layout.directory(dataset, name), []).append(self.layout.trials(dataset, name))
        return found

    def by_fold(self, dataset: str, outer: int) -> dict[Path, list[Path]]:
        """Trial tables of the subjects of a data set that can be split, by their file of an outer fold."""
        found: dict[Path, list[Path]] = {}
        for subject in map(directory, analysed(self._meta(dataset), self.cv[dataset])[0]):
            fold = self.layout.fold(dataset, subject, "", 0, outer)
            found.setdefault(fold, []).append(self.layout.trials(dataset, subject))
        return found

    def alone(self, dataset: str) -> dict[str, Any]:
        """What `of` takes of one data set, so that a job does not depend on the others."""
        return {
            "datasets": [dataset],
            "models": {model: {dataset: dims[dataset]} for model, dims in self.models.items()},
            "cv": {dataset: self.cv[dataset]},
            "chunks": {name: n for name, n in self.layout.chunks.items() if name == dataset},
        }

    def where(self, keys: dict[str, Any]) -> tuple[str, str, str, int, int]:
        """The arguments of `Layout`'s methods for the keys of a fit job."""
        return keys["dataset"], directory(keys["subject"]), keys["model"], keys["dim"], keys["outer"]

    def _meta(self, dataset: str) -> dict[str, Any]:
        return read_json(self.layout.meta(dataset))


def plain(config: Any) -> dict[str, Any]:
    """What `Grid.of` takes of a checked `Config`, as plain values that a rule can pass."""
    return {
        "datasets": list(config.datasets),
        "models": {name: config.dims(name) for name in config.models},
        "cv": {name: config.folds(name) for name in config.datasets},
        "chunks": config.chunks,
    }
