"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from tinycog.sections.base import AtMost, OfModels, Resamples, Section

KEY = "analyses.data_requirement"
Share = Annotated[float, Field(gt=0, le=1)]


def _distinct(values: list[Any]) -> list[Any]:
    """From the largest on."""
    if len(set(values)) != len(values):
        raise ValueError(f"found {values}; allowed: each value once")
    return sorted(values, reverse=True)


class Simulated(Section):
    """Data that the subjects do not have: choices of their best model."""

    blocks: list[Annotated[int, Field(ge=2), AtMost(100_000, "all are played and fitted")]] = Field(
        min_length=2, description="numbers of blocks to train and validate on; the largest is simulated once"
    )

    _once = field_validator("blocks")(_distinct)


class DataRequirement(OfModels):
    """Every model fitted again to nested shares of each subject's blocks, and tested on the same blocks."""

    key: ClassVar[str] = "data_requirement"
    summary: ClassVar[str] = "test NLL against the number of trials, and how many a network needs"

    shares: list[Share] = Field(
        [1.0, 0.5, 0.2, 0.1, 0.05],
        min_length=2,
        description="shares of the blocks outside the test fold; those of a smaller share are among those of a larger "
        "one, and 1 takes the run's own fits. Below 0.2 there are at most 3 inner folds, as in the paper",
    )
    resamples: Resamples = Field(
        1000, ge=100, description="draws of outer folds and of their blocks behind each interval"
    )
    simulate: Simulated | None = Field(
        None,
        description="the same for data sets of other sizes, in which the model of each subject with the lowest "
        "validation NLL plays the task (`blocks`: [10, 30, 100] for up to 100 blocks); null for none",
    )

    _once = field_validator("shares")(_distinct)

    def problems(self, config: Any) -> list[str]:
        problems = super().problems(config)
        protocols = {name: config.folds(name)["protocol"] for name in config.datasets}
        if "blocks" not in protocols.values():
            found = ", ".join(f"{name}: {protocol}" for name, protocol in protocols.items())
            problems.append(f"{KEY}: no data set is split by blocks ({found}); allowed: cv.protocol blocks")
        return problems


SECTION = DataRequirement
