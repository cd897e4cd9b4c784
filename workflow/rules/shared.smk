"""Functions that both workflows, the runs' and the benchmark's, need; the folder of the library is on the path."""

import json
import os
import re
from functools import cache

from tinycog import provenance
from tinycog.models import registry
from tinycog.sources import registry as source_registry


def one_of(names):
    """A wildcard constraint that admits these names only."""
    return "|".join(re.escape(name) for name in names)


@cache
def code(*modules):
    """Source files on which the result of these modules depends, relative to the working folder."""
    return [os.path.relpath(path) for path in provenance.sources(*modules)]


def as_json(values):
    return json.dumps(values, separators=(",", ":"))


def preparing(section):
    """Source files of the step that prepares a data set, of its source, and of the agent that a simulation runs."""
    modules = ["tinycog.steps.prepare", source_registry.module(section.source)]
    if section.source == "simulate":
        agent = {"family": "cognitive", "model": section.agent.model}
        modules.append(registry.module(section.task_object, agent))
    return code(*modules)
