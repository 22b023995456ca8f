"""Messages of many landmarks of which few change from frame to frame.

They are kept in blocks by number. A view of all of them shares the blocks that have not
changed with the view before, so that it costs what has changed and not what is known.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import overload

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import Landmark

BLOCK = 256  # numbers in a block
Kind = tuple[str | None, str | None]
"""Category and colour, None for any colour; or None and another name that some gave."""
SPARSE = 16 * BLOCK  # of those of one kind, which are few among all numbers
ID, CONFIDENCE, COUNT, LAST_SEEN, CENTER, SIZE = 0, 1, 2, 3, slice(4, 7), slice(7, 10)
"""Columns of `numbers_of`; a number of a landmark is exact up to 2^53."""


def numbers_of(landmarks: Sequence[Landmark]) -> Array:
    """What landmarks are ranked by (n, 10), the same for ever for `Landmarks`.

    Landmarks of a kind, which `Tracks.messages()` know by name and colour, have them
    at hand: to read them from a thousand messages anew costs ten times as much as all
    the rest of a question.
    """
    kept = landmarks.numbers if isinstance(landmarks, Landmarks) else None
    if kept is not None:
        return kept
    rows = np.empty((len(landmarks), 10))
    for row, mark in zip(rows, landmarks, strict=True):
        row[:4] = mark.id, mark.confidence, mark.count, mark.last_seen
        row[CENTER], row[SIZE] = mark.center_map, mark.size
    return rows


class Landmarks(Sequence[Landmark]):
    """Landmarks by rising number; like a tuple, it never changes.

    Args:
        blocks: one after the other.
        count: how many there are in all blocks.
        by_kind: the same landmarks by what is asked for.
        tables: `numbers_of` each block, empty if they are not kept.
    """

    __slots__ = ("_blocks", "_count", "_tables", "by_kind")

    def __init__(
        self,
        blocks: tuple[tuple[Landmark, ...], ...] = (),
        count: int = 0,
        by_kind: Mapping[Kind, Landmarks] | None = None,
        tables: tuple[Array, ...] = (),
    ) -> None:
        self._blocks, self._count, self._tables = blocks, count, tables
        self.by_kind: Mapping[Kind, Landmarks] = by_kind or {}

    @property
    def numbers(self) -> Array | None:
        """`numbers_of` all, None if they are not kept."""
        return np.concatenate(self._tables) if self._tables else None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Landmark]:
        return chain.from_iterable(self._blocks)

    @overload
    def __getitem__(self, index: int) -> Landmark: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Landmark, ...]: ...
    def __getitem__(self, index: int | slice) -> Landmark | tuple[Landmark, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        at = range(self._count)[index]  # raises IndexError as a tuple would
        for block in self._blocks:
            if at < len(block):
                return block[at]
            at -= len(block)
        raise IndexError(index)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Landmarks | tuple):
            return NotImplemented
        return tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, islice(self, 3)))
        return f"Landmarks({shown}{', ...' if len(self) > 3 else ''})"


class Said:
    """Messages that are replaced one at a time.

    Args:
        block: numbers in a block.
        ranked: whether what they are ranked by is kept beside them.
    """

    def __init__(self, block: int = BLOCK, *, ranked: bool = False) -> None:
        self._width, self._ranked = block, ranked
        self._tables: dict[int, Array] = {}  # of the blocks of `_views`
        self._blocks: dict[int, dict[int, Landmark]] = {}  # by number of the block
        self._views: dict[int, tuple[Landmark, ...]] = {}  # of blocks as they are
        self._order: list[int] = []  # numbers of the blocks, rising
        self._count = 0

    def put(self, number: int, message: Landmark) -> Landmark | None:
        """Set the message of a number; returns the one before, if there was one."""
        key = number // self._width
        if key not in self._blocks:
            self._blocks[key] = {}
            insort(self._order, key)
        block = self._blocks[key]
        before = block.get(number)
        block[number] = message
        self._count += before is None
        self._views.pop(key, None)
        return before

    def take(self, number: int) -> Landmark | None:
        """Remove and return the message of a number, if there is one."""
        key = number // self._width
        before = self._blocks.get(key, {}).pop(number, None)
        if before is None:
            return None
        self._count -= 1
        self._views.pop(key, None)
        if not self._blocks[key]:
            del self._blocks[key]
            self._tables.pop(key, None)
            self._order.remove(key)
        return before

    def view(self, by_kind: Mapping[Kind, Landmarks] | None = None) -> Landmarks:
        """All messages as they are now, by rising number."""
        for key in self._blocks.keys() - self._views.keys():
            block = self._blocks[key]
            self._views[key] = view = tuple(block[number] for number in sorted(block))
            if self._ranked:
                self._tables[key] = numbers_of(view)
        blocks = tuple(map(self._views.__getitem__, self._order))
        tables = tuple(
            map(self._tables.__getitem__, self._order if self._ranked else ())
        )
        return Landmarks(blocks, self._count, by_kind, tables)
