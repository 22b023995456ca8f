"""From where and when landmarks were seen in this life, and where they are touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.geometry import Array, move_spots, transform2
from neural_brain.models.maps.tracks import named
from neural_brain.models.signals import Landmark, Percepts

SPARE = 100  # notes on landmarks that are no more, before they are dropped


@dataclass
class Sightings:
    """By number of the landmark.

    Attributes:
        seen_from: spot (2,) from which it was seen last.
        seen_at: when that was [s].
        touch: spots (k, 6) of its surface that can be touched, as seen last.
    """

    seen_from: dict[int, Array] = field(default_factory=dict)
    seen_at: dict[int, float] = field(default_factory=dict)
    touch: dict[int, Array] = field(default_factory=dict)

    def note(self, percepts: Percepts, pose: Array, known: Sequence[Landmark]) -> None:
        """Take a frame, seen from a pose (3,) in `map`."""
        if len(self.seen_at) > 2 * len(known) + SPARE:
            self._forget(known)
        for thing in percepts.objects:
            same = named(known, thing.category)
            if not same:
                continue
            xy = np.array([landmark.center_map[:2] for landmark in same])
            half = np.array([0.5 * landmark.size[:2].max() for landmark in same])
            at = transform2(pose, thing.center_base[None, :2])[0]
            apart = np.hypot(*(xy - at).T)
            for k in np.flatnonzero(apart < np.maximum(0.5, half)).tolist():
                self.seen_from[same[k].id] = pose[:2].copy()
                self.seen_at[same[k].id] = percepts.stamp
                if len(thing.touch):
                    self.touch[same[k].id] = move_spots(pose, thing.touch)

    def _forget(self, known: Sequence[Landmark]) -> None:
        """Drop what is noted of landmarks that are no more."""
        there = {landmark.id for landmark in known}
        for noted in (self.seen_from, self.seen_at, self.touch):
            for number in noted.keys() - there:
                del noted[number]
