"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class Trials(AnalysisSection):
    """What the selected fits of every model say of each trial, in files that join the user's own table."""

    summary: ClassVar[str] = "choice probabilities, states and prediction errors of every trial"

    csv: bool = Field(False, description="whether each Parquet file has a CSV with the same rows beside it")


SECTION = Trials
