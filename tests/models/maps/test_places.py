"""Places found with trees and sorted lists are those of looking at everything."""

import cv2
import numpy as np
import pytest

from neural_brain.models.maps import (
    GridConfig,
    OccupancyGrid,
    PlaceConfig,
    PlaceGraph,
    RoomConfig,
    RoomMap,
)
from neural_brain.models.maps.places import (
    DOOR_M,
    SAMPLES,
    _clearance,
    _pairs,
    _peaks,
    _sample,
)
from neural_brain.models.maps.rooms import Door


class BruteForce(PlaceGraph):
    """Looks at every place for a door, at every cell for a place, at all pairs."""

    def _add_doors(self, rooms, clearance, origin, cell_m):
        for door in rooms.doors:
            near = self.nearest(door.xy)
            far = near is None or np.hypot(*(self.xy[near] - door.xy)) > DOOR_M
            wide = _sample(clearance, origin, cell_m, door.xy[None])[0]
            if far and wide >= self.config.clearance_m:
                self._add(door.xy)

    def _cover(self, clearance, origin, cell_m):
        left = np.where(clearance >= self.config.clearance_m, clearance, 0.0)
        radius = round(self.config.spacing_m / cell_m)
        for xy in self.xy.values():
            column, row = np.floor((xy - origin) / cell_m).astype(int)
            cv2.circle(left, (int(column), int(row)), radius, 0.0, -1)
        while True:
            row, column = np.unravel_index(int(np.argmax(left)), left.shape)
            if left[row, column] <= 0.0:
                return
            self._add(origin + cell_m * (np.array([column, row]) + 0.5))
            cv2.circle(left, (int(column), int(row)), radius, 0.0, -1)

    def _connect(self, clearance, origin, cell_m):
        c = self.config
        self.costs = {}
        for (a, b), length in self.travelled.items():
            if a in self.xy and b in self.xy:
                self.costs[a, b] = self.costs[b, a] = length
        numbers = list(self.xy)
        for i, a in enumerate(numbers):
            for b in numbers[i + 1 :]:
                gap = np.hypot(*(self.xy[a] - self.xy[b]))
                if gap > c.reach_m:
                    continue
                share = np.linspace(0.0, 1.0, SAMPLES)[:, None]
                line = self.xy[a] * (1.0 - share) + self.xy[b] * share
                width = _sample(clearance, origin, cell_m, line).min()
                tight = np.clip((c.narrow_m - width) / c.narrow_m, 0.0, 1.0)
                if width >= c.clearance_m:
                    cost = float(gap * (1.0 + c.narrow_cost * tight))
                    self.costs[a, b] = self.costs[b, a] = cost


def cluttered(seed, known_share=1.0):
    """A hall with pillars, of which the robot knows a part."""
    rng = np.random.default_rng(seed)
    grid = OccupancyGrid(GridConfig(start_size_m=12.8))
    size = grid.shape[0]
    grid.lidar[10 : size - 10, 10 : size - 10] = -200
    for _ in range(40):
        row, column = rng.integers(10, size - 30, 2)
        height, width = rng.integers(2, 20, 2)
        grid.lidar[row : row + height, column : column + width] = 300
    grid.lidar[int(known_share * size) :] = 0
    grid.restore(grid.arrays())
    return grid


def with_doors(seed):
    """Rooms without labels but with doors in random places, some of them twice."""
    rng = np.random.default_rng(seed)
    rooms = RoomMap(RoomConfig())
    xy = rng.uniform(-6.0, 6.0, (30, 2))
    xy = np.concatenate([xy, xy[:10] + rng.uniform(-0.3, 0.3, (10, 2))])
    rooms.doors = tuple(Door(rooms=(1, 2), xy=at, width_m=0.9) for at in xy)
    return rooms


@pytest.mark.parametrize("seed", range(5))
def test_the_graph_is_the_same_as_by_brute_force(seed):
    fast, slow = PlaceGraph(PlaceConfig()), BruteForce(PlaceConfig())
    rng = np.random.default_rng(seed)
    for step, share in enumerate((0.4, 0.7, 1.0, 1.0)):
        grid, rooms = cluttered(seed + 100 * (step // 3), share), with_doors(seed)
        robot = np.array([*rng.uniform(-4.0, 4.0, 2), 0.0])
        for graph in (fast, slow):
            graph.update(grid, rooms, robot)
        assert list(fast.xy) == list(slow.xy)
        for number, xy in slow.xy.items():
            assert np.array_equal(fast.xy[number], xy)
        assert list(fast.costs.items()) == list(slow.costs.items())
        assert fast.travelled == slow.travelled
    assert len(fast.costs) > 20


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_near_pairs_are_those_of_all_pairs_in_order(count):
    rng = np.random.default_rng(count)
    xy = rng.uniform(-6.0, 6.0, (count, 2)).round(1)  # many at exactly the reach
    gap = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    first, second = np.nonzero(np.triu(gap <= 1.3, 1))
    found = _pairs(xy, 1.3)
    for ours, theirs in zip(found, (first, second, gap[first, second]), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("seed", range(3))
def test_peaks_are_the_highest_cells_that_are_left(seed):
    rng = np.random.default_rng(seed)
    left = rng.integers(-2, 6, (40, 30)).astype(np.float32)  # many are equally high
    slow = left.copy()
    for row, column in _peaks(left):
        assert (row, column) == np.unravel_index(int(np.argmax(slow)), slow.shape)
        for cells in (left, slow):
            cv2.circle(cells, (column, row), 3, 0.0, -1)
    assert slow.max() <= 0.0


def test_memory_does_not_grow_with_the_square_of_the_places():
    clearance, origin, cell_m = _clearance(cluttered(1), 0.1)
    graph = PlaceGraph(PlaceConfig())
    for xy in np.random.default_rng(0).uniform(-500.0, 500.0, (30_000, 2)):
        graph._add(xy)  # all pairs would take 7 GB
    graph._connect(clearance, origin, cell_m)
    assert all(np.hypot(*graph.xy[a]) < 10.0 for a, _ in graph.costs)
