"""In which environment models that were fitted to a data set play (methods: behaviour)."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from tinycog.sections.environments import AnyEnvironment

# data set's source: what pays in its experiment, as far as an environment of simulations does the same
OF_SOURCES = {
    "miller": {"kind": "blocks"},
    "akam_rts": {"kind": "akam_two_step"},
    "akam_tr": {"kind": "akam_two_step"},
    "akam_prl": {"kind": "akam_reversal"},
    "suthaharan": {"kind": "levels"},
    "bahrami": {"kind": "drift"},
    "gillan": {"kind": "walks"},
}


def of_dataset(config: Any, name: str) -> dict[str, Any]:
    """`variants`, environments among which the played blocks are dealt; `n_trials`, null for as many as the subject's
    blocks have; and `note`, why there is no environment, empty where there is one.

    An environment that `analyses.behaviour.environments` names comes before the data set's own.
    """
    section, behaviour = config.datasets[name], config.analyses.behaviour
    named = behaviour.environments if behaviour else {}
    n_trials = section.n_trials if section.source == "simulate" else None
    if name in named:
        variants = [named[name].model_dump()]
    elif section.source == "simulate":
        variants = [section.environment.model_dump()]
    elif section.source == "bartolo":
        variants = _monkeys(section.trials[0])
    elif section.source in OF_SOURCES:
        variants = [_complete(OF_SOURCES[section.source])]
    else:
        note = f"no environment is known for source {section.source!r}; name one: analyses.behaviour.environments"
        return {"variants": [], "n_trials": None, "note": note}
    if any(variant["kind"] == "bahrami" for variant in variants):
        return {"variants": [], "n_trials": n_trials, "note": "recorded payoffs are not played"}
    return {"variants": variants, "n_trials": n_trials, "note": ""}


def _monkeys(first: int) -> list[dict[str, Any]]:
    """A swap between trials 30 and 49 (from 0) of the experiment's blocks, of which trials from `first` (from 1) on are
    analysed; either action is the better one at first as often as the other.
    """
    swap = [max(1, trial - (first - 1)) for trial in (30, 49)]
    orders = ([0.7, 0.3], [0.3, 0.7])
    return [_complete({"kind": "bandit", "probabilities": order, "reversal": swap}) for order in orders]


def _complete(settings: dict[str, Any]) -> dict[str, Any]:
    """An environment's section with its defaults, as plain values."""
    return TypeAdapter(AnyEnvironment).validate_python(settings).model_dump()
