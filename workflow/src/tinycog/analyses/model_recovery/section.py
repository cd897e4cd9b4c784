"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from tinycog.sections.base import AnalysisSection


class ModelRecovery(AnalysisSection):
    """Every model fitted to the choices of known agents: which of them is as good as the agent's own model.

    Agents are those of the data sets with `source: simulate`; each such data set is a row of the matrices.
    """

    summary: ClassVar[str] = "whether the model, and the d, that agents were simulated with are found again"

    margin: float = Field(
        0.005,
        ge=0,
        allow_inf_nan=False,
        description="nats per choice by which a model may be worse than the agent's own and still count as good",
    )

    def problems(self, config: Any) -> list[str]:
        if any(dataset.source == "simulate" for dataset in config.datasets.values()):
            return []
        return ["analyses.model_recovery: no agent is known; needed: a data set with source: simulate"]


SECTION = ModelRecovery
