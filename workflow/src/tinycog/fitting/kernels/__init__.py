"""Fused kernels: likelihood and gradient of the small cells, compiled (Numba); the torch cells are their oracles.

Compiled code is kept in a folder named by the content of the sources, for all copies of the package on a machine.
Numba's own cache looks only at the file of the function that is called: it would keep old code after an edit in another
file, and compile again for every copy of the package.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from numba.core import config
from numba.core.caching import UserProvidedCacheLocator

_SOURCES = Path(__file__).parent


class ByContent(UserProvidedCacheLocator):
    """Puts compiled code into Numba's folder itself, not into one for each path of the package."""

    def __init__(self, function, file):
        super().__init__(function, file)
        self._cache_path = config.CACHE_DIR


def _folder() -> Path:
    """The first that can be written to and locked: the folder named to Numba, the user's cache, a temporary one."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_SOURCES.glob("*.py")))).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    places = [*([Path(config.CACHE_DIR)] if config.CACHE_DIR else []), cache / "tinycog", _SOURCES / "__pycache__"]
    for place in places:
        folder = place / f"kernels-{digest}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            with open(folder / "lock", "w") as lock, suppress(BlockingIOError):  # held by another: locks work here
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:  # some network file systems have no locks
            continue
        return folder
    return Path(tempfile.mkdtemp(prefix="tinycog-kernels-"))


config.CACHE_DIR = str(_folder())
config.CACHE_LOCATOR_CLASSES = f"{__name__}.ByContent"


@contextmanager
def compiling() -> Iterator[None]:
    """A lock, held while a kernel may be compiled: processes wait for each other's code instead of compiling it again.

    Numba's index of compiled code is not safe against two processes that write at once: one could load wrong code.
    """
    with open(Path(config.CACHE_DIR) / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
