"""Random streams for sensors: drawn in blocks, because one draw a tick is slow."""

from __future__ import annotations

import numpy as np

BLOCK = 512


class GaussianStream:
    """Rows of independent zero-mean Gaussian noise.

    Args:
        generator: seeded source of randomness.
        deviation: standard deviation of every column (k,).
    """

    def __init__(
        self, generator: np.random.Generator, deviation: np.ndarray | list[float]
    ) -> None:
        self._generator = generator
        self._deviation = np.asarray(deviation, dtype=float)
        self._rows = np.zeros((0, self._deviation.size))
        self._next = 0

    def row(self) -> np.ndarray:
        """The next row (k,); do not change it."""
        if self._next >= len(self._rows):
            shape = (BLOCK, self._deviation.size)
            self._rows = self._generator.standard_normal(shape) * self._deviation
            self._next = 0
        self._next += 1
        return self._rows[self._next - 1]
