"""Where results lie under `results/{run}` (docs/results.md), for code that looks up many of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tinycog.trials.subjects import chunk


@dataclass(frozen=True)
class Layout:
    """Paths of one run. `subject` is the directory name of a subject, see `tinycog.trials.subjects.directory`.

    Attributes:
        chunks: data set: number of chunks among which its subjects are dealt. What is made of the subjects of a chunk
            lies in the same files, in a directory with the chunk's name. Without chunks each subject has a directory.
    """

    root: Path
    chunks: Mapping[str, int] = field(default_factory=dict)

    def directory(self, dataset: str, subject: str) -> str:
        """Name of the directory in which a subject's folds, fits and scores lie: its own, or its chunk's."""
        return chunk(subject, self.chunks[dataset]) if dataset in self.chunks else subject

    def shared(self, keys: Iterable[tuple]) -> list[tuple]:
        """Keys (data set, subject, ...) with the directory in the subject's place, those of a chunk once."""
        return list(dict.fromkeys((key[0], self.directory(*key[:2]), *key[2:]) for key in keys))

    def meta(self, dataset: str) -> Path:
        return self.root / "data" / dataset / "meta.json"

    def description(self, dataset: str) -> Path:
        return self.root / "data" / dataset / "description.parquet"

    def trials(self, dataset: str, subject: str) -> Path:
        """The subject's own file, in a chunk or not."""
        return self.root / "data" / dataset / "subjects" / f"{subject}.parquet"

    def fold(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        """The same file for every model and dim."""
        return self.root / "folds" / dataset / self.directory(dataset, subject) / f"outer{outer}.parquet"

    def fit(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self._of_model("fits", dataset, subject, model, dim) / f"outer{outer}.parquet"

    def parameters(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self.fit(dataset, subject, model, dim, outer).with_suffix(".safetensors")

    def population(self, dataset: str, model: str, outer: int) -> Path:
        """Of a cognitive model's parameters, in the outer fold of all subjects."""
        return self.root / "populations" / dataset / model / f"outer{outer}.parquet"

    def selected(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self._of_model("selected", dataset, subject, model, dim) / f"outer{outer}.json"

    def scores(self, dataset: str, subject: str, model: str, dim: int, outer: int) -> Path:
        return self._of_model("scores", dataset, subject, model, dim) / f"outer{outer}.npz"

    def teacher(self, dataset: str, teacher: str, outer: int) -> Path:
        """What was selected of a teacher; its fits lie beside it."""
        return self.root / "teachers" / dataset / teacher / f"outer{outer}.json"

    def taught(self, dataset: str, teacher: str, outer: int) -> Path:
        """How well a teacher predicts each subject, as rows of table `fits`."""
        return self.teacher(dataset, teacher, outer).with_name(f"outer{outer}_subjects.parquet")

    def zero_shot(self, dataset: str, model: str, dim: int, outer: int) -> Path:
        """Students of the subjects who are held out in an outer fold."""
        return self.root / "zero_shot" / dataset / model / f"d{dim}" / f"outer{outer}.parquet"

    def held_out(self, dataset: str, outer: int) -> Path:
        """The run's models on the same subjects."""
        return self.root / "zero_shot" / dataset / f"outer{outer}.parquet"

    def trialwise(self, dataset: str, subject: str, model: str, dim: int) -> Path:
        return self._of_model("trials", dataset, subject, model, dim).with_suffix(".parquet")

    def refit(self, dataset: str, subject: str, model: str) -> Path:
        """Of a cognitive model, fitted to all choices of the subject."""
        return self.root / "refits" / dataset / self.directory(dataset, subject) / f"{model}.parquet"

    def agreement(self, dataset: str, subject: str) -> Path:
        return self.root / "agreement" / dataset / self.directory(dataset, subject) / "logit_correlations.parquet"

    def strategy(self, dataset: str, subject: str, table: str) -> Path:
        return self.root / "strategy" / dataset / self.directory(dataset, subject) / f"{table}.parquet"

    def dynamics(self, dataset: str, subject: str, model: str, dim: int, table: str) -> Path:
        return self._of_model("dynamics", dataset, subject, model, dim) / f"{table}.parquet"

    def distillation(self, dataset: str, target: str) -> Path:
        """Folder of the split and the trials of a target, in a chunk or not."""
        return self.root / "distillation" / dataset / target

    def distilled(self, dataset: str, target: str, n: int) -> Path:
        """Folder of what is made with n blocks of a target, or of each in its chunk."""
        return self.distillation(dataset, self.directory(dataset, target)) / f"n{n}"

    def behaviour(self, dataset: str, subject: str, table: str) -> Path:
        return self.root / "behaviour" / dataset / self.directory(dataset, subject) / f"{table}.parquet"

    def simulation(self, dataset: str, subject: str, number: int) -> Path:
        """Fits to choices that the subject's network with d* units played."""
        return self.root / "power" / dataset / self.directory(dataset, subject) / f"simulation{number}.parquet"

    def played(self, dataset: str, subject: str, model: str, dim: int, number: int) -> Path:
        """Fits to choices that this model played in the subject's place."""
        return self._of_model("played", dataset, subject, model, dim) / f"simulation{number}.parquet"

    def share(self, kind: str, dataset: str, subject: str, model: str, dim: int, outer: int, table: str) -> Path:
        """Of fits to shares of the blocks: `kind` says whose choices these are."""
        return self._of_model(kind, dataset, subject, model, dim) / f"outer{outer}" / f"{table}.parquet"

    def _of_model(self, kind: str, dataset: str, subject: str, model: str, dim: int) -> Path:
        return self.root / kind / dataset / self.directory(dataset, subject) / model / f"d{dim}"
