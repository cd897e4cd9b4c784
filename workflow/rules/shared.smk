"""Functions of both workflows, of runs and of the benchmark. The library must be on the path."""

import json
import re
from functools import cache

from tinycog import provenance
from tinycog.models import registry
from tinycog.sources import registry as source_registry


def one_of(names):
    """A wildcard constraint that admits these names only, and none where there are none."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


@cache
def code(*modules):
    """What stands in these modules and in all that they import, as a short digest: a rule's `code` parameter."""
    return provenance.digest(*modules)


def as_json(values):
    return json.dumps(values, separators=(",", ":"))


def preparing(section):
    """Code of the step that prepares a data set, of its source, and of the agent that a simulation runs."""
    modules = ["tinycog.steps.prepare", source_registry.module(section.source)]
    if section.source == "simulate":
        agent = {"family": "cognitive", "model": section.agent.model}
        modules.append(registry.module(section.task_object, agent))
    return code(*modules)
