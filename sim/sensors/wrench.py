"""Wrist force/torque sensor: noise, slow bias, tool weight removed almost fully."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import RobotIndex, robot_bodies
from neural_brain.sim.sensors.line import LineConfig
from neural_brain.sim.sensors.noise import GaussianStream


@dataclass(frozen=True, kw_only=True)
class WrenchConfig(LineConfig):
    """Defects of the wrist sensor."""

    force_noise_n: float = param(0.15, "force noise", low=0.0, high=10.0)
    torque_noise_nm: float = param(0.01, "torque noise", low=0.0, high=1.0)
    force_bias_n: float = param(0.2, "spread of the start offset", low=0.0, high=10.0)
    force_drift_n: float = param(
        0.02, "random walk of the offset in one root second", low=0.0, high=5.0
    )
    tool_mass_error_kg: float = param(
        0.01, "error of the known tool mass", low=-0.5, high=0.5
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class WrenchSensor:
    """What the world applies to the tool, at `ee`, in the axes of `base_link`.

    The sensor between flange and hand feels contact, weight and inertia of the hand.
    The weight is removed with a slightly wrong tool mass; the inertial force stays, as
    on real sensors without an accelerometer.
    """

    def __init__(
        self,
        config: WrenchConfig,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        generator: np.random.Generator,
    ) -> None:
        force, torque = index.force, index.torque
        if torque != force + 3:
            raise ConfigError(
                f"Wrist force is at {force} and torque at {torque} of the sensor data; "
                "expected torque right after force. Add them with add_wrist_sensors."
            )
        self._raw = data.sensordata[force : force + 6]
        self._R_world_flange = data.site_xmat[index.flange_site].reshape(3, 3)
        self._R_world_base = data.xmat[index.base_body].reshape(3, 3)
        mass, center = _tool(model, data, index)
        self._weight = (mass + config.tool_mass_error_kg) * np.array(model.opt.gravity)
        to_ee = _skew(
            self._R_world_flange.T
            @ (data.site_xpos[index.ee_site] - data.site_xpos[index.flange_site])
        )
        # MuJoCo shows what the flange applies to the hand, the reaction: hence signs.
        # wrench at ee = from_raw @ raw + from_weight @ weight, in flange axes.
        self._from_raw = np.block([[-np.eye(3), np.zeros((3, 3))], [to_ee, -np.eye(3)]])
        self._from_weight = np.vstack([-np.eye(3), to_ee - _skew(center)])
        spread = np.repeat([config.force_noise_n, config.torque_noise_nm], 3)
        self._noise = GaussianStream(generator, spread)
        start = np.repeat([config.force_bias_n, 0.05 * config.force_bias_n], 3)
        self._bias = start * generator.standard_normal(6)
        walk = config.force_drift_n * np.sqrt(TICK_S)
        self._walk = GaussianStream(generator, np.repeat([walk, 0.05 * walk], 3))

    def read(self) -> np.ndarray:
        """Force and torque (6,) [N, Nm]."""
        # `dot` costs a third of `@` on matrices this small.
        R = self._R_world_flange
        in_flange = self._from_raw.dot(self._raw)
        in_flange += self._from_weight.dot(R.T.dot(self._weight))
        R_flange_base = R.T.dot(self._R_world_base)
        self._bias += self._walk.row()
        wrench = in_flange.reshape(2, 3).dot(R_flange_base).ravel()
        wrench += self._bias
        wrench += self._noise.row()
        return wrench


def _tool(
    model: mujoco.MjModel, data: mujoco.MjData, index: RobotIndex
) -> tuple[float, np.ndarray]:
    """Mass [kg] and centre of mass (3,) [m] of the hand in the flange's axes."""
    bodies = robot_bodies(model, index.hand_body)
    masses = model.body_mass[bodies]
    center = masses @ data.xipos[bodies] / masses.sum()
    R = data.site_xmat[index.flange_site].reshape(3, 3)
    return float(masses.sum()), R.T @ (center - data.site_xpos[index.flange_site])


def _skew(v: np.ndarray) -> np.ndarray:
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
