"""Make a simulated robot that stands in a world, ready to run."""

from __future__ import annotations

import mujoco

from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.homes import generate_home
from neural_brain.sim.robots import rest_posture, robot_kind
from neural_brain.sim.scene import build_spec
from neural_brain.sim.shove import add_pusher
from neural_brain.sim.simulation import Simulation


def make_room_body(
    robot: str = "mobile_manipulator",
    *,
    seed: int = 0,
    table: bool = False,
    config: MujocoBodyConfig | None = None,
) -> MujocoBody:
    """A robot in the middle of an empty room of 6 m x 6 m.

    Args:
        robot: kind of robot, see `sim.robots.add_robot`.
        seed: seed of the sensor noise.
        table: put a table with a ball in front of it.
        config: driver and sensors.
    """
    return body_in(build_room(robot, table=table), seed=seed, config=config)


def make_home_body(
    seed: int,
    *,
    small: bool = False,
    robot: str = "mobile_manipulator",
    meshes: bool = False,
    config: MujocoBodyConfig | None = None,
) -> MujocoBody:
    """A robot at the start of a generated home.

    Args:
        seed: seed of the home and of the sensor noise.
        small: a home of two or three rooms, for tests.
        robot: kind of robot, see `sim.robots.add_robot`.
        meshes: draw its arm with meshes, see there.
        config: driver and sensors.
    """
    home = generate_home(seed, small=small)
    spec = build_spec(home, robot, meshes=meshes)
    add_pusher(spec)
    return body_in(spec.compile(), seed=seed, config=config)


def body_in(
    model: mujoco.MjModel, *, seed: int = 0, config: MujocoBodyConfig | None = None
) -> MujocoBody:
    """The robot of a compiled world, its arm stowed.

    Args:
        model: a world with one robot.
        seed: seed of the sensor noise.
        config: driver and sensors.
    """
    posture = rest_posture(robot_kind(model))
    return MujocoBody(Simulation(model), config, seed=seed, posture=posture)
