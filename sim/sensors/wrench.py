"""Wrist force/torque sensor: noise, slow bias, tool weight removed with a small error."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import RobotIndex, robot_bodies
from neural_brain.sim.sensors.noise import GaussianStream


@dataclass(frozen=True, kw_only=True)
class WrenchConfig:
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
        self._data = data
        self._force = data.sensordata[index.force : index.force + 3]
        self._torque = data.sensordata[index.torque : index.torque + 3]
        self._R_world_flange = data.site_xmat[index.flange_site].reshape(3, 3)
        self._R_world_base = data.xmat[index.base_body].reshape(3, 3)
        self._gravity = np.array(model.opt.gravity)
        mass, center = _tool(model, data, index)
        self._mass = mass + config.tool_mass_error_kg
        offset = self._R_world_flange.T @ (
            data.site_xpos[index.ee_site] - data.site_xpos[index.flange_site]
        )
        self._center = center
        self._skew_ee = _skew(offset)
        self._skew_center = _skew(center)
        spread = np.repeat([config.force_noise_n, config.torque_noise_nm], 3)
        self._noise = GaussianStream(generator, spread)
        start = np.repeat([config.force_bias_n, 0.05 * config.force_bias_n], 3)
        self._bias = start * generator.standard_normal(6)
        walk = config.force_drift_n * np.sqrt(TICK_S)
        self._walk = GaussianStream(generator, np.repeat([walk, 0.05 * walk], 3))

    def read(self) -> np.ndarray:
        """Force and torque (6,) [N, Nm]."""
        weight = self._R_world_flange.T @ (self._mass * self._gravity)
        # MuJoCo shows what the flange applies to the hand: the reaction.
        force = -self._force - weight
        torque = -self._torque - self._skew_center @ weight - self._skew_ee @ force
        R_base_flange = self._R_world_base.T @ self._R_world_flange
        self._bias += self._walk.row()
        wrench = self._bias + self._noise.row()
        wrench[:3] += R_base_flange @ force
        wrench[3:] += R_base_flange @ torque
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
