"""How far a base can drive along an arc, and how fast it may then be."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.room import first_touch, sweep, travel


def free_travel(points: Array, v: float, w: float, radius_m: float) -> float:
    """Arc length [m] that a disc can go until a point lies on its rim.

    A point that is inside the disc already blocks only motion that goes deeper: leaving
    is always free. Turning on the spot (v = 0) moves no part of a disc.

    Args:
        points: obstacles (k, 2) [m] in `base_link`.
        v: forward speed [m/s].
        w: turning speed [rad/s].
        radius_m: radius of the disc around the origin [m].

    Returns:
        Free length, infinity when nothing is in the way.
    """
    return travel(np.ascontiguousarray(points, dtype=np.float64), v, w, radius_m)


def free_time(points: Array, v: float, w: float, box: Array) -> float:
    """Time [s] that a rectangular base can go on until a point lies on its rim.

    A point that is inside already blocks only motion that takes it deeper in, by more
    than 5 mm before it is out again: leaving and sliding along a wall are free.

    Args:
        points: obstacles (k, 2) [m] in `base_link`.
        v: forward speed [m/s].
        w: turning speed [rad/s].
        box: the rectangle (4,) [m]: least and greatest x, least and greatest y.

    Returns:
        Free time, infinity when nothing is in the way.
    """
    points = np.ascontiguousarray(points, dtype=np.float64)
    return first_touch(points, box, v, w)


def free_turn(points: Array, w: float, tip: Array, margin_m: float) -> float:
    """Angle [rad] that a stretched arm can sweep until it meets a point.

    Args:
        points: obstacles (k, 2) [m] in `base_link`, taken as tall as the arm.
        w: turning speed [rad/s].
        tip: end of the arm (2,) [m].
        margin_m: half width of the arm [m].
    """
    points = np.ascontiguousarray(points, dtype=np.float64)
    return sweep(points, w, np.ascontiguousarray(tip, dtype=np.float64), margin_m)


def speed_for(distance: float, brake: float, latency_s: float) -> float:
    """Highest speed that still stops within a distance: v t + v^2 / 2 a <= distance."""
    if distance == math.inf:
        return math.inf
    delay = brake * latency_s
    return math.sqrt(delay * delay + 2.0 * brake * max(distance, 0.0)) - delay
