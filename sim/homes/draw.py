"""Random draws made of integers only, the same on every machine and NumPy version.

NumPy promises that the raw stream of a bit generator never changes (NEP 19), but not
the stream of its distributions; so these few draws are built on the raw stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draw:
    """A stream of integer draws.

    Args:
        key: whole numbers >= 0 that name the stream, for example (seed, attempt).
    """

    def __init__(self, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(list(key)))

    def below(self, n: int) -> int:
        """A whole number 0 <= k < n. The bias of the modulus is below n / 2^64."""
        return int(self._bits.random_raw()) % n

    def between(self, low: int, high: int) -> int:
        """A whole number low <= k <= high."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` of 100 draws."""
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[int]) -> T:
        """One of the items, in proportion to whole-number weights (sum > 0)."""
        k = self.below(sum(weights))
        for item, weight in zip(items, weights, strict=True):
            k -= weight
            if k < 0:
                return item
        raise AssertionError("unreachable: weights were summed above")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All items in random order (Fisher-Yates)."""
        result = list(items)
        for i in range(len(result) - 1, 0, -1):
            j = self.below(i + 1)
            result[i], result[j] = result[j], result[i]
        return result
