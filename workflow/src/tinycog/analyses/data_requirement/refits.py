"""One model fitted to some of the blocks of one outer fold, and what tables keep of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.data_requirement.compute import inner_roles, n_inner_of, nested_subset
from tinycog.analyses.data_requirement.tables import NOT_FITTED, PARTS
from tinycog.fitting import outer_fold
from tinycog.generators import generator
from tinycog.models.interface import Model, Parameters
from tinycog.results.selection import selected_row
from tinycog.trials.sequences import Sequences

Rows = tuple[dict[str, Any], list[dict[str, Any]]]  # of the selected fit, and of each of its test blocks


@dataclass(frozen=True)
class Blocks:
    """The blocks of one share.

    Attributes:
        sequences: all blocks of the subject.
        subset: which of them train and validate, sorted; `test` those that test.
        origin: (block,) block of which each is a relabelled copy; an original's own number.
    """

    sequences: Sequences
    subset: np.ndarray
    test: np.ndarray
    origin: np.ndarray

    @property
    def n_time_points(self) -> int:
        """Of the blocks that train and validate."""
        return int(self.sequences.lengths[self.subset].sum())

    def alone(
        self, model: Model, *, n_inner: int, inner: int, seed: int
    ) -> tuple[Sequences, list[dict[str, np.ndarray]]]:
        """These blocks and no others, and weights by role of every inner fold, see `folds.read`.

        A copy trains where its original trains, and has no other role.
        """
        splits = inner_roles(len(self.subset), len(self.test), n_inner=n_inner, inner=inner, seed=seed)
        is_copy = (self.origin != np.arange(len(self.origin))) & np.isin(self.origin, self.subset)
        copies = np.flatnonzero(is_copy & model.uses_copies)
        place = np.searchsorted(self.subset, self.origin[copies])
        weights = [
            {role: np.append(of[role], of[role][place] * (role == "train"))[None] for role in of} for of in splits
        ]
        return self.sequences.subset(np.concatenate([self.subset, self.test, copies])), weights


@dataclass(frozen=True)
class Refits:
    """Fits of one model to shares of the blocks of one outer fold of one subject.

    Attributes:
        keys: dataset, subject and generator.
        name, dim, model, spec, training: the model, see `engine.fit`.
        n_inner, inner: inner folds of the run, and how many of these are run.
        seed: of the run.
    """

    keys: dict[str, Any]
    outer: int
    name: str
    dim: int
    model: Model
    spec: dict[str, Any]
    training: dict[str, Any]
    stages: int
    n_inner: int
    inner: int
    seed: int

    def subset(self, outside: np.ndarray, n: int) -> np.ndarray:
        """`n` of the blocks outside the test fold, the same for all models."""
        key = ("data requirement", "blocks", self.seed, *self.keys.values(), self.outer)
        return nested_subset(outside, n, generator(*key))

    def refitted(self, share: float, data: Blocks) -> Rows:
        """A share that is fitted here."""
        n_inner = n_inner_of(share, self.n_inner)
        if len(data.subset) < n_inner:
            return self.without(
                share, f"{NOT_FITTED}{len(data.subset)} blocks are fewer than {n_inner} inner folds", data
            )
        folds = {"n_inner": n_inner, "inner": min(self.inner, n_inner), "seed": self.outer}
        key = ("data requirement", *self.keys.values(), self.name, self.outer, share)
        alone = data.alone(self.model, **folds)
        return self.kept(share, data, *outer_fold.fit(self.model, self.spec, *alone, self.training, key))

    def kept(self, share: float, data: Blocks, fits: dict[str, np.ndarray], stack: Parameters) -> Rows:
        """Rows of the selected one of these fits.

        Args:
            fits: columns of table `fits`, (replica,) each.
            stack: parameters of every replica.
        """
        row = selected_row(fits)
        if row is None:
            return self.without(share, f"every fit failed; the first: {fits['reason'][0]}", data)
        params = {name: values[row : row + 1] for name, values in stack.items()}
        nll, n = outer_fold.block_losses(self.model, params, data.sequences.subset(data.test))
        about = self._about(share, data)
        with np.errstate(invalid="ignore"):
            test_nll = nll.sum() / n.sum()
        found = {
            "n_inner": len(np.unique(fits["inner"])),
            "val_nll": outer_fold.validation_nll(fits),
            "test_nll": test_nll if np.isfinite(test_nll) else None,
            "n_test": int(n.sum()),
            "reason": "" if np.isfinite(test_nll) else "the loss of the test choices is not finite",
        }
        keys = {name: about[name] for name in (*self.keys, "model", "dim", "outer", "share")}
        of_blocks = zip(data.test.tolist(), nll.tolist(), n.tolist(), strict=True)
        return about | found, [{**keys, "block": block, "nll": loss, "n": size} for block, loss, size in of_blocks]

    def without(self, share: float, why: str, data: Blocks | None = None) -> Rows:
        """Rows of a share without a fit."""
        nothing = {"n_inner": 0, "val_nll": None, "test_nll": None, "n_test": 0, "reason": why}
        return self._about(share, data) | nothing, []

    def _about(self, share: float, data: Blocks | None) -> dict[str, Any]:
        return {
            **self.keys,
            "model": self.name,
            "dim": self.dim,
            "family": self.model.family,
            "outer": self.outer,
            "share": share,
            "n_blocks": len(data.subset) if data else 0,
            "n_trials": data.n_time_points // self.stages if data else 0,
        }


def write(output: Path, found: Sequence[Rows]) -> None:
    """Write tables `data_requirement_folds` and `blocks` (.parquet) to the folder `output`."""
    rows = [row for row, _ in found], [row for _, of_blocks in found for row in of_blocks]
    for table, own in zip(PARTS, rows, strict=True):
        table.write_part(output / f"{table.name}.parquet", own)
