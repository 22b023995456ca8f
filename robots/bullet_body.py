"""The simulated robot in Bullet behind the Body contract."""

from __future__ import annotations

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyLimits
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.bullet import BulletConfig, BulletSimulation
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.robots import rest_posture


class BulletBody(MujocoBody):
    """The `Body` of a robot in a Bullet world.

    Driver, watchdog, limits and sensors are those of `MujocoBody`; only what moves the
    robot differs. So a controller can be tried on a second engine as it is.

    Args:
        simulation: the world with the robot; owned by the body from now on.
        config: driver and sensors.
        limits: hard limits; the published ones of the robot's kind when None.
        seed: seed of all sensor noise.
        posture: arm joints at the start (n,) [rad]; as the model has them when None.
    """

    def __init__(
        self,
        simulation: BulletSimulation,
        config: MujocoBodyConfig | None = None,
        *,
        limits: BodyLimits | None = None,
        seed: int = 0,
        posture: Array | None = None,
    ) -> None:
        super().__init__(simulation, config, limits=limits, seed=seed, posture=posture)
        self._world = simulation

    def close(self) -> None:
        """Release sensors and physics server; safe to call twice."""
        super().close()
        self._world.close()


def make_bullet_body(
    robot: str = "arm",
    *,
    seed: int = 0,
    table: bool = False,
    config: MujocoBodyConfig | None = None,
    engine: BulletConfig | None = None,
) -> BulletBody:
    """An arm in the middle of an empty room of 6 m x 6 m, in Bullet.

    Args:
        robot: kind of a robot that stands still, see `sim.robots.add_robot`.
        seed: seed of the sensor noise.
        table: put a table with a ball in front of it.
        config: driver and sensors.
        engine: Bullet's solver.

    Raises:
        SimulationError: without PyBullet, or for a robot that drives.
    """
    simulation = BulletSimulation(build_room(robot, table=table), config=engine)
    return BulletBody(simulation, config, seed=seed, posture=rest_posture(robot))
