"""Basins of the clearance: free space flooded from its widest spots down to necks.

The level sinks from half a door's width. Components that appear are new
basins; where two basins meet, they become one if the meeting is hardly narrower than
the smaller basin (persistence), else their border is a neck: a door.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.maps.runs import Labels

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
    clearance = np.pad(clearance, 2)  # cells of the edge have neighbours, too
    count, first = cv2.connectedComponents((clearance > top).view(np.uint8))
    labels = first.astype(np.uint16)
    seeds = _first_cells(first, np.flatnonzero(first), np.arange(1, count))
    peaks = np.full(count - 1, np.inf)  # of basin k + 1; wide ones never drown
    for level in np.arange(top - LEVEL_M, LOWEST_M, -LEVEL_M):
        open_cells = clearance > _below(level)
        count, parts = cv2.connectedComponents(open_cells.view(np.uint8))
        home = parts[seeds[:, 0], seeds[:, 1]]  # the component of every basin
        fresh = np.setdiff1d(np.arange(1, count), home)
        labels, seeds, peaks = _join(labels, seeds, home, peaks, level + persistence_m)
        todo = np.flatnonzero((labels == 0) & open_cells)
        cells = _first_cells(parts, todo, fresh)
        labels[cells[:, 0], cells[:, 1]] = len(peaks) + 1 + np.arange(len(cells))
        seeds = np.concatenate([seeds, cells])
        peaks = np.append(peaks, np.full(len(cells), level))
        _grow(labels, todo)
    _grow(labels, np.flatnonzero((labels == 0) & (clearance > 0.0)))
    return labels[2:-2, 2:-2].astype(np.int32)


def borders(
    labels: Labels, clearance: NDArray[np.float32]
) -> dict[tuple[int, int], tuple[float, tuple[int, int]]]:
    """Widest clearance [m] and its cell on the border of every two touching labels."""
    width = labels.shape[1]
    flat, pairs = labels.ravel(), []
    for step in (1, width):
        cell = np.flatnonzero(flat[:-step] != flat[step:])
        if step == 1:
            cell = cell[cell % width < width - 1]  # the next one is in the same row
        a, b = flat[cell], flat[cell + step]
        both = (a > 0) & (b > 0)
        pairs.append((cell[both], a[both], b[both]))
    cell, a, b = (np.concatenate(part) for part in zip(*pairs, strict=True))
    low, high = np.minimum(a, b), np.maximum(a, b)
    room = clearance.ravel()[cell]
    order = np.lexsort((room, high, low))  # the widest of each pair comes last
    low, high = low[order], high[order]
    last = np.append((np.diff(low) != 0) | (np.diff(high) != 0), True)[: len(order)]
    widest = order[last]
    rows, columns = np.divmod(cell[widest], width)
    parts = low[last], high[last], room[widest], rows, columns
    return {
        (a, b): (room_m, (row, column))
        for a, b, room_m, row, column in zip(
            *map(np.ndarray.tolist, parts), strict=True
        )
    }


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


def _below(level: float) -> np.float32:
    """The highest single-precision number up to a level: comparing it costs less."""
    near = np.float32(level)
    return near if float(near) <= level else np.nextafter(near, np.float32(-np.inf))


def _first_cells(
    parts: Labels, cells: NDArray[np.int64], numbers: NDArray[np.int64]
) -> NDArray[np.int64]:
    """First cell (row, column) of numbered components that lie in rising cells."""
    backwards = cells[::-1]
    first = np.zeros(int(numbers.max(initial=0)) + 1, np.int64)
    part = parts.ravel()[backwards]
    wanted = part < len(first)
    first[part[wanted]] = backwards[wanted]  # the last one that is set stays
    return np.stack(np.divmod(first[numbers], parts.shape[1]), axis=1)


def _grow(labels: NDArray[np.uint16], cells: NDArray[np.int64]) -> None:
    """Labels spread step by step through cells, none on the edge, until all is still.

    Only cells that are still without a label are looked at.
    """
    flat, width = labels.reshape(-1), labels.shape[1]
    above = cells[flat[cells] == 0] - width  # the other neighbours follow after it
    while len(above):
        new = flat.take(above)
        for ahead in (width - 1, width + 1, 2 * width):
            np.maximum(new, flat[ahead:].take(above), out=new)
        reached = new > 0
        if not reached.any():
            return
        flat[width:][above[reached]] = new[reached]
        above = above[~reached]
