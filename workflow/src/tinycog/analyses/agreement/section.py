"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from tinycog.sections.base import AnalysisSection


class Agreement(AnalysisSection):
    """How far fits to other folds, and other models, give the same logits along a subject's trials."""

    summary: ClassVar[str] = "correlations of logits between outer folds and between models"


SECTION = Agreement
