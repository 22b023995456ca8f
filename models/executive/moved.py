"""Notes of places follow the map when a closed loop has moved it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import MapState

ABSURD_M = 100.0  # a mended map moves by less


@runtime_checkable
class Movable(Protocol):
    """Holds places in `map`."""

    def move(self, correction: Correction) -> None:
        """Carry them along."""


def follow(before: MapState | None, now: MapState, notes: Iterable[object]) -> None:
    """Carry notes along with what was moved between two states of one map.

    Args:
        before: the state of the last decision; without one nothing was noted yet.
        now: the newest state.
        notes: those that are `Movable` are moved.
    """
    if before is None or before.map_id != now.map_id:
        return
    for move in now.moves:
        if move.stamp <= before.stamp or not len(move.before):
            continue
        numbers = tuple(range(1, len(move.before) + 1))
        correction = Correction(numbers=numbers, before=move.before, after=move.after)
        if correction.shift_m > ABSURD_M:
            continue
        for note in notes:
            if isinstance(note, Movable):
                note.move(correction)
