"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from tinycog.sections.base import OfModels


class Trajectories(OfModels):
    """Paths of the state of models with two or three dynamical variables and two actions.

    After reversals of the schedule, and where trials of one condition follow one another. Models with a subject
    embedding have a map for each subject and are left out.
    """

    key: ClassVar[str] = "trajectories"
    summary: ClassVar[str] = "paths of states after reversals and under repeated trials"


SECTION = Trajectories
