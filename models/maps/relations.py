"""Where things are in words: seen from the robot, and on the compass of the map.

Dual orientation: "on the left" and "at 2 o'clock" turn with the robot, "in the north"
does not (+y of `map` is called north, as on a plan). Also how two things lie to each
other as the robot sees them.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array, wrap

AROUND = (
    "ahead",
    "ahead on the left",
    "on the left",
    "behind on the left",
    "behind",
    "behind on the right",
    "on the right",
    "ahead on the right",
)
COMPASS = (
    "east",
    "north-east",
    "north",
    "north-west",
    "west",
    "south-west",
    "south",
    "south-east",
)
HERE_M = 0.3  # nearer than this has no direction
BESIDE_RAD = 0.12  # bearings more alike than this are in one line
DEPTH_M = 0.3  # differences in distance below this say nothing


def bearing(pose_map_base: Array, point: Array) -> float:
    """Direction [rad] of a point (2,) or (3,) [m] in `map` from the robot, left > 0."""
    dx, dy = (float(v) for v in point[:2] - pose_map_base[:2])
    return wrap(math.atan2(dy, dx) - float(pose_map_base[2]))


def distance(pose_map_base: Array, point: Array) -> float:
    """Distance [m] in the plane from the robot to a point (2,) or (3,) in `map`."""
    return float(np.hypot(*(point[:2] - pose_map_base[:2])))


def side(pose_map_base: Array, point: Array) -> str:
    """One of eight directions around the robot, as "ahead on the left"; or "here"."""
    if distance(pose_map_base, point) < HERE_M:
        return "here"
    return AROUND[_eighth(bearing(pose_map_base, point))]


def clock(pose_map_base: Array, point: Array) -> str:
    """The direction on a clock whose 12 is ahead, as "3 o'clock" for the right."""
    hour = round(-bearing(pose_map_base, point) / (math.pi / 6.0)) % 12
    return f"{hour or 12} o'clock"


def cardinal(origin: Array, point: Array) -> str:
    """The compass direction from one point to another, north = +y of `map`."""
    dx, dy = (float(v) for v in point[:2] - origin[:2])
    return COMPASS[_eighth(math.atan2(dy, dx))]


def heading(pose_map_base: Array) -> str:
    """The compass direction that the robot looks to."""
    return COMPASS[_eighth(float(pose_map_base[2]))]


def relation(pose_map_base: Array, thing: Array, other: Array) -> str:
    """How a thing lies to another as the robot sees both, or "" when it sees no side.

    Returns:
        "left of", "right of", "in front of" (nearer in the same direction), "behind".
        Nothing is said of things more than a right angle apart: left and right would
        then depend on which way the robot turns.
    """
    apart = wrap(bearing(pose_map_base, thing) - bearing(pose_map_base, other))
    if abs(apart) > 0.5 * math.pi:
        return ""
    if abs(apart) > BESIDE_RAD:
        return "left of" if apart > 0.0 else "right of"
    deeper = distance(pose_map_base, thing) - distance(pose_map_base, other)
    if abs(deeper) < DEPTH_M:
        return ""
    return "behind" if deeper > 0.0 else "in front of"


def describe(pose_map_base: Array, point: Array) -> str:
    """Direction and distance in words, as "2.5 m away on the left, to the north"."""
    if distance(pose_map_base, point) < HERE_M:
        return "here"
    away = distance(pose_map_base, point)
    place = side(pose_map_base, point)
    return f"{away:.1f} m away {place}, to the {cardinal(pose_map_base, point)}"


def _eighth(angle: float) -> int:
    """Which of eight equal parts an angle [rad] falls into; 0 is around zero."""
    return round(angle / (math.pi / 4.0)) % 8
