"""One run's config: what it must contain, how files and the command line add up to it.

Its parts are in `sections/` and, for analyses, in their own folders; schema and `config/README.md` are generated from
them. Imported while Snakemake parses the workflow, so nothing heavy may be imported here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, PrivateAttr, model_validator

from tinycog.errors import InputError
from tinycog.sections import yaml12
from tinycog.sections.analyses import Analyses
from tinycog.sections.base import Device, Identifier, PathText, Section
from tinycog.sections.datasets import AnyDataset, SimulateDataset
from tinycog.sections.fits import CrossValidation, OneTraining, Training
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.sections.teachers import Teacher
from tinycog.trials.subjects import cannot_split

REPLACED = ("datasets", "models", "teachers", "analyses")  # a given file replaces these sections as a whole
MOST_VALUES = 100_000  # of a config file; a few aliases of aliases stand for more than memory holds
OF_THE_DEMO = ("cv", "training")  # a given file does not inherit these: the default file's are made for speed


class Config(Section):
    """One run of tinycog."""

    run: Identifier = Field("demo", description="name of the run; results go to results/{run}")
    raw: PathText = Field("resources/raw", description="folder in which the public data sets' raw files are looked for")
    strict_checksums: bool = Field(
        False,
        description="whether a raw file that differs from the published one ends the run; else it is a warning, kept "
        "in the data set's meta.json",
    )
    seed: int = Field(
        0, ge=0, description="seed of simulations and bootstraps (networks use seeds 0, 1, ... themselves)"
    )
    device: Device = Field(
        "auto", description="where networks are trained; `auto` is the CPU, which is faster at these sizes"
    )
    threads: int = Field(
        1,
        ge=1,
        le=1024,
        description="processor cores of one fit job of networks, of teachers above all: worth it for large data, of "
        "which there are few jobs; subjects in `chunks` take one. Results do not depend on it",
    )
    allow_missing: bool = Field(
        False,
        description="make tables and figures from the fits that exist and list the others as missing "
        "(for `--config allow_missing=true` after a run with failures)",
    )
    datasets: dict[Identifier, AnyDataset] = Field(min_length=1, description="data sets by name")
    models: dict[Identifier, AnyModel] = Field(min_length=1, description="models by name")
    teachers: dict[Identifier, Teacher] = Field({}, description="networks that models may follow, by name")
    cv: CrossValidation = Field(CrossValidation(), description="cross-validation")
    training: Training = Field(Training(), description="training of networks")
    analyses: Analyses = Field(Analyses(), description="what is made of the fits")

    _folders: tuple[Path, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        problems = []
        for name, model in self.models.items():
            if model.datasets != "all" and (unknown := set(model.datasets) - set(self.datasets)):
                known = ", ".join(self.datasets)
                problems.append(f"models.{name}.datasets: {sorted(unknown)} not among the data sets; allowed: {known}")
        problems += self._teachers_fit()
        for name, dataset in self.datasets.items():
            fitted = {key: model for key, model in self.models.items() if self.fitted_to(key, name)}
            if not fitted:
                problems.append(f"datasets.{name}: no model is fitted to it; add one, or see models' `datasets`")
            if dataset.task == "perceptual":  # a network would not see the stimulus before it chooses
                problems.append(f"datasets.{name}.task: no model of task 'perceptual' is written yet")
            folds = self.folds(name)
            if dataset.chunks and folds["protocol"] == "cross_subject":
                problem = f"found {dataset.chunks} with cv.protocol cross_subject, which fits all subjects as one"
                problems.append(f"datasets.{name}.chunks: {problem}; allowed: null")
            for key, model in fitted.items():
                try:
                    problems += [f"models.{key}.{problem}" for problem in model.problems(key, name, dataset, folds)]
                except ValueError as error:
                    problems.append(f"models.{key}: {error}")
            if isinstance(dataset, SimulateDataset):
                units = {"session": 1, "cross_subject": dataset.n_subjects}  # a simulated subject has one session
                n_units = units.get(folds["protocol"], dataset.n_blocks)
                if problem := cannot_split(n_units, dataset.n_trials, folds):
                    problems.append(f"datasets.{name}.n_blocks: {problem}")
                n_blocks = dataset.n_blocks * (dataset.n_subjects if folds["protocol"] == "cross_subject" else 1)
                if self.trains_on(name) and (self.training.batch or 0) > n_blocks:
                    allowed = f"allowed: at most the blocks of datasets.{name}, {n_blocks}, or null"
                    problems.append(f"training.batch: found {self.training.batch}; {allowed}")
        for analysis in self.analyses.__dict__.values():
            problems += analysis.problems(self) if analysis else []
        if problems:
            raise ValueError("\n".join(dict.fromkeys(problems)))
        return self

    def _teachers_fit(self) -> list[str]:
        """Why models cannot follow the teachers that they name."""
        problems = []
        for key, model in self.models.items():
            if model.teacher and model.teacher not in self.teachers:
                known = ", ".join(self.teachers) or "none, since there is no section `teachers`"
                problems.append(f"models.{key}.teacher: found {model.teacher!r}; allowed: null, or one of {known}")
        for name, dataset in self.datasets.items():
            if (taught := self.taught(name)) and self.folds(name)["protocol"] == "cross_subject":
                followed = f"models {', '.join(taught)} follow a teacher, which is fitted to all subjects"
                problems.append(f"datasets.{name}: {followed}; allowed: another cv.protocol than cross_subject")
            for teacher in dict.fromkeys(taught.values()):
                found = self.teachers[teacher].network.problems(teacher, name, dataset, self.folds(name))
                problems += [f"teachers.{teacher}.{problem}" for problem in found]
        return problems

    def taught(self, dataset: str) -> dict[str, str]:
        """The models of a data set that follow a teacher, with its name."""
        fitted = {key: model.teacher for key, model in self.models.items() if self.fitted_to(key, dataset)}
        return {key: teacher for key, teacher in fitted.items() if teacher in self.teachers}

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders of the config files that were given: a table's relative path is looked up there first."""
        return self._folders

    def folds(self, dataset: str) -> dict[str, Any]:
        """Cross-validation of a data set as it is used, see `CrossValidation.folds`."""
        own = self.datasets[dataset].cv
        return self.cv.model_copy(update=own.model_dump(exclude_unset=True) if own else {}).folds()

    @property
    def chunks(self) -> dict[str, int]:
        """Numbers of chunks of the data sets that have any, see `Layout`."""
        return {name: dataset.chunks for name, dataset in self.datasets.items() if dataset.chunks}

    @property
    def interpretable(self) -> list[str]:
        """Names of the models whose parameters have names and natural values, as cognitive models have."""
        return [name for name, model in self.models.items() if model.interpretable]

    def fitted_to(self, name: str, dataset: str) -> bool:
        """Whether a model is fitted to a data set."""
        datasets = self.models[name].datasets
        return datasets == "all" or dataset in datasets

    def trains_on(self, dataset: str) -> bool:
        """Whether the section `training` is about any fit to a data set."""
        return any(model.uses_training and self.fitted_to(name, dataset) for name, model in self.models.items())

    def dims(self, name: str) -> dict[str, list[int]]:
        """Dims of a model on each data set, none where it is not fitted: units, or dynamical variables."""
        model = self.models[name]

        def on(dataset: str) -> list[int]:
            return model.dims_on(name, self.datasets[dataset].task_object) if self.fitted_to(name, dataset) else []

        return {dataset: on(dataset) for dataset in self.datasets}

    def model_slice(self, name: str) -> dict[str, Any]:
        """What a fit of this model depends on, apart from the dim, as plain values for a rule's params."""
        return self.models[name].slice(name, self.training.seeds)

    def training_slice(self, name: str) -> dict[str, Any]:
        """Training options of this model's fits; empty for a model that uses none of them."""
        if not self.models[name].uses_training:
            return {}
        return self._training(self.training)

    def teacher_training(self, name: str) -> dict[str, Any]:
        """Training options of a teacher's fits."""
        return self._training(self.teachers[name].training or self.training)

    def _training(self, options: OneTraining) -> dict[str, Any]:
        return {**options.model_dump(exclude={"seeds"}, exclude_none=True), "device": self.device}


def load(default: Path, given: Iterable[Path] = (), overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the default file, then each given file, then single overrides, and check the whole.

    `datasets`, `models` and `analyses` of a given file replace what came before; other sections merge key by key. With
    a given file, `cv` and `training` of the default file do not count: what is not given has the paper's value. A
    table's relative path is looked up from the folder of its config file first, see `_beside`.

    Raises:
        InputError: a file cannot be read, or a key or value is not allowed; one line for each problem.
    """
    path, given = default, list(given)
    merged = {key: value for key, value in _read(default).items() if not (given and key in OF_THE_DEMO)}
    for path in given:
        merged = _merge(merged, _beside(_read(Path(path)), Path(path).parent))
    config = checked(_merge(merged, yaml12.reread(dict(overrides or {}))), origin=path, section=Config)
    config._folders = tuple(dict.fromkeys(Path(path).parent for path in given))
    return config


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        here = "" if path.is_absolute() else f" in {Path.cwd()}"
        raise InputError(f"{path}: no such config file{here}")
    try:
        content = yaml12.read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text at byte {error.start + 1}; save it with encoding UTF-8") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}{_where(error)}") from None
    except Exception as error:  # PyYAML lets through what Python says of a date such as 2020-99-99, or of depth
        raise InputError(
            f"{path}: not valid YAML ({type(error).__name__}: {error}); look at its dates and tags"
        ) from None
    if _too_many(content):
        raise InputError(
            f"{path}: found more than {MOST_VALUES:,} values, or one within itself; look at its aliases (*)"
        )
    if not isinstance(content, dict):
        raise InputError(f"{path}: a config file is a mapping of keys to values, found {type(content).__name__}")
    return content


def _too_many(content: Any) -> bool:
    """Whether there are more than MOST_VALUES, where each place counts that an alias leads to."""
    waiting, n = [content], 0
    while waiting and n <= MOST_VALUES:
        value, n = waiting.pop(), n + 1
        waiting += [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return bool(waiting)


def _where(error: yaml.YAMLError) -> str:
    """Line, column and what is wrong there, both counted from 1."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f": not valid YAML: {error}"
    place = f", line {mark.line + 1}, column {mark.column + 1}"
    if "'\\t'" in str(error.problem):
        return f"{place}: a tab, which YAML does not allow there; use spaces in its place"
    return f"{place}: not valid YAML ({error.problem}); look at this line and at the one above"


def _beside(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """`content` with every table, and file about subjects, that lies where its path says from the config file's folder.

    The path becomes one from the working folder, or an absolute one if the table is not below that: a table has one
    name, however the config file was named.
    """
    datasets, here = content.get("datasets"), Path.cwd()
    if not isinstance(datasets, dict) or folder.absolute() == here:
        return content

    def found(file: Any) -> Any:
        if isinstance(file, list):
            return [found(one) for one in file]
        if not isinstance(file, str) or not file or Path(file).is_absolute():
            return file
        try:
            if not (folder / file).is_file() and not any(folder.glob(file)):
                return file
        except (OSError, ValueError):  # no path at all, which the check says better
            return file
        path = Path(os.path.abspath(folder / file))
        return str(path.relative_to(here) if path.is_relative_to(here) else path)

    def named(section: Any) -> Any:
        if not isinstance(section, dict):
            return section
        keys = [key for key in ("file", "files") if key in section and section.get("source") == "table"]
        placed = section | {key: found(section[key]) for key in keys}
        if isinstance(section.get("marks"), str):
            placed["marks"] = found(section["marks"])
        about = section.get("covariates")
        if isinstance(about, str):
            placed["covariates"] = found(about)
        elif isinstance(about, dict) and "file" in about:
            placed["covariates"] = about | {"file": found(about["file"])}
        return placed

    return {**content, "datasets": {name: named(section) for name, section in datasets.items()}}


def _merge(base: dict[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in update.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = {**merged[key], **value} if both and key not in REPLACED else value
    return merged
