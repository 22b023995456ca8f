"""Narrow doors on a grid with noise: does the base find the way that it has driven?

A door of a home is narrowed so that the base just fits. A plan on the clean grid is
what was driven. Then cells beside what is occupied turn occupied at random, as hits of
a noisy lidar do, and the way is planned anew, with and without the memory of it. Last
the door is shut: now there must be no way with the memory either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from neural_brain.benchmarks.detour_doors import ends
from neural_brain.benchmarks.detour_world import in_door
from neural_brain.benchmarks.navigation.true_space import BORDER_M, CELL_M, TrueSpace
from neural_brain.models.geometry import Array
from neural_brain.models.maps.routes import thinned
from neural_brain.models.motion import (
    CostmapConfig,
    make_costmap,
    path_length,
    travel_field,
)
from neural_brain.models.signals import GridView, Route
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.homes.spec import Door
from neural_brain.sim.robots.base import RADIUS_M

GAP_M = 0.64
NOISE = 0.3  # share of cells beside occupied ones that turn occupied
LONGER = 1.2  # a way that is so much longer leads elsewhere


@dataclass(frozen=True, kw_only=True)
class Narrow:
    """Whether the way through a door is found: without and with its memory, shut."""

    plain: bool
    remembered: bool
    shut: bool


def narrow_doors(home: HomeSpec, rng: np.random.Generator) -> list[Narrow]:
    """All open doors of a home through which a way leads when they are narrow."""
    found = []
    for door in home.doors:
        if door.closed:
            continue
        start, goal = ends(home, door)
        clean = _grid(home, door, GAP_M)
        way = _plan(clean, start, goal, ())
        if way is None or path_length(way) > 5.0:
            continue
        routes = (Route(way=thinned(way), took_s=1.0),)
        most = LONGER * path_length(way)
        noisy = _noisy(clean, rng)
        ways = [_plan(noisy, start, goal, known) for known in ((), routes)]
        shut = _plan(_grid(home, door, 0.0), start, goal, routes)
        plain, remembered, closed = (
            path is not None and path_length(path) < most for path in (*ways, shut)
        )
        found.append(Narrow(plain=plain, remembered=remembered, shut=closed))
    return found


def _grid(home: HomeSpec, door: Door, gap_m: float) -> GridView:
    """Occupancy of the home with a door that leaves only such a gap."""
    space = TrueSpace(home)
    solid = space.clearance <= 0.0
    hidden = in_door(door)
    gap = space.xy - hidden.middle
    along = gap @ np.array([-hidden.across[1], hidden.across[0]])
    depth = np.abs(gap @ hidden.across)
    aside = np.abs(along)
    solid |= (depth < 0.1) & (aside < hidden.half_m) & (aside >= 0.5 * gap_m)
    return GridView(
        cells=np.where(solid, 100, 0).astype(np.int8),
        origin=np.full(2, -BORDER_M),
        resolution=CELL_M,
        version=1,
    )


def _noisy(grid: GridView, rng: np.random.Generator) -> GridView:
    solid = (grid.cells > 50).astype(np.uint8)
    beside = cv2.dilate(solid, np.ones((3, 3), np.uint8)) > solid
    hit = beside & (rng.random(solid.shape) < NOISE)
    return replace(grid, cells=np.where(hit, 100, grid.cells).astype(np.int8))


def _plan(
    grid: GridView, start: Array, goal: Array, routes: tuple[Route, ...]
) -> Array | None:
    costmap = make_costmap(grid, CostmapConfig(), RADIUS_M, routes=routes)
    field = travel_field(costmap, start)
    return None if field is None else field.path_to(goal)
