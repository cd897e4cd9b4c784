"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from tinycog.sections.base import OfModels


class Portraits(OfModels):
    """Phase portraits and setpoints of models with one dynamical variable, no subject embedding, and two actions."""

    key: ClassVar[str] = "portraits"
    summary: ClassVar[str] = "phase portraits and setpoints"

    limit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="both axes of a portrait end at this logit and its negative (the paper's code has 5); null fits "
        "them to the trials",
    )


SECTION = Portraits
