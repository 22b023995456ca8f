"""Drawing a grid from keyframes, a few at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from neural_brain.models.geometry import Array
from neural_brain.models.maps.keyframes import Keyframe
from neural_brain.models.maps.occupancy import GridConfig, OccupancyGrid
from neural_brain.models.maps.scan_points import ScanPoints, in_map, scan_points

PER_SLICE = 5


def draw(
    grid: OccupancyGrid,
    frames: Iterable[tuple[Keyframe, Array]],
    *,
    weight: int = 1,
    per_slice: int = PER_SLICE,
) -> Generator[None, None, None]:
    """Add keyframes to a grid, in their order.

    Args:
        grid: gets them.
        frames: each with its pose_map_base (3,).
        weight: as so many scans one keyframe counts.
        per_slice: keyframes between two pauses.
    """
    for k, (frame, pose) in enumerate(frames):
        grid.add_scan(in_map(points_of(frame, grid.config), pose), weight=weight)
        if k % per_slice == per_slice - 1:
            yield


def points_of(frame: Keyframe, config: GridConfig) -> ScanPoints:
    """The scan of a keyframe in `base_link`, read as the map reads scans."""
    return scan_points(
        frame.scan(),
        max_range_m=config.max_range_m,
        margin_m=config.resolution_m,
        clear_range_m=config.clear_range_m,
    )
