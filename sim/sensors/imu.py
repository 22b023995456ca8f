"""Gyroscope and accelerometer of the base: noise and a bias that walks."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import RobotIndex
from neural_brain.sim.sensors.line import LineConfig
from neural_brain.sim.sensors.noise import GaussianStream


@dataclass(frozen=True, kw_only=True)
class ImuConfig(LineConfig):
    """Defects of the IMU."""

    gyro_noise_rad_s: float = param(0.003, "gyroscope noise", low=0.0, high=1.0)
    gyro_bias_rad_s: float = param(0.002, "spread of its offset", low=0.0, high=0.5)
    gyro_drift_rad_s: float = param(
        1e-4, "random walk of the offset in one root second", low=0.0, high=0.1
    )
    accel_noise_m_s2: float = param(0.03, "accelerometer noise", low=0.0, high=5.0)
    accel_bias_m_s2: float = param(0.02, "spread of its offset", low=0.0, high=5.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Imu:
    """Angular velocity and specific force in `base_link` axes."""

    def __init__(
        self,
        config: ImuConfig,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        generator: np.random.Generator,
    ) -> None:
        self._gyro = data.sensordata[index.gyro : index.gyro + 3]
        self._accel = data.sensordata[index.accel : index.accel + 3]
        spread = [config.gyro_noise_rad_s, config.accel_noise_m_s2]
        self._noise = GaussianStream(generator, np.repeat(spread, 3))
        start = np.repeat([config.gyro_bias_rad_s, config.accel_bias_m_s2], 3)
        self._bias = start * generator.standard_normal(6)
        walk = config.gyro_drift_rad_s * np.sqrt(TICK_S)
        self._walk = GaussianStream(generator, [walk] * 3 + [0.0] * 3)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Angular velocity (3,) [rad/s] and specific force (3,) [m/s2]."""
        self._bias += self._walk.row()
        error = self._bias + self._noise.row()
        return self._gyro + error[:3], self._accel + error[3:]
