"""Fused kernels: likelihood and gradient of the small cells, compiled (Numba); the torch cells are their oracles.

Compiled code is kept in a folder named by the content of the sources, for all copies of the package on a machine.
Numba's own cache looks only at the file of the function that is called: it would keep old code after an edit in another
file, and compile again for every copy of the package.
"""

import fcntl
import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import config
from numba.core.caching import FunctionCache, UserProvidedCacheLocator
from numba.core.dispatcher import Dispatcher
from numba.core.runtime import rtsys

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


class AsCompiled(FunctionCache):
    """Loads code without first loading all that Numba compiles with, and SciPy: half a second for every job.

    Numba does that by itself before it compiles anything.
    """

    def load_overload(self, sig, target_context):
        rtsys.initialize(target_context)  # the part that every kernel runs with
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


def kept(function: Callable) -> Dispatcher:
    """Decorator: a kernel, compiled for the types of its arguments and kept on disk."""
    kernel = njit(nogil=True, error_model="numpy")(function)
    kernel._cache = AsCompiled(function)
    return kernel


def compiled(kernel: Callable, *arguments: Any) -> Any:
    """The first call of a kernel with arguments of these types, for which it may have to be compiled.

    A lock is held meanwhile: processes wait for each other's code instead of compiling it again, and Numba's index of
    compiled code is not safe against two processes that write at once: one could load wrong code.

    Code that cannot be kept, as where a disk is full, serves this process alone; a warning names the folder.
    """
    with _locked():
        try:
            return kernel(*arguments)
        except OSError as error:
            where = f"compiled code cannot be kept in {config.CACHE_DIR} ({error})"
            advice = "every job compiles its own, some ten seconds each, until there is room, or NUMBA_CACHE_DIR names"
            warnings.warn(f"{where}: {advice} another folder", stacklevel=2)
            return kernel(*arguments)


@contextmanager
def _locked() -> Iterator[None]:
    with ExitStack() as stack:
        with suppress(OSError):  # a disk that is full has no room for a lock either
            lock = stack.enter_context(open(Path(config.CACHE_DIR) / "lock", "w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
