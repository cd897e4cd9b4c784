"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class DynamicalRegression(AnalysisSection):
    """Least squares of what a trial changes in a model's logits on what they were before."""

    summary: ClassVar[str] = "what trials change in logits, by linear regression"

    models: Literal["all"] | list[str] = Field(
        "all",
        description="keys under `models`; those with a subject embedding or without a dynamical variable are left out",
    )
    bootstrap: int = Field(1000, ge=100, description="resamples of the blocks for 95% intervals")
    trim: Annotated[float, Field(ge=0, lt=50)] = Field(
        5.0,
        description="percentile p of the trimmed figure of many subjects, as in the paper: a panel leaves out who has "
        "a coefficient outside of the p-th and (100 - p)-th percentile",
    )

    def problems(self, config: Any) -> list[str]:
        if self.models == "all" or not (missing := set(self.models) - set(config.models)):
            return []
        return [f"analyses.dynamical_regression.models: {sorted(missing)} not among models {sorted(config.models)}"]


SECTION = DynamicalRegression
