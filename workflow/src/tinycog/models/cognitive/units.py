"""Units of cognitive models' parameters, in words.

Units are kept out of the declarations, so that a change of words does not make fits run again.
"""

from __future__ import annotations

from collections.abc import Mapping

from tinycog.models.cognitive.declaration import UNIT, ParameterClass

SHARE = "share per trial, 0 to 1"
WEIGHT = "weight, 0 to 1"
REWARD, PROBABILITY, NATS = "units of reward", "units of probability", "nats"
PER_REWARD, PER_PROBABILITY = "nats per unit of reward", "nats per unit of probability"
# what a name begins with, up to its first underscore
UNITS = {
    "p": "probability, 0 to 1",
    "h": "probability per trial, 0 to 0.5",  # hazard
    **dict.fromkeys(("alpha", "phi", "f"), SHARE),  # of the way from a value to its target
    "D": SHARE,  # of a value that is left
    "lambda": WEIGHT,
    "eta": "value per unit of reward",
}
# what is added to rewards or to values, which the inverse temperature multiplies where the model has one
ADDED = ("kappa", "b", "k", "rho", "u", "nu", "omega")


def unit(name: str, classes: Mapping[str, ParameterClass]) -> str:
    """Unit of the parameter `name` of a model with these parameters.

    Logits are in nats; values have the unit of rewards, in which a full reward is 1. So an inverse temperature is in
    nats per unit of reward, but where it multiplies a belief (the models with a hazard `h`).

    Raises:
        ValueError: the unit is not known.
    """
    stem = name.split("_")[0]
    if stem in UNITS:
        return UNITS[stem]
    if stem in ("beta", "G"):
        return PER_PROBABILITY if "h" in classes else PER_REWARD
    if stem in ADDED:
        if "h" in classes:
            return PROBABILITY
        return REWARD if any(other.startswith("beta") for other in classes) else NATS
    if stem == "w":
        return WEIGHT if classes[name] is UNIT else "ratio of likelihoods"
    raise ValueError(f"no unit is known of parameter {name!r}; write it in models/cognitive/units.py")
