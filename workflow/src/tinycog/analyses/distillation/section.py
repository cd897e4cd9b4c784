"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from tinycog.analyses.distillation.design import n_test
from tinycog.sections.base import MOST_SEEDS, MOST_SUBJECTS, MOST_TRIALS, AnalysisSection, Resamples, Section
from tinycog.sections.fits import OneTraining
from tinycog.sections.models import Cell, RnnModel
from tinycog.tasks.relabelling import relabellings

PLACE = "analyses.distillation"


class PoolTeacher(Section):
    """A network that learns from all subjects of a data set, told whose trials it sees."""

    cell: Cell = Field("gru", description="its recurrent cell")
    units: int = Field(20, ge=1, le=128, description="its number of units")
    embeddings: list[Annotated[int, Field(ge=0, le=100)]] = Field(
        [0, 2, 5],
        min_length=1,
        description="widths of the learned vector of each subject; the target's own validation blocks choose. 0 is a "
        "teacher that is not told. A data set needs as many subjects as the widest",
    )
    l1: float = Field(1.0e-5, ge=0, allow_inf_nan=False, description="L1 weight on the recurrent layer's matrices")
    seeds: int = Field(
        3, ge=1, le=MOST_SEEDS, description="initialisations of each width; they compete on all validation blocks"
    )
    training: OneTraining | None = Field(
        None,
        description="its own training, with `batch` where subjects are many; null takes the run's `training`. Students "
        "and baselines always train as the run says, on all their blocks at once",
    )

    @model_validator(mode="after")
    def _widths(self) -> PoolTeacher:
        if len(set(self.embeddings)) < len(self.embeddings):
            raise ValueError(f"embeddings: {self.embeddings} has a value twice")
        for width in self.embeddings:
            self.network(width)
        return self

    def network(self, width: int) -> RnnModel:
        """The section of a network that is told subjects by vectors of this width."""
        keys = {"cell": self.cell, "dims": [self.units], "l1": [self.l1], "seeds": self.seeds}
        return RnnModel(family="rnn", subject_embedding=width, **keys)


class Distillation(AnalysisSection):
    """What a teacher of all subjects adds where one subject, the target, has few trials.

    For nested subsets of the target's blocks: a teacher is trained on them and on all other subjects, students learn
    the teacher's probabilities, and the same networks and cognitive models are fitted to the target's choices alone.
    All are tested on the same blocks of the target. Subjects are pooled here whatever `cv` says.
    """

    summary: ClassVar[str] = "few trials of a subject, with the help of others: teachers, students and baselines"

    datasets: Literal["all"] | list[str] = Field("all", description="data sets, each a pool of its own")
    targets: Literal["all"] | Annotated[int, Field(ge=1, le=MOST_SUBJECTS)] | list[str] = Field(
        "all", description="subjects that are targets, each in turn: `all`, the first so many, or a list of ids"
    )
    test: float = Field(0.25, gt=0, lt=1, description="share of the target's blocks that are test (rounded up)")
    subsets: list[Annotated[int, Field(ge=2, le=MOST_TRIALS)] | Literal["all"]] = Field(
        [3, 5, 10, 20, "all"],
        min_length=1,
        description="numbers of the target's other blocks, the first so many of one random order; one in ten of them, "
        "and at least one, validates. `all` takes all of them",
    )
    teacher: PoolTeacher = Field(PoolTeacher(), description="the teacher")
    students: Literal["all"] | list[str] = Field(
        "all",
        description="networks under `models` that learn from the teacher, and alone, at their dims; `all` takes those "
        "without a subject embedding and without a `teacher` of their own. Their `datasets` do not matter here",
    )
    modes: list[Literal["soft", "mixed", "align"]] = Field(
        ["soft"],
        min_length=1,
        description="what students learn: `soft`, the teacher's probabilities; `mixed`, these and the choices; "
        "`align`, choices, while their states are led to resemble the teacher's (by torch, many times slower)",
    )
    proportion: float = Field(0.5, ge=0, le=1, description="weight of the teacher in mode `mixed`; 1 is `soft`")
    temperature: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="divides the logits of teacher and student in mode `soft`"
    )
    align: float = Field(
        1.0, ge=0, allow_inf_nan=False, description="weight of 1 - CKA of the states in the loss of mode `align`"
    )
    relabel: int = Field(
        1,
        ge=0,
        le=2,
        description="relabelled copies from which students learn as well, as a data set's `augment`: 0 for none",
    )
    cognitive: Literal["all"] | list[str] = Field(
        "all",
        description="cognitive models under `models` that are fitted to the same blocks, to the choices and to the "
        "teacher's probabilities; the first is the baseline of crossing points. None has a population or a `teacher`",
    )
    new_subjects: bool = Field(
        False,
        description="whether a teacher that has never seen the target is tested, too: with the mean vector of the "
        "others, and with one that is fitted to the target's blocks while all else stays as it is",
    )
    bootstrap: Resamples = Field(
        1000, ge=100, description="resamples of targets and of their test blocks for intervals"
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Distillation:
        problems = [
            f"{key}: {values} has a value twice"
            for key in ("subsets", "modes")
            if len(set(values := getattr(self, key))) < len(values)
        ]
        if self.temperature != 1 and "mixed" in self.modes:
            problems.append(
                f"temperature: found {self.temperature:g} with mode 'mixed', which has no common readout for softened "
                "probabilities and choices; allowed: 1, or modes [soft]"
            )
        if self.new_subjects and not any(self.teacher.embeddings):
            problems.append("new_subjects: needs a vector of each subject; give a width above 0 in teacher.embeddings")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def pools(self, config: Any) -> list[str]:
        """The data sets."""
        return list(config.datasets) if self.datasets == "all" else self.datasets

    def networks(self, config: Any) -> list[str]:
        """Models that are students."""
        return self._may_learn(config) if self.students == "all" else self.students

    def baselines(self, config: Any) -> list[str]:
        """Cognitive models."""
        return self._alone(config) if self.cognitive == "all" else self.cognitive

    @staticmethod
    def _may_learn(config: Any) -> list[str]:
        networks = {name: model for name, model in config.models.items() if model.family == "rnn"}
        return [name for name, model in networks.items() if model.stands_alone and not model.subject_embedding]

    @staticmethod
    def _alone(config: Any) -> list[str]:
        return [name for name in config.interpretable if config.models[name].stands_alone]

    def problems(self, config: Any) -> list[str]:
        found = []
        known = {"datasets": list(config.datasets), "cognitive": self._alone(config)}
        known["students"] = self._may_learn(config)
        words = {
            "students": "networks without subject_embedding and without a teacher",
            "cognitive": "cognitive models without a teacher and without a population",
        }
        for key, names in known.items():
            given = getattr(self, key)
            if given != "all" and (unknown := [name for name in given if name not in names]):
                what = words.get(key, key)
                found.append(f"{PLACE}.{key}: {unknown} not among the {what}; allowed: {', '.join(names) or 'none'}")
        return found or [problem for name in self.pools(config) for problem in self._of_pool(config, name)]

    def _of_pool(self, config: Any, name: str) -> list[str]:
        """What does not go together with one of the data sets."""
        dataset, found = config.datasets[name], []
        task, folds = dataset.task_object, {"protocol": "cross_subject"}
        models = {f"models.{key}": config.models[key] for key in (*self.networks(config), *self.baselines(config))}
        models |= {f"{PLACE}.teacher": self.teacher.network(width) for width in self.teacher.embeddings}
        try:
            if self.relabel:
                relabellings(task, self.relabel)
            for place, model in models.items():
                found += [
                    f"{place}.{problem}" for problem in model.problems(place.split(".")[-1], name, dataset, folds)
                ]
        except ValueError as error:
            found.append(f"{PLACE}.{str(error).replace('augment:', 'relabel:')} (data set {name!r})")
        if dataset.source != "simulate":
            return found
        subjects = [f"s{i}" for i in range(dataset.n_subjects)]
        if isinstance(dataset.subjects, list):
            subjects = [subject for subject in subjects if subject in dataset.subjects]
        elif dataset.subjects != "all":
            subjects = subjects[: dataset.subjects]
        pool = f"data set {name!r} has {len(subjects)} subjects"
        if len(subjects) < 2:
            found.append(f"{PLACE}.datasets: {pool}; a teacher needs at least 2, or leave it out of `datasets`")
        if isinstance(self.targets, list) and (unknown := [one for one in self.targets if one not in subjects]):
            found.append(f"{PLACE}.targets: {unknown} not in the pool; {pool}: {', '.join(subjects)}")
        if isinstance(self.targets, int) and self.targets > len(subjects):
            found.append(f"{PLACE}.targets: the first {self.targets} asked for; {pool}")
        if (widest := max(self.teacher.embeddings)) > len(subjects):
            found.append(f"{PLACE}.teacher.embeddings: found {widest}; {pool}, the widest that has a meaning")
        left = dataset.n_blocks - n_test(dataset.n_blocks, self.test)
        smallest = min((n for n in self.subsets if n != "all"), default=2)
        if left < smallest:
            found.append(
                f"{PLACE}.subsets: the smallest needs {smallest} blocks; a subject of data set {name!r} has "
                f"{dataset.n_blocks}, of which {dataset.n_blocks - left} are test"
            )
        return found


SECTION = Distillation
