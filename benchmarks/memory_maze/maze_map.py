"""The package's maps on a maze: occupancy from beams, landmarks from sightings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.memory_maze.blocks import block_view
from neural_brain.benchmarks.memory_maze.heading_field import (
    HeadingField,
    Lattice,
    heading_field,
    make_lattice,
    spots,
)
from neural_brain.benchmarks.memory_maze.kinematics import RADIUS_M, STRIDE_M
from neural_brain.benchmarks.memory_maze.sight import CELL_M, RANGE_M, TARGET_M, Sight
from neural_brain.benchmarks.memory_maze.steering import room_at, way_and_slope
from neural_brain.models.executive import SearchConfig, SeenGrid, ignorance
from neural_brain.models.executive.frontier import Ignorance
from neural_brain.models.geometry import Array, transform2
from neural_brain.models.maps import (
    GridConfig,
    LandmarkConfig,
    LandmarkMap,
    OccupancyGrid,
    ScanPoints,
    line_of_sight,
    scan_points,
)
from neural_brain.models.maps.scan_points import in_map
from neural_brain.models.motion import (
    Costmap,
    CostmapConfig,
    TravelField,
    make_costmap,
    travel_field,
)
from neural_brain.models.signals import GridView, ObjectPercept, Percepts

GRID = GridConfig(
    resolution_m=0.2, start_size_m=24.0, hit=1.0, clear_range_m=RANGE_M,
    max_range_m=RANGE_M,
)  # fmt: skip
LANDMARKS = LandmarkConfig(
    gate_m=1.0, gate_max_m=2.0, colour_size_m=5.0, sigma_m=0.1, sigma_per_m=0.1,
    confirm=2, near_m=2.0, far_m=6.0, miss_every_s=0.2,
)  # fmt: skip
COSTS = CostmapConfig(
    margin_m=0.02, comfort_m=0.5, narrow_cost=0.15, unknown_m=0.0,
    plan_resolution_m=0.2,
)  # fmt: skip
SEARCH = SearchConfig(
    view_m=6.0, seen_views=1, min_gain_m2=1.0, discount_per_m=0.22, blacklist_m=0.5
)
DRAWN_WALL, DRAWN_FREE = 350, -200  # log odds in hundredths
CIRCLE = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
GUESS = 0.9  # of the way by Dijkstra on a grid, which is up to 8 % too long
OWN_PLACE = RADIUS_M * 1.5 * np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], axis=1)


@dataclass(frozen=True, kw_only=True)
class Plans:
    """The map as a planner sees it from one spot."""

    costmap: Costmap
    field: TravelField | None
    version: int


class MazeMap:
    """All that is remembered of a maze."""

    def __init__(self) -> None:
        self.wipe()

    def wipe(self) -> None:
        """Forget everything."""
        self.grid = OccupancyGrid(GRID)
        self.landmarks = LandmarkMap(LANDMARKS)
        self.seen = SeenGrid(RANGE_M)
        self._costmap: Costmap | None = None
        self._view: GridView | None = None
        self._mapped: GridView | None = None
        self._version = -1
        self._lattice: tuple[Costmap, float, Lattice] | None = None
        self._steps: dict[tuple[float, ...], HeadingField] = {}

    def draw(self, layout: NDArray[np.bool_]) -> None:
        """Enter a whole layout (rows, columns), True where a cell is free."""
        side = round(CELL_M / self.grid.resolution)
        walls = np.pad(~layout, 1, constant_values=True)
        fine = np.repeat(np.repeat(walls, side, axis=0), side, axis=1)
        corner = np.array([-CELL_M, -CELL_M])
        whole = OccupancyGrid(replace(GRID, start_size_m=4.0 * CELL_M))
        cells = np.where(fine, DRAWN_WALL, DRAWN_FREE).astype(np.int16)
        whole.restore(
            {
                "lidar": cells,
                "depth": np.zeros_like(cells),
                "hit_count": np.zeros(cells.shape, np.uint8),
                "hit_mean": np.zeros((*cells.shape, 2), np.float32),
                "origin": corner,
            }
        )
        self.grid = whole

    def update(self, t: float, pose: Array, sight: Sight) -> None:
        """Take in one look from a pose (3,) [m, m, rad] at a time [s]."""
        points = scan_points(
            sight.scan(t), max_range_m=RANGE_M, margin_m=0.1, clear_range_m=RANGE_M
        )
        here = in_map(points, pose)
        self.grid.add_scan(here)
        self.grid.add_scan(_own_place(pose))
        self.seen.add_view(here.outline, here.origin)
        things = tuple(_percept(item.colour, item.center) for item in sight.targets)
        percepts = Percepts(
            stamp=t,
            pose_odom_base=pose,
            obstacles=np.zeros((0, 2)),
            free=np.zeros((0, 2)),
            objects=things,
            view_polygon=points.outline,
        )
        view = self.grid.view()
        self.landmarks.update(
            percepts, pose, lambda a, b, r: line_of_sight(view, a, b, r)
        )

    def target(self, colour: str) -> Array | None:
        """Centre (2,) [m] of the believed target of a colour, the surest; or None."""
        return self.targets().get(colour)

    def targets(self) -> dict[str, Array]:
        """Centres (2,) [m] of the believed targets by colour, the surest of each."""
        known = sorted(
            self.landmarks.landmarks(), key=lambda item: (item.confidence, item.count)
        )
        return {
            item.colour: np.asarray(item.center_map[:2], dtype=np.float64)
            for item in known
        }

    def costmap(self) -> Costmap:
        """Where the ball can be; the same object until the grid changes."""
        view = self.view()
        if self._costmap is None or view is not self._mapped:
            self._costmap = make_costmap(view, COSTS, RADIUS_M)
            self._mapped = view
        return self._costmap

    def view(self) -> GridView:
        """The maze in whole cells; the same object until a cell changes."""
        if self._view is None or self._version != self.grid.version:
            fresh = block_view(self.grid)
            self._version = self.grid.version
            if self._view is None or not _same(self._view, fresh):
                self._view = fresh
        return self._view

    def field(self, spot: Array) -> TravelField | None:
        """Cost of the way between a spot (2,) [m] and everywhere."""
        return travel_field(self.costmap(), spot, snap_m=0.8)

    def steps_left(
        self, goal: Array, reach_m: float, margin_m: float
    ) -> HeadingField | None:
        """Steps to within `reach_m` of a goal (2,) [m]; kept until the grid changes."""
        costmap = self.costmap()
        if self._lattice is None or not (
            self._lattice[0] is costmap and self._lattice[1] == margin_m
        ):
            size = costmap.resolution * np.array(costmap.clearance.shape[::-1])
            grid = spots(costmap.origin, size)
            room = room_at(costmap, grid.reshape(-1, 2)).reshape(grid.shape[:2])
            lattice = make_lattice(grid, room, RADIUS_M + margin_m)
            self._lattice, self._steps = (costmap, margin_m, lattice), {}
        lattice = self._lattice[2]
        key = (float(goal[0]), float(goal[1]), reach_m)
        if key not in self._steps:
            field = self.field(goal)
            if field is None:
                return None
            way = GUESS * way_and_slope(field, lattice.places)[0] - reach_m
            reached = np.hypot(*(lattice.places - goal).T) <= reach_m
            guess = np.maximum(way, 0.0) / STRIDE_M
            self._steps[key] = heading_field(lattice, guess, reached)
        return self._steps[key]

    def ignorance(self, field: TravelField) -> Ignorance:
        """What has not been seen yet around the reachable space."""
        layers = ignorance(self.view(), field, self.seen, SEARCH)
        return replace(layers, unseen=layers.unseen & ~layers.blocked)


def cell_center(spot: Array) -> Array:
    """Middle (2,) [m] of the 2 m cell that a spot lies in: targets stand there."""
    return (np.floor(np.asarray(spot) / CELL_M) + 0.5) * CELL_M


def _same(one: GridView, other: GridView) -> bool:
    return np.array_equal(one.cells, other.cells) and np.array_equal(
        one.origin, other.origin
    )


def _own_place(pose: Array) -> ScanPoints:
    """Where the ball is there is no wall."""
    return ScanPoints(
        origin=pose[:2],
        hits=np.zeros((0, 2)),
        outline=transform2(pose, OWN_PLACE),
    )


def _percept(colour: str, center: Array) -> ObjectPercept:
    return ObjectPercept(
        category="target",
        colour=colour,
        confidence=0.9,
        center_base=np.array([*center, TARGET_M / 2.0]),
        size=np.array([2.0 * TARGET_M, 2.0 * TARGET_M, TARGET_M]),
    )
