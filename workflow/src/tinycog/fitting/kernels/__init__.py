"""Fused kernels: likelihood and gradient of the small cells, compiled (Numba); the torch cells are their oracles.

Compiled code is kept in a folder named by what the sources hold: Numba itself looks only at the file of the function
that is called, and would go on with old code after an edit in another one.
"""

import hashlib
from pathlib import Path

from numba.core import config

_folder = Path(__file__).parent
_digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_folder.glob("*.py")))).hexdigest()[:16]
config.CACHE_DIR = str(Path(config.CACHE_DIR or _folder / "__pycache__") / _digest)
