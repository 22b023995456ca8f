"""Which rooms are told of: large enough ones, when they were found twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from neural_brain.models.maps.rooms import RoomMap
from neural_brain.models.signals import Room


class RoomNews:
    """Remembers what was told.

    Args:
        least_m2: smaller regions are not told [m2].

    Attributes:
        told: numbers of rooms that were told.
    """

    def __init__(self, least_m2: float) -> None:
        self.least_m2 = least_m2
        self.told: set[int] = set()
        self._ages: dict[int, int] = {}

    def age(self, rooms: RoomMap) -> None:
        """Count how often each large enough region was found again."""
        self._ages = {
            k: self._ages.get(k, 0) + 1
            for k, (_, area) in rooms.regions().items()
            if area >= self.least_m2
        }

    def new(self, rooms: Sequence[Room]) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, sentence and data of each room that is told for the first time."""
        for room in rooms:
            if room.id in self.told or self._ages.get(room.id, 0) < 2:
                continue
            self.told.add(room.id)
            text = f"new room {room.id}, {room.area_m2:.0f} m2"
            yield "new room", text, {"room": room.id, "area_m2": room.area_m2}
