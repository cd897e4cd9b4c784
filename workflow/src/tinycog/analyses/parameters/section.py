"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AnalysisSection, AtMost


class Parameters(AnalysisSection):
    """Parameters of cognitive models in natural units; every run with such models has them, with this section or not.

    Networks are not fitted again: their weights mean little one by one.
    """

    summary: ClassVar[str] = "parameters of cognitive models fitted to all choices, with intervals"

    refit: Literal["all"] | None = Field(
        None,
        description="`all`: fit each cognitive model to all choices of a subject as well, none held out, for one value "
        "of each parameter with its 95% interval; null: mean over the selected fits of outer folds alone",
    )
    interval: Literal["profile", "bootstrap"] = Field(
        "profile",
        description="of these intervals: `profile` likelihood, which takes choices as independent given the model, or "
        "`bootstrap` over blocks, of which a subject needs at least ten",
    )
    bootstrap: Annotated[int, AtMost(10_000, "the model is fitted to each, all at once")] = Field(
        200, ge=100, description="resamples of the blocks"
    )


SECTION = Parameters
