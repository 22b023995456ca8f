"""Rooms found by looking at few cells are those of looking at all of them."""

import cv2
import numpy as np
import pytest

from neural_brain.benchmarks.topology.floors import floor_grid
from neural_brain.models.maps import RoomConfig, RoomMap
from neural_brain.models.maps.basins import (
    LEVEL_M,
    LOWEST_M,
    _below,
    _join,
    borders,
    flood,
)
from neural_brain.models.maps.runs import runs_of

CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def slow_flood(clearance, *, door_m, persistence_m):
    """Every cell is looked at for every step of every label."""
    top = 0.5 * door_m
    count, first = cv2.connectedComponents((clearance > top).astype(np.uint8))
    labels = first.astype(np.uint16)
    seeds = slow_first(first, range(1, count))
    peaks = np.full(count - 1, np.inf)
    for level in np.arange(top - LEVEL_M, LOWEST_M, -LEVEL_M):
        open_cells = (clearance > level).astype(np.uint8)
        count, parts = cv2.connectedComponents(open_cells)
        home = parts[seeds[:, 0], seeds[:, 1]]
        fresh = np.setdiff1d(np.arange(1, count), home)
        labels, seeds, peaks = _join(labels, seeds, home, peaks, level + persistence_m)
        cells = slow_first(parts, fresh)
        labels[cells[:, 0], cells[:, 1]] = len(peaks) + 1 + np.arange(len(cells))
        seeds = np.concatenate([seeds, cells])
        peaks = np.append(peaks, np.full(len(cells), level))
        labels = slow_grow(labels, open_cells)
    return slow_grow(labels, (clearance > 0.0).astype(np.uint8)).astype(np.int32)


def slow_first(parts, numbers):
    cells = [np.argwhere(parts == number)[0] for number in numbers]
    return np.array(cells, dtype=np.int64).reshape(-1, 2)


def slow_grow(labels, open_cells):
    while True:
        grown = np.where(
            (labels == 0) & (open_cells > 0), cv2.dilate(labels, CROSS), labels
        )
        if np.array_equal(grown, labels):
            return labels
        labels = grown


def slow_borders(labels, clearance):
    found = {}
    for row, column in np.ndindex(labels.shape):
        for y, x in ((row, column + 1), (row + 1, column)):
            if y < labels.shape[0] and x < labels.shape[1]:
                key = tuple(sorted((int(labels[row, column]), int(labels[y, x]))))
                if 0 < key[0] < key[1]:
                    room = float(clearance[row, column])
                    found[key] = max(room, found.get(key, room))
    return found


def clearance_of(seed, side=120):
    """Free space with walls and things in random places, up to the very edge."""
    rng = np.random.default_rng(seed)
    free = np.ones((side, side + 17), np.uint8)
    for _ in range(14):
        row, column = rng.integers(0, side, 2)
        size = rng.integers(1, 40, 2)
        free[row : row + size[0] // 4 + 1, column : column + size[1]] = 0
        free[column : column + size[1], row : row + size[0] // 4 + 1] = 0
    return cv2.distanceTransform(free, cv2.DIST_L2, 5) * 0.05


@pytest.mark.parametrize("seed", range(6))
def test_flooding_is_the_same_as_cell_by_cell(seed):
    clearance = clearance_of(seed)
    slow = slow_flood(clearance, door_m=1.15, persistence_m=0.08)
    labels = flood(clearance, door_m=1.15, persistence_m=0.08)
    assert labels.max() > 3
    assert np.array_equal(labels, slow)


@pytest.mark.parametrize("seed", range(4))
def test_borders_are_the_widest_of_each_pair(seed):
    clearance = clearance_of(seed)
    labels = flood(clearance, door_m=1.15, persistence_m=0.08)
    found = borders(labels, clearance)
    assert list(found) == sorted(found)
    assert {key: room for key, (room, _) in found.items()} == slow_borders(
        labels, clearance
    )
    assert all(clearance[cell] == np.float32(room) for room, cell in found.values())


def test_nothing_free_has_neither_basins_nor_borders():
    nothing = np.zeros((9, 7), np.float32)
    labels = flood(nothing, door_m=1.15, persistence_m=0.08)
    assert not labels.any()
    assert borders(labels, nothing) == {}


@pytest.mark.parametrize("level", [0.55, 0.1 + 0.2, 1.0, 0.345])
def test_a_level_in_single_precision_parts_the_same_cells(level):
    near = np.float32(level)
    for step in (-np.inf, np.inf):
        for room in (near, np.nextafter(near, np.float32(step))):
            assert (room > _below(level)) == (float(room) > level)


@pytest.mark.parametrize("seed", range(3))
def test_rooms_are_measured_as_cell_by_cell(seed):
    rooms = RoomMap(RoomConfig())
    rooms.update(floor_grid(100.0, np.random.default_rng(seed)))
    regions = rooms.regions()
    assert list(regions) == np.setdiff1d(np.unique(rooms.labels), 0).tolist()
    for number, (center, area) in regions.items():
        cells = np.argwhere(rooms.labels == number)
        mean = rooms.origin + rooms.cell_m * (cells.mean(axis=0)[::-1] + 0.5)
        assert center == pytest.approx(mean)
        assert area == len(cells) * rooms.cell_m**2


@pytest.mark.parametrize("seed", range(3))
def test_rooms_of_an_unchanged_grid_are_left_and_of_a_changed_one_found_anew(seed):
    rng = np.random.default_rng(seed)
    grid = floor_grid(60.0, rng)
    lazy, eager = RoomMap(RoomConfig()), RoomMap(RoomConfig())
    for step in range(8):
        if step % 2 == 0:
            row, column = rng.integers(0, grid.shape[0] - 20, 2)
            grid.lidar[row : row + 20, column : column + 6] = 350 - 550 * (step % 4 > 0)
        before = lazy.labels
        for rooms in (lazy, eager):
            rooms.update(grid)
        assert step % 2 == 0 or lazy.labels is before
        eager._seen = eager._made = None
        eager.update(grid)
        assert np.array_equal(lazy.labels, eager.labels)
        assert lazy.next_id == eager.next_id
        assert [d.xy.tolist() for d in lazy.doors] == [
            d.xy.tolist() for d in eager.doors
        ]


def test_rooms_that_were_moved_are_found_anew():
    grid, rooms = floor_grid(60.0, np.random.default_rng(0)), RoomMap(RoomConfig())
    rooms.update(grid)
    before = rooms.labels
    rooms.labels = np.roll(before, 3, axis=1)  # as after a loop was closed
    rooms.update(grid)
    assert np.array_equal(rooms.labels, before)


def test_runs_give_the_layer_back_and_count_it():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 3, (2, 11, 13)).astype(np.int32)
    runs = runs_of(a, b)
    for layer in (a, b):
        assert np.array_equal(runs.fill(runs.values(layer)), layer)
        assert np.array_equal(
            runs.count(runs.values(layer)), np.bincount(layer.ravel())
        )
    assert np.all(runs.starts % 13 + runs.lengths <= 13)
