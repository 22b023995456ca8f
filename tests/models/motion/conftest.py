"""A flat world for motion: drawn walls, a unicycle, a ray-cast lidar."""

from __future__ import annotations

import numpy as np
import pytest

from neural_brain.models.geometry import compose2
from neural_brain.models.signals import (
    BodyLimits,
    BodyState,
    GridView,
    LaserScan,
    MapState,
)

RESOLUTION = 0.05


class FlatWorld:
    """Boxes on a square floor; what is drawn later can stay off the map."""

    def __init__(self, half_m: float = 4.0) -> None:
        n = round(2 * half_m / RESOLUTION)
        self.origin = np.array([-half_m, -half_m])
        self.cells = np.zeros((n, n), np.int8)
        self.box(-half_m, -half_m, half_m, -half_m + 0.1)
        self.box(-half_m, half_m - 0.1, half_m, half_m)
        self.box(-half_m, -half_m, -half_m + 0.1, half_m)
        self.box(half_m - 0.1, -half_m, half_m, half_m)
        self.known = self.cells.copy()
        self.version = 1

    def box(self, x0: float, y0: float, x1: float, y1: float, known: bool = True):
        """Put an obstacle [m]; unknown ones are only seen by the lidar."""
        a = np.floor((np.array([x0, y0]) - self.origin) / RESOLUTION).astype(int)
        b = np.ceil((np.array([x1, y1]) - self.origin) / RESOLUTION).astype(int)
        a = np.maximum(a, 0)
        self.cells[a[1] : b[1], a[0] : b[0]] = 100
        if known and hasattr(self, "known"):
            self.known[a[1] : b[1], a[0] : b[0]] = 100
        return self

    def grid(self) -> GridView:
        return GridView(
            cells=self.known.copy(),
            origin=self.origin,
            resolution=RESOLUTION,
            version=self.version,
        )

    def full(self, points: np.ndarray) -> np.ndarray:
        cell = np.floor((points - self.origin) / RESOLUTION).astype(int)
        cell = np.clip(cell, 0, self.cells.shape[0] - 1)
        return self.cells[cell[..., 1], cell[..., 0]] >= 50

    def scan(self, t: float, pose: np.ndarray, beams: int = 120) -> LaserScan:
        angles = np.linspace(-np.pi, np.pi, beams, endpoint=False)
        radii = np.arange(0.1, 6.0, 0.04)
        ray = np.stack([np.cos(angles + pose[2]), np.sin(angles + pose[2])], axis=1)
        hit = self.full(pose[:2] + ray[:, None, :] * radii[None, :, None])
        first = np.argmax(hit, axis=1)
        ranges = np.where(hit.any(axis=1), radii[first], np.inf)
        return LaserScan(
            stamp=t,
            angle_min=-np.pi,
            angle_increment=2 * np.pi / beams,
            range_min=0.05,
            range_max=10.0,
            ranges=ranges,
            pose_base_laser=np.zeros(3),
        )

    def state(self, t: float) -> MapState:
        return MapState(
            stamp=t,
            pose_map_odom=np.zeros(3),
            covariance=1e-4 * np.eye(3),
            localised=True,
            grid=self.grid(),
            places=(),
            passages=(),
            rooms=(),
            landmarks=(),
        )


class Unicycle:
    """An ideal differential drive whose arm does what it is told."""

    def __init__(self, pose, q) -> None:
        self.pose = np.array(pose, dtype=float)
        self.twist = np.zeros(2)
        self.q = np.array(q, dtype=float)
        self.head = np.zeros(2)

    def apply(self, target, dt: float) -> None:
        self.roll(target.twist_base, dt)
        self.q = np.array(target.q_target)
        self.head = np.array(target.head)

    def roll(self, twist, dt: float) -> None:
        self.twist = np.array(twist, dtype=float)
        v, w = self.twist
        for _ in range(5):
            step = np.array([v * dt / 5, 0.0, w * dt / 5])
            self.pose = compose2(self.pose, step)

    def state(self, t: float) -> BodyState:
        n = len(self.q)
        return BodyState(
            stamp=t,
            q=self.q.copy(),
            dq=np.zeros(n),
            effort=np.zeros(n),
            twist_base=self.twist.copy(),
            pose_odom_base=self.pose.copy(),
            wrench_ee=np.zeros(6),
            bumper=np.zeros(4, bool),
            gyro=np.zeros(3),
            accel=np.zeros(3),
            head=self.head.copy(),
            gripper_m=0.0,
            battery=1.0,
        )


@pytest.fixture
def world():
    return FlatWorld()


@pytest.fixture(scope="session")
def limits() -> BodyLimits:
    return BodyLimits(
        q_min=np.array([-2.9, -1.76, -2.9, -3.07, -2.9, -0.01, -2.9]),
        q_max=np.array([2.9, 1.76, 2.9, -0.07, 2.9, 3.75, 2.9]),
        dq_max=np.full(7, 2.1),
        effort_max=np.array([87.0] * 4 + [12.0] * 3),
        effort_rate_max=np.full(7, 1000.0),
        twist_max=np.array([0.7, 1.5]),
        accel_max=np.array([1.0, 3.0]),
        radius_m=0.27,
    )


@pytest.fixture
def unicycle():
    return Unicycle


@pytest.fixture
def flat_world():
    return FlatWorld
