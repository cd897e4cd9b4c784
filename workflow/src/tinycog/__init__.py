"""tinycog: discover cognitive strategies from choice behaviour with very small recurrent networks."""

import importlib

__version__ = "0.1.0"
# where each public function stands; its libraries are loaded when it is used, because every job imports this package
PUBLIC = {"columns": "results.stored", "read": "results.stored", "score": "api", "tables": "results.stored"}
__all__ = list(PUBLIC)


def __getattr__(name: str):
    if name in PUBLIC:
        return getattr(importlib.import_module(f"tinycog.{PUBLIC[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
