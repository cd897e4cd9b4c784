"""The machine and the libraries that times were measured with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("numpy", "torch", "numba")


def describe() -> dict[str, Any]:
    """Processor, its cores, and versions."""
    system = {"cpu": _processor(), "cores": os.cpu_count(), "system": platform.platform()}
    return {**system, "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _processor() -> str:
    """The processor's name as Linux reports it, else Python's best guess."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def in_words(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", *LIBRARIES))
    return f"{machine['cpu']}, one thread; {versions}"
