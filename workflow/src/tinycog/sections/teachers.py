"""Sections under `teachers`: networks that are fitted to all subjects of a data set, for students to follow."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from tinycog.models import registry
from tinycog.sections.base import MOST_SEEDS, Section
from tinycog.sections.fits import OneTraining
from tinycog.sections.models import Cell, RnnModel


class Teacher(Section):
    """A network that is fitted to all subjects of a data set at once, on the training trials of each subject's folds.

    Models that name it as their `teacher` are fitted to its probabilities of every choice (methods: targets of a
    teacher).
    """

    cell: Cell = Field("gru", description="recurrent cell, as under `models`")
    units: int = Field(50, ge=1, le=128, description="number of units")
    l1: list[Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        [1.0e-5], min_length=1, description="L1 weights on the recurrent layer's matrices; they compete on validation"
    )
    seeds: int = Field(2, ge=1, le=MOST_SEEDS, description="initialisations; they compete on validation")
    subject_embedding: int = Field(
        0, ge=0, le=100, description="width of a learned vector for each subject; 0: choices alone tell who it is"
    )
    training: OneTraining | None = Field(None, description="how it is trained; null takes the run's `training`")

    @model_validator(mode="after")
    def _takes_an_embedding(self) -> Teacher:
        if self.subject_embedding and "subject_embedding" not in registry.cell(self.cell).takes:
            cells = ", ".join(cell for cell in registry.CELLS if "subject_embedding" in registry.cell(cell).takes)
            found = f"found {self.subject_embedding} with cell {self.cell!r}"
            raise ValueError(f"subject_embedding: {found}; allowed: 0, or one of the cells {cells}")
        return self

    @property
    def network(self) -> RnnModel:
        """The same as a model, without an embedding."""
        return RnnModel(family="rnn", cell=self.cell, dims=[self.units], l1=self.l1, seeds=self.seeds)

    def slice(self) -> dict[str, Any]:
        """What its fit depends on, apart from units and training, with the keys of a model's slice."""
        return self.network.slice("", None) | {"subject_embedding": self.subject_embedding}
