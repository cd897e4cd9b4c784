"""Parts of the section of a user's own table: what its cells mean."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from tinycog.sections.base import FROM_LIST, Finite, Section
from tinycog.sources.reading import CURRENCY

Value = str | bool | int | float  # of a cell; a number stands for every way in which it is written
Values = Value | Annotated[list[Value], Field(min_length=1)]
Labels = Annotated[list[Values], Field(min_length=2, max_length=40)]
TRUTH = {"true": 1.0, "false": 0.0}


def listed(values: Values) -> list[Value]:
    return values if isinstance(values, list) else [values]


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise ValueError(f"found {text!r}; not a regular expression ({error})") from None
    if groups > 1:
        raise ValueError(f"found {text!r} with {groups} groups; allowed: one, ( ) around the subject's id")
    return text


class SubjectOfFile(Section):
    """The subject's id where it stands in the name of its file, not in a column."""

    pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        r"(.*)\.\w+",
        description="regular expression that finds the id in the file's name; a pair of parentheses is around the id",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, values: Any) -> Any:
        """`from: name` may be written, as it reads well; there is nothing else to take it from."""
        if not isinstance(values, dict) or "from" not in values:
            return values
        if values["from"] != "name":
            raise ValueError(f"from: found {values['from']!r}; allowed: name")
        return {key: value for key, value in values.items() if key != "from"}


class RewardCoding(Section):
    """How rewards stand in the table, where they are not numbers from 0 to 1 in one column."""

    column: str | None = Field(
        None, description="the table's column; null takes `columns.reward`, or one called reward"
    )
    gain: str | None = Field(None, description="column of gains, where gains and losses have columns of their own")
    loss: str | None = Field(
        None, description="column of losses, with or without their sign; the reward is gain - loss"
    )
    values: dict[Value, Finite] | None = Field(
        None, min_length=1, description="the reward that each word stands for, as in {win: 1, nothing: 0}"
    )
    range: Annotated[tuple[Finite, Finite], FROM_LIST] | None = Field(
        None, description="lowest and highest reward; they become 0 and 1 and what is between in proportion"
    )

    @model_validator(mode="after")
    def _goes_together(self) -> RewardCoding:
        if (self.gain is None) != (self.loss is None):
            raise ValueError("gain and loss: found one of the two; allowed: both, or neither")
        if self.gain and self.column:
            raise ValueError(f"column: found {self.column!r} beside gain and loss; allowed: either")
        if self.gain and self.values:
            raise ValueError("values: found beside gain and loss, which are numbers; allowed: either")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError(f"range: found {list(self.range)}; allowed: the lowest reward, then the highest")
        return self


class Transition(Section):
    """The state that was reached, where the table says only whether the transition was common or rare."""

    column: str = Field(description="the table's column")
    common: Values = Field(description="its value, or values, in trials with a common transition, action i to state i")
    rare: Values = Field(description="its value, or values, in trials with a rare one")


def _several_labels(labels: list[Values]) -> list[Values]:
    """Labels that mean different cells: 1 and 1.0 are the same one."""
    seen: dict[str | float, Value] = {}
    for label in (one for values in labels for one in listed(values)):
        key = as_number(label)
        if key in seen:
            raise ValueError(f"{label!r} stands for the same cells as {seen[key]!r}; allowed: each value once")
        seen[key] = label
    return labels


def as_number(value: Value) -> str | float:
    """The number that a value is or writes, or else its text: what two values are compared by."""
    text = str(value).strip()
    if text.lower() in TRUTH:
        return TRUTH[text.lower()]
    try:
        number = float(CURRENCY.sub(r"\1", text))
    except ValueError:
        return text
    return number if math.isfinite(number) and "_" not in text else text


DistinctLabels = Annotated[Labels, AfterValidator(_several_labels)]
