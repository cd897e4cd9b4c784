"""Sections under `datasets`: simulated agents, users' tables and public data sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Field, model_validator

from tinycog.models import registry
from tinycog.sections.base import FROM_LIST, MOST_SUBJECTS, Section
from tinycog.sections.dataset import AnyTaskDataset
from tinycog.sections.environments import ENVIRONMENTS_OF, AnyEnvironment, BanditEnvironment
from tinycog.sections.public import PUBLIC
from tinycog.sections.tables import TableDataset

if TYPE_CHECKING:
    from tinycog.models.cognitive.declaration import CognitiveModel

MOST_TRIALS = 50_000_000  # of a simulation: its table takes some 100 bytes for each


class Agent(Section):
    """The agent that makes simulated choices: any cognitive model of the task."""

    model: str = Field("MB0", description="cognitive model of the data set's task")
    parameters: dict[str, float | Annotated[tuple[float, float], FROM_LIST]] = Field(
        default={"alpha": 0.5, "beta": 2.0},
        description="value of every parameter of that model, in natural units; of a population the lowest and highest "
        "value, `[low, high]`, between which each subject draws its own, uniformly, positive parameters in logarithm",
    )

    def problem(self, model: CognitiveModel) -> str | None:
        """Which range of values is none, and what is allowed; None if all are."""
        for name, value in self.parameters.items():
            above = 0.0 if model.in_logarithm(name) else -math.inf
            if isinstance(value, tuple) and not above < value[0] < value[1]:
                allowed = "a lower and a higher value" + (", both above 0" if above == 0 else "")
                return f"parameters.{name}: found {list(value)}; allowed: {allowed}"
        return None


class SimulateDataset(AnyTaskDataset):
    """Choices of a simulated agent."""

    source: Literal["simulate"]
    agent: Agent = Field(Agent(), description="the agent that chooses")
    environment: AnyEnvironment = Field(
        BanditEnvironment(), description="what pays; without `kind`, the usual environment of the task"
    )
    n_subjects: int = Field(1, ge=1, le=MOST_SUBJECTS, description="number of simulated subjects, named s0, s1, ...")
    n_blocks: int = Field(100, ge=1, description="blocks of each subject")
    n_trials: int = Field(100, ge=1, description="trials of each block")
    seed: int | None = Field(None, ge=0, description="random seed of the simulation; null takes the run's `seed`")

    @property
    def graded(self) -> bool:
        return self.environment.graded

    @property
    def most_subjects(self) -> int:
        asked = super().most_subjects
        return self.n_subjects if asked is None else min(asked, self.n_subjects)

    @model_validator(mode="before")
    @classmethod
    def _usual_environment(cls, values: Any) -> Any:
        usual = ENVIRONMENTS_OF.get(str(values.get("task")), ("bandit",))[0] if isinstance(values, dict) else None
        given = values.get("environment", {}) if isinstance(values, dict) else None
        return {**values, "environment": {"kind": usual, **given}} if isinstance(given, dict) else values

    @model_validator(mode="after")
    def _agent_fits_task(self) -> SimulateDataset:
        task, environment = self.task_object, self.environment
        if (n := self.n_subjects * self.n_blocks * self.n_trials) > MOST_TRIALS:
            raise ValueError(f"n_subjects x n_blocks x n_trials: found {n:,} trials; allowed: at most {MOST_TRIALS:,}")
        model = registry.cognitive(task, self.agent.model)
        for end in (0, 1):
            values = self.agent.parameters.items()
            model.check({name: value[end] if isinstance(value, tuple) else value for name, value in values})
        if problem := self.agent.problem(model):
            raise ValueError(f"agent.{problem}")
        known = [f"s{i}" for i in range(self.n_subjects)]
        if isinstance(self.subjects, list) and (unknown := [s for s in self.subjects if s not in known]):
            raise ValueError(f"subjects: {unknown} not among the simulated {known[0]} .. {known[-1]}")
        if environment.kind not in (allowed := ENVIRONMENTS_OF[task.name]):
            raise ValueError(
                f"environment.kind: found {environment.kind!r}; allowed for task {task.name!r}: {', '.join(allowed)}"
            )
        if problem := environment.problem(task, self.n_trials):
            raise ValueError(f"environment.{problem}")
        return self


AnyDataset = Annotated[Union[(SimulateDataset, TableDataset, *PUBLIC)], Field(discriminator="source")]
