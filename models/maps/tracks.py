"""All tracks of the landmark map, found by place without looking at every one.

A grid of cells holds which tracks lie where; messages of unchanged tracks are kept.
A track tells by itself when one of its attributes is set, so that nothing has to be
kept up by hand and a frame costs what it sees, not what is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.said import SPARSE, Kind, Landmarks, Said
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import Landmark

CELL_M = 2.0  # side of a cell
Cell = tuple[int, int]


def named(
    landmarks: Sequence[Landmark], category: str, colour: str | None = None
) -> Sequence[Landmark]:
    """Those of a category, and of a colour if one is given, in their order.

    `Tracks.messages()` answer at once, other landmarks are looked at one by one.
    """
    return _of_kind(landmarks, (category, colour))


def also_named(landmarks: Sequence[Landmark], category: str) -> Sequence[Landmark]:
    """Those of other categories that some views called so, as `named`."""
    return _of_kind(landmarks, (None, category))


def _of_kind(landmarks: Sequence[Landmark], kind: Kind) -> Sequence[Landmark]:
    if isinstance(landmarks, Landmarks):
        return landmarks.by_kind.get(kind, ())
    return tuple(mark for mark in landmarks if kind in _kinds(mark))


def _kinds(mark: Landmark) -> set[Kind]:
    """By which a landmark is found."""
    others: set[Kind] = {(None, name) for name, _ in mark.others}
    return {(mark.category, None), (mark.category, mark.colour), *others}


class Tracks(dict[int, Track]):
    """Tracks by number."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: dict[Cell, set[int]] = {}
        self._cell_of: dict[int, Cell] = {}
        self._unplaced: set[int] = set()
        self._untold: set[int] = set()
        self._unsaid: set[int] = set()
        self._changed: set[int] = set()
        self._all = Said()
        self._members: dict[Kind, Said] = {}
        self._by_kind: dict[Kind, Landmarks] = {}
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
        self._changed.add(key)

    def pop_changed(self) -> list[Track]:
        """Tracks that are new or have changed since the last call, by rising number."""
        changed, self._changed = self._changed, set()
        return self._pick(changed & self.keys())

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
            for kind in self._members.keys() - self._by_kind.keys():
                self._by_kind[kind] = self._members[kind].view()
            self._messages = self._all.view(dict(self._by_kind))
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
                self._sort(key, self._all.put(key, message), message)
                continue
            if track is not None:
                self._untold.add(key)
            self._sort(key, self._all.take(key), None)
        self._unsaid.clear()
        self._messages = None

    def _sort(self, key: int, before: Landmark | None, now: Landmark | None) -> None:
        """Keep by kind what is said of a track, which was something else before."""
        kinds = set() if now is None else _kinds(now)
        gone = set() if before is None else _kinds(before) - kinds
        for kind in kinds | gone:
            self._by_kind.pop(kind, None)
            members = self._members.get(kind)
            if members is None:
                ranked = None not in kind  # by name and colour: few
                members = self._members[kind] = Said(SPARSE, ranked=ranked)
            if now is None or kind in gone:
                members.take(key)
            else:
                members.put(key, now)
