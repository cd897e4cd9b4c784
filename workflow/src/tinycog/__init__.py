"""tinycog: discover cognitive strategies from choice behaviour with very small recurrent networks."""

import importlib

__version__ = "0.1.0"
__all__ = ["score"]


def __getattr__(name: str):
    """`tinycog.score`, whose libraries are loaded when it is used: every job imports this package."""
    if name in __all__:
        return getattr(importlib.import_module("tinycog.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
