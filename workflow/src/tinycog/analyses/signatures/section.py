"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tinycog.sections.base import OfModels, Resamples


class Signatures(OfModels):
    """What a strategy does to the logit, in numbers: learning rates, biases, perseveration, indifference.

    Of models with one dynamical variable, no subject embedding, and two actions.
    """

    key: ClassVar[str] = "signatures"
    summary: ClassVar[str] = "learning rates over the logit, biases, perseveration and indifference, d = 1"

    bootstrap: Resamples = Field(1000, ge=100, description="resamples of outer folds and blocks for 95% intervals")


SECTION = Signatures
