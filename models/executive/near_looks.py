"""What a thing is called when it is looked at from near: proof before it is found.

A detector that is wrong about a thing from afar, or in a single frame, is seldom wrong
in several frames from near. So a thing counts as found only if frames from near call it
so, more surely than they call the same body something else.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.geometry import Array, transform2
from neural_brain.models.maps.track import evidence
from neural_brain.models.signals import Landmark, ObjectPercept, Percepts

NEAR_M = 2.0  # to the near side of a thing: from here on looks count
AGREE = 3  # frames in which it must have its name
DENY = 4  # frames in which it must have another name
LAST = 12  # newest frames that count, 3 s of a camera at 4 Hz
BESIDE_M = 0.5  # what is seen so near to a thing may be the thing
LIKE = 0.4  # of its size at least, else it stands on the thing or under it
BODY = 0.5  # of the smaller one's size: nearer centres are those of one body


@dataclass
class NearLooks:
    """Frames from near of the thing that is approached now.

    Attributes:
        thing: what is watched, as the map knows it; None for nothing.
        name: the category that is wanted.
        named_s: when it was called so last [s].
        frames: log odds for that name and for the likeliest other name of the same
            body, in each of the newest frames that showed one of them; 0 = not seen.
    """

    thing: Landmark | None = None
    name: str = ""
    named_s: float = -np.inf
    frames: deque[tuple[float, float]] = field(
        default_factory=lambda: deque(maxlen=LAST)
    )

    def begin(self, thing: Landmark, name: str) -> None:
        """Watch a thing that shall be of a category; nothing is seen of it yet."""
        self.thing, self.name, self.named_s = thing, name, -np.inf
        self.frames.clear()

    def note(self, percepts: Percepts, pose: Array) -> None:
        """Take a frame, seen from a pose (3,) in `map`."""
        thing = self.thing
        if thing is None:
            return
        away = float(np.hypot(*(thing.center_map - pose)[:2]))
        if away - 0.5 * float(thing.size[:2].min()) > NEAR_M:
            return
        own = other = 0.0
        for percept in percepts.objects:
            at = transform2(pose, percept.center_base[None, :2])[0]
            apart = float(np.hypot(*(at - thing.center_map[:2])))
            if percept.category == self.name:
                reach = max(BESIDE_M, 0.5 * float(thing.size[:2].max()))
                own = max(own, evidence(percept.confidence) * (apart < reach))
            elif _same_body(percept, thing, apart):
                other = max(other, evidence(percept.confidence))
        if own:
            self.named_s = percepts.stamp
        if own or other:
            self.frames.append((own, other))

    def agree_since(self, t: float) -> bool:
        """Whether looks from near call it as is wanted, one of them since t [s]."""
        own, other = self._sums()
        if self.named_s < t:
            return False
        return sum(a > 0.0 for a, _ in self.frames) >= AGREE and own > other

    @property
    def deny(self) -> bool:
        """Whether looks from near call it clearly something else."""
        own, other = self._sums()
        return sum(b > 0.0 for _, b in self.frames) >= DENY and other > 2.0 * own

    def _sums(self) -> tuple[float, float]:
        return sum(a for a, _ in self.frames), sum(b for _, b in self.frames)


def _same_body(percept: ObjectPercept, thing: Landmark, apart: float) -> bool:
    """Whether a percept of another name can only be the thing itself."""
    sizes = float(percept.size.max()), float(thing.size.max())
    if min(sizes) < LIKE * max(sizes):
        return False
    high = max(float(percept.size[2]), float(thing.size[2]))
    if abs(float(percept.center_base[2] - thing.center_map[2])) > 0.5 * high:
        return False
    widths = float(percept.size[:2].max()), float(thing.size[:2].max())
    return apart < BODY * min(widths)
