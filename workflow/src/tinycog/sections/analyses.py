"""Section `analyses`: what is made of the fits. Its keys are those of the analyses that have a section."""

from __future__ import annotations

from pydantic import Field, create_model

from tinycog.analyses import registry
from tinycog.sections.base import Section

SECTIONS = {name: module.SECTION for name, module in registry.parts("section")}

Analyses = create_model(
    "Analyses",
    __base__=Section,
    __doc__="Analyses that run after the fits; one that is left out is not made, but for those whose own part says so.",
    **{
        name: (section | None, Field(None, description=f"{section.summary}; {{}} takes the defaults"))
        for name, section in SECTIONS.items()
    },
)
