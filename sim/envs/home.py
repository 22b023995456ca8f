"""Navigation in generated homes: drive to the named object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import mujoco
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import inverse2, transform2
from neural_brain.sim.envs.episode import Episode
from neural_brain.sim.homes import HomeObject, HomeSpec, generate_home
from neural_brain.sim.robots.limits import model_limits
from neural_brain.sim.robots.wheel_drive import WheelDrive
from neural_brain.sim.scene import build_model
from neural_brain.sim.sensors import SensorsConfig, SensorSuite
from neural_brain.sim.simulation import Simulation

TICKS = 100
SECTORS = 72
NEAR_M = 0.8
REWARD_FOUND = 10.0


class HomeEnv(Episode):
    """`neural_brain/Home-v0`: reach the place of an object by base twists at 10 Hz.

    Action (2,): forward and turning speed as a share of the limits, -1..1.
    Observation: `scan` (72,) nearest range per 5 degree sector from -pi [m], `twist`
    (2,), `odometry` (3,), `goal` (2,) position of the nearest wanted object in
    `base_link` [m] (zeros unless `goal_given`), `category` index into CATEGORIES.
    Reward: metres come nearer (straight line), -0.01 a step, -0.1 while touching
    something, +10 when within 0.8 m of the object in its room, which ends the episode.

    Args:
        seeds: seeds of homes to draw from, one an episode.
        goal_given: false hides where the object is, so that it must be searched.
        small: homes of two or three rooms.
        render_mode: "rgb_array" or None.

    Raises:
        ConfigError: if there is no seed or an unknown render mode.
    """

    def __init__(
        self,
        seeds: Sequence[int] = (0, 1, 2, 3),
        *,
        goal_given: bool = True,
        small: bool = True,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(render_mode)
        if not seeds:
            raise ConfigError("seeds is empty; give at least one seed of a home.")
        self._seeds, self._given, self._small = tuple(seeds), goal_given, small
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        self.observation_space = spaces.Dict(
            {
                "scan": spaces.Box(0.0, 10.0, (SECTORS,), np.float32),
                "twist": spaces.Box(-5.0, 5.0, (2,), np.float32),
                "odometry": spaces.Box(-1e3, 1e3, (3,), np.float32),
                "goal": spaces.Box(-1e2, 1e2, (2,), np.float32),
                "category": spaces.Discrete(len(CATEGORIES)),
            }
        )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Start in a home; `options` may fix "home" (seed) and "category" (word)."""
        super().reset(seed=seed)
        chosen = options or {}
        home_seed = int(chosen.get("home", self.np_random.choice(self._seeds)))
        self.home, model = _world(home_seed, self._small)
        self.simulation = world = Simulation(model)
        self._limits = model_limits(model)
        self._drive = WheelDrive(world.data, world.index, self._limits)
        config = SensorsConfig(camera_on=False)
        noise = int(self.np_random.integers(2**31))
        self._sensors = SensorSuite(config, world, noise)
        self._state = self._sensors.read()
        self.category = self._choose(chosen.get("category"))
        self._distance = self._nearest()[1]
        return self._observe(), self._info()

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Drive for 0.1 s.

        Raises:
            SimulationError: if the physics diverged.
        """
        world = self.world
        share = np.clip(np.asarray(action, dtype=float), -1.0, 1.0)
        self._drive.command(share * self._limits.twist_max)
        touched = False
        for _ in range(TICKS):
            self._drive.update()
            world.step()
            self._state = self._sensors.read()
            touched = touched or world.truth.base_force_n > 0.0
        target, distance = self._nearest()
        reward = self._distance - distance - 0.01 - 0.1 * touched
        self._distance = distance
        found = self._arrived(target)
        reward += REWARD_FOUND * found
        return self._observe(), float(reward), found, False, self._info()

    def _choose(self, category: str | None) -> str:
        known = sorted({thing.category for thing in self.home.objects})
        if category is None:
            return str(self.np_random.choice(known))
        if category not in known:
            raise ConfigError(
                f"This home has no {category!r}; it has: {', '.join(known)}. Choose "
                "one of these."
            )
        return category

    def _nearest(self) -> tuple[HomeObject, float]:
        """The nearest object of the wanted category and its distance [m]."""
        at = self.world.truth.pose_world_base()[:2]
        wanted = [o for o in self.home.objects if o.category == self.category]
        gaps = [float(np.hypot(*(np.array(o.position[:2]) - at))) for o in wanted]
        best = int(np.argmin(gaps))
        return wanted[best], gaps[best]

    def _arrived(self, target: HomeObject) -> bool:
        x, y, _ = self.world.truth.pose_world_base()
        gap = np.hypot(target.position[0] - x, target.position[1] - y)
        room = self.home.room_at(x, y)
        inside = room is not None and room.id == target.room
        return bool(inside and gap - 0.5 * max(target.size[:2]) < NEAR_M)

    def _observe(self) -> dict[str, Any]:
        scan = self._sensors.lidar.measure(self.world.time_s).ranges
        known = np.where(
            np.isnan(scan) | np.isposinf(scan), 10.0, np.maximum(scan, 0.0)
        )
        pose = self.world.truth.pose_world_base()
        goal = np.zeros(2)
        if self._given:
            position = np.array([self._nearest()[0].position[:2]])
            goal = transform2(inverse2(pose), position)[0]
        return {
            "scan": np.minimum(known.reshape(SECTORS, -1).min(axis=1), 10.0).astype(
                np.float32
            ),
            "twist": np.clip(self._state.twist_base, -5.0, 5.0).astype(np.float32),
            "odometry": self._state.pose_odom_base.astype(np.float32),
            "goal": goal.astype(np.float32),
            "category": CATEGORIES.index(self.category),
        }

    def _info(self) -> dict[str, Any]:
        return {
            "home": self.home.seed,
            "category": self.category,
            "distance_m": self._distance,
            "peak_force_n": self.world.truth.peak_base_force_n,
        }


@lru_cache(maxsize=4)
def _world(seed: int, small: bool) -> tuple[HomeSpec, mujoco.MjModel]:
    home = generate_home(seed, small=small)
    return home, build_model(home, "base")
