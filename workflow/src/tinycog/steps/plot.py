"""Draw one figure from its tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

from tinycog.figures import style


def performance(by_subject: Path, group: Path, output: Path, *, dataset: str) -> None:
    from tinycog.figures.performance import nll_against_d

    _save(nll_against_d(pd.read_parquet(by_subject), pd.read_parquet(group), dataset), output)


def dimensionality(table: Path, output: Path) -> None:
    from tinycog.figures.dimensionality import d_star_histogram

    _save(d_star_histogram(pd.read_parquet(table)), output)


def portrait(folder: Path, output: Path) -> None:
    """The portrait of the first outer fold that has a fit."""
    from tinycog.figures.portraits import phase_portrait

    maps, visited, fixed_points = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("maps", "visited", "fixed_points")
    )
    first = maps["outer"].min()
    tables = [table[table["outer"] == first] for table in (maps, visited, fixed_points)]
    _save(phase_portrait(*tables, title=f"{_title(maps)}, outer fold {first}"), output)


def setpoints(folder: Path, output: Path) -> None:
    from tinycog.figures.portraits import setpoints as draw

    table = pd.read_parquet(folder / "setpoints.parquet")
    _save(draw(table, title=f"{_title(table)}, {table['outer'].nunique()} outer folds"), output)


def _title(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    return f"{first['dataset']}, {first['subject']}, {first['model']} d = {first['dim']}"


def _save(figure: plt.Figure, output: Path) -> None:
    style.save(figure, output)
    plt.close(figure)
