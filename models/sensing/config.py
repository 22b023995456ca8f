"""Parameters of sensing."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.config import param, validate


@dataclass(frozen=True, kw_only=True)
class SensingConfig:
    """How a depth image becomes obstacles, free floor and objects."""

    min_height_m: float = param(
        0.05, "lowest point above the floor that counts as obstacle", low=0.01, high=0.5
    )
    max_height_m: float = param(
        1.25, "points above this pass over the robot", low=0.2, high=3.0
    )
    floor_tolerance_m: float = param(
        0.03, "points this close to the floor plane are floor", low=0.005, high=0.1
    )
    min_range_m: float = param(0.15, "nearest depth that is used", low=0.0, high=1.0)
    max_range_m: float = param(6.0, "farthest depth that is used", low=1.0, high=20.0)
    voxel_m: float = param(0.05, "grid to which points are thinned", low=0.01, high=0.5)
    min_points: int = param(
        3, "fewest pixels in a voxel within 2 m that count", low=1, high=50
    )
    robot_radius_m: float = param(
        0.32, "points nearer to base_link than this are the robot", low=0.0, high=1.0
    )
    view_sectors: int = param(12, "columns of the view polygon", low=2, high=90)
    stale_s: float = param(
        0.5, "a frame or scan older than this is dropped", low=0.05, high=5.0
    )
    views: bool = param(True, "describe pictures, so that places are recognised")
    embedding: str = param(
        "", "module:attribute of what makes vectors of pictures; empty = shipped"
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
