"""Camera frames along a tour through all rooms of a home, as an explorer takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from neural_brain.sim.datasets.frames import LabelledFrame, capture, set_pose
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.homes.free_space import CELL, FreeSpace
from neural_brain.sim.robots import STOWED
from neural_brain.sim.scene import build_model, object_of_geom
from neural_brain.sim.sensors.rgbd import RgbdCamera, RgbdConfig
from neural_brain.sim.simulation import Simulation

Points = NDArray[np.float64]
STEP_M = 0.4  # way between two frames
LOOKS = 8  # frames of a turn at a stop
TILT_RAD = 0.35  # the head looks down a little


@dataclass(frozen=True, kw_only=True)
class TourFrame:
    """A labelled frame and the true pose (3,) of the base in frame `home`."""

    pose: Points
    labelled: LabelledFrame


def tour_frames(
    home: HomeSpec, seed: int, stops: int = 2, *, dense: int = 1
) -> Iterator[TourFrame]:
    """Frames of one tour: on the way every 0.4 m, at every stop all around.

    Args:
        home: where.
        seed: of the stops and of the camera's noise.
        stops: stops in every room.
        dense: so many frames for one on the same ways; 3 is about what the robot's
            own camera takes.

    Raises:
        RenderError: if nothing can draw off screen on this machine.
    """
    simulation = Simulation(build_model(home, "mobile_manipulator", (0.0, 0.0, 0.0)))
    simulation.place_arm(STOWED)
    model, data, index = simulation.model, simulation.data, simulation.index
    generator = np.random.default_rng([seed, 0x70A])
    camera = RgbdCamera(RgbdConfig(), model, data, index, generator)
    objects = np.append(object_of_geom(model), np.int32(-1))
    try:
        for pose in tour_poses(home, seed, stops, dense):
            set_pose(simulation, tuple(pose), (0.0, TILT_RAD))
            labelled = capture(camera, home, objects, simulation)
            yield TourFrame(pose=pose, labelled=labelled)
    finally:
        camera.close()


def tour_poses(home: HomeSpec, seed: int, stops: int = 2, dense: int = 1) -> Points:
    """Poses (n, 3) of the base in frame `home` along a tour; arguments as above."""
    rng = np.random.default_rng([seed, 0x70B])
    space = FreeSpace(_mm(home.size), _obstacles(home))
    free = space.joined_to(*_mm(home.start[:2]))
    rows, columns = np.nonzero(free)
    xy = (np.stack([columns, rows], axis=1) * CELL + CELL / 2) / 1000.0
    graph = _grid_graph(free)
    number = np.cumsum(free.ravel()).reshape(free.shape) - 1
    start = _mm(home.start[:2])
    here = int(number[start[1] // CELL, start[0] // CELL])
    legs = []
    for goal in _stops(home, xy, rng, stops, xy[here]):
        way = _way(graph, here, goal, xy)
        legs += [_along(way, dense), _around(way[-1], dense)]
        here = goal
    return np.concatenate(legs)


def _stops(
    home: HomeSpec, xy: Points, rng: np.random.Generator, stops: int, at: Points
) -> Iterator[int]:
    """Indices of free cells to stop at, room after room, the nearest room first."""
    inside = {}
    for room in home.rooms:
        x0, y0, x1, y1 = room.rect
        within = (xy > [x0, y0]) & (xy < [x1, y1])
        cells = np.flatnonzero(within.all(axis=1))
        if len(cells):
            inside[room.id] = cells
    while inside:
        gaps = {k: np.hypot(*(xy[c] - at).T).min() for k, c in inside.items()}
        cells = inside.pop(min(gaps, key=lambda k: gaps[k]))
        for cell in rng.choice(cells, size=stops):
            at = xy[cell]
            yield int(cell)


def _way(graph: csr_matrix, start: int, goal: int, xy: Points) -> Points:
    """Points (n, 2) [m] of a way between two free cells."""
    _, before = breadth_first_order(graph, goal, directed=False)
    cells = [start]
    while cells[-1] != goal:
        cells.append(int(before[cells[-1]]))
    return xy[cells]


def _along(way: Points, dense: int) -> Points:
    """Poses on a way, looking ahead."""
    few = way[:: max(1, round(STEP_M / dense / (CELL / 1000.0)))]
    if len(few) < 2:
        return np.zeros((0, 3))
    ahead = np.diff(few, axis=0)
    return np.column_stack([few[:-1], np.arctan2(ahead[:, 1], ahead[:, 0])])


def _around(spot: Points, dense: int) -> Points:
    looks = LOOKS * dense
    turn = 2.0 * np.pi / looks * np.arange(looks)
    return np.column_stack([np.tile(spot, (looks, 1)), turn])


def _grid_graph(free: NDArray[np.bool_]) -> csr_matrix:
    """Free cells joined with their free neighbours."""
    number = np.cumsum(free.ravel()).reshape(free.shape) - 1
    pairs = []
    for a, b in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        both = free[a] & free[b]
        pairs.append(np.stack([number[a][both], number[b][both]]))
    start, end = np.concatenate(pairs, axis=1)
    count = int(free.sum())
    return csr_matrix((np.ones(len(start)), (start, end)), shape=(count, count))


def _obstacles(home: HomeSpec) -> list[tuple[int, int, int, int]]:
    """Walls, closed doors and what stands on the floor, as rectangles [mm]."""
    rects = [*home.walls, *(door.rect for door in home.doors if door.closed)]
    for thing in home.objects:
        if thing.support < 0:
            turn = np.radians(thing.yaw_deg)
            c, s = abs(np.cos(turn)), abs(np.sin(turn))
            width, depth, _ = thing.size
            half = 0.5 * np.array([c * width + s * depth, s * width + c * depth])
            x, y, _ = thing.position
            rects.append((x - half[0], y - half[1], x + half[0], y + half[1]))
    return [_mm(rect) for rect in rects]


def _mm(lengths: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(round(1000.0 * float(value)) for value in lengths)
