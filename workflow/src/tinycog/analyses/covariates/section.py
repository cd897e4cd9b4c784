"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class CovariatesAnalysis(AnalysisSection):
    """Covariates of subjects against what the run finds of them.

    A run with covariates has it, with this section or not.
    """

    summary: ClassVar[str] = "how parameters, d*, setpoints, behaviour and losses vary with covariates of subjects"

    groups: list[str] = Field(
        [],
        description="covariates that are numbers and stand for groups, such as a diagnosis coded 1, 2, 3; others that "
        "are numbers are ranked",
    )


SECTION = CovariatesAnalysis
