"""Where the last goals began, so that "go back" can retrace the robot's steps.

The robot stands there as it stood then, with the heading, too. Said again, it leads to
where the goal before began.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array, compose2
from neural_brain.models.maps.correction import Correction

MOST = 20  # goals whose beginnings are remembered
HERE_M = 0.6  # one need not go back to where one is


class Beginnings:
    """Poses (3,) in `map` at which the last goals began, the newest last."""

    def __init__(self) -> None:
        self._poses: list[Array] = []

    def note(self, pose: Array) -> None:
        """A goal begins at a pose (3,)."""
        if np.all(np.isfinite(pose)):
            self._poses = [*self._poses, np.array(pose)][-MOST:]

    def move(self, correction: Correction) -> None:
        """Carry the poses along when the map was mended."""
        self._poses = [carried(pose, correction) for pose in self._poses]

    def take(self, pose: Array) -> Array | None:
        """The newest one that is not here; it is forgotten with all after it."""
        while self._poses:
            began = self._poses.pop()
            if np.hypot(*(began - pose)[:2]) > HERE_M:
                return began
        return None


def carried(pose: Array, correction: Correction) -> Array:
    """A pose (3,), whose heading may be NaN, with the part of the map around it."""
    return compose2(correction.change_of(0, pose), pose)
