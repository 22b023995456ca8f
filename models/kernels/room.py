"""Points around the base, and how far it can go; see `reflex.clearance`."""

from __future__ import annotations

import math

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import (
    MATRIX,
    NUMBER,
    VECTOR,
    compiled,
    entry,
)

_STRAIGHT_M = 1e4
_DEEPER_M = 0.005
_STEPS = 64
Box = tuple[float, float, float, float]
"""Least and greatest x, least and greatest y [m]."""


@entry(MATRIX, NUMBER, NUMBER, NUMBER)
def travel(points: Array, v: float, w: float, radius_m: float) -> float:
    """Arc length [m] until a point lies on the disc's rim; see `free_travel`."""
    if v == 0.0:
        return math.inf
    turn_m = v / w if abs(v) < _STRAIGHT_M * abs(w) else _STRAIGHT_M
    mirror_x = 1.0 if v > 0.0 else -1.0
    mirror_y = 1.0 if turn_m > 0.0 else -1.0
    turn_m = abs(turn_m)
    outer2 = (turn_m + radius_m) ** 2
    inner2 = (turn_m - radius_m) ** 2 if turn_m > radius_m else -1.0
    least = math.inf
    for i in range(points.shape[0]):
        x, y = mirror_x * points[i, 0], mirror_y * points[i, 1]
        side = turn_m - y
        around2 = x * x + side * side  # from the centre of the arc
        if not inner2 < around2 < outer2:
            continue
        around, ahead = math.sqrt(around2), math.atan2(x, side)
        away2 = x * x + y * y
        if away2 <= radius_m * radius_m:
            depth = math.sqrt(away2) - abs(around - turn_m)
            if ahead > 0.0 and depth > _DEEPER_M:
                return 0.0
            continue
        cosine = turn_m * turn_m + around2 - radius_m * radius_m
        cosine /= 2.0 * turn_m * around + 1e-12
        angle = ahead - math.acos(min(max(cosine, -1.0), 1.0))
        if angle < 0.0:
            angle += 2.0 * math.pi
        least = min(least, angle)
    return turn_m * least


@compiled
def _depth(x: float, y: float, box: Box) -> float:
    """How far a point is inside a box, negative outside."""
    return min(min(x - box[0], box[1] - x), min(y - box[2], box[3] - y))


@compiled
def _deepens(x: float, y: float, box: Box, v: float, w: float) -> bool:
    """Whether a point inside a box comes deeper before it leaves."""
    most = _depth(x, y, box) + _DEEPER_M
    way = box[1] - box[0] + box[3] - box[2]
    reach = max(max(-box[0], box[1]), max(-box[2], box[3]))
    step = way / (abs(v) + abs(w) * reach) / _STEPS  # [s]
    c, s = math.cos(w * step), math.sin(w * step)
    ahead, aside = v * step, 0.5 * v * w * step * step
    for _ in range(_STEPS):
        dx, dy = x - ahead, y - aside
        x, y = c * dx + s * dy, c * dy - s * dx
        depth = _depth(x, y, box)
        if depth > most:
            return True
        if depth <= 0.0:
            return False
    return False


@compiled
def _enters(x: float, y: float, box: Box, center: float, w: float) -> float:
    """Time [s] until a point enters a box that turns; y is that from its centre."""
    around2 = x * x + y * y
    start, least = math.atan2(y, x), math.inf
    for k in range(4):
        edge = box[k] if k < 2 else box[k] - center
        across2 = around2 - edge * edge
        if across2 < 0.0:
            continue
        across = math.sqrt(across2)
        for side in (-across, across):
            if k < 2:
                meets = box[2] <= side + center <= box[3]
                angle = math.atan2(side, edge)
            else:
                meets = box[0] <= side <= box[1]
                angle = math.atan2(edge, side)
            if meets:
                turn = start - angle if w > 0.0 else angle - start
                least = min(least, turn % (2.0 * math.pi))
    return least / abs(w)


@entry(MATRIX, VECTOR, NUMBER, VECTOR)
def room_beside(points: Array, box: Array, most_m: float, out: Array) -> None:
    """Distance [m] of the nearest point behind, ahead, right and left of a box (4,).

    Only points that lie straight before a side count; no distance is above `most_m`.
    """
    out[:] = most_m
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        if box[2] < y < box[3]:
            if x <= box[0]:
                out[0] = min(out[0], box[0] - x)
            if x >= box[1]:
                out[1] = min(out[1], x - box[1])
        elif box[0] < x < box[1]:
            if y <= box[2]:
                out[2] = min(out[2], box[2] - y)
            if y >= box[3]:
                out[3] = min(out[3], y - box[3])


@entry(MATRIX, VECTOR, NUMBER, NUMBER)
def first_touch(points: Array, sides: Array, v: float, w: float) -> float:
    """Time [s] until a point enters a box (4,); see `free_time`."""
    least = math.inf
    if v == 0.0 and w == 0.0:
        return least
    box = (sides[0], sides[1], sides[2], sides[3])
    straight = abs(v) >= _STRAIGHT_M * abs(w)
    center = 0.0 if straight else v / w
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        if _depth(x, y, box) > 0.0:
            if _deepens(x, y, box, v, w):
                return 0.0
        elif straight:
            edge = box[1] if v > 0.0 else box[0]
            if box[2] < y < box[3] and (x - edge) * v >= 0.0:
                least = min(least, (x - edge) / v)
        else:
            least = min(least, _enters(x, y - center, box, center, w))
    return least


@entry(MATRIX, NUMBER, VECTOR, NUMBER)
def sweep(points: Array, w: float, tip: Array, margin_m: float) -> float:
    """Angle [rad] until a stretched arm meets a point; see `free_turn`."""
    reach = math.sqrt(tip[0] * tip[0] + tip[1] * tip[1])
    if w == 0.0 or reach < 1e-6:
        return math.inf
    start = math.atan2(tip[1], tip[0])
    far2 = (reach + margin_m) ** 2
    least = math.inf
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        if not x * x + y * y < far2:
            continue
        bearing = (math.atan2(y, x) - start + math.pi) % (2.0 * math.pi) - math.pi
        to_go = bearing if w > 0.0 else -bearing
        if to_go >= 0.0:
            least = min(least, to_go)
    if least == math.inf:
        return math.inf
    return max(least - margin_m / reach, 0.0)


@entry(MATRIX, VECTOR, NUMBER, MATRIX)
def near_points(odom: Array, pose: Array, within_m: float, out: Array) -> int:
    """Points (k, 2) of `odom` no further than `within_m` into `out`; how many.

    Args:
        odom: all points, in `odom`.
        pose: of the base in `odom` (3,).
        within_m: distance from the base [m].
        out: memory for as many points, in `base_link`.
    """
    c, s = math.cos(pose[2]), math.sin(pose[2])
    count, far2 = 0, within_m * within_m
    for i in range(odom.shape[0]):
        x, y = odom[i, 0] - pose[0], odom[i, 1] - pose[1]
        if x * x + y * y <= far2:
            out[count, 0], out[count, 1] = c * x + s * y, c * y - s * x
            count += 1
    return count


@compiled
def _pose_then(poses: Array) -> tuple[float, float, float]:
    """Odometry pose at the time of a scan, from the twist since then."""
    x, y, yaw, v, w, age = poses[3:9]
    then = yaw - 0.5 * w * age
    x -= v * age * math.cos(then)
    y -= v * age * math.sin(then)
    yaw -= w * age
    if math.isfinite(x) and math.isfinite(y) and math.isfinite(yaw):
        return x, y, yaw
    return 0.0, 0.0, 0.0


@compiled
def _aim_rays(rays: Array, first: float, between: float, count: int) -> None:
    """Directions of the beams, where they are not those of the scan before."""
    if rays[0, 0] == first and rays[0, 1] == between and rays[1, 0] >= count:
        return
    rays[0, 0], rays[0, 1], rays[1, 0] = first, between, count
    for i in range(count):
        angle = first + i * between
        rays[2 + i, 0], rays[2 + i, 1] = math.cos(angle), math.sin(angle)


@entry(VECTOR, VECTOR, VECTOR, MATRIX, MATRIX)
def scan_points(
    ranges: Array, beams: Array, poses: Array, rays: Array, out: Array
) -> int:
    """Points of a scan in `odom` into `out`; how many.

    Args:
        ranges: (n,) [m], REP 117.
        beams: first angle and angle between beams [rad], shortest range and the one
            from which on a beam counts for nothing [m], and the largest share of lost
            beams.
        poses: laser in `base_link`, base in `odom`, its twist, and how long ago the
            scan was [s] (9,).
        rays: memory (2 + n, 2) for the directions of the beams, first NaN.
        out: memory for as many points.

    Returns:
        Minus one if too many beams are lost.
    """
    first, between, shortest, longest, lost_share = beams
    lost = 0
    for i in range(ranges.size):
        if ranges[i] != ranges[i]:
            lost += 1
    if lost > lost_share * ranges.size:
        return -1
    X, Y, yaw = _pose_then(poses)
    c, s = math.cos(yaw), math.sin(yaw)
    _aim_rays(rays, first + poses[2], between, ranges.size)
    count = 0
    for i in range(ranges.size):
        distance = ranges[i]
        if distance < shortest:
            distance = shortest
        if distance < longest:
            x = poses[0] + distance * rays[2 + i, 0]
            y = poses[1] + distance * rays[2 + i, 1]
            out[count, 0] = X + c * x - s * y
            out[count, 1] = Y + s * x + c * y
            count += 1
    return count
