"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tinycog.sections.base import AnalysisSection
from tinycog.sections.models import Cell


class Dimensionality(AnalysisSection):
    """Behavioural dimensionality d* of each subject."""

    summary: ClassVar[str] = "d* by four rules"

    cells: list[Cell] = Field(
        ["gru", "switching_gru", "slin"], min_length=1, description="cells that compete at each dimension"
    )
    bootstrap: int = Field(1000, ge=100, description="resamples of the outer folds for the share of each d*")
    power: int = Field(
        0,
        ge=0,
        description="data sets as large as each subject's that its network with d* units plays; every competing "
        "network is fitted to each of them, to say how often d* would be found. 0: none. It takes as many times as "
        "long as the fits of the run's networks",
    )


SECTION = Dimensionality
