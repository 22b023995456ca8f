"""Closed loops of the last seconds, for those who keep notes of places themselves."""

from __future__ import annotations

from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import MapMove

KEPT_S = 10.0


class Moves:
    """What was moved lately, the newest last."""

    def __init__(self) -> None:
        self._kept: tuple[MapMove, ...] = ()

    def note(self, t: float, correction: Correction) -> None:
        """The map was mended at t [s]."""
        before, after = correction.before.copy(), correction.after.copy()
        self._kept = (*self._kept, MapMove(stamp=t, before=before, after=after))

    def lately(self, t: float) -> tuple[MapMove, ...]:
        """Those of the last `KEPT_S` before t [s]."""
        if self._kept:
            self._kept = tuple(m for m in self._kept if 0.0 <= t - m.stamp <= KEPT_S)
        return self._kept

    def clear(self) -> None:
        """Another map is in use: moves of the one before are not its own."""
        self._kept = ()
