"""Joint encoders and joint torque sensors of the arm."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.sim.robots.index import RobotIndex, span
from neural_brain.sim.sensors.line import LineConfig
from neural_brain.sim.sensors.noise import GaussianStream


@dataclass(frozen=True, kw_only=True)
class JointSensorConfig(LineConfig):
    """Noise of encoders and torque sensors."""

    position_noise_rad: float = param(2e-5, "encoder noise", low=0.0, high=0.1)
    velocity_noise_rad_s: float = param(1e-3, "velocity noise", low=0.0, high=1.0)
    effort_noise_nm: float = param(0.1, "torque noise", low=0.0, high=10.0)
    effort_bias_nm: float = param(0.05, "spread of torque offsets", low=0.0, high=5.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class JointSensors:
    """Reads position, velocity and effort of the arm's joints."""

    def __init__(
        self,
        config: JointSensorConfig,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        generator: np.random.Generator,
    ) -> None:
        n = index.arm_q.size
        self._n = n
        self._q = span(data.qpos, index.arm_q)
        self._dq = span(data.qvel, index.arm_dof)
        self._effort = span(data.actuator_force, index.arm_ctrl)
        self._offset = config.effort_bias_nm * generator.standard_normal(n)
        self._noise = GaussianStream(
            generator,
            np.repeat(
                [
                    config.position_noise_rad,
                    config.velocity_noise_rad_s,
                    config.effort_noise_nm,
                ],
                n,
            ),
        )

    def read(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Position (n,) [rad], velocity (n,) [rad/s] and effort (n,) [Nm]."""
        noise, n = self._noise.row(), self._n
        return (
            self._q + noise[:n],
            self._dq + noise[n : 2 * n],
            self._effort + noise[2 * n :] + self._offset,
        )
