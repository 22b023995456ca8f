"""How far a round base can drive along an arc, and how fast it may then be."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array

_STRAIGHT_M = 1e4
_DEEPER_M = 0.005


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
    if v == 0.0 or not points.size:
        return math.inf
    turn_m = v / w if abs(v) < _STRAIGHT_M * abs(w) else _STRAIGHT_M
    x = points[:, 0] if v > 0.0 else -points[:, 0]
    y = points[:, 1] if turn_m > 0.0 else -points[:, 1]
    turn_m = abs(turn_m)
    side = turn_m - y
    around2 = x * x + side * side  # from the centre of the arc
    touched = around2 < (turn_m + radius_m) ** 2
    if turn_m > radius_m:
        touched &= around2 > (turn_m - radius_m) ** 2
    hit = np.flatnonzero(touched)
    if not hit.size:
        return math.inf
    x, y, side, around = x[hit], y[hit], side[hit], np.sqrt(around2[hit])
    ahead = np.arctan2(x, side)
    outside = x * x + y * y > radius_m * radius_m
    if not outside.all():
        depth = np.hypot(x, y) - np.abs(around - turn_m)
        if (~outside & (ahead > 0.0) & (depth > _DEEPER_M)).any():
            return 0.0
        around, ahead = around[outside], ahead[outside]
        if not around.size:
            return math.inf
    cosine = (turn_m**2 + around**2 - radius_m**2) / (2.0 * turn_m * around + 1e-12)
    half = np.arccos(np.minimum(np.maximum(cosine, -1.0), 1.0))
    angle = ahead - half
    angle[angle < 0.0] += 2.0 * math.pi
    return float(turn_m * angle.min())


def free_turn(points: Array, w: float, tip: Array, margin_m: float) -> float:
    """Angle [rad] that a stretched arm can sweep until it meets a point.

    Args:
        points: obstacles (k, 2) [m] in `base_link`, taken as tall as the arm.
        w: turning speed [rad/s].
        tip: end of the arm (2,) [m].
        margin_m: half width of the arm [m].
    """
    reach = math.hypot(float(tip[0]), float(tip[1]))
    if w == 0.0 or not points.size or reach < 1e-6:
        return math.inf
    x, y = points[:, 0], points[:, 1]
    close = np.flatnonzero(x * x + y * y < (reach + margin_m) ** 2)
    if not close.size:
        return math.inf
    bearing = np.arctan2(y[close], x[close]) - math.atan2(tip[1], tip[0])
    bearing = (bearing + math.pi) % (2.0 * math.pi) - math.pi
    to_go = bearing if w > 0.0 else -bearing
    to_go = to_go[to_go >= 0.0]
    if not to_go.size:
        return math.inf
    return max(float(to_go.min()) - margin_m / reach, 0.0)


def speed_for(distance: float, brake: float, latency_s: float) -> float:
    """Highest speed that still stops within a distance: v t + v^2 / 2 a <= distance."""
    if distance == math.inf:
        return math.inf
    delay = brake * latency_s
    return math.sqrt(delay * delay + 2.0 * brake * max(distance, 0.0)) - delay
