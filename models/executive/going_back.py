"""Where the last goals began, so that "go back" can retrace the robot's steps.

Said again, it leads to where the goal before began.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.correction import Correction

MOST = 20  # goals whose beginnings are remembered
HERE_M = 0.6  # one need not go back to where one is


class Beginnings:
    """Where the last goals began, (2,) [m] in `map`, the newest last."""

    def __init__(self) -> None:
        self._spots: list[Array] = []

    def note(self, pose: Array) -> None:
        """A goal begins at a pose (3,)."""
        if np.all(np.isfinite(pose)):
            self._spots = [*self._spots, np.array(pose[:2])][-MOST:]

    def move(self, correction: Correction) -> None:
        """Carry the spots along when the map was mended."""
        self._spots = list(correction.move(np.array(self._spots).reshape(-1, 2)))

    def take(self, pose: Array) -> Array | None:
        """The newest one that is not here; it is forgotten with all after it."""
        while self._spots:
            spot = self._spots.pop()
            if np.hypot(*(spot - pose[:2])) > HERE_M:
                return spot
        return None
