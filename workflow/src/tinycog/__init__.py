"""tinycog: discover cognitive strategies from choice behaviour with very small recurrent networks."""

__version__ = "0.1.0"
