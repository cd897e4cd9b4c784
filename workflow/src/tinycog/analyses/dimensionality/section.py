"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import AnalysisSection, AtMost, Resamples
from tinycog.sections.models import Cell

PLACE = "analyses.dimensionality"


class Dimensionality(AnalysisSection):
    """Behavioural dimensionality d* of each subject."""

    summary: ClassVar[str] = "d* by four rules"

    cells: list[Cell] = Field(
        ["gru", "switching_gru", "slin"], min_length=1, description="cells that compete at each dimension"
    )
    models: Literal["all"] | list[str] = Field(
        "all",
        description="networks that compete; `all` takes those that follow no teacher. Students of a teacher are named, "
        "without networks that follow none",
    )
    bootstrap: Resamples = Field(1000, ge=100, description="resamples of the outer folds for the share of each d*")
    power: Annotated[int, AtMost(1000, "each is a job with all networks' fits")] = Field(
        0,
        ge=0,
        description="data sets as large as each subject's that its network with d* units plays; every competing "
        "network is fitted to each of them, to say how often d* would be found. 0: none. It takes as many times as "
        "long as the fits of the run's networks",
    )

    def competing(self, models: dict[str, Any]) -> list[str]:
        """Names of the models of a config that compete."""
        able = [name for name, model in models.items() if model.competes(self.cells)]
        return [name for name in able if (models[name].stands_alone if self.models == "all" else name in self.models)]

    def problems(self, config: Any) -> list[str]:
        if self.models == "all":
            return []
        able = [name for name, model in config.models.items() if model.competes(self.cells)]
        if unknown := [name for name in self.models if name not in able]:
            words = f"networks of cells {', '.join(self.cells)} with a full readout"
            return [f"{PLACE}.models: {unknown} not among the {words}; allowed: {', '.join(able) or 'none'}"]
        problems, teachers = [], {config.models[name].teacher for name in self.models}
        if len(teachers) > 1:
            told = ", ".join(sorted(map(str, teachers)))
            problems.append(
                f"{PLACE}.models: found teachers {told}, which d* would mix; allowed: models of one of them"
            )
        if self.power and teachers != {None}:
            why = "their teacher has not seen what is simulated"
            problems.append(
                f"{PLACE}.power: found {self.power} with students, for whom it has no meaning: {why}; allowed: 0"
            )
        return problems


SECTION = Dimensionality
