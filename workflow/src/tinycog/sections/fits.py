"""Sections `cv` and `training`: how fits are cross-validated, and how networks are trained."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tinycog.sections.base import MOST_EPOCHS, MOST_FOLDS, MOST_SEEDS, Device, Section


class CrossValidation(Section):
    """Nested cross-validation over the blocks or sessions of each subject, or a split within blocks."""

    protocol: Literal["blocks", "session", "cross_subject", "interspersed", "holdout"] = Field(
        "blocks",
        description="what is held out: `blocks`, or whole sessions, at random; whole subjects of a data set, which is "
        "then fitted as one, `pooled` (`cross_subject`); `interspersed` trials of every "
        "block, drawn once (the human protocol); `holdout`, the last trials of every block. The last two have one "
        "fold: `outer` and `inner` do not matter",
    )
    outer: Annotated[int, Field(ge=2, le=MOST_FOLDS)] | None = Field(
        None,
        description="outer folds (test); each subject needs at least as many blocks. null takes the paper's: 10, and 6 "
        "for `cross_subject`",
    )
    inner: Annotated[int, Field(ge=2, le=MOST_FOLDS)] | None = Field(
        None,
        description="inner folds (validation) of each outer fold; null takes the paper's: 9, and 5 for `cross_subject`",
    )
    single_inner_fold: bool | None = Field(
        None,
        description="run the first of the inner folds only; null takes the paper's: true for `cross_subject` alone",
    )
    seed: int | None = Field(
        None,
        ge=0,
        le=2**32 - 1,  # of NumPy's older generator, whose folds are the reference's
        description="seed of the outer shuffle (the inner one of outer fold o uses o) or of the interspersed trials; "
        "null takes the paper's: 1, and 0 for interspersed trials",
    )

    def folds(self) -> dict[str, Any]:
        """Protocol, numbers of folds and seed as they are used, as plain values.

        `inner` folds are run, the first of `n_inner`.
        """
        seed = self.seed if self.seed is not None else 0 if self.protocol == "interspersed" else 1
        one = self.protocol in ("interspersed", "holdout")
        paper = (1, 1) if one else (6, 5) if self.protocol == "cross_subject" else (10, 9)
        outer, n_inner = paper if one else (self.outer or paper[0], self.inner or paper[1])
        single = self.protocol == "cross_subject" if self.single_inner_fold is None else self.single_inner_fold
        inner = 1 if single else n_inner
        return {"protocol": self.protocol, "outer": outer, "inner": inner, "n_inner": n_inner, "seed": seed}


class OneTraining(Section):
    """How one network is trained."""

    optimizer: Literal["adam", "fast"] = Field(
        "adam",
        description="`adam`: the paper's, full batch. `fast`: the same path in steps four times as long, about three "
        "times fewer; the keys below are given as for `adam`",
    )
    learning_rate: float = Field(0.005, gt=0, allow_inf_nan=False, description="step size of Adam")
    max_epochs: int = Field(
        2000, ge=1, le=MOST_EPOCHS, description="training ends after this many epochs at the latest"
    )
    patience: int = Field(
        200, ge=1, le=MOST_EPOCHS, description="training ends at the first epoch beyond this many without gain"
    )
    batch: Annotated[int, Field(ge=1, le=10**9)] | None = Field(
        None,
        description="blocks of a step: an epoch is a step on each so many of an inner fold's training blocks, in a new "
        "random order, as the paper trains on people (100 to 5,000). null: one step on all of them",
    )

    @model_validator(mode="after")
    def _one_path(self) -> OneTraining:
        if self.batch and self.optimizer == "fast":
            raise ValueError(
                f"batch: found {self.batch}; allowed with optimizer 'fast', which takes whole batches: null"
            )
        return self


class FitTraining(OneTraining):
    """What a fit job is told about training."""

    device: Device = Field("auto", description="where networks are trained")


class Training(OneTraining):
    """How networks are trained."""

    seeds: int = Field(
        3, ge=1, le=MOST_SEEDS, description="initialisations of every network; they compete on validation"
    )
