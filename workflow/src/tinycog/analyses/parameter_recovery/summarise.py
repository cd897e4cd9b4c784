"""Put the recovered parameters of every data set and model together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.parameter_recovery.compute import summary
from tinycog.analyses.parameter_recovery.tables import AGENTS, RECOVERY


def summarise(agents: list[Path], folder: Path) -> None:
    """Write tables `parameter_recovery_agents` and `parameter_recovery` to `folder`."""
    everyone = pd.concat([pd.read_parquet(path) for path in agents], ignore_index=True)
    AGENTS.write(folder, everyone)
    RECOVERY.write(folder, summary(everyone))
