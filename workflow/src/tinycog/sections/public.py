"""Sections of public data sets: one class for each source."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict, model_validator

from tinycog.sections.base import FROM_LIST, MOST_TRIALS, AtMost, PathText, Probability, Trials
from tinycog.sections.dataset import Dataset

Days = Annotated[int, AtMost(100_000, "no experiment has more days")]


class PublicDataset(Dataset):
    """Keys of public data sets."""

    files: list[PathText] | None = Field(
        None, min_length=1, description="raw files to read, in order; null finds them in the raw folder"
    )


class BartoloDataset(PublicDataset):
    """Macaque two-choice reversal learning (Bartolo et al. 2020), MATLAB files as published."""

    source: Literal["bartolo"]
    task: Literal["reversal"] = Field("reversal", description="the task's name")
    trials: Annotated[tuple[int, int], FROM_LIST] = Field(
        (11, 70), description="first and last trial kept of each 80-trial block, counted from 1 (the paper's 11 to 70)"
    )
    block_types: list[Literal["what", "where"]] = Field(
        ["what", "where"],
        min_length=1,
        description="block types to keep: image decides (`what`), location decides (`where`)",
    )

    @model_validator(mode="after")
    def _window(self) -> BartoloDataset:
        if not 1 <= self.trials[0] <= self.trials[1] <= 80:
            raise ValueError(f"trials: {list(self.trials)} must be two trials of a block, 1 <= first <= last <= 80")
        return self


class SegmentedDataset(PublicDataset):
    """Keys of data sets whose sessions are cut into blocks."""

    longest_block: Annotated[int, Field(ge=1, le=MOST_TRIALS)] | None = Field(
        150,
        description="sessions of more trials are cut into the fewest equal blocks of at most this many (the paper's "
        "150); null keeps a session whole",
    )


class MillerDataset(SegmentedDataset):
    """Rat two-step task (Miller et al. 2022), the behaviour-only MATLAB 7.3 file."""

    source: Literal["miller"]
    task: Literal["two_stage"] = Field("two_stage", description="the task's name")
    min_trials: Trials = Field(4000, ge=0, description="rats with fewer trials are left out (the paper's rule)")
    forced: Literal["keep", "mask", "drop"] = Field(
        "keep",
        description="forced first choices (and violations): keep and score as the paper does, mask, or drop them",
    )
    violations: Literal["keep", "drop"] = Field(
        "keep", description="trials without a valid second port: keep them as the paper does (as state 1), or drop them"
    )


class AkamDataset(SegmentedDataset):
    """Keys of the three mouse data sets of Akam et al. 2021."""

    first_day: Days = Field(22, ge=1, description="first training day kept; days are ranks of dates in an experiment")


class AkamTrDataset(AkamDataset):
    """Mouse two-step task with transition reversals (Akam et al. 2021), text logs."""

    source: Literal["akam_tr"]
    task: Literal["transition_reversal"] = Field("transition_reversal", description="the task's name")


class AkamRtsDataset(AkamDataset):
    """Mouse two-step task with fixed transitions (Akam et al. 2021), text logs."""

    source: Literal["akam_rts"]
    task: Literal["two_stage"] = Field("two_stage", description="the task's name")
    recode_common: bool = Field(
        False,
        description="relabel the states of mice whose common transitions are crossed, so that action i leads to i",
    )


class AkamPrlDataset(AkamDataset):
    """Mouse reversal learning (Akam et al. 2021), text logs."""

    source: Literal["akam_prl"]
    task: Literal["reversal"] = Field("reversal", description="the task's name")
    first_day: Days = Field(1, ge=1, description="first training day kept; days are ranks of dates in an experiment")
    dates: list[Annotated[date, Strict(False)]] | None = Field(
        None, min_length=1, description="dates of the sessions to keep; null for all"
    )


class SuthaharanDataset(PublicDataset):
    """Human three-armed reversal (Suthaharan et al. 2021), MATLAB files as published."""

    source: Literal["suthaharan"]
    task: Literal["three_armed_reversal"] = Field("three_armed_reversal", description="the task's name")


class BahramiDataset(PublicDataset):
    """Human four-armed drifting bandit (Bahrami & Navajas 2020), CSV as published."""

    source: Literal["bahrami"]
    task: Literal["four_armed_bandit"] = Field("four_armed_bandit", description="the task's name")
    max_missing: Trials = Field(15, ge=0, description="participants with more missing choices are left out")

    @property
    def graded(self) -> bool:
        return True

    @property
    def reward_range(self) -> tuple[float, float]:
        return 0.0, 100.0


class GillanDataset(PublicDataset):
    """Human original two-stage task (Gillan et al. 2016), CSV files as published."""

    source: Literal["gillan"]
    task: Literal["original_two_stage"] = Field("original_two_stage", description="the task's name")
    experiments: list[Annotated[int, Field(ge=1, le=2)]] = Field(
        [1, 2], min_length=1, description="experiments to read"
    )


class KoolDataset(PublicDataset):
    """Human original two-stage task (Kool et al. 2016), MATLAB file as published."""

    source: Literal["kool"]
    task: Literal["original_two_stage"] = Field("original_two_stage", description="the task's name")
    practice: bool = Field(False, description="whether to keep the 25 practice trials")


class MirandaDataset(SegmentedDataset):
    """Macaque original two-stage task (Miranda et al. 2025), MATLAB file as published."""

    source: Literal["miranda"]
    task: Literal["original_two_stage"] = Field("original_two_stage", description="the task's name")
    reward_levels: Annotated[tuple[Probability, Probability, Probability], FROM_LIST] = Field(
        (1.0, 0.5, 0.0), description="reward of the levels large, medium and none"
    )


class HouDataset(SegmentedDataset):
    """Mouse two-armed baited foraging (Hou 2020), NPZ files as published."""

    source: Literal["hou"]
    task: Literal["bandit"] = Field("bandit", description="the task's name")
    ignored: Literal["drop", "mask"] = Field(
        "drop", description="trials without a response: drop (the authors') or mask"
    )


class SabatiniDataset(SegmentedDataset):
    """Mouse two-armed bandit with reversals (Sabatini laboratory), CSV files as published."""

    source: Literal["sabatini"]
    task: Literal["bandit"] = Field("bandit", description="the task's name")
    conditions: list[Literal["90_10", "80_20", "70_30"]] = Field(
        ["90_10", "80_20", "70_30"], min_length=1, description="reward probabilities (percent) of the sessions to keep"
    )
    duplicates: Literal["drop", "keep"] = Field(
        "drop", description="files published under two mice with the same content: drop both, or keep both"
    )


class DezfouliDataset(PublicDataset):
    """Human two-armed free-operant bandit (Dezfouli et al. 2019), zipped CSV as published."""

    tells_covariates: ClassVar[bool] = True  # diagnosis and scales

    source: Literal["dezfouli"]
    task: Literal["bandit"] = Field("bandit", description="the task's name")
    diagnoses: list[Literal["Healthy", "Depression", "Bipolar"]] = Field(
        ["Healthy", "Depression", "Bipolar"], min_length=1, description="groups of participants to keep"
    )


class EcksteinDataset(PublicDataset):
    """Human two-armed stochastic switching (Eckstein et al. 2022), CSV as published."""

    source: Literal["eckstein"]
    task: Literal["reversal"] = Field("reversal", description="the task's name")


class ZorowitzDataset(PublicDataset):
    """Human three-armed reversal (Zorowitz et al. 2023), CSV as published."""

    tells_covariates: ClassVar[bool] = True  # platform

    source: Literal["zorowitz"]
    task: Literal["three_armed_reversal"] = Field("three_armed_reversal", description="the task's name")


class IblDataset(SegmentedDataset):
    """Mouse visual decisions after training (International Brain Laboratory), NPZ files of Ashwood et al. 2022."""

    source: Literal["ibl"]
    task: Literal["perceptual"] = Field("perceptual", description="the task's name")


class PsytrackDataset(SegmentedDataset):
    """One rat learning an auditory comparison (Roy et al. 2021), the published NPZ file."""

    source: Literal["psytrack"]
    task: Literal["perceptual"] = Field("perceptual", description="the task's name")


PUBLIC = (
    *(BartoloDataset, AkamTrDataset, AkamRtsDataset, AkamPrlDataset, MillerDataset, SuthaharanDataset, BahramiDataset),
    *(GillanDataset, HouDataset, SabatiniDataset, DezfouliDataset, EcksteinDataset, ZorowitzDataset, KoolDataset),
    *(MirandaDataset, IblDataset, PsytrackDataset),
)
