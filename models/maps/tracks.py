"""All tracks of the landmark map, found by place without looking at every one.

A grid of cells holds which tracks lie where; messages of unchanged tracks are kept.
A track tells by itself when one of its attributes is set, so that nothing has to be
kept up by hand and a frame costs what it sees, not what is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.said import SPARSE, Landmarks, Said
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import Landmark

CELL_M = 2.0  # side of a cell
Cell = tuple[int, int]


def named(landmarks: Sequence[Landmark], category: str) -> Sequence[Landmark]:
    """Those of a category, in their order; at once for `Tracks.messages()`."""
    if isinstance(landmarks, Landmarks):
        return landmarks.by_category.get(category, ())
    return tuple(mark for mark in landmarks if mark.category == category)


class Tracks(dict[int, Track]):
    """Tracks by number."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: dict[Cell, set[int]] = {}
        self._cell_of: dict[int, Cell] = {}
        self._unplaced: set[int] = set()
        self._untold: set[int] = set()
        self._unsaid: set[int] = set()
        self._all = Said()
        self._members: dict[str, Said] = {}
        self._by_category: dict[str, Landmarks] = {}
        self._messages: Landmarks | None = None

    def __setitem__(self, key: int, track: Track) -> None:
        super().__setitem__(key, track)
        track.watch(self, key)
        self.touch(key)

    def __delitem__(self, key: int) -> None:
        super().__delitem__(key)
        self._untold.discard(key)
        self.touch(key)

    def touch(self, key: int) -> None:
        """Note that a track has changed, is new or is gone."""
        self._unplaced.add(key)
        self._unsaid.add(key)

    def near(self, points: Array, radius_m: float) -> list[Track]:
        """Tracks around any of the points (n, 2) [m] in `map`, by rising number.

        All within the radius are there, and some a little farther away.
        """
        self._place()
        points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        points = points[np.all(np.isfinite(points), axis=1)]
        low = np.floor((points - radius_m) / CELL_M).astype(int).tolist()
        high = np.floor((points + radius_m) / CELL_M).astype(int).tolist()
        cells = {
            (x, y)
            for (x0, y0), (x1, y1) in zip(low, high, strict=True)
            for x in range(x0, x1 + 1)
            for y in range(y0, y1 + 1)
        }
        return self._pick(key for c in cells for key in self._cells.get(c, ()))

    def untold(self) -> list[Track]:
        """Tracks that are not believed yet, by rising number."""
        self._say()
        return self._pick(self._untold)

    def messages(self) -> Landmarks:
        """Believed tracks as messages, by rising number; the same until one changes."""
        self._say()
        if self._messages is None:
            for category in self._members.keys() - self._by_category.keys():
                self._by_category[category] = self._members[category].view()
            self._messages = self._all.view(dict(self._by_category))
        return self._messages

    def _pick(self, keys: Iterable[int]) -> list[Track]:
        return [self[key] for key in sorted(keys)]

    def _place(self) -> None:
        """Bring the cells up to date."""
        for key in self._unplaced:
            old = self._cell_of.pop(key, None)
            if old is not None:
                self._cells[old].discard(key)
                if not self._cells[old]:
                    del self._cells[old]
            if key in self:
                x, y = np.floor(self[key].center[:2] / CELL_M).tolist()
                cell = int(x), int(y)
                self._cell_of[key] = cell
                self._cells.setdefault(cell, set()).add(key)
        self._unplaced.clear()

    def _say(self) -> None:
        """Bring the messages up to date."""
        if not self._unsaid:
            return
        for key in self._unsaid:
            self._untold.discard(key)
            track = self.get(key)
            if track is not None and track.told:
                message = track.public()
                before = self._all.put(key, message)
                members = self._members.setdefault(message.category, Said(SPARSE))
                members.put(key, message)
                self._by_category.pop(message.category, None)
                if before is not None and before.category != message.category:
                    self._forget(key, before.category)
                continue
            if track is not None:
                self._untold.add(key)
            before = self._all.take(key)
            if before is not None:
                self._forget(key, before.category)
        self._unsaid.clear()
        self._messages = None

    def _forget(self, key: int, category: str) -> None:
        """A track is no longer of a category."""
        self._members[category].take(key)
        self._by_category.pop(category, None)
