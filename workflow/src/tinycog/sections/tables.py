"""Section of a user's own table."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_serializer, model_validator

from tinycog.sections.base import AtMost, PathText
from tinycog.sections.coding import DistinctLabels, RewardCoding, SubjectOfFile, Transition, Values, as_number, listed
from tinycog.sections.covariates import ABOUT, Covariates, Given
from tinycog.sections.dataset import AnyTaskDataset


class TableDataset(AnyTaskDataset):
    """A user's own table, one row per trial, in one file or in one for each subject."""

    has_columns: ClassVar[bool] = True

    source: Literal["table"]
    file: PathText | None = Field(
        None,
        description="text file (CSV or the like) or Parquet file, one row per trial; a relative path is looked up "
        "beside the config file, then in the working folder, then in `raw`",
    )
    files: PathText | Annotated[list[PathText], Field(min_length=1)] | None = Field(
        None, description="instead of `file`: several files, as a list or as a pattern such as data/*.csv"
    )
    separator: Literal[",", ";", "\t", "|", " "] = Field(
        ",", description="what is between the cells of a line; a space stands for one or more"
    )
    decimal: Literal[".", ","] = Field(".", description="decimal point, or comma")
    encoding: str = Field("utf-8", description="encoding of the text, such as utf-8, latin-1, cp1252 or utf-16")
    header: bool = Field(True, description="whether the first line has the columns' names")
    names: list[str] | None = Field(
        None, min_length=1, description="names of the columns where there is no header; null is column_1, column_2, ..."
    )
    skip: Annotated[int, AtMost(10**9, "no file has more lines")] = Field(
        0, ge=0, description="lines above the table (remarks, titles) that are no part of it"
    )
    where: dict[str, Values] = Field(
        default={}, description="rows that are kept: column: value, or values, as in {block_type: test}"
    )
    drop: dict[str, Values] = Field(default={}, description="rows that are left out: column: value, or values")
    columns: dict[str, str | None] = Field(
        default={},
        description="canonical column: name in the file. Canonical columns: action and reward (required), subject, "
        "session, block, trial, state (required where it is not the action), action2 (second choices, required where a "
        "trial has two), mask and mask2 (1 where the first, the second choice counts, 0 elsewhere), forced (1 where "
        "the subject had no choice). A column of these that is not listed here is looked up under its own name, unless "
        "null is given for it. Any `stim_*` name (stimuli, a number in every row) and `task_*` name (annotations, "
        "which no model sees) is carried along if listed",
    )
    subject: SubjectOfFile | None = Field(
        None, description="for files of one subject each: how the id stands in a file's name; null takes a column"
    )
    condition: str | None = Field(
        None,
        description="column of a condition, such as drug or placebo: each subject is analysed once for each of its "
        "conditions, as {subject}+{condition}",
    )
    covariates: Given = Field(None, description=f"{ABOUT}; or a list of columns that have one value for each subject")
    order: list[str] = Field(
        default=[],
        description="columns (the table's) by which the rows of a subject are sorted, the first one first, such as "
        "[session, trial]; without any they stay as they are",
    )
    restarts: str | None = Field(
        None,
        description="column of trial numbers that fall back where a block begins, where no column tells blocks apart",
    )
    choices: DistinctLabels | None = Field(
        None,
        description="values of the action, in the order of the codes 0, 1, ...: [left, right]. Several values may "
        "stand for one action: [[left, L], [right, R]]. null: integers from 0. Words also name the actions in figures "
        "and tables",
    )
    choices2: DistinctLabels | None = Field(
        None,
        description="values of the second choice: two, the same ones in both states, or four, two for each state, "
        "which then imply the state. null: 0 and 1",
    )
    states: DistinctLabels | None = Field(
        None, description="values of the state, in the order of the codes 0, 1; action i commonly leads to state i"
    )
    transition: Transition | None = Field(
        None, description="a column that says whether a transition was common or rare, where none has the state"
    )
    reward: RewardCoding | None = Field(None, description="rewards that are not numbers from 0 to 1 in one column")
    missing: dict[str, Values] = Field(
        default={},
        description="which values mean that a trial was missed: column (canonical, or the table's): value, or values, "
        'as in {rt: 999} or {action: [-1, timeout]}; "" is an empty cell. Empty cells of a choice always do',
    )

    @field_serializer("covariates")
    def _columns_of_covariates(self, covariates: Covariates | None) -> list[str]:
        """Those of the table: what a file says does not make the data anew."""
        return covariates.columns or [] if covariates and not covariates.file else []

    @property
    def about_subjects(self) -> bool:
        return bool(self.condition) or super().about_subjects

    @property
    def graded(self) -> bool:
        return bool(self.reward and (self.reward.gain or len(set((self.reward.values or {}).values())) > 2))

    @property
    def reward_range(self) -> tuple[float, float]:
        return (self.reward.range if self.reward else None) or super().reward_range

    @property
    def action_labels(self) -> list[str]:
        """The values of `choices`, if these are words."""
        labels = [listed(values)[0] for values in self.choices or []]
        if self.actions or not labels or not all(isinstance(as_number(label), str) for label in labels):
            return super().action_labels
        return [str(label) for label in labels]

    @model_validator(mode="after")
    def _goes_together(self) -> TableDataset:
        task = self.task_object
        if (self.file is None) == (self.files is None):
            raise ValueError("file and files: found " + ("both" if self.file else "neither") + "; allowed: one of them")
        if self.subject and "subject" in self.columns:
            raise ValueError("subject: found beside columns.subject; allowed: one of them")
        if self.reward and self.reward.column and "reward" in self.columns:
            raise ValueError("reward.column: found beside columns.reward; allowed: one of them")
        if self.decimal == self.separator:
            raise ValueError("decimal: found ',' beside separator ','; allowed: different ones")
        if self.names and self.header:
            raise ValueError("names: found with a header, which has the names; allowed: null, or header: false")
        if self.choices and len(self.choices) != task.n_actions:
            raise ValueError(f"choices: found {len(self.choices)}; task {task.name!r} has {task.n_actions} actions")
        if self.choices2 and task.stages == 1:
            raise ValueError(f"choices2: task {task.name!r} has one choice in a trial; allowed: null")
        if self.choices2 and len(self.choices2) not in (2, 2 * task.n_states):
            raise ValueError(f"choices2: found {len(self.choices2)} values; allowed: 2, or {2 * task.n_states}")
        if (self.states or self.transition) and task.one_stage:
            raise ValueError(f"states: in task {task.name!r} the action is the state reached; allowed: null")
        if self.states and len(self.states) != task.n_states:
            raise ValueError(f"states: found {len(self.states)}; task {task.name!r} has {task.n_states}")
        return self
