"""The newest value of a topic, with the time it came and how often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Holds the latest accepted value; ages are measured on the steady clock."""

    def __init__(
        self, topic: str, refused: dict[str, int], then: Callable[[T], Any] | None
    ) -> None:
        self.topic = topic
        self.refused = refused
        self.latest: T | None = None
        self.count = 0
        self._then = then
        self._arrived = -float("inf")
        self._counted = (time.monotonic(), 0)

    def put(self, value: T) -> None:
        """Store a value and, if the owner asked for it, think about it now."""
        self.latest = value
        self.count += 1
        self._arrived = time.monotonic()
        if self._then is not None:
            self._then(value)

    @property
    def age_s(self) -> float:
        """Time since the last value came [s]; infinite before the first."""
        return time.monotonic() - self._arrived

    def fresh(self, max_age_s: float) -> T | None:
        """The latest value if it is not older than `max_age_s`."""
        return self.latest if self.age_s <= max_age_s else None

    def take(self, stamp: float) -> T | None:
        """The latest value, once, as soon as its stamp is not after `stamp` [s].

        The body state that a measurement is fused with must not be older than it.
        """
        value = self.latest
        if value is None or value.stamp > stamp:  # type: ignore[attr-defined]
            return None
        self.latest = None
        return value

    def rate_hz(self) -> float:
        """Values per second since the last call."""
        now, (then, count) = time.monotonic(), self._counted
        self._counted = (now, self.count)
        return (self.count - count) / max(now - then, 1e-3)

    def clear(self) -> None:
        """Forget the value (on deactivation)."""
        self.latest = None
        self._arrived = -float("inf")
