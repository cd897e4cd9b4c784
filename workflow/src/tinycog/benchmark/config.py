"""The benchmark's config, checked; of the run's own config it takes the sections of data sets, folds and training.

Imported while Snakemake parses the workflow, so nothing heavy may be imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from tinycog.benchmark import ALONE, BASELINE, KERNEL, LOOP_CELL, REFERENCES, STACKED, TORCH
from tinycog.sections.base import FROM_LIST, Identifier, Section
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.fits import CrossValidation, OneTraining
from tinycog.sections.messages import checked
from tinycog.sections.models import Cell

TUTORIAL = "tutorial"  # the data set that a file of trials may stand for
Size = Annotated[int, Field(ge=1)]
Blocks = Annotated[tuple[Size, Size], FROM_LIST]


class Folds(Section):
    """Cross-validation of one data set."""

    cv: CrossValidation = Field(
        CrossValidation(), description="cross-validation; what is not given has the paper's value"
    )


class Starts(Folds):
    """Fits of every cognitive model to one data set."""

    seeds: int | None = Field(None, ge=1, description="random starts of a model; null takes the reference's number")


class CognitiveStudy(Section):
    """Every cognitive model of some data sets' tasks, fitted by both optimisers."""

    limit: float = Field(1e-4, ge=0, description="training NLL may be this much above the reference procedure's, nats")
    protocols: dict[Identifier, Starts] = Field(min_length=1, description="data set: its fits")


class Protocol(Folds):
    """Networks fitted to one data set."""

    seeds: int = Field(2, ge=1, description="initialisations of every network")
    l1: float = Field(1.0e-5, ge=0, allow_inf_nan=False, description="L1 weight")
    max_epochs: int = Field(2000, ge=1, description="of every method that does not set its own")


class Study(Section):
    """Networks fitted to some data sets."""

    dims: list[Size] = Field([1, 2, 4], min_length=1, description="numbers of GRU units")
    protocols: dict[Identifier, Protocol] = Field(min_length=1, description="data set: its fits")


class Loop(Section):
    """How much of each protocol the loop runs to its end; results are compared."""

    outer: int = Field(1, ge=1, description="outer folds, from the first")
    replicas: int = Field(4, ge=1, description="replicas of each outer fold, from the first")


class Optimisers(Study):
    """Fits that decide whether a fast method may be the default."""

    limit: float = Field(0.001, ge=0, description="mean test NLL may be this much above the baseline's, nats")
    deciding_seeds: int = Field(4, ge=1, description="seeds that decide, from the first; the others are for comparison")


class Calibration(Section):
    """Simulated agents of known dimensionality, and how often d* finds it; see `benchmark.calibration`."""

    agents: list[Identifier] = Field(min_length=1, description="simulated data sets; each subject is an agent")
    cv: CrossValidation = Field(CrossValidation(inner=2), description="cross-validation of each agent, over blocks")
    dims: dict[Cell, list[Size]] = Field({"gru": [1, 2, 3], "switching_gru": [1]}, description="networks that compete")
    seeds: int = Field(1, ge=1, description="initialisations of every network")
    l1: float = Field(1.0e-5, ge=0, allow_inf_nan=False, description="L1 weight")
    method: Identifier = Field("fast", description="one of `methods`")
    max_epochs: int = Field(4000, ge=1)
    data_sets: int = Field(300, ge=1, description="of each case in numbers alone")
    bootstrap: int = Field(1000, ge=1, description="resamples of the outer folds")


class Turns(Section):
    """What is compared is timed in turns; see `benchmark.timing`."""

    repeats: Size = Field(7, description="turns of each way")
    seconds: float = Field(0.1, gt=0, description="work of a turn that evaluates a cell alone")
    loop_seconds: float = Field(0.3, gt=0, description="work of a turn of the loops, whose start counts")


class Kernels(Section):
    """Sizes at which likelihood and gradient alone are timed, on choices of a simulated agent."""

    cells: list[Cell] = Field(["switching_gru", "slin", "rnn", "mingru"], description="cells timed by their kernels")
    dims: list[Size] = Field([1, 2, 4], min_length=1, description="numbers of their units")
    torch: list[Cell] = Field(["gru", "lstm"], description="cells timed by their kernels and by torch")
    torch_dims: list[Size] = Field([1, 2, 4, 10, 20, 50], min_length=1, description="numbers of their units")
    replicas: Size = Field(8, description="replicas of a stack")
    blocks: Blocks = Field((100, 100), description="number of blocks, and of trials in each")
    few_cell: Cell = Field("gru", description="cell whose gradient is timed with few replicas, of other blocks")
    few_dims: list[Size] = Field([2, 10], min_length=1, description="numbers of its units")
    few_replicas: list[Size] = Field([1, 2, 4, 8, 32], min_length=1)
    few_blocks: list[Blocks] = Field([(300, 20), (100, 60), (40, 150), (6, 1000), (1, 2000), (1000, 100)], min_length=1)

    def units(self, cell: str) -> list[int]:
        """Numbers of units with which a cell is timed."""
        return self.torch_dims if cell in self.torch else self.dims

    def ways(self, cell: str) -> list[str]:
        """How a cell is timed; the stacked loop is written for one cell."""
        if cell not in self.torch:
            return [KERNEL]
        return [KERNEL, TORCH, STACKED] if cell == LOOP_CELL else [KERNEL, TORCH]


class Costs(Section):
    """What `python -m tinycog plan` reckons with; see `benchmark.costs`."""

    units: list[Size] = Field([1, 2, 5, 6, 20, 128], min_length=2, description="sizes at which every cell is timed")


class Bench(Section):
    """The benchmark."""

    raw: str = Field("resources/raw", description="folder of raw files; `files` of public data sets are below it")
    tutorial: str | None = Field(None, description="table of trials to use as data set `tutorial`; null simulates it")
    seed: int = Field(0, ge=0, description="seed of simulations")
    datasets: dict[Identifier, AnyDataset] = Field(min_length=1, description="data sets by name, as in a run's config")
    methods: dict[Identifier, OneTraining] = Field(description="methods of the engine by name: `training` sections")
    engine: Study
    loop: Loop = Loop()
    optimisers: Optimisers
    cognitive: CognitiveStudy
    dimensionality: Calibration
    turns: Turns = Turns()
    kernels: Kernels = Kernels()
    costs: Costs = Costs()

    @model_validator(mode="after")
    def _fits_together(self) -> Bench:
        if BASELINE not in self.methods or (taken := {*REFERENCES, *ALONE} & set(self.methods)):
            problem = f"needed: {BASELINE}" if BASELINE not in self.methods else f"other meaning: {', '.join(taken)}"
            raise ValueError(f"methods: found {', '.join(self.methods)}; {problem}")
        for key in ("engine", "optimisers", "cognitive"):
            if unknown := set(self.study(key).protocols) - set(self.datasets):
                raise ValueError(f"{key}.protocols: {sorted(unknown)} not among datasets {sorted(self.datasets)}")
        simulated = [name for name, section in self.datasets.items() if section.source == "simulate"]
        if unknown := set(self.dimensionality.agents) - set(simulated):
            raise ValueError(f"dimensionality.agents: {sorted(unknown)} not among the simulated data sets {simulated}")
        if self.dimensionality.method not in self.methods:
            found, allowed = self.dimensionality.method, ", ".join(self.methods)
            raise ValueError(f"dimensionality.method: found {found!r}; allowed: {allowed}")
        return self

    def study(self, name: str) -> Study | CognitiveStudy:
        """`engine`, `optimisers` or `cognitive`."""
        return getattr(self, name)

    def options(self, dataset: str) -> dict[str, Any]:
        """Options of `prepare` for a data set."""
        options = self.datasets[dataset].model_dump()
        if options.get("files"):
            options["files"] = [str(Path(self.raw, file)) for file in options["files"]]
        return options

    def model_slice(self, study: str, dataset: str) -> dict[str, Any]:
        """The model section of a data set's fits."""
        protocol = self.study(study).protocols[dataset]
        return {"family": "rnn", "cell": "gru", "l1": [protocol.l1], "seeds": protocol.seeds}

    def training_slice(self, study: str, dataset: str, method: str) -> dict[str, Any]:
        """Training options of a data set's fits."""
        section = self.methods[method]
        own = {} if "max_epochs" in section.model_fields_set else {"max_epochs": self._max_epochs(study, dataset)}
        return {**section.model_dump(exclude_none=True), **own, "device": "cpu"}

    def calibration_slice(self, dataset: str) -> dict[str, Any]:
        """Arguments of `calibrate` for a data set of agents."""
        section, data = self.dimensionality, self.datasets[dataset]
        same = {"seeds": section.seeds, "l1": [section.l1]}
        training = {
            **self.methods[section.method].model_dump(exclude_none=True),
            "max_epochs": section.max_epochs,
            "device": "cpu",
        }
        return {
            **{"data": dataset, "task": data.task_object.name, "n_actions": data.task_object.n_actions},
            **{"agent": data.agent.model, "training": training, "cv": section.cv.folds()},
            "networks": [{"cell": cell, "dims": dims, **same} for cell, dims in section.dims.items()],
            **{"bootstrap": section.bootstrap, "seed": self.seed},
        }

    def _max_epochs(self, study: str, dataset: str) -> int:
        return self.study(study).protocols[dataset].max_epochs


def load(content: Mapping[str, Any], origin: str) -> Bench:
    """The checked config; a file named by `tutorial` takes the place of the simulated data set.

    Raises:
        InputError: a key or a value is not allowed; one line for each problem.
    """
    if file := content.get("tutorial"):
        table = {"source": "table", "task": "bandit", "file": str(file)}
        content = {**content, "datasets": {**content.get("datasets", {}), TUTORIAL: table}}
    return checked(content, origin, Bench)
