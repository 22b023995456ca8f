"""From where landmarks were seen in this life, and where they are touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.executive.near_looks import NearLooks
from neural_brain.models.geometry import Array, move_spots, transform2
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.tracks import named
from neural_brain.models.signals import Landmark, ObjectPercept, Percepts

BESIDE_M = 0.5  # what is seen so near to a thing may be the thing
OTHER_COLOUR_M = 0.3  # what another colour counts as distance

SPARE = 100  # notes on landmarks that are no more, before they are dropped


@dataclass
class Sightings:
    """By number of the landmark.

    Attributes:
        seen_from: spot (2,) from which it was seen last.
        touch: spots (k, 6) of its surface that can be touched, as seen last.
        near: its part (2,) that was nearest to the robot then.
        looks: what the thing that is approached now is called from near.
    """

    seen_from: dict[int, Array] = field(default_factory=dict)
    touch: dict[int, Array] = field(default_factory=dict)
    near: dict[int, Array] = field(default_factory=dict)
    looks: NearLooks = field(default_factory=NearLooks)

    def note(self, percepts: Percepts, pose: Array, known: Sequence[Landmark]) -> None:
        """Take a frame, seen from a pose (3,) in `map`."""
        if len(self.seen_from) > 2 * len(known) + SPARE:
            self._forget(known)
        self.looks.note(percepts, pose)
        for thing in percepts.objects:
            same = named(known, thing.category)
            if not same:
                continue
            xy = np.array([landmark.center_map[:2] for landmark in same])
            half = np.array([0.5 * landmark.size[:2].max() for landmark in same])
            at = transform2(pose, thing.center_base[None, :2])[0]
            apart = np.hypot(*(xy - at).T)
            self._note_near(thing, pose, same, apart - half)
            for k in np.flatnonzero(apart < np.maximum(BESIDE_M, half)).tolist():
                self.seen_from[same[k].id] = pose[:2].copy()
                if len(thing.touch):
                    self.touch[same[k].id] = move_spots(pose, thing.touch)

    def move(self, correction: Correction) -> None:
        """Carry the spots along when the map was mended."""
        for number, spot in self.seen_from.items():
            self.seen_from[number] = correction.move(spot[None])[0]
        for number, spots in self.touch.items():
            change = correction.change_of(0, spots[:, :2].mean(axis=0))
            self.touch[number] = move_spots(change, spots)
        for number, spot in self.near.items():
            self.near[number] = correction.move(spot[None])[0]

    def _note_near(
        self,
        thing: ObjectPercept,
        pose: Array,
        same: Sequence[Landmark],
        apart: Array,
    ) -> None:
        """The nearest part belongs to one landmark only, not to its neighbours."""
        if thing.near is None:
            return

        def unlike(k: int) -> float:
            colours = same[k].colour, thing.colour
            return float(apart[k]) + OTHER_COLOUR_M * (colours[0] != colours[1])

        best = min(range(len(same)), key=unlike)
        if apart[best] < BESIDE_M:
            self.near[same[best].id] = transform2(pose, thing.near[None])[0]

    def _forget(self, known: Sequence[Landmark]) -> None:
        """Drop what is noted of landmarks that are no more."""
        there = {landmark.id for landmark in known}
        for noted in (self.seen_from, self.touch, self.near):
            for number in noted.keys() - there:
                del noted[number]
