"""Events that a memory cannot take now: they wait here, and nobody has to stop."""

from __future__ import annotations

import math
from collections.abc import Iterable

from neural_brain.models.signals import Event

RETRY_S = 10.0  # of the robot's time, between tries to write the diary


class Waiting:
    """A queue of events, and when to try again.

    Attributes:
        events: what waits, in order.
        lost: how many were dropped because too many waited or their stamp was no time.

    Args:
        most: events that wait; the oldest ones go beyond.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.events: list[Event] = []
        self.lost = 0
        self._tried_at: float | None = None

    def add(self, events: Iterable[Event]) -> None:
        """Append events; those without a finite stamp could never be written."""
        new = list(events)
        self.events += [event for event in new if math.isfinite(event.stamp)]
        over = max(0, len(self.events) - self.most)
        del self.events[:over]
        self.lost += over + sum(not math.isfinite(event.stamp) for event in new)

    @property
    def due(self) -> bool:
        """Whether something waits that should be tried to write now."""
        if not self.events:
            return False
        t, tried = self.events[-1].stamp, self._tried_at
        return tried is None or not tried <= t < tried + RETRY_S

    def put_off(self) -> bool:
        """They could not be written; returns whether that is new."""
        new = self._tried_at is None
        self._tried_at = self.events[-1].stamp if self.events else None
        return new

    def done(self) -> int:
        """All are written; returns how many were lost before that."""
        lost, self.lost = self.lost, 0
        self.events, self._tried_at = [], None
        return lost
