"""Working memory: the last things that happened, in a bounded ring."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar


class Stamped(Protocol):
    """Anything that happened at a time."""

    @property
    def stamp(self) -> float:
        """When [s]."""


T = TypeVar("T", bound=Stamped)


class WorkingMemory(Generic[T]):
    """The newest items; what falls out is only in the episodic memory, if anywhere.

    Args:
        capacity: number of items that are kept.
    """

    def __init__(self, capacity: int = 256) -> None:
        self._ring: deque[T] = deque(maxlen=capacity)

    def __len__(self) -> int:
        """Number of items held."""
        return len(self._ring)

    def add(self, items: Iterable[T]) -> None:
        """Append items, oldest first."""
        self._ring.extend(items)

    def recent(self, count: int = 10) -> list[T]:
        """The newest items, oldest first."""
        return list(self._ring)[-count:] if count > 0 else []

    def since(self, stamp: float) -> list[T]:
        """Items at or after a stamp [s]."""
        return [item for item in self._ring if item.stamp >= stamp]
