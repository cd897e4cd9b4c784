"""Keys that sections of data sets share."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from tinycog.sections.base import Section
from tinycog.sections.covariates import ABOUT, Given
from tinycog.sections.fits import CrossValidation
from tinycog.tasks import Task, task_of
from tinycog.tasks.relabelling import relabellings


def _subjects(value: Any) -> Any:
    """A checked value of `subjects`; ids that look like numbers become text."""
    if value == "all" or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    if isinstance(value, list) and value and all(type(one) in (str, int) for one in value):
        return [str(one) for one in value]
    raise ValueError(f"found {value!r}; must be `all`, a number from 1 on, or a list of ids")


class Dataset(Section):
    """Keys that every data set has."""

    has_columns: ClassVar[bool] = False  # that a user may name as covariates
    tells_covariates: ClassVar[bool] = False  # whether the importer itself finds some

    task: str = Field(description="the task's name, which decides inputs, actions, and the cognitive models that apply")
    subjects: Annotated[Literal["all"] | int | list[str], BeforeValidator(_subjects)] = Field(
        "all",
        description="subjects to analyse: `all`, a number (the first so many of those that the filters leave), or a "
        "list of their ids",
    )
    augment: int = Field(
        0,
        ge=0,
        le=2,
        description="relabelled copies of every block, for training alone: 1 and 2 are the paper's levels (1 shifts "
        "the arms or exchanges actions and states, 2 takes every order of the arms)",
    )

    cv: CrossValidation | None = Field(
        None,
        exclude=True,  # it is no option of the data: a change must not make them anew
        description="cross-validation of this data set: its keys come before those of the run's `cv`; null takes these",
    )

    chunks: int | None = Field(
        None,
        ge=1,
        le=100_000,
        exclude=True,  # it only says which subjects a job takes
        description="for data sets of many subjects with few trials: the number of chunks among which subjects are "
        "dealt (by their names, so that a further subject changes one chunk). The subjects of a chunk are split, "
        "fitted and scored in one job, each as if it were alone, which saves the start of many jobs and many files; so "
        "are targets of `distillation`. null gives every subject its own. Another number makes all fits anew",
    )

    covariates: Given = Field(
        None,
        exclude=True,  # words about the subjects: they must not make the data anew
        description=ABOUT,
    )

    marks: str | None = Field(
        None,
        exclude=True,  # the file is an input of its own; without one, the data are as they were
        description="file of marks that was exported from the page of a former run: a table with tabs and the columns "
        "dataset, subject, mark (keep, doubt, drop) and comment. Subjects marked drop are left out, with the reason in "
        "`meta.json`. A relative path is looked up beside the config file, then in the working folder, then in `raw`",
    )

    actions: list[Annotated[str, Field(min_length=1)]] | None = Field(
        None,
        exclude=True,  # words alone: others must not make the data anew
        description="what figures and tables call the actions (of a trial's first choice), in the order of their codes "
        "0, 1, ..., as in [left, right]; null says action 1, action 2, ...",
    )

    @property
    def task_object(self) -> Task:
        return task_of(self.task, getattr(self, "n_actions", None))

    @property
    def most_subjects(self) -> int | None:
        """How many subjects it has at most; None where the config does not say."""
        if self.subjects == "all":
            return None
        return self.subjects if isinstance(self.subjects, int) else len(self.subjects)

    @property
    def about_subjects(self) -> bool:
        """Whether something is known of each subject as a whole."""
        return self.tells_covariates or self.covariates is not None

    @property
    def graded(self) -> bool:
        """Whether its rewards are known to be other than 0 and 1."""
        return False

    @property
    def action_labels(self) -> list[str]:
        """What figures and tables call the actions."""
        return self.actions or [f"action {code + 1}" for code in range(self.task_object.n_actions)]

    @property
    def reward_range(self) -> tuple[float, float]:
        """What a reward of 0 and one of 1 was before it was scaled, for axes of figures."""
        return 0.0, 1.0

    @model_validator(mode="after")
    def _known_task(self) -> Dataset:
        task = self.task_object
        if self.augment:
            relabellings(task, self.augment)
        if self.covariates and not self.covariates.file and not self.has_columns:
            raise ValueError("covariates.file: found null; needed with this source: a file with a row for each subject")
        if self.actions is not None and not len(self.actions) == len(set(self.actions)) == task.n_actions:
            raise ValueError(
                f"actions: found {self.actions}; must be {task.n_actions} different labels, one for each action"
            )
        return self


class AnyTaskDataset(Dataset):
    """Keys of data sets of any task."""

    n_actions: Annotated[int, Field(ge=2, le=20)] | None = Field(
        None, description="number of actions, 2 by default (task `bandit` only; the others fix theirs)"
    )
