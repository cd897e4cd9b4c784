"""Sections under `models`: networks and cognitive models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tinycog.models import registry
from tinycog.sections.base import Section
from tinycog.sections.datasets import Dataset

Cell = Literal["gru", "switching_gru", "slin", "mi_gru", "rnn", "low_rank_rnn", "lstm", "mingru", "minlstm"]


class Model(Section):
    """Keys that every model has."""

    datasets: Literal["all"] | list[str] = Field(
        "all",
        exclude=True,  # it is no option of the fits
        description="data sets of the run that the model is fitted to, by name; `all` must have tasks it can do",
    )

    def problems(self, key: str, dataset_name: str, dataset: Dataset, folds: dict[str, Any]) -> list[str]:
        """Why the model, `key` in the config, cannot be fitted to a data set; lines go on from that key."""
        raise NotImplementedError


class RnnModel(Model):
    """A recurrent network, fitted at several dimensions."""

    family: Literal["rnn"]
    cell: Cell = Field(
        "gru",
        description="recurrent cell: `gru`, `switching_gru` (own weights for each input condition), `slin` (switching "
        "linear), `mi_gru` (gates see the product of input and state as well), `rnn`, `low_rank_rnn` (an `rnn` whose "
        "recurrent matrix has a fixed `rank`), `lstm` (two dynamical variables for each unit), `mingru`, `minlstm`",
    )
    dims: list[Annotated[int, Field(ge=1, le=100)]] = Field(
        [1, 2], min_length=1, description="numbers of units; one set of fits for each"
    )
    readout: Literal["full", "diagonal", "block"] = Field(
        "full",
        description="`full`: logits = W h + b. `diagonal`: logits = c h with one shared scalar; "
        "every dim must equal the number of actions. `block` (original two-stage task): a third of the units for the "
        "first choice and one for the choice in each state; dims are multiples of 3",
    )
    l1: list[Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        [1.0e-5], min_length=1, description="L1 weights on the recurrent layer's matrices; they compete on validation"
    )
    seeds: int | None = Field(
        None, ge=1, description="number of initialisations (0, 1, ...); null takes `training.seeds`"
    )
    rank: Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="rank of the recurrent matrix of a `low_rank_rnn`, at most the smallest of `dims`; null is 1. No "
        "other cell has one",
    )
    subject_embedding: int = Field(
        0,
        ge=0,
        le=100,
        description="width of a learned vector for each subject that is appended to the input of every trial; 0 for "
        "none. Only where subjects are fitted as one (`cv.protocol: cross_subject`) and not for switching cells. "
        "Vectors start at 0, where those of a fold's validation and test subjects stay. Trained by torch; no portraits",
    )

    @model_validator(mode="after")
    def _goes_together(self) -> RnnModel:
        problems = [
            f"{key}: {values} has a value twice"
            for key in ("dims", "l1")
            if len(set(values := getattr(self, key))) != len(values)
        ]
        if self.rank and self.cell != "low_rank_rnn":
            problems.append(f"rank: found {self.rank} with cell {self.cell!r}; allowed: null, or cell low_rank_rnn")
        if self.subject_embedding and self.cell in registry.SWITCHING:
            fed = ", ".join(cell for cell in registry.CELLS if cell not in registry.SWITCHING)
            problems.append(
                f"subject_embedding: found {self.subject_embedding} with cell {self.cell!r}, which is fed a condition, "
                f"not a vector; allowed: 0, or one of the cells {fed}"
            )
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def problems(self, key: str, dataset_name: str, dataset: Dataset, folds: dict[str, Any]) -> list[str]:
        task = dataset.task_object
        problems = []
        if self.rank and self.rank > min(self.dims):
            allowed = f"1 to {min(self.dims)}"
            problems.append(f".rank: found {self.rank} with dims {self.dims}; allowed: {allowed}")
        if self.subject_embedding and folds["protocol"] != "cross_subject":
            problems.append(
                f".subject_embedding: found {self.subject_embedding} with cv.protocol {folds['protocol']!r}, which "
                f"fits each subject of data set {dataset_name!r} alone; allowed: 0, or cv.protocol cross_subject"
            )
        if self.cell in registry.SWITCHING and task.stages > 1:
            problems.append(
                f".cell: {self.cell!r} needs one choice in a trial, but data set {dataset_name!r} has task "
                f"{task.name!r}; leave one out, or name the model's `datasets`"
            )
        elif self.readout == "block" and (task.stages == 1 or any(dim % 3 for dim in self.dims)):
            problems.append(
                f".readout: 'block' needs the task original_two_stage and dims that are multiples of 3; found task "
                f"{task.name!r} of data set {dataset_name!r}, dims {self.dims}"
            )
        elif self.readout == "diagonal" and set(self.dims) != {task.n_outputs}:
            problems.append(
                f".dims: {self.dims} with a diagonal readout, but data set {dataset_name!r} has {task.n_outputs} "
                f"actions: dims must be [{task.n_outputs}]"
            )
        return problems


class CognitiveModel(Model):
    """A classical cognitive model."""

    family: Literal["cognitive"]
    model: str | None = Field(
        None,
        description="name in the task's catalogue, `Q0` and `Q1` for Q(0) and Q(1); null takes the key under `models`",
    )
    optimizer: Literal["gradient", "nelder-mead"] = Field(
        "gradient",
        description="`gradient`: quasi-Newton, every start and inner fold at once. `nelder-mead`: the paper's, one fit "
        "after the other; some ten times slower, and no better",
    )
    seeds: int | None = Field(
        None,
        ge=1,
        description="number of random starts of a model of more than three parameters; they compete on validation. "
        "null takes the paper's: 3, and 16 for task `transition_reversal`. Smaller models start from a grid, once",
    )

    def problems(self, key: str, dataset_name: str, dataset: Dataset, folds: dict[str, Any]) -> list[str]:
        try:
            registry.cognitive(dataset.task_object, self.model or key)
        except ValueError as error:
            return [f": {error}"]
        return []


AnyModel = Annotated[RnnModel | CognitiveModel, Field(discriminator="family")]
