"""A lidar scan as points and free distances, read the way REP 117 means it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, transform2
from neural_brain.models.signals import LaserScan


@dataclass(frozen=True, kw_only=True)
class ScanPoints:
    """One scan in `base_link`.

    Attributes:
        origin: laser position (2,) [m].
        hits: points (n, 2) [m] where a beam met something.
        outline: corners (k, 2) [m] of the area that the beams saw empty.
    """

    origin: Array
    hits: Array
    outline: Array


def scan_points(
    scan: LaserScan, *, max_range_m: float, margin_m: float, clear_range_m: float
) -> ScanPoints:
    """Read a scan: +inf clears, -inf is an obstacle at `range_min`, NaN says nothing.

    Args:
        scan: the measurement; finite ranges outside [range_min, range_max] are dropped.
        max_range_m: hits farther away are not used [m].
        margin_m: free space ends this far before a hit [m].
        clear_range_m: how far a beam without return clears [m].
    """
    ranges = np.asarray(scan.ranges, dtype=np.float64)
    angles = scan.angle_min + scan.angle_increment * np.arange(len(ranges))
    angles = angles + scan.pose_base_laser[2]
    valid = np.isfinite(ranges)
    valid &= (ranges >= scan.range_min) & (ranges <= scan.range_max)
    too_close = np.isneginf(ranges)
    distance = np.where(valid, ranges, np.where(too_close, scan.range_min, 0.0))
    hit = (valid & (ranges <= max_range_m)) | too_close
    free = np.where(valid, np.minimum(ranges - margin_m, clear_range_m), 0.0)
    free = np.where(np.isposinf(ranges), min(clear_range_m, scan.range_max), free)
    free = np.maximum(free, 0.0)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    origin = np.asarray(scan.pose_base_laser[:2], dtype=np.float64)
    return ScanPoints(
        origin=origin,
        hits=origin + directions[hit] * distance[hit, None],
        outline=origin + _outline(directions, free),
    )


def _outline(directions: Array, free: Array) -> Array:
    """Star-shaped polygon that gives a gap between two beams the nearer range only."""
    following = np.roll(free, -1)
    outward = free < following  # the corner lies on the next beam, at the near range
    corner = np.where(
        outward[:, None],
        np.roll(directions, -1, axis=0) * free[:, None],
        directions * np.minimum(free, following)[:, None],
    )
    points = np.empty((2 * len(free), 2))
    points[0::2] = directions * free[:, None]
    points[1::2] = corner
    if len(free) > 1 and float(np.dot(directions[0], directions[-1])) < 0.9:
        points[-1] = 0.0  # not a full circle: close the area through the laser
    return points


def thin(points: Array, spacing_m: float) -> Array:
    """Keep one point per square of the given size; (n, 2) -> (m, 2)."""
    if len(points) == 0:
        return points
    cells = np.floor(points / spacing_m).astype(np.int64)
    keys = cells[:, 0] * 1_000_003 + cells[:, 1]
    _, first = np.unique(keys, return_index=True)
    kept: NDArray[np.float64] = points[np.sort(first)]
    return kept


def in_map(points: ScanPoints, pose_map_base: Array) -> ScanPoints:
    """The same scan with all points in `map`."""
    return ScanPoints(
        origin=transform2(pose_map_base, points.origin[None])[0],
        hits=transform2(pose_map_base, points.hits),
        outline=transform2(pose_map_base, points.outline),
    )
