"""Time from the start of a fit job's process to the end of its first epoch, with compiled code in its cache."""

from __future__ import annotations

import subprocess
import sys
import time

# the command line as it is, with a clock behind the first evaluation
TIMED = """
import sys
import time
from tinycog.cli import main
from tinycog.fitting.kernels.fused import Fused

def timed(self, theta, evaluate=Fused.__call__):
    result = evaluate(self, theta)
    print("first epoch at", time.time(), flush=True)
    Fused.__call__ = evaluate
    return result

Fused.__call__ = timed
main(sys.argv[1:])
"""


def seconds_to_first_epoch(arguments: list[str], repeats: int = 5) -> float:
    """The fastest of some runs of `python -m tinycog` with these arguments, a fit on the kernels."""

    def once() -> float:
        start = time.time()
        command = [sys.executable, "-c", TIMED, *arguments]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return float(run.stdout.split("first epoch at")[1].split()[0]) - start

    once()  # compiles, if need be
    return min(once() for _ in range(repeats))
