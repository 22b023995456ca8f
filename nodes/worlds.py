"""The simulated worlds that the ROS side can start: a home from a seed, or a room."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from neural_brain.models.errors import SimulationError
from neural_brain.robots import (
    MujocoBody,
    MujocoBodyConfig,
    make_home_body,
    make_room_body,
)
from neural_brain.sim.sensors import SensorsConfig

WORLDS = ("home", "small_home", "room")


@dataclass(frozen=True, kw_only=True)
class World:
    """Enough to build the same world again in another process.

    Attributes:
        kind: "home" or "small_home" (generated from the seed; two or three rooms), or
            "room" (empty, 6 m x 6 m).
        seed: of the home.
    """

    kind: str = "home"
    seed: int = 0

    def plain(self) -> dict[str, Any]:
        """For a header."""
        return asdict(self)


def make_body(world: World, *, slow_sensors: bool) -> MujocoBody:
    """The robot in its world.

    Args:
        world: which one.
        slow_sensors: whether this process casts the lidar and draws the camera.

    Raises:
        SimulationError: for an unknown kind of world.
    """
    sensors = SensorsConfig(camera_on=slow_sensors, lidar_on=slow_sensors)
    config = MujocoBodyConfig(sensors=sensors)
    if world.kind == "room":
        return make_room_body(seed=world.seed, config=config)
    if world.kind in ("home", "small_home"):
        small = world.kind == "small_home"
        return make_home_body(world.seed, small=small, config=config)
    raise SimulationError(
        f"Unknown world {world.kind!r}; allowed: {', '.join(WORLDS)}. Choose one."
    )
