"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from tinycog.models import registry
from tinycog.models.cognitive.declaration import POSITIVE
from tinycog.sections.base import FROM_LIST, AnalysisSection, Finite
from tinycog.sections.datasets import MOST_TRIALS

PLACE = "analyses.parameter_recovery"


class ParameterRecovery(AnalysisSection):
    """Agents of cognitive models with random parameters, simulated and fitted again.

    Their environment, blocks and trials are those of the data sets with `source: simulate`; without such a data set
    there is nothing to recover.
    """

    summary: ClassVar[str] = "whether parameters of cognitive models are found again"

    models: Literal["all"] | list[str] = Field("all", description="keys under `models`; `all` takes the cognitive ones")
    agents: int = Field(50, ge=2, description="agents of each model on each simulated data set")
    ranges: dict[str, Annotated[tuple[Finite, Finite], FROM_LIST]] = Field(
        {},
        description="parameter: lowest and highest true value, uniform in between, for positive parameters in "
        "logarithm. A parameter that is not given is drawn by its class: unit 0.05 to 0.95, half 0.02 to 0.3, positive "
        "1 to 10, real -1 to 1",
    )

    def recovered(self, config: Any) -> list[tuple[str, str]]:
        """(data set, model) whose parameters are simulated and fitted again."""
        simulated = [name for name, dataset in config.datasets.items() if dataset.source == "simulate"]
        models = config.interpretable if self.models == "all" else self.models
        return [(dataset, model) for dataset in simulated for model in models if config.fitted_to(model, dataset)]

    def problems(self, config: Any) -> list[str]:
        known = config.interpretable
        if self.models != "all" and (unknown := sorted(set(self.models) - set(known))):
            return [f"{PLACE}.models: {unknown} not among the cognitive models {known}"]
        classes = {}
        for name in dict.fromkeys(dataset for dataset, _ in self.recovered(config)):
            of_one = config.datasets[name].n_blocks * config.datasets[name].n_trials
            if (n := self.agents * of_one) > MOST_TRIALS:
                why = f"each plays {of_one:,} trials in data set {name!r}, {n:,} in all, which are in memory at once"
                allowed = f"allowed: at most {MOST_TRIALS // of_one:,} there"
                return [f"{PLACE}.agents: found {self.agents:,}; {allowed}, since {why}"]
        for dataset, model in self.recovered(config):
            try:
                classes |= registry.build(config.datasets[dataset].task_object, config.model_slice(model), None).classes
            except ValueError:  # said where models are checked
                return []
        problems = []
        for name, (low, high) in self.ranges.items() if classes else ():
            if name not in classes:
                problems.append(f"{PLACE}.ranges: no model has a parameter {name!r}; they have: {', '.join(classes)}")
                continue
            least, most = classes[name].low, classes[name].high
            in_logarithm = classes[name] is POSITIVE
            if not least <= low < high <= most or (in_logarithm and low == 0):
                ends = f"({least:g}, {most:g})" if in_logarithm else f"[{least:g}, {most:g}]"
                allowed = f"a lower and a higher value in {ends}"
                problems.append(f"{PLACE}.ranges.{name}: found [{low:g}, {high:g}]; must be {allowed}")
        return problems


SECTION = ParameterRecovery
