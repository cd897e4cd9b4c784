"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from tinycog.sections.base import OfModels


class Fields(OfModels):
    """Logit changes of models with several dynamical variables, and vector fields of those with two.

    With more actions fields of two values at a time, and of three logits where a trial has two choices.

    Models with a subject embedding have a map for each subject and are left out.
    """

    key: ClassVar[str] = "fields"
    summary: ClassVar[str] = "clouds of logit changes and vector fields"


SECTION = Fields
