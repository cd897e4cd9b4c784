"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class Portraits(AnalysisSection):
    """Phase portraits, fixed points and setpoints of models with one dynamical variable and two actions."""

    summary: ClassVar[str] = "phase portraits and setpoints"

    models: Literal["all"] | list[str] = Field(
        "all", description="keys under `models`; those with d = 1 and without a subject embedding are drawn"
    )
    limit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="both axes of a portrait end at this logit and its negative (the paper's code has 5); null fits "
        "them to the trials",
    )

    def problems(self, config: Any) -> list[str]:
        if self.models == "all" or not (missing := set(self.models) - set(config.models)):
            return []
        return [f"analyses.portraits.models: {sorted(missing)} not among models {sorted(config.models)}"]


SECTION = Portraits
