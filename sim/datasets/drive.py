"""Lidar and odometry of a drive through all rooms of a home, with the true poses.

The base is moved along the tour without physics, which is quick; lidar and wheels are
those of the simulator, defects included. What SLAM is measured on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import wrap
from neural_brain.models.signals import BodyState, LaserScan
from neural_brain.sim.datasets.frames import set_pose
from neural_brain.sim.datasets.tour import tour_poses
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.robots import STOWED
from neural_brain.sim.robots.base import HALF_TRACK_M, WHEEL_RADIUS_M
from neural_brain.sim.scene import build_model
from neural_brain.sim.sensors.lidar import Lidar, LidarConfig
from neural_brain.sim.sensors.odometry import Odometry, OdometryConfig
from neural_brain.sim.simulation import Simulation

Points = NDArray[np.float64]
PERIOD_S = 0.2  # between two scans
SPEED_M_S, TURN_RAD_S = 0.5, 1.0
AHEAD_M = 0.4  # how far ahead on the way the base aims
GOAL_M = 0.12


@dataclass(frozen=True, kw_only=True)
class DriveSample:
    """One scan, the body state of its moment, and the true pose (3,) in `home`."""

    true: Points
    body: BodyState
    scan: LaserScan


def drive_samples(
    home: HomeSpec, seed: int, *, drift: float = 1.0, rounds: int = 1
) -> Iterator[DriveSample]:
    """Samples of one drive.

    Args:
        home: where.
        seed: of the stops, the wheels and the lidar's noise.
        drift: factor on the defects of the wheels; 1 = as everywhere in the simulator.
        rounds: tours through all rooms and back, each with stops of its own.
    """
    simulation = Simulation(build_model(home, "mobile_manipulator", (0.0, 0.0, 0.0)))
    simulation.place_arm(STOWED)
    model, data, index = simulation.model, simulation.data, simulation.index
    wheels, noise = np.random.default_rng([seed, 0xD21]).spawn(2)
    plain = OdometryConfig()
    defects = replace(
        plain,
        radius_error=min(0.2, drift * plain.radius_error),
        slip_m=min(0.2, drift * plain.slip_m),
    )
    odometry = Odometry(defects, model, data, index, wheels)
    lidar = Lidar(LidarConfig(), model, data, index, noise)
    ways = [tour_poses(home, seed + 7919 * k, 1) for k in range(rounds)]
    tour = np.concatenate([part for way in ways for part in (way, way[::-1])])
    for k, (pose, twist) in enumerate(_moves(tour)):
        steps = PERIOD_S * np.array([[1, -HALF_TRACK_M], [1, HALF_TRACK_M]]) @ twist
        data.qpos[index.wheel_q] += steps / WHEEL_RADIUS_M
        set_pose(simulation, (pose[0], pose[1], pose[2]), (0.0, 0.0))
        odom, felt = odometry.read()
        stamp = (k + 1) * PERIOD_S
        body = _body(stamp, odom, felt, float(twist[1]))
        yield DriveSample(true=pose, body=body, scan=lidar.measure(stamp))


def _moves(tour: Points) -> Iterator[tuple[Points, Points]]:
    """Poses (3,) every period and the twist (2,) that led there."""
    pose = tour[0].copy()
    at = 0
    while at < len(tour):
        gap = np.hypot(*(tour[at, :2] - pose[:2]))
        last = at == len(tour) - 1 or np.allclose(tour[at], tour[at + 1])
        if gap < (GOAL_M if last else AHEAD_M):
            at += 1
            continue
        ahead = tour[at, :2] - pose[:2]
        error = wrap(float(np.arctan2(ahead[1], ahead[0])) - float(pose[2]))
        turn = float(np.clip(2.0 * error, -TURN_RAD_S, TURN_RAD_S))
        speed = SPEED_M_S if abs(error) < 0.5 else 0.0
        speed = min(speed, 0.1 + 1.2 * float(gap))
        middle = pose[2] + 0.5 * turn * PERIOD_S
        way = speed * PERIOD_S
        turned = turn * PERIOD_S
        pose = pose + np.array([way * np.cos(middle), way * np.sin(middle), turned])
        pose[2] = wrap(float(pose[2]))
        yield pose.copy(), np.array([speed, turn])


def _body(stamp: float, odom: Points, felt: Points, turn: float) -> BodyState:
    return BodyState(
        stamp=stamp,
        q=np.zeros(0),
        dq=np.zeros(0),
        effort=np.zeros(0),
        twist_base=felt,
        pose_odom_base=odom,
        wrench_ee=np.zeros(6),
        bumper=np.zeros(0, dtype=bool),
        gyro=np.array([0.0, 0.0, turn]),
        accel=np.array([0.0, 0.0, 9.81]),
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )
