"""Wheel odometry: encoders with wrong wheel radii and slip, integrated every tick."""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.sim.robots.base import HALF_TRACK_M, WHEEL_RADIUS_M
from neural_brain.sim.robots.index import RobotIndex
from neural_brain.sim.sensors.line import LineConfig
from neural_brain.sim.sensors.noise import GaussianStream


@dataclass(frozen=True, kw_only=True)
class OdometryConfig(LineConfig):
    """Defects of wheel odometry."""

    radius_error: float = param(
        0.004, "spread of the relative error of each wheel's radius", low=0.0, high=0.2
    )
    slip_m: float = param(
        0.004, "random slip of a wheel in one root metre", low=0.0, high=0.2
    )
    speed_noise_m_s: float = param(0.003, "noise of wheel speeds", low=0.0, high=0.5)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Odometry:
    """Dead reckoning from the two wheels (midpoint integration)."""

    def __init__(
        self,
        config: OdometryConfig,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        generator: np.random.Generator,
    ) -> None:
        self._qpos, self._qvel = data.qpos, data.qvel
        self._left_q, self._right_q = (int(i) for i in index.wheel_q)
        self._left_dof, self._right_dof = (int(i) for i in index.wheel_dof)
        left, right = config.radius_error * generator.standard_normal(2)
        self._left_m = WHEEL_RADIUS_M * (1.0 + float(left))
        self._right_m = WHEEL_RADIUS_M * (1.0 + float(right))
        noise = [config.slip_m] * 2 + [config.speed_noise_m_s] * 2
        self._noise = GaussianStream(generator, noise)
        self._last = self._angles()
        self._x = self._y = self._yaw = 0.0

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Pose (3,) in `odom` and twist (2,) [m/s, rad/s]; call once a tick."""
        slip_left, slip_right, noise_left, noise_right = self._noise.row().tolist()
        left, right = self._angles()
        step_left = self._left_m * (left - self._last[0])
        step_right = self._right_m * (right - self._last[1])
        self._last = (left, right)
        step_left += slip_left * math.sqrt(abs(step_left))
        step_right += slip_right * math.sqrt(abs(step_right))
        self._integrate(0.5 * (step_left + step_right), step_right - step_left)
        v_left = self._left_m * self._qvel[self._left_dof] + noise_left
        v_right = self._right_m * self._qvel[self._right_dof] + noise_right
        twist = np.array(
            [0.5 * (v_left + v_right), (v_right - v_left) / (2.0 * HALF_TRACK_M)]
        )
        return np.array([self._x, self._y, self._yaw]), twist

    def _integrate(self, forward: float, difference: float) -> None:
        turn = difference / (2.0 * HALF_TRACK_M)
        middle = self._yaw + 0.5 * turn
        self._x += forward * math.cos(middle)
        self._y += forward * math.sin(middle)
        yaw = self._yaw + turn + math.pi
        self._yaw = yaw % (2.0 * math.pi) - math.pi

    def _angles(self) -> tuple[float, float]:
        return float(self._qpos[self._left_q]), float(self._qpos[self._right_q])
