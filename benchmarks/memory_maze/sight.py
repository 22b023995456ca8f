"""What one look tells, however it was gained: beams to walls, and coloured targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.memory_maze.client import Truth
from neural_brain.models.geometry import Array, inverse2, transform2
from neural_brain.models.signals import LaserScan

COLOURS = ("red", "green", "blue", "purple", "yellow", "salmon")
CELL_M = 2.0
TARGET_M = 0.6  # radius of a target
TARGET_WIDE_M = 0.75  # of what it may hide, with a pose that is some cm off
AHEAD_M = 0.15  # the camera is this far before the middle of the ball
BEAM_RAD = np.deg2rad(1.0)
BEAMS = 76
ANGLES = (np.arange(BEAMS) - 0.5 * (BEAMS - 1)) * BEAM_RAD
RANGE_M = 10.0
SHORTEST_M = 0.02
_FINE_M = 0.04


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A target: its colour, and its centre (2,) [m] in the ball's frame."""

    colour: str
    center: Array


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One look.

    Attributes:
        ranges: (76,) [m] from the camera to the wall along `ANGLES`; +inf = free up to
            `RANGE_M`, NaN = it cannot be told.
        targets: those that are in view.
    """

    ranges: Array
    targets: tuple[Sighting, ...]

    def scan(self, t: float) -> LaserScan:
        """The beams as a scan of the package's maps."""
        return LaserScan(
            stamp=t,
            angle_min=float(ANGLES[0]),
            angle_increment=float(BEAM_RAD),
            range_min=SHORTEST_M,
            range_max=RANGE_M,
            ranges=self.ranges,
            pose_base_laser=np.array([AHEAD_M, 0.0, 0.0]),
        )


def ideal_sight(truth: Truth) -> Sight:
    """A perfect range camera with eyes for targets: what a faultless look would tell.

    The layout and the targets are read here and nowhere else in that rung: a beam
    ends at the first wall, and a target is told only within the field of view, within
    range, and before the wall behind it.
    """
    eye = camera(truth.pose)
    along = np.arange(SHORTEST_M, RANGE_M, _FINE_M)
    directions = truth.pose[2] + ANGLES
    ray = np.stack([np.cos(directions), np.sin(directions)], axis=1)
    points = eye + ray[:, None, :] * along[None, :, None]
    hit = ~free_at(truth, points)
    first = np.argmax(hit, axis=1)
    ranges = np.where(hit.any(axis=1), along[first], np.inf)
    local = transform2(inverse2(truth.pose), truth.targets)
    seen = []
    for colour, center in zip(COLOURS, local, strict=False):
        offset = center - [AHEAD_M, 0.0]
        bearing, way = np.arctan2(offset[1], offset[0]), np.hypot(*offset)
        beam = int(np.clip(np.round((bearing - ANGLES[0]) / BEAM_RAD), 0, BEAMS - 1))
        if abs(bearing) <= ANGLES[-1] and way <= min(RANGE_M, ranges[beam]):
            seen.append(Sighting(colour=colour, center=center))
    return Sight(ranges=ranges, targets=tuple(seen))


def beside(ranges: Array, pose: Array, targets: dict[str, Array]) -> Array:
    """Ranges (76,) [m] with NaN where a believed target stands before the wall.

    Args:
        ranges: of the beams from a pose.
        pose: (3,) [m, m, rad].
        targets: centres (2,) [m] by colour.
    """
    kept = ranges.copy()
    for center in targets.values():
        x, y = center - camera(pose)
        way = max(float(np.hypot(x, y)), TARGET_WIDE_M)
        off = (np.arctan2(y, x) - pose[2] - ANGLES + np.pi) % (2.0 * np.pi) - np.pi
        hidden = np.abs(off) < np.arcsin(TARGET_WIDE_M / way)
        kept[hidden & (ranges > way - TARGET_WIDE_M)] = np.nan
    return kept


def camera(pose: Array) -> Array:
    """Where the camera is (2,) [m] for a pose (3,) of the ball."""
    return pose[:2] + AHEAD_M * np.array([np.cos(pose[2]), np.sin(pose[2])])


def free_at(truth: Truth, points: Array) -> np.ndarray:
    """Which points (..., 2) [m] lie in free cells of the true layout."""
    cell = np.floor(points / CELL_M).astype(np.int64)
    rows, columns = truth.layout.shape
    inside = (cell >= 0).all(axis=-1) & (cell < [columns, rows]).all(axis=-1)
    cell = np.clip(cell, 0, [columns - 1, rows - 1])
    return inside & truth.layout[cell[..., 1], cell[..., 0]]
