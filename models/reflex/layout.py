"""Turns the arrays of a message, which may be anything, into one row of numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.gather import gather_state, gather_target

Arrays = tuple[Any, ...]


class Layout:
    """Six vectors; or a pose (4, 4), a stiffness (6, 6) and four vectors.

    Attributes:
        numbers: of the last message; undefined after one that does not fit.
    """

    def __init__(self, *shapes: tuple[int, ...]) -> None:
        sizes = [math.prod(shape) for shape in shapes]
        self.numbers: Array = np.zeros(sum(sizes))
        self._shapes, self._plain = shapes, True
        self._matrices = sum(len(shape) == 2 for shape in shapes)
        self._sizes = np.array(sizes[self._matrices :])
        # The first call of its kind takes half a millisecond: here, not in a tick.
        self._gather(tuple([np.zeros(shape) for shape in shapes]))

    def take(self, arrays: Arrays) -> bool:
        """Whether the arrays have the right shapes; their numbers are taken.

        Compiled code does it for plain arrays. To find out that one is not takes it
        half a millisecond, so after the first such message numpy does it.

        Raises:
            AttributeError, TypeError, ValueError: for what is no array of numbers.
        """
        if self._plain:
            try:
                return self._gather(arrays)
            except Exception:  # whatever the compiled code makes of other types
                self._plain = False
        if tuple([values.shape for values in arrays]) != self._shapes:
            return False
        np.concatenate(arrays, axis=None, out=self.numbers)
        return True

    def _gather(self, arrays: Arrays) -> bool:
        if not self._matrices:
            return bool(gather_state(self.numbers, arrays, self._sizes))
        matrices, vectors = arrays[:2], arrays[2:]
        return bool(gather_target(self.numbers, matrices, vectors, self._sizes))
