"""The machine and the libraries that times were measured with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("numpy", "torch", "numba")
VECTORS = {"avx512f": 512, "avx": 256, "sse2": 128, "asimd": 128, "neon": 128}  # flag of a processor: bits
CACHES = ("L1d", "L2", "L3")


def describe() -> dict[str, Any]:
    """Processor, its cores, caches and vector registers, and versions; what the system does not tell is None."""
    processor = {"cpu": _told("model name") or platform.processor() or platform.machine(), "cores": os.cpu_count()}
    processor |= {"caches": caches(Path("/sys/devices/system/cpu/cpu0/cache")), "vector_bits": vector_bits(_flags())}
    software = {"system": platform.platform(), "python": platform.python_version()}
    return {**processor, **software, **{name: version(name) for name in LIBRARIES}}


def _told(*names: str) -> str | None:
    """The first line of one of these names in what Linux says of the processors."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() in names), None)


def _flags() -> list[str]:
    return (_told("flags", "Features") or "").split()


def vector_bits(flags: list[str]) -> int | None:
    """Width of the widest vector registers."""
    return max((VECTORS[flag] for flag in flags if flag in VECTORS), default=None)


def caches(folder: Path) -> dict[str, str | None]:
    """Size of each cache that a core uses, such as 48 KiB; None where Linux does not say.

    Args:
        folder: of one core's caches, with `level`, `type` and `size` of each.
    """
    found: dict[str, str | None] = dict.fromkeys(CACHES)
    for size in folder.glob("index*/size"):
        level, kind = (size.with_name(name).read_text().strip() for name in ("level", "type"))
        name = f"L{level}" + {"Data": "d", "Instruction": "i"}.get(kind, "")
        if name in found:
            kib = int(size.read_text().strip().removesuffix("K"))
            found[name] = f"{kib} KiB" if kib < 1024 else f"{kib / 1024:g} MiB"
    return found


def in_words(machine: dict[str, Any]) -> str:
    """What times were measured with, as a phrase."""
    known = [f"{name} {size}" for name, size in machine["caches"].items() if size]
    bits = machine["vector_bits"]
    processor = [
        machine["cpu"],
        "caches " + ", ".join(known) if known else "caches unknown",
        f"vectors of {bits} bits" if bits else "vector width unknown",
        "one thread",
    ]
    versions = [f"{name} {machine[name]}" for name in ("python", *LIBRARIES)]
    return f"{', '.join(processor)}; {', '.join(versions)}"
