"""Working memory: the last things that happened, in a bounded ring."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from neural_brain.models.signals import Event


class WorkingMemory:
    """The newest events; what falls out is only in the episodic memory.

    Args:
        capacity: number of events that are kept.
    """

    def __init__(self, capacity: int = 256) -> None:
        self._ring: deque[Event] = deque(maxlen=capacity)

    def __len__(self) -> int:
        """Number of events held."""
        return len(self._ring)

    def add(self, events: Iterable[Event]) -> None:
        """Append events, oldest first."""
        self._ring.extend(events)

    def recent(self, count: int = 10, *, kind: str | None = None) -> list[Event]:
        """The newest events (of a kind), oldest first."""
        found = [event for event in self._ring if kind in (None, event.kind)]
        return found[-count:] if count > 0 else []

    def since(self, stamp: float) -> list[Event]:
        """Events at or after a stamp [s]."""
        return [event for event in self._ring if event.stamp >= stamp]
