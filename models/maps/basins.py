"""Basins of the clearance: free space flooded from its widest spots down to necks.

The level sinks from half a door's width. Components that appear are new
basins; where two basins meet, they become one if the meeting is hardly narrower than
the smaller basin (persistence), else their border is a neck: a door.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array

Labels = NDArray[np.int32]
LEVEL_M = 0.03  # step by which the level sinks
LOWEST_M = 0.3  # nothing narrower begins a basin


def flood(
    clearance: NDArray[np.float32], *, door_m: float, persistence_m: float
) -> Labels:
    """Label (h, w) of the basin of every cell with clearance, 0 elsewhere.

    Args:
        clearance: distance [m] of each cell to the nearest cell that is not free.
        door_m: spaces joined by a wider neck are one basin from the start.
        persistence_m: a meeting less than this narrower than a basin joins it.
    """
    top = 0.5 * door_m
    count, first = cv2.connectedComponents((clearance > top).astype(np.uint8))
    labels = first.astype(np.uint16)
    seeds = _first_cells(first, range(1, count))
    peaks = np.full(count - 1, np.inf)  # of basin k + 1; wide ones never drown
    for level in np.arange(top - LEVEL_M, LOWEST_M, -LEVEL_M):
        open_cells = (clearance > level).astype(np.uint8)
        count, parts = cv2.connectedComponents(open_cells)
        home = parts[seeds[:, 0], seeds[:, 1]]  # the component of every basin
        fresh = np.setdiff1d(np.arange(1, count), home)
        labels, seeds, peaks = _join(labels, seeds, home, peaks, level + persistence_m)
        cells = _first_cells(parts, fresh)
        labels[cells[:, 0], cells[:, 1]] = len(peaks) + 1 + np.arange(len(cells))
        seeds = np.concatenate([seeds, cells])
        peaks = np.append(peaks, np.full(len(cells), level))
        labels = _grow(labels, open_cells)
    return _grow(labels, (clearance > 0.0).astype(np.uint8)).astype(np.int32)


def borders(
    labels: Labels, clearance: NDArray[np.float32]
) -> dict[tuple[int, int], tuple[float, tuple[int, int]]]:
    """Widest clearance [m] and its cell on the border of every two touching labels."""
    width = labels.shape[1]
    pairs = []
    for here, there, step in (
        (labels[:, :-1], labels[:, 1:], 1),
        (labels[:-1], labels[1:], width),
    ):
        rows, columns = np.nonzero(here != there)
        cell = rows * width + columns
        a, b = labels.ravel()[cell], labels.ravel()[cell + step]
        both = (a > 0) & (b > 0)
        pairs.append((cell[both], a[both], b[both]))
    cell, a, b = (np.concatenate(part) for part in zip(*pairs, strict=True))
    low, high = np.minimum(a, b), np.maximum(a, b)
    room = clearance.ravel()[cell]
    order = np.lexsort((room, high, low))  # the widest of each pair comes last
    found: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {}
    for k in order:
        row, column = divmod(int(cell[k]), width)
        found[int(low[k]), int(high[k])] = float(room[k]), (row, column)
    return found


def _join(
    labels: NDArray[np.uint16],
    seeds: NDArray[np.int64],
    home: NDArray[np.int32],
    peaks: Array,
    limit: float,
) -> tuple[NDArray[np.uint16], NDArray[np.int64], Array]:
    """Basins no higher than the limit join the highest one of their component."""
    into = np.arange(len(peaks))
    for part in np.flatnonzero(np.bincount(home) > 1):
        members = np.flatnonzero(home == part)
        highest = members[np.argmax(peaks[members])]
        drowned = members[peaks[members] < limit]
        into[drowned[drowned != highest]] = highest
    kept = np.unique(into)
    if len(kept) == len(into):
        return labels, seeds, peaks
    table = np.zeros(len(into) + 1, np.uint16)
    table[1:] = np.searchsorted(kept, into) + 1
    return table[labels], seeds[kept], peaks[kept]


def _first_cells(parts: Labels, numbers: Iterable[int]) -> NDArray[np.int64]:
    """One cell (row, column) of every numbered component, (n, 2)."""
    wanted = np.zeros(int(parts.max()) + 1, bool)
    wanted[np.fromiter(numbers, np.int64)] = True
    places = np.flatnonzero(wanted[parts.ravel()])
    _, first = np.unique(parts.ravel()[places], return_index=True)
    return np.stack(np.divmod(places[first], parts.shape[1]), axis=1)


def _grow(
    labels: NDArray[np.uint16], open_cells: NDArray[np.uint8]
) -> NDArray[np.uint16]:
    """Labels spread cell by cell through open cells until nothing changes."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    left = -1
    while True:
        todo = cv2.compare(labels, 0, cv2.CMP_EQ) & (open_cells * np.uint8(255))
        cv2.copyTo(cv2.dilate(labels, cross), todo, labels)
        now = cv2.countNonZero(labels)
        if now == left:
            return labels
        left = now
