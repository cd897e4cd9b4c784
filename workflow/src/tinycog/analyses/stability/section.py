"""Keys of this analysis in the config."""

from __future__ import annotations

from typing import ClassVar

from tinycog.sections.base import OfModels


class Stability(OfModels):
    """Fixed points, attractors, time constants and Lyapunov exponents of every model, networks and cognitive ones.

    Models with a subject embedding have a map for each subject and are left out.
    """

    key: ClassVar[str] = "stability"
    summary: ClassVar[str] = "fixed points, attractors and Lyapunov exponents"


SECTION = Stability
