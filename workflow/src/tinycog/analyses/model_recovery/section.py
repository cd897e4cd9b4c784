"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from tinycog.sections.base import MOST_SUBJECTS, AnalysisSection, AtMost


class ModelRecovery(AnalysisSection):
    """Every model fitted to the choices of known agents: which of them is as good as the agent's own model.

    Agents are those of the data sets with `source: simulate`, or the models that were fitted to each subject (`kept`).
    """

    summary: ClassVar[str] = "whether the model, and the d, that made the choices of known agents are found again"

    margin: float = Field(
        0.005,
        ge=0,
        allow_inf_nan=False,
        description="nats per choice by which a model may be worse than the agent's own and still count as good",
    )
    generators: Literal["simulate", "kept", "both"] = Field(
        "simulate",
        description="`simulate`: agents of the data sets with that source. `kept`: every model of the run, network or "
        "cognitive, plays as many blocks and trials as each subject has (by its selected fit of the first outer fold), "
        "and every model is fitted to that with the subject's folds, which takes as long as all fits of the run, for "
        "each model that plays",
    )
    subjects: Annotated[int, Field(ge=1, le=MOST_SUBJECTS)] | None = Field(
        None, description="with `kept`: in whose place models play, so many subjects of each data set; null for all"
    )
    simulations: Annotated[int, AtMost(1000, "each is a job with all models' fits")] = Field(
        1, ge=1, description="with `kept`: data sets that each fit plays"
    )

    def problems(self, config: Any) -> list[str]:
        if self.generators != "simulate" or any(each.source == "simulate" for each in config.datasets.values()):
            return []
        needed = "needed: a data set with source: simulate, or `generators: kept`"
        return [f"analyses.model_recovery: no agent is known; {needed}"]


SECTION = ModelRecovery
