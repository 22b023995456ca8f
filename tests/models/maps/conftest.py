"""A flat world of line segments with a ray caster, and a robot that drives in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from neural_brain.models.geometry import compose2, inverse2, transform2, wrap
from neural_brain.models.maps import CognitiveMap, scan_points
from neural_brain.models.maps.scan_points import in_map
from neural_brain.models.signals import BodyState, LaserScan

LASER = np.array([0.15, 0.0, 0.0])
BEAMS = 360


def box(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, ...]]:
    return [(x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)]


def home_segments() -> np.ndarray:
    """A home of 12 x 9 m with six rooms and 0.9 m doors; walls are 0.1 m thick."""
    walls = box(0.0, 0.0, 12.0, 9.0)
    # corridor between y = 4.0 and y = 5.2, doors to the rooms above and below
    for y, doors in ((4.0, (1.5, 6.0, 10.0)), (5.2, (2.5, 7.0, 11.0))):
        x = 0.0
        for door in (*doors, 13.0):
            walls += box(x, y - 0.05, min(door - 0.45, 12.0), y + 0.05)
            x = door + 0.45
    for x, y0, y1 in ((3.6, 0, 4), (8.2, 0, 4), (4.6, 5.2, 9), (9.0, 5.2, 9)):
        walls += box(x - 0.05, y0, x + 0.05, y1)
    furniture = box(0.05, 0.05, 0.95, 2.0) + box(4.5, 0.05, 6.5, 0.6)
    furniture += box(10.8, 0.3, 11.9, 2.2) + box(0.2, 8.0, 2.2, 8.9)
    furniture += box(8.3, 8.2, 8.9, 8.9) + box(9.2, 8.3, 10.0, 8.95)
    for x, y in ((5.6, 2.0), (6.6, 2.0), (5.6, 2.6), (6.6, 2.6)):
        furniture += box(x, y, x + 0.06, y + 0.06)  # legs of a table
    for x, y in ((6.2, 7.2), (7.4, 7.2), (6.2, 7.9), (7.4, 7.9)):
        furniture += box(x, y, x + 0.05, y + 0.05)
    return np.array(walls + furniture)


TOUR = [
    (1.5, 2.8), (1.5, 4.6), (6.0, 4.6), (6.0, 3.3), (4.6, 2.5), (4.9, 1.2),
    (7.2, 1.3), (7.3, 3.0), (6.0, 3.3), (6.0, 4.6), (10.0, 4.6), (10.0, 3.0),
    (9.2, 1.2), (10.0, 3.0), (10.0, 4.6), (11.0, 4.6), (11.0, 6.5), (10.0, 7.3),
    (11.0, 6.5), (11.0, 4.6), (7.0, 4.6), (7.0, 6.3), (5.4, 6.6), (5.4, 8.3),
    (5.4, 6.6), (7.0, 6.3), (7.0, 4.6), (2.5, 4.6), (2.5, 6.5), (1.0, 7.0),
    (3.8, 7.8), (2.5, 6.5), (2.5, 4.6), (1.5, 4.6), (1.5, 2.8), (2.6, 1.2),
    (1.5, 2.8), (2.0, 2.6),
]  # fmt: skip


def cast(segments: np.ndarray, pose: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Distance (n,) from a pose along angles [rad] to the first segment."""
    a, b = segments[:, :2] - pose[:2], segments[:, 2:] - segments[:, :2]
    direction = np.stack([np.cos(angles + pose[2]), np.sin(angles + pose[2])], axis=1)
    cross = direction[:, 0:1] * b[:, 1] - direction[:, 1:2] * b[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / cross
        u = (a[:, 0] * direction[:, 1:2] - a[:, 1] * direction[:, 0:1]) / cross
    t[~((t > 1e-6) & (u >= 0.0) & (u <= 1.0))] = np.inf
    return t.min(axis=1)


def body_state(stamp: float, odom: np.ndarray, twist=(0.0, 0.0)) -> BodyState:
    zero = np.zeros(7)
    return BodyState(
        stamp=stamp,
        q=zero,
        dq=zero,
        effort=zero,
        twist_base=np.array(twist, float),
        pose_odom_base=np.array(odom, float),
        wrench_ee=np.zeros(6),
        bumper=np.zeros(4, bool),
        gyro=np.array([0.0, 0.0, twist[1]]),
        accel=np.array([0.0, 0.0, 9.81]),
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )


@dataclass
class Sample:
    t: float
    true: np.ndarray  # pose in `map` = relative to the start
    world: np.ndarray
    body: BodyState
    scan: LaserScan


class FlatWorld:
    """Segments, lidar with noise, and a drive with drifting odometry."""

    def __init__(self, segments: np.ndarray, start=(1.5, 2.8, 1.2)) -> None:
        self.segments = segments
        self.start = np.array(start, float)

    def scan(self, world: np.ndarray, stamp: float, rng) -> LaserScan:
        increment = 2.0 * np.pi / BEAMS
        angles = -np.pi + increment * np.arange(BEAMS)
        ranges = cast(self.segments, compose2(world, LASER), angles)
        ranges = ranges + rng.normal(0.0, 0.015, BEAMS)
        ranges[ranges > 10.0] = np.inf
        ranges[ranges < 0.1] = -np.inf
        ranges[rng.random(BEAMS) < 0.01] = np.nan
        return LaserScan(
            stamp=stamp,
            angle_min=-np.pi,
            angle_increment=increment,
            range_min=0.1,
            range_max=10.0,
            ranges=ranges,
            pose_base_laser=LASER,
        )

    def drive(self, waypoints, *, drift=0.05, slip=0.0, seed=0) -> Iterator[Sample]:
        """10 Hz samples of a tour at 0.5 m/s; odometry is always `drift` wrong."""
        rng = np.random.default_rng(seed)
        world, odom = self.start.copy(), np.zeros(3)
        veer = rng.choice([-1.0, 1.0])
        t, dt = 0.0, 0.1
        for goal in waypoints:
            while True:
                gap = np.array(goal) - world[:2]
                if np.hypot(*gap) < 0.08:
                    break
                error = wrap(np.arctan2(gap[1], gap[0]) - world[2])
                w = float(np.clip(2.5 * error, -1.0, 1.0))
                v = 0.5 if abs(error) < 0.5 else 0.0
                v = min(v, 0.1 + 1.5 * float(np.hypot(*gap)))
                step = np.array([v * dt, 0.0, w * dt])
                world = compose2(world, step)
                skid = 1.0 - (slip if rng.random() < 0.05 else 0.0)
                felt = step * (1.0 + drift) + np.array(
                    [0.0, 0.0, veer * drift * 0.4 * abs(v) * dt]
                )
                felt = felt / max(skid, 0.2)
                felt += rng.normal(0.0, [0.001, 0.0005, 0.001])
                odom = compose2(odom, felt)
                t += dt
                true = compose2(inverse2(self.start), world)
                yield Sample(
                    t=t,
                    true=true,
                    world=world.copy(),
                    body=body_state(t, odom, (v, w)),
                    scan=self.scan(world, t, rng),
                )

    def to_map(self, points: np.ndarray) -> np.ndarray:
        return transform2(inverse2(self.start), points)

    def survey(self, frame, stops) -> CognitiveMap:
        """A map with its origin at `frame` (3,) in the world, from scans at spots."""
        cognitive = CognitiveMap()
        rng = np.random.default_rng(len(stops))
        for k, spot in enumerate(stops):
            for turn in range(4):
                pose = np.array([*spot, 0.7 * k + 1.5 * turn])
                scan = self.scan(pose, 0.0, rng)
                points = scan_points(
                    scan, max_range_m=8.0, margin_m=0.05, clear_range_m=8.0
                )
                seen_from = compose2(inverse2(frame), pose)
                cognitive.grid.add_scan(in_map(points, seen_from))
        return cognitive


@pytest.fixture(scope="session")
def world() -> FlatWorld:
    return FlatWorld(home_segments())


@pytest.fixture(scope="session")
def tour() -> list[tuple[float, float]]:
    return TOUR


@pytest.fixture(scope="session")
def make_body():
    return body_state
