"""All tracks of the landmark map, found by place without looking at every one.

A grid of cells holds which tracks lie where; messages of unchanged tracks are kept.
A track tells by itself when one of its attributes is set, so that nothing has to be
kept up by hand and a frame costs what it sees, not what is remembered.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import Landmark

CELL_M = 2.0  # side of a cell
Cell = tuple[int, int]


class Landmarks(tuple[Landmark, ...]):
    """Landmarks that also know themselves by category."""

    by_category: dict[str, tuple[Landmark, ...]]


def named(landmarks: tuple[Landmark, ...], category: str) -> tuple[Landmark, ...]:
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
        self._numbers: list[int] = []  # of told tracks, rising
        self._said: list[Landmark] = []  # their messages
        self._members: dict[str, dict[int, Landmark]] = {}
        self._by_category: dict[str, tuple[Landmark, ...]] = {}
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

    def messages(self) -> tuple[Landmark, ...]:
        """Believed tracks as messages, by rising number; the same until one changes."""
        self._say()
        if self._messages is None:
            self._messages = Landmarks(self._said)
            for category in self._members.keys() - self._by_category.keys():
                members = sorted(self._members[category].items())
                self._by_category[category] = tuple(mark for _, mark in members)
            self._messages.by_category = dict(self._by_category)
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
            track = self.get(key)
            at = bisect_left(self._numbers, key)
            known = at < len(self._numbers) and self._numbers[at] == key
            if track is None or not track.told:
                if known:
                    self._leave(key, self._said[at].category)
                    del self._numbers[at], self._said[at]
                if track is not None:
                    self._untold.add(key)
                continue
            self._untold.discard(key)
            message = track.public()
            if known:
                self._leave(key, self._said[at].category)
                self._said[at] = message
            else:
                insort(self._numbers, key)
                self._said.insert(at, message)
            self._members.setdefault(message.category, {})[key] = message
            self._by_category.pop(message.category, None)
        self._unsaid.clear()
        self._messages = None

    def _leave(self, key: int, category: str) -> None:
        """Take a message out of its category."""
        del self._members[category][key]
        self._by_category.pop(category, None)
