"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tinycog.sections.base import OfModels, Resamples


class Drift(OfModels):
    """Whether a value drifts to the other one without a reward, or decays to 0.

    Of models with a value of each action and nothing else, where the action is the state reached: networks with a
    diagonal readout, and cognitive models of independent values.
    """

    key: ClassVar[str] = "drift"
    summary: ClassVar[str] = "whether values drift to each other or decay without a reward"

    bootstrap: Resamples = Field(1000, ge=100, description="resamples of the blocks for 95% intervals")


SECTION = Drift
