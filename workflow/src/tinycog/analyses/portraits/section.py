"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import OfModels

Variant = Literal[
    "next_logit",
    "next_probability",
    "probability_next",
    "probability_change",
    "relative_action",
    "histograms",
    "delay",
]


class Portraits(OfModels):
    """Phase portraits and setpoints of models with one dynamical variable, no subject embedding, and two actions."""

    key: ClassVar[str] = "portraits"
    summary: ClassVar[str] = "phase portraits and setpoints"

    limit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="both axes of a portrait end at this logit and its negative (the paper's code has 5); null fits "
        "them to the trials",
    )
    variants: list[Variant] = Field(
        [],
        description="other views of each portrait, on a sheet of their own: the next logit (return map) or the next "
        "probability against the logit; the next probability or its change against the probability; logits and changes "
        "towards the chosen action, where a gap between curves is an asymmetry; how many trials had which logit; the "
        "logit against the previous one, in the first block",
    )


SECTION = Portraits
