"""What every section of the config is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict

IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
LONGEST = 50  # characters; file systems allow 255, and a figure's name has a data set, a subject and a model


def _identifier(name: str) -> str:
    if not re.fullmatch(IDENTIFIER, name) or "__" in name:
        raise ValueError(
            f"{name!r} cannot name a directory: use letters, digits and . _ + - (no double underscore), "
            "starting with a letter or a digit"
        )
    if len(name) > LONGEST:
        raise ValueError(f"{name!r} has {len(name)} characters; allowed: {LONGEST} at most, as files have this name")
    return name


def _path(text: str) -> str:
    """A file's path that can be looked up: file systems refuse others in many ways, each with an error of its own."""
    # half of a pair of UTF-16 is no letter
    written = not re.search("[\0\ud800-\udfff]", text) and max(len(part.encode()) for part in text.split("/")) < 256
    if not text or not written or len(text) > 4000:
        found = repr(text if len(text) < 100 else f"{text[:100]}...")
        raise ValueError(f"found {found}; allowed: letters, of which at most 255 bytes stand between two slashes")
    return text


PathText = Annotated[str, AfterValidator(_path)]
Identifier = Annotated[str, AfterValidator(_identifier)]
Device = Literal["auto", "cpu", "cuda"]
Probability = Annotated[float, Field(ge=0, le=1)]
# far beyond what anybody would wait for, and within what arrays can count
MOST_FOLDS, MOST_SEEDS, MOST_EPOCHS, MOST_SUBJECTS = 10_000, 10_000, 10**9, 100_000
Finite = Annotated[float, Field(allow_inf_nan=False)]
FROM_LIST = Strict(False)  # of a tuple, which YAML writes as a list


@dataclass(frozen=True)
class AtMost:
    """Upper bound of a whole number, so that a slip of the keyboard ends a run before it starts.

    Attributes:
        why: what more of it would cost, for the error.
    """

    most: int
    why: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return AfterValidator(self._checked).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"maximum": self.most}

    def _checked(self, value: int) -> int:
        if value > self.most:
            raise ValueError(f"found {value:,}; allowed: at most {self.most:,}, since {self.why}")
        return value


MOST_TRIALS = 10**9  # of a subject
Trials = Annotated[int, AtMost(MOST_TRIALS, "no subject has more trials")]
Resamples = Annotated[int, AtMost(100_000, "all resamples are in memory at once")]


class Section(BaseModel):
    # strict: YAML tells numbers, text, true and false apart, and none of them stands for another
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, strict=True)


class AnalysisSection(Section):
    """Keys of an analysis. `summary` says in a few words what it is, for the documentation of `analyses`."""

    summary: ClassVar[str]

    def problems(self, config: Any) -> list[str]:
        """What does not go together in a checked `Config`, one line each, beginning with the key."""
        return []


class OfModels(AnalysisSection):
    """Keys of an analysis of some of the models; `key` is its own under `analyses`."""

    key: ClassVar[str]

    models: Literal["all"] | list[str] = Field("all", description="keys under `models`")

    def problems(self, config: Any) -> list[str]:
        if self.models == "all" or not (missing := set(self.models) - set(config.models)):
            return []
        return [f"analyses.{self.key}.models: {sorted(missing)} not among models {sorted(config.models)}"]
