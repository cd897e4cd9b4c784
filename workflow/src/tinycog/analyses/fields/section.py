"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class Fields(AnalysisSection):
    """Logit changes of models with several dynamical variables and two actions, and vector fields of those with two."""

    summary: ClassVar[str] = "clouds of logit changes and vector fields"

    models: Literal["all"] | list[str] = Field(
        "all",
        description="keys under `models`; those with a subject embedding have a map for each subject and are left out",
    )

    def problems(self, config: Any) -> list[str]:
        if self.models == "all" or not (missing := set(self.models) - set(config.models)):
            return []
        return [f"analyses.fields.models: {sorted(missing)} not among models {sorted(config.models)}"]


SECTION = Fields
