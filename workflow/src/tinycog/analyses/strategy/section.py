"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tinycog.sections.base import AnalysisSection, Resamples


class Strategy(AnalysisSection):
    """A verdict for each subject: what its choices say, by stated rules, and where they do not say it.

    Questions are answered by comparing models on test choices, and from tables of the other analyses that are made.
    """

    summary: ClassVar[str] = "verdict on each subject's strategy"

    tolerance: float = Field(
        0.003, gt=0, allow_inf_nan=False, description="nats per choice; what assumes more and gains less is not needed"
    )
    bootstrap: Resamples = Field(2000, ge=200, description="resamples of test blocks behind intervals")


SECTION = Strategy
