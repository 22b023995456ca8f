"""Topological map: places grown in free space and the passages between them.

A place is put wherever reachable free space is not yet near a place, at the widest
spot first, and in every door. Passages are straight lines with enough clearance,
or ways that the robot has driven. Costs are directed, so that a failed or slow passage
can become dear in one direction only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.rooms import RoomMap
from neural_brain.models.signals import CLOSED_M, Passage, Place

DOOR_M = 0.4  # a place nearer to a door stands for it
SAMPLES = 21  # points at which a straight passage is checked


@dataclass(frozen=True, kw_only=True)
class PlaceConfig:
    """How dense the topological map is."""

    spacing_m: float = param(1.2, "distance between places", low=0.3, high=10.0)
    reach_m: float = param(2.2, "longest passage", low=0.5, high=20.0)
    clearance_m: float = param(0.27, "room that a robot needs", low=0.05, high=1.0)
    narrow_m: float = param(0.6, "clearance below this costs", low=0.05, high=3.0)
    narrow_cost: float = param(0.5, "added share at the narrowest", low=0.0, high=10.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class PlaceGraph:
    """Places and passages; place numbers are never used twice.

    Attributes:
        xy: position (2,) [m] in `map` by place number.
        rooms: room by place number.
        travelled: driven passages and their length [m].
        costs: cost [m] of directed passages.
        penalties: added cost [m] of directed passages that failed or are slow.
    """

    def __init__(self, config: PlaceConfig) -> None:
        self.config = config
        self.xy: dict[int, Array] = {}
        self.rooms: dict[int, int] = {}
        self.travelled: dict[tuple[int, int], float] = {}
        self.penalties: dict[tuple[int, int], float] = {}
        self.next_id = 1
        self.costs: dict[tuple[int, int], float] = {}
        self._here: int | None = None
        self._messages: tuple[tuple[Place, ...], tuple[Passage, ...]] | None = None

    def update(self, grid: OccupancyGrid, rooms: RoomMap, robot: Array | None) -> None:
        """Add, move out and connect places after the grid changed (low rate).

        Args:
            grid: the coordinate map.
            rooms: segmentation of the same map.
            robot: pose_map_base (3,), or None when the robot is not localised.
        """
        clearance, origin, cell_m = _clearance(grid, 0.1)
        self._drop_blocked(clearance, origin, cell_m)
        self._add_doors(rooms, clearance, origin, cell_m)
        self._cover(clearance, origin, cell_m)
        self._connect(clearance, origin, cell_m)
        self._label(rooms)
        if robot is not None:
            self._travel(robot[:2])
        self._messages = None

    def messages(self) -> tuple[tuple[Place, ...], tuple[Passage, ...]]:
        """All places and all directed passages; the same objects until an update."""
        if self._messages is None:
            places = tuple(
                Place(id=k, xy=xy.copy(), room=self.rooms.get(k, 0))
                for k, xy in self.xy.items()
            )
            passages = tuple(
                Passage(
                    start=a,
                    end=b,
                    cost=cost + self.penalties.get((a, b), 0.0),
                    door=self._is_door(a, b),
                )
                for (a, b), cost in sorted(self.costs.items())
                if self.penalties.get((a, b), 0.0) < CLOSED_M
            )
            self._messages = (places, passages)
        return self._messages

    def set_penalties(self, added_m: dict[tuple[int, int], float]) -> None:
        """Make directed passages dearer than they look, by what was learned [m]."""
        if any(not cost >= 0.0 for cost in added_m.values()):
            raise ValueError("penalties are at least 0 m")
        if added_m != self.penalties:
            self.penalties = added_m
            self._messages = None

    def nearest(self, xy: Array) -> int | None:
        """Number of the place nearest to a point (2,) [m], or None."""
        if not self.xy:
            return None
        offset = np.array(list(self.xy.values())) - xy
        return list(self.xy)[int(np.argmin(np.sum(offset * offset, axis=1)))]

    def rename(self, xy: dict[int, Array], into: dict[int, int]) -> None:
        """Move places, and let some go into others.

        Args:
            xy: new position (2,) [m] by number, of those that stay.
            into: the number that stands for each old one.
        """
        self.xy = xy
        self.rooms = {k: room for k, room in self.rooms.items() if k in xy}
        self.travelled = _renamed(self.travelled, into, low_first=True)
        self.penalties = _renamed(self.penalties, into)
        self.costs = _renamed(self.costs, into)
        self._here = into.get(self._here) if self._here is not None else None
        self._messages = None

    def _is_door(self, a: int, b: int) -> bool:
        rooms = self.rooms.get(a, 0), self.rooms.get(b, 0)
        return rooms[0] != rooms[1] and 0 not in rooms

    def _drop_blocked(
        self, clearance: NDArray[np.float32], origin: Array, cell_m: float
    ) -> None:
        if not self.xy:
            return
        room = _sample(clearance, origin, cell_m, np.array(list(self.xy.values())))
        numbers = list(self.xy)
        for n in np.flatnonzero(room < 0.5 * self.config.clearance_m):
            k = numbers[n]
            del self.xy[k]
            self.travelled = {e: c for e, c in self.travelled.items() if k not in e}

    def _add(self, xy: Array) -> None:
        self.xy[self.next_id] = np.array(xy, dtype=np.float64)
        self.next_id += 1

    def _add_doors(
        self,
        rooms: RoomMap,
        clearance: NDArray[np.float32],
        origin: Array,
        cell_m: float,
    ) -> None:
        """A place in each door that is wide enough and has none."""
        doors = np.array([door.xy for door in rooms.doors]).reshape(-1, 2)
        wide = _sample(clearance, origin, cell_m, doors) >= self.config.clearance_m
        doors = doors[wide & (self._gaps(doors) > DOOR_M)]
        new = np.ones(len(doors), bool)
        for earlier, later in zip(*_pairs(doors, DOOR_M)[:2], strict=True):
            new[later] &= not new[earlier]  # which is decided: pairs are in order
        for xy in doors[new]:
            self._add(xy)

    def _gaps(self, points: Array) -> Array:
        """Distance (n,) [m] of points (n, 2) to the nearest place, inf without any."""
        if not self.xy or len(points) == 0:
            return np.full(len(points), np.inf)
        places = np.array(list(self.xy.values()))
        near = cKDTree(places).query(points)[1]
        return np.hypot(*(places[near] - points).T)

    def _cover(
        self, clearance: NDArray[np.float32], origin: Array, cell_m: float
    ) -> None:
        """Greedy cover of the free space, widest spots first."""
        left = np.where(clearance >= self.config.clearance_m, clearance, 0.0)
        radius = round(self.config.spacing_m / cell_m)
        known = np.array(list(self.xy.values())).reshape(-1, 2)
        for cell in np.floor((known - origin) / cell_m).astype(int).tolist():
            cv2.circle(left, cell, radius, 0.0, -1)
        for row, column in _peaks(left):
            self._add(origin + cell_m * (np.array([column, row]) + 0.5))
            cv2.circle(left, (column, row), radius, 0.0, -1)

    def _connect(
        self, clearance: NDArray[np.float32], origin: Array, cell_m: float
    ) -> None:
        c = self.config
        self.costs = {}
        for (a, b), length in self.travelled.items():
            if a in self.xy and b in self.xy:
                self.costs[a, b] = self.costs[b, a] = length
        numbers = np.array(list(self.xy), dtype=np.int64)
        if len(numbers) < 2:
            return
        xy = np.array(list(self.xy.values()))
        first, second, gap = _pairs(xy, c.reach_m)
        share = np.linspace(0.0, 1.0, SAMPLES)[None, :, None]
        line = xy[first][:, None] * (1.0 - share) + xy[second][:, None] * share
        room = _sample(clearance, origin, cell_m, line.reshape(-1, 2))
        width = room.reshape(-1, SAMPLES).min(axis=1)
        good = width >= c.clearance_m
        tight = np.clip((c.narrow_m - width) / c.narrow_m, 0.0, 1.0)
        cost = gap * (1.0 + c.narrow_cost * tight)
        starts, ends = numbers[first[good]].tolist(), numbers[second[good]].tolist()
        for a, b, value in zip(starts, ends, cost[good].tolist(), strict=True):
            self.costs[a, b] = self.costs[b, a] = value

    def _label(self, rooms: RoomMap) -> None:
        if self.xy:
            found = rooms.room_of(np.array(list(self.xy.values())))
            self.rooms = {k: int(room) for k, room in zip(self.xy, found, strict=True)}

    def _travel(self, xy: Array) -> None:
        """Join the place the robot came from with the one where it is now."""
        here = self.nearest(xy)
        if here is None or np.hypot(*(self.xy[here] - xy)) > self.config.spacing_m:
            return
        last, self._here = self._here, here
        if last is None or last == here or last not in self.xy:
            return
        length = float(np.hypot(*(self.xy[here] - self.xy[last])))
        if length <= 2.0 * self.config.reach_m:
            self.travelled[min(last, here), max(last, here)] = 1.2 * length


def _pairs(
    xy: Array, reach_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Which points (n, 2) are near each other: first < second in order, distance."""
    near = cKDTree(xy).query_pairs(reach_m + 1e-6, output_type="ndarray")
    first, second = near[np.lexsort((near[:, 1], near[:, 0]))].T
    gap = np.hypot(*(xy[first] - xy[second]).T)  # decides, not the tree's arithmetic
    inside = gap <= reach_m
    return first[inside], second[inside], gap[inside]


def _peaks(left: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Row and column of the highest cell above 0, again and again.

    Between two steps cells may be set to 0, but none may rise: so the order is found
    once, and each step looks at a few cells only.
    """
    flat = left.ravel()  # no copy
    cells = np.flatnonzero(flat > 0.0)
    cells = cells[np.argsort(-flat[cells], kind="stable")]
    at, ahead = 0, 1
    while at < len(cells):
        alive = np.flatnonzero(flat[cells[at : at + ahead]] > 0.0)
        if len(alive) == 0:
            at, ahead = at + ahead, 2 * ahead
            continue
        at, ahead = at + int(alive[0]) + 1, max(1, ahead // 2)
        row, column = divmod(int(cells[at - 1]), left.shape[1])
        yield row, column


def _renamed(
    values: dict[tuple[int, int], float],
    into: dict[int, int],
    *,
    low_first: bool = False,
) -> dict[tuple[int, int], float]:
    """Values by pair of numbers under the new numbers; the least of those that meet."""
    renamed: dict[tuple[int, int], float] = {}
    for (a, b), value in values.items():
        new = into.get(a, a), into.get(b, b)
        if new[0] == new[1]:
            continue
        key = (min(new), max(new)) if low_first else new
        renamed[key] = min(value, renamed.get(key, value))
    return renamed


def _clearance(
    grid: OccupancyGrid, cell_m: float
) -> tuple[NDArray[np.float32], Array, float]:
    """Distance [m] of known free coarse cells to anything else, in both layers."""
    factor = max(1, round(cell_m / grid.resolution))
    cells = grid.view().cells
    h, w = (size // factor * factor for size in cells.shape)
    worst = cells[:h:factor, :w:factor]
    for row in range(factor):
        for column in range(factor):
            worst = np.maximum(worst, cells[row:h:factor, column:w:factor])
    free = ((worst < 50) & (worst >= 0)).astype(np.uint8)
    cell = factor * grid.resolution
    return cv2.distanceTransform(free, cv2.DIST_L2, 5) * cell, grid.origin, cell


def _sample(
    clearance: NDArray[np.float32], origin: Array, cell_m: float, points: Array
) -> NDArray[np.float32]:
    """Clearance (n,) at points (n, 2); 0 outside."""
    cell = np.floor((points - origin) / cell_m).astype(int)
    h, w = clearance.shape
    inside = np.all((cell >= 0) & (cell < [w, h]), axis=1)
    cell = np.clip(cell, 0, [w - 1, h - 1])
    return np.where(inside, clearance[cell[:, 1], cell[:, 0]], 0.0).astype(np.float32)
