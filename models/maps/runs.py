"""Runs of equal cells in a row: labels have few, so cells are counted by runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Runs:
    """Cells of layers (h, w) in the longest pieces along rows in which none changes.

    Attributes:
        starts: first cell of every run, counted row by row.
        lengths: its number of cells.
        shape: rows and columns.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    shape: tuple[int, int]

    def values(self, layer: Labels) -> Labels:
        """What a layer holds in every run."""
        return layer.ravel()[self.starts]

    def fill(self, values: Labels) -> Labels:
        """The layer that holds a value in every run."""
        return np.repeat(values, self.lengths).reshape(self.shape)

    def count(self, numbers: NDArray[np.int64] | Labels) -> NDArray[np.int64]:
        """Cells of each number from 0 on, given the number of every run."""
        return np.bincount(numbers, weights=self.lengths).astype(np.int64)


def runs_of(*layers: Labels) -> Runs:
    """Runs in which all layers of one shape stay the same."""
    h, w = layers[0].shape
    first = np.zeros((h, w), bool)
    first[:, 0] = True
    for layer in layers:
        first[:, 1:] |= layer[:, 1:] != layer[:, :-1]
    starts = np.flatnonzero(first)
    return Runs(starts, np.diff(starts, append=h * w), (h, w))
