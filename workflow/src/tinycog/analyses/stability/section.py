"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class Stability(AnalysisSection):
    """Fixed points, attractors, time constants and Lyapunov exponents of every model, networks and cognitive ones."""

    summary: ClassVar[str] = "fixed points, attractors and Lyapunov exponents"

    models: Literal["all"] | list[str] = Field(
        "all",
        description="keys under `models`; those with a subject embedding have a map for each subject and are left out",
    )

    def problems(self, config: Any) -> list[str]:
        if self.models == "all" or not (missing := set(self.models) - set(config.models)):
            return []
        return [f"analyses.stability.models: {sorted(missing)} not among models {sorted(config.models)}"]


SECTION = Stability
