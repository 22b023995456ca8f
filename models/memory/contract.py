"""What the brain asks of its memory, wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.signals import Event


class Memory(Protocol):
    """Maps and events that last: `MemoryStore` (a file) or `FleetStore` (shared)."""

    messages: list[str]

    def save_map(self, snapshot: MapSnapshot, t: float) -> MapSnapshot | None:
        """Write a map; returns the one to go on with if others have added to it."""

    def load_map(self, place: int | None = None) -> MapSnapshot | None:
        """The newest map that is whole (of a place), or None if there is none."""

    def add_events(self, events: Iterable[Event]) -> None:
        """Append to the diary."""

    def events(
        self,
        *,
        kind: str | None = None,
        source: str | None = None,
        since: float | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        """Events in order of time, the newest `limit` of those that match."""

    def query(
        self, sql: str, values: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of a read-only question to the tables of `schema.py`."""

    def close(self) -> None:
        """Close it; safe to call twice."""
