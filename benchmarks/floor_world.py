"""A floor plan with a round robot, walls and a walking person, for the base's reflex.

The base does exactly what it is told, but not through walls; a touch is a spring. The
person walks on when the robot is in the way, and pushes with limited force. Lidar and
bumper are simulated; the fast loop that drives the robot is the real one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.fast import FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    LaserScan,
    MotionTarget,
)

TICK_S, SCAN_TICKS, TARGET_TICKS = 1e-3, 100, 50
RADIUS_M, BEAMS, RANGE_M = 0.27, 240, 8.0
WALL_N_M, PERSON_N_M = 2e4, 5e3
PERSON_RADIUS_M, PERSON_PUSH_N = 0.2, 80.0
NOISE_M, TOUCH_N = 0.01, 5.0
BUMPERS = 8
LIMITS = BodyLimits(
    q_min=np.zeros(0),
    q_max=np.zeros(0),
    dq_max=np.zeros(0),
    effort_max=np.zeros(0),
    effort_rate_max=np.zeros(0),
    twist_max=np.array([0.7, 1.5]),
    accel_max=np.array([1.0, 3.0]),
    radius_m=RADIUS_M,
)


@dataclass(kw_only=True)
class Floor:
    """Where everything is.

    Attributes:
        walls: segments (k, 4) [m]: x and y of both ends.
        pose: of the robot (3,) [m, rad].
        person: (2,) [m], or None. walk: velocity that the person wants (2,) [m/s].
    """

    walls: Array
    pose: Array
    person: Array | None = None
    walk: Array = field(default_factory=lambda: np.zeros(2))


@dataclass(frozen=True, kw_only=True)
class Drive:
    """What came of a run: arrived at [s] (infinite if not), and the touches.

    `path` (t, 2) [m] holds the robot every 50 ms.
    """

    arrived_s: float
    peak_n: float
    touched_s: float
    path: Array


def drive(
    floor: Floor, loop: FastLoop, goal: Array | None, *, seconds: float, seed: int
) -> Drive:
    """Head for the goal (2,) [m] in a straight line, or stay where it is (None).

    Args:
        floor: the world; it is changed.
        loop: reflex of a base without arm.
        goal: None to stand still.
        seconds: longest run.
        seed: of the sensor noise.
    """
    rng, twist, path = np.random.default_rng(seed), np.zeros(2), []
    bumper, peak_n, touched = np.zeros(BUMPERS, dtype=bool), 0.0, 0
    for tick in range(round(seconds / TICK_S)):
        t = tick * TICK_S
        if tick % SCAN_TICKS == 0:
            loop.set_scan(_scan(floor, t, rng))
        if tick % TARGET_TICKS == 0:
            path.append(floor.pose[:2].copy())
            if goal is not None and np.linalg.norm(goal - floor.pose[:2]) < 0.2:
                return Drive(
                    arrived_s=t,
                    peak_n=peak_n,
                    touched_s=touched * TICK_S,
                    path=np.array(path),
                )
            loop.set_target(_target(t, _towards(floor.pose, goal)))
        twist = loop.tick(_state(t, floor.pose, twist, bumper)).twist_base
        _roll(floor.pose, twist)
        force, bumper = _touch(floor)
        peak_n = max(peak_n, force)
        touched += force > TOUCH_N
    return Drive(
        arrived_s=math.inf,
        peak_n=peak_n,
        touched_s=touched * TICK_S,
        path=np.array(path),
    )


def _towards(pose: Array, goal: Array | None) -> Array:
    """A plain policy: turn to the goal and drive; it knows of no walls."""
    if goal is None:
        return np.zeros(2)
    x, y = goal - pose[:2]
    off = math.remainder(math.atan2(y, x) - pose[2], 2.0 * math.pi)
    speed = 0.4 * max(math.cos(off), 0.0)
    return np.array([speed, min(max(1.5 * off, -1.0), 1.0)])


def _roll(pose: Array, twist: Array) -> None:
    v, w = twist.tolist()
    middle = pose[2] + 0.5 * TICK_S * w
    pose += TICK_S * np.array([v * math.cos(middle), v * math.sin(middle), w])


def _touch(floor: Floor) -> tuple[float, np.ndarray]:
    """Force [N] of the hardest touch and the pressed sectors; things give way here."""
    pose = floor.pose
    gaps = _closest(floor.walls, pose[:2]) - pose[:2]
    distance = np.linalg.norm(gaps, axis=1)
    bumper, hardest = np.zeros(BUMPERS, dtype=bool), 0.0
    for gap, far in zip(gaps, distance, strict=True):
        if far < RADIUS_M:
            force = WALL_N_M * (RADIUS_M - far)
            hardest = max(hardest, force)
            _press(bumper, gap, pose[2], force)
            if force > 150.0:  # the wheels slip rather than push harder
                pose[:2] -= gap / far * (RADIUS_M - far - 150.0 / WALL_N_M)
    if floor.person is not None:
        floor.person += TICK_S * floor.walk
        gap = floor.person - pose[:2]
        far = float(np.linalg.norm(gap))
        depth = RADIUS_M + PERSON_RADIUS_M - far
        if depth > 0.0:
            force = min(PERSON_N_M * depth, PERSON_PUSH_N)
            floor.person += gap / far * (depth - force / PERSON_N_M)
            hardest = max(hardest, force)
            _press(bumper, gap, pose[2], force)
    return min(hardest, 150.0), bumper


def _press(bumper: np.ndarray, gap: Array, yaw: float, force: float) -> None:
    if force > TOUCH_N:
        angle = math.atan2(gap[1], gap[0]) - yaw
        bumper[round(angle / (2.0 * math.pi / BUMPERS)) % BUMPERS] = True


def _closest(walls: Array, p: Array) -> Array:
    """Point of each wall (k, 2) that is closest to p (2,)."""
    start, along = walls[:, :2], walls[:, 2:] - walls[:, :2]
    share = np.einsum("ij,ij->i", p - start, along)
    share /= np.einsum("ij,ij->i", along, along)
    return np.asarray(start + np.clip(share, 0.0, 1.0)[:, None] * along)


def _scan(floor: Floor, t: float, rng: np.random.Generator) -> LaserScan:
    x, y, yaw = floor.pose
    angles = np.linspace(-math.pi, math.pi, BEAMS, endpoint=False)
    ways = np.stack([np.cos(angles + yaw), np.sin(angles + yaw)], axis=1)
    ranges = np.full(BEAMS, np.inf)
    for x1, y1, x2, y2 in floor.walls:
        along, to = np.array([x2 - x1, y2 - y1]), np.array([x1 - x, y1 - y])
        cross = ways[:, 0] * along[1] - ways[:, 1] * along[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (to[0] * along[1] - to[1] * along[0]) / cross
            share = (to[0] * ways[:, 1] - to[1] * ways[:, 0]) / cross
        good = (far > 0.0) & (share >= 0.0) & (share <= 1.0)
        ranges = np.where(good & (far < ranges), far, ranges)
    if floor.person is not None:
        to = floor.person - (x, y)
        ahead = ways @ to
        gap2 = PERSON_RADIUS_M**2 - (to @ to - ahead**2)
        far = ahead - np.sqrt(np.maximum(gap2, 0.0))
        good = (gap2 > 0.0) & (far > 0.0)
        ranges = np.where(good & (far < ranges), far, ranges)
    ranges = np.where(ranges < RANGE_M, ranges, np.inf)
    return LaserScan(
        stamp=t,
        angle_min=-math.pi,
        angle_increment=2.0 * math.pi / BEAMS,
        range_min=0.05,
        range_max=RANGE_M,
        ranges=ranges + NOISE_M * rng.standard_normal(BEAMS),
        pose_base_laser=np.zeros(3),
    )


def _state(t: float, pose: Array, twist: Array, bumper: np.ndarray) -> BodyState:
    none, zero = np.zeros(0), np.zeros(3)
    return BodyState(
        stamp=t,
        q=none,
        dq=none,
        effort=none,
        twist_base=twist,
        pose_odom_base=pose.copy(),
        wrench_ee=np.zeros(6),
        bumper=bumper,
        gyro=zero,
        accel=zero,
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )


def _target(t: float, twist: Array) -> MotionTarget:
    return MotionTarget(
        stamp=t,
        twist_base=twist,
        mode=ArmMode.JOINT,
        q_target=np.zeros(0),
        T_base_ee=np.eye(4),
        stiffness=np.eye(6),
        wrench_ff=np.zeros(6),
        contact=False,
        head=np.zeros(2),
        gripper_m=0.0,
    )
