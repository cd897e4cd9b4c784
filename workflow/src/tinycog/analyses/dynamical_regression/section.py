"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from tinycog.sections.base import OfModels, Resamples


class DynamicalRegression(OfModels):
    """Least squares of what a trial changes in a model's logits on what they were before.

    Models with a subject embedding or without a dynamical variable are left out.
    """

    key: ClassVar[str] = "dynamical_regression"
    summary: ClassVar[str] = "what trials change in logits, by linear regression"

    bootstrap: Resamples = Field(1000, ge=100, description="resamples of the blocks for 95% intervals")
    trim: Annotated[float, Field(ge=0, lt=50)] = Field(
        5.0,
        description="percentile p of the trimmed figure of many subjects, as in the paper: a panel leaves out who has "
        "a coefficient outside of the p-th and (100 - p)-th percentile",
    )


SECTION = DynamicalRegression
