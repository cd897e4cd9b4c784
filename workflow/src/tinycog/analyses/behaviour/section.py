"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from tinycog.sections.base import AtMost, OfModels, Resamples
from tinycog.sections.environments import ENVIRONMENTS_OF, AnyEnvironment


class Behaviour(OfModels):
    """What subjects do, what models expect along the same trials, and what models do when they play the task."""

    key: ClassVar[str] = "behaviour"
    summary: ClassVar[str] = "behaviour of subjects and of models side by side"

    window: Annotated[int, AtMost(1000, "the table has a row for each of these trials")] = Field(
        20, ge=1, description="trials before and after a reversal"
    )
    lags: Annotated[int, Field(ge=1, le=5)] = Field(
        3, description="trials back of the regression of stays on outcomes; the paper's code has 3"
    )
    n_blocks: int = Field(
        100, ge=0, le=1000, description="blocks that the selected fit of every outer fold plays; 0: models do not play"
    )
    resamples: Resamples = Field(1000, ge=100, description="draws of blocks behind each interval")
    environments: dict[str, AnyEnvironment] = Field(
        {},
        description="data set: what pays when models play, with the keys of a simulated data set's `environment`. "
        "Simulated data sets and those of the paper have theirs; without one, models only follow the subject's trials",
    )

    def problems(self, config: Any) -> list[str]:
        problems = super().problems(config)
        for name, environment in self.environments.items():
            key = f"analyses.behaviour.environments.{name}"
            if name not in config.datasets:
                problems.append(f"{key}: not among the data sets; allowed: {', '.join(config.datasets)}")
                continue
            task = config.datasets[name].task_object
            allowed = [kind for kind in ENVIRONMENTS_OF.get(task.name, ()) if kind != "bahrami"]
            if environment.kind not in allowed:
                words = ", ".join(allowed) or "none"
                problems.append(f"{key}.kind: found {environment.kind!r}; allowed for task {task.name!r}: {words}")
            elif problem := environment.problem(task, 1_000_000):  # trials are as many as a subject's blocks have
                problems.append(f"{key}.{problem}")
        return problems


SECTION = Behaviour
