"""A short log of what was seen lately, to check changes of the landmarks against."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.models.geometry import Array, transform2
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import Percepts

FRAMES = 300
EVERY_S = 0.4
REACH_M = 0.5  # a sighting is of a landmark this near, beyond half of its size
SURE = 0.5  # weaker percepts prove nothing


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """One frame: names of things and where they were, (n, 2) [m] in `map`."""

    names: tuple[str, ...]
    xy: Array


class Sightings:
    """The newest frames in which something was seen."""

    def __init__(self) -> None:
        self.frames: deque[Sighting] = deque(maxlen=FRAMES)
        self._noted_at = -np.inf

    def note(self, percepts: Percepts, pose: Array) -> None:
        """Log a frame seen from a pose (3,), unless the last one was just now."""
        t = percepts.stamp
        seen = [o for o in percepts.objects if o.confidence >= SURE]
        if not seen or 0.0 <= t - self._noted_at < EVERY_S:
            return
        xy = transform2(pose, np.array([o.center_base[:2] for o in seen]))
        if np.all(np.isfinite(xy)):
            self._noted_at = t
            names = tuple(o.category for o in seen)
            self.frames.append(Sighting(names=names, xy=xy))

    def move(self, moved: Callable[[Array], Array]) -> None:
        """Carry the log along when the map was mended."""
        frames = [replace(frame, xy=moved(frame.xy)) for frame in self.frames]
        self.frames = deque(frames, maxlen=FRAMES)

    def recall(
        self, tracks: Iterable[Track], names: set[str], *, own: bool = True
    ) -> tuple[int, int]:
        """How many sightings of some names have a landmark, of how many.

        Args:
            tracks: the landmarks.
            names: categories.
            own: in every frame one landmark stands for one sighting only: two chairs
                that were seen together need two landmarks.
        """
        known = [track for track in tracks if track.category in names]
        centers = np.array([track.center[:2] for track in known]).reshape(-1, 2)
        reach = np.array([REACH_M + 0.5 * float(t.size[:2].max()) for t in known])
        found = total = 0
        for frame in self.frames:
            wanted = [k for k, name in enumerate(frame.names) if name in names]
            total += len(wanted)
            gap = np.hypot(*(frame.xy[wanted][:, None] - centers).transpose(2, 0, 1))
            near = gap < reach
            found += _matched(gap, near) if own else int(near.any(axis=1).sum())
        return found, total


def _matched(gap: Array, near: np.ndarray) -> int:
    """Number of rows with a column of their own, nearest pairs first."""
    rows, columns = np.nonzero(near)
    order = np.argsort(gap[rows, columns], kind="stable")
    taken: tuple[set[int], set[int]] = (set(), set())
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in taken[0] and column not in taken[1]:
            taken[0].add(row)
            taken[1].add(column)
    return len(taken[0])
