"""Sections under `models`: networks and cognitive models."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from tinycog.errors import InputError
from tinycog.fitting.priors import FEWEST
from tinycog.models import registry
from tinycog.sections.base import MOST_SEEDS, Section
from tinycog.sections.dataset import Dataset
from tinycog.tasks import Task

Cell = Literal["gru", "switching_gru", "slin", "mi_gru", "rnn", "low_rank_rnn", "lstm", "mingru", "minlstm"]


class Model(Section):
    """Keys that every model has, and what the run asks of a family of models."""

    uses_training: ClassVar[bool] = False  # whether the section `training` is about its fits
    interpretable: ClassVar[bool] = False  # whether its parameters have names and natural values

    datasets: Literal["all"] | list[str] = Field(
        "all",
        exclude=True,  # it is no option of the fits
        description="data sets of the run that the model is fitted to, by name; `all` must have tasks it can do; "
        "`[]` leaves the model to analyses that fit it themselves",
    )
    teacher: str | None = Field(
        None,
        exclude=True,  # its fit is an input of the fits
        description="one of the `teachers`: training and validation then follow its probabilities of every choice, and "
        "not the choices; null has none",
    )

    def dims_on(self, name: str, task: Task) -> list[int]:
        """Dims at which the model called `name` is fitted to data of the task."""
        raise NotImplementedError

    def slice(self, name: str, seeds: int | None) -> dict[str, Any]:
        """What a fit depends on, apart from the dim; `seeds` is the run's number, for networks that give none."""
        raise NotImplementedError

    def slice_of_one(self, name: str, dim: int | None) -> dict[str, Any]:
        """The slice of a fit that is asked for by hand, without a run; InputError if that leaves something open."""
        return self.slice(name, None)

    def problems(self, name: str, dataset_name: str, dataset: Dataset, folds: dict[str, Any]) -> list[str]:
        """Why the model called `name` cannot be fitted to a data set, key by key; ValueError if the task has none."""
        return []

    def competes(self, cells: list[str]) -> bool:
        """Whether it is one of the models that d* is estimated from, of which these cells are admitted."""
        return False

    @property
    def stands_alone(self) -> bool:
        """Whether its fits depend on the subject's own choices alone."""
        return not self.teacher


class RnnModel(Model):
    """A recurrent network, fitted at several dimensions."""

    uses_training = True

    family: Literal["rnn"]
    cell: Cell = Field(
        "gru",
        description="recurrent cell: `gru`, `switching_gru` (own weights for each input condition), `slin` (switching "
        "linear), `mi_gru` (gates see the product of input and state as well), `rnn`, `low_rank_rnn` (an `rnn` whose "
        "recurrent matrix has a fixed `rank`), `lstm` (two dynamical variables for each unit), `mingru`, `minlstm`",
    )
    dims: list[Annotated[int, Field(ge=1, le=128)]] = Field(
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
        None, ge=1, le=MOST_SEEDS, description="number of initialisations (0, 1, ...); null takes `training.seeds`"
    )
    rank: Annotated[int, Field(ge=1, le=128)] | None = Field(
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
        "Vectors start at 0, where those of a fold's validation and test subjects stay. No portraits",
    )

    @model_validator(mode="after")
    def _goes_together(self) -> RnnModel:
        problems = [
            f"{key}: {values} has a value twice"
            for key in ("dims", "l1")
            if len(set(values := getattr(self, key))) != len(values)
        ]
        for key, none in (("rank", "null"), ("subject_embedding", "0")):
            if (value := getattr(self, key)) and key not in registry.cell(self.cell).takes:
                cells = [cell for cell in registry.CELLS if key in registry.cell(cell).takes]
                allowed = f"{none}, or {'one of the cells' if len(cells) > 1 else 'cell'} {', '.join(cells)}"
                why = ", which is fed a condition, not a vector" if registry.cell(self.cell).by_condition else ""
                problems.append(f"{key}: found {value} with cell {self.cell!r}{why}; allowed: {allowed}")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def dims_on(self, name: str, task: Task) -> list[int]:
        return list(self.dims)

    def slice(self, name: str, seeds: int | None) -> dict[str, Any]:
        return {**self.model_dump(exclude={"dims"}), "seeds": self.seeds or seeds}

    def slice_of_one(self, name: str, dim: int | None) -> dict[str, Any]:
        if self.seeds is None or dim is None:
            raise InputError("a network needs --dim and, in --model, seeds: the number of initialisations")
        return self.slice(name, None)

    def problems(self, name: str, dataset_name: str, dataset: Dataset, folds: dict[str, Any]) -> list[str]:
        task, problems = dataset.task_object, []
        if self.rank and self.rank > min(self.dims):
            problems.append(f"rank: found {self.rank} with dims {self.dims}; allowed: 1 to {min(self.dims)}")
        if self.subject_embedding and folds["protocol"] != "cross_subject":
            problems.append(
                f"subject_embedding: found {self.subject_embedding} with cv.protocol {folds['protocol']!r}, which "
                f"fits each subject of data set {dataset_name!r} alone; allowed: 0, or cv.protocol cross_subject"
            )
        if registry.cell(self.cell).by_condition:
            if task.stages > 1:
                problems.append(
                    f"cell: {self.cell!r} needs one choice in a trial, but data set {dataset_name!r} has task "
                    f"{task.name!r}; leave one out, or name the model's `datasets`"
                )
            if dataset.graded:
                problems.append(
                    f"cell: {self.cell!r} has weights for reward and for no reward, and none in between, but the "
                    f"rewards of data set {dataset_name!r} are graded; leave one out, or name the model's `datasets`"
                )
        elif self.readout == "block" and (task.stages == 1 or any(dim % 3 for dim in self.dims)):
            problems.append(
                "readout: 'block' needs the task original_two_stage and dims that are multiples of 3; found task "
                f"{task.name!r} of data set {dataset_name!r}, dims {self.dims}"
            )
        elif self.readout == "diagonal" and set(self.dims) != {task.n_outputs}:
            problems.append(
                f"dims: {self.dims} with a diagonal readout, but data set {dataset_name!r} has {task.n_outputs} "
                f"actions: dims must be [{task.n_outputs}]"
            )
        return problems

    def competes(self, cells: list[str]) -> bool:
        return self.readout == "full" and self.cell in cells


class CognitiveModel(Model):
    """A classical cognitive model."""

    interpretable = True

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
        le=MOST_SEEDS,
        description="number of random starts of a model of more than three parameters; they compete on validation. "
        "null takes 3, and 16 for task `transition_reversal` (the paper's code: 3 for animals, 16 to 64 for people). "
        "Smaller models start from a grid, once",
    )
    prior: Literal["none", "weak", "population"] = Field(
        "none",
        description="what is taken as known of parameters: nothing, and fits are of maximum likelihood; `weak`, a "
        "fixed wide Gaussian that keeps an inverse temperature finite; `population`, the Gaussian over the subjects of "
        "the data set (at least three), fitted to their training choices. A model can have several under names of its "
        "own: `MB0: {family: cognitive}` and `MB0_pop: {family: cognitive, model: MB0, prior: population}`",
    )

    @model_validator(mode="after")
    def _prior_applies(self) -> CognitiveModel:
        if self.prior != "none" and self.optimizer != "gradient":
            found = f"found {self.prior!r} with optimizer {self.optimizer!r}, which fits by maximum likelihood alone"
            raise ValueError(f"prior: {found}; allowed: none, or optimizer gradient")
        if self.prior == "population" and self.teacher:
            found = (
                f"found 'population', which is fitted to choices, with teacher {self.teacher!r}, which replaces them"
            )
            raise ValueError(f"prior: {found}; allowed: none, weak")
        return self

    @property
    def stands_alone(self) -> bool:
        return super().stands_alone and self.prior != "population"

    def dims_on(self, name: str, task: Task) -> list[int]:
        return [registry.cognitive(task, self.model or name).n_dynamical]

    def slice(self, name: str, seeds: int | None) -> dict[str, Any]:
        return {**self.model_dump(), "model": self.model or name}

    def problems(self, name: str, dataset_name: str, dataset: Dataset, folds: dict[str, Any]) -> list[str]:
        model, found = registry.cognitive(dataset.task_object, self.model or name), f"prior: found {self.prior!r}"
        if self.prior != "none" and model.has_closed_form:
            return [f"{found} with model {model.name!r}, whose fit is the share of each action; allowed: none"]
        if self.prior != "population":
            return []
        if folds["protocol"] == "cross_subject":
            why = f"with cv.protocol cross_subject, which fits all subjects of data set {dataset_name!r} as one"
            return [f"{found} {why}; allowed: none, weak"]
        if (n := dataset.most_subjects) is not None and n < FEWEST:
            why = f"a population has at least {FEWEST} subjects, but data set {dataset_name!r} has at most {n}"
            return [f"{found}: {why}; allowed: none, weak"]
        return []


AnyModel = Annotated[RnnModel | CognitiveModel, Field(discriminator="family")]
