"""The fixed arm of the force benchmarks in a physics engine of choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import mujoco

from neural_brain.robots import MujocoBody, MujocoBodyConfig
from neural_brain.robots.bullet_body import BulletBody
from neural_brain.sim.bullet import BulletConfig, BulletSimulation
from neural_brain.sim.robots import READY, add_robot
from neural_brain.sim.robots.hand import EE
from neural_brain.sim.sensors import SensorsConfig, WrenchConfig
from neural_brain.sim.simulation import Simulation


class Engine(Protocol):
    """Makes a body of a compiled world with one arm."""

    def __call__(
        self, model: mujoco.MjModel, config: MujocoBodyConfig, *, seed: int
    ) -> MujocoBody:
        """The arm in its ready posture; `seed` is that of its sensors."""


def on_mujoco(
    model: mujoco.MjModel, config: MujocoBodyConfig, *, seed: int
) -> MujocoBody:
    """The arm in MuJoCo."""
    return MujocoBody(Simulation(model), config, seed=seed, posture=READY)


@dataclass(frozen=True)
class OnBullet:
    """The arm in PyBullet, with these properties."""

    config: BulletConfig

    def __call__(
        self, model: mujoco.MjModel, config: MujocoBodyConfig, *, seed: int
    ) -> MujocoBody:
        """The arm in its ready posture."""
        world = BulletSimulation(model, config=self.config)
        return BulletBody(world, config, seed=seed, posture=READY)


def add_loaded_arm(spec: mujoco.MjSpec, payload_kg: float) -> None:
    """The fixed arm, holding a mass [kg] at the fingertips as `arm_dynamics` has it."""
    add_robot(spec, "arm")
    if payload_kg > 0.0:
        site = spec.site(EE)
        load = site.parent.add_body(name="payload", pos=list(site.pos))
        load.explicitinertial = True
        load.mass = payload_kg
        load.inertia = [1e-4 * payload_kg] * 3


def blind(wrench: WrenchConfig | None = None) -> MujocoBodyConfig:
    """A driver with neither camera nor lidar."""
    sensors = SensorsConfig(
        camera_on=False, lidar_on=False, wrench=wrench or WrenchConfig()
    )
    return MujocoBodyConfig(sensors=sensors)
