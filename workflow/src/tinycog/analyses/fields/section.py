"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from tinycog.sections.base import OfModels


class Fields(OfModels):
    """Logit changes of models with several dynamical variables and two actions, and vector fields of those with two.

    Models with a subject embedding have a map for each subject and are left out.
    """

    key: ClassVar[str] = "fields"
    summary: ClassVar[str] = "clouds of logit changes and vector fields"


SECTION = Fields
