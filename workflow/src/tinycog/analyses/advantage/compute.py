"""How far each model is ahead of the best cognitive model, subject by subject (methods: ahead of cognitive models)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.advantage.tables import ANY_D, SAME_D
from tinycog.generators import generator
from tinycog.results.resampling import interval, resamples
from tinycog.results.selection import compared_subjects

BOOTSTRAP = 2000  # resamples of the subjects


def advantage(by_subject: pd.DataFrame, rivals: Collection[str], seed: int) -> list[dict[str, Any]]:
    """Rows of table `advantage`.

    Args:
        by_subject: test NLL (dataset, subject, model, dim, family, n_dynamical, test_nll), of table `performance`.
        rivals: names of the cognitive models that others are held against.
        seed: of the bootstrap.
    """
    compared = by_subject[compared_subjects(by_subject)[0]]
    return [
        {"dataset": dataset, **row}
        for dataset, own in compared.groupby("dataset", sort=False)
        for row in _of_dataset(own, rivals, generator("advantage", seed, dataset))
    ]


def _of_dataset(rows: pd.DataFrame, rivals: Collection[str], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    models = rows.drop_duplicates(["model", "dim"]).set_index(["model", "dim"])[["family", "n_dynamical"]]
    nll = rows.pivot(
        index="subject", columns=["model", "dim"], values="test_nll"
    )  # in the order of the subjects' names
    drawn = resamples(len(nll), BOOTSTRAP, rng) / len(nll)
    own = [key for key in models.index if key[0] in rivals]
    for model in (key for key in models.index if key[0] not in rivals):
        d = models.loc[model, "n_dynamical"]
        same = [key for key in own if models.loc[key, "n_dynamical"] == d]
        for name, among in ((SAME_D, same), (ANY_D, own)):
            if not among:
                continue
            rival = nll[among].mean().idxmin()
            difference = (nll[model] - nll[rival]).to_numpy()
            low, high = interval(drawn @ difference, len(nll))
            yield {
                **{"model": model[0], "dim": model[1], "family": models.loc[model, "family"], "n_dynamical": d},
                **{"rivals": name, "rival": rival[0]},
                **{"test_nll": nll[model].mean(), "rival_nll": nll[rival].mean()},
                **{"difference": difference.mean(), "low": low, "high": high},
                **{"share_ahead": (difference < 0).mean(), "n_subjects": len(nll)},
            }
