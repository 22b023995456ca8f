"""What bringing rooms, places and landmarks up to date costs, floor by floor."""

from __future__ import annotations

import numpy as np

from neural_brain.benchmarks.topology.floors import floor_grid
from neural_brain.benchmarks.topology.timing import cpu_ms
from neural_brain.models.geometry import Array
from neural_brain.models.maps import (
    LandmarkMap,
    OccupancyGrid,
    PlaceConfig,
    PlaceGraph,
    RoomConfig,
    RoomMap,
)
from neural_brain.models.maps.room_names import describe_rooms

SEEN = 50  # landmarks that change between two passes
PATCH = 6  # side [cells] of what changes in the grid


def pass_times(
    area_m2: float, landmarks: LandmarkMap, passes: int, rng: np.random.Generator
) -> tuple[float, list[float]]:
    """Milliseconds of CPU for the first pass, and for each one that follows.

    A pass is what the map step does every few seconds. Before each one a piece of the
    grid and some landmarks change, as they do around a robot that drives.

    Args:
        area_m2: of the floor.
        landmarks: around the origin, as the floor is.
        passes: how many follow the first one.
        rng: draws the floor and what changes.
    """
    grid = floor_grid(area_m2, rng)
    rooms, graph = RoomMap(RoomConfig()), PlaceGraph(PlaceConfig())

    def work() -> None:
        landmarks.merge_duplicates()
        rooms.update(grid)
        graph.update(grid, rooms, None)
        describe_rooms(rooms, landmarks.landmarks())

    first = cpu_ms(work)
    times = []
    for _ in range(passes):
        _change(grid, landmarks, rng)
        landmarks.landmarks()  # is asked for with every frame
        times.append(cpu_ms(work))
    return first, times


def around_origin(landmarks: LandmarkMap) -> LandmarkMap:
    """The same map, with its landmarks moved to lie around the origin."""
    tracks = list(landmarks.tracks.values())
    middle: Array = np.mean([track.center for track in tracks], axis=0)
    for track in tracks:
        track.center = track.center - np.array([*middle[:2], 0.0])
    return landmarks


def _change(
    grid: OccupancyGrid, landmarks: LandmarkMap, rng: np.random.Generator
) -> None:
    """Turn free into occupied and back in a small piece; see some landmarks again."""
    row, column = rng.integers(0, np.array(grid.shape) - PATCH)
    grid.lidar[row : row + PATCH, column : column + PATCH] *= -1
    grid.restore(grid.arrays())
    numbers = np.fromiter(landmarks.tracks, np.int64)
    for key in rng.choice(numbers, min(SEEN, len(numbers)), replace=False).tolist():
        landmarks.tracks[key].count += 1
