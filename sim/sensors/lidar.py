"""Planar 360 degree lidar: rays against everything but the robot, REP 117 ranges."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.signals import LaserScan
from neural_brain.sim.physics import ROBOT_GROUP
from neural_brain.sim.robots.base import LIDAR_HEIGHT_M
from neural_brain.sim.robots.index import RobotIndex


@dataclass(frozen=True, kw_only=True)
class LidarConfig:
    """Beams, range and defects of the lidar."""

    beams: int = param(360, "beams a turn", low=8, high=4096)
    rate_hz: float = param(10.0, "scans a second", low=0.5, high=50.0)
    delay_s: float = param(0.02, "measurement to delivery", low=0.0, high=1.0)
    range_min_m: float = param(0.12, "shortest range", low=0.0, high=1.0)
    range_max_m: float = param(10.0, "longest range", low=0.5, high=100.0)
    noise_m: float = param(0.01, "standard deviation of a range", low=0.0, high=0.5)
    bias_m: float = param(0.0, "constant error of all ranges", low=-0.2, high=0.2)
    beam_dropout: float = param(0.005, "share of lost beams", low=0.0, high=1.0)
    dropout: float = param(0.0, "share of lost scans", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Lidar:
    """Scans the world at the lidar's height.

    Args:
        config: beams, range and defects.
        model: the world.
        data: its state.
        index: where the robot is.
        generator: seeded source of noise.
    """

    def __init__(
        self,
        config: LidarConfig,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        generator: np.random.Generator,
    ) -> None:
        self.config = config
        self._model, self._data, self._body = model, data, index.base_body
        self._generator = generator
        self._increment = 2.0 * np.pi / config.beams
        angles = -np.pi + self._increment * np.arange(config.beams)
        self._beams = np.stack([np.cos(angles), np.sin(angles), 0.0 * angles], axis=1)
        self._hit = np.zeros(config.beams, dtype=np.int32)
        self._distance = np.zeros(config.beams)
        self._groups = _visible_groups(model)

    def measure(self, stamp: float) -> LaserScan:
        """One scan at time `stamp` [s]."""
        self._cast()
        ranges = self._distance + self.config.bias_m
        ranges += self.config.noise_m * self._generator.standard_normal(ranges.size)
        lost = self._generator.random(ranges.size) < self.config.beam_dropout
        missed = self._distance < 0.0
        ranges[~missed & (ranges < self.config.range_min_m)] = -np.inf
        ranges[missed | (ranges > self.config.range_max_m)] = np.inf
        ranges[lost] = np.nan
        return LaserScan(
            stamp=stamp,
            angle_min=-np.pi,
            angle_increment=self._increment,
            range_min=self.config.range_min_m,
            range_max=self.config.range_max_m,
            ranges=ranges,
            pose_base_laser=np.zeros(3),
        )

    def _cast(self) -> None:
        R = self._data.xmat[self._body].reshape(3, 3)
        origin = self._data.xpos[self._body] + R[:, 2] * LIDAR_HEIGHT_M
        vectors = self._beams @ R.T
        mujoco.mj_multiRay(
            self._model,
            self._data,
            origin,
            vectors.ravel(),
            self._groups,
            True,
            self._body,
            self._hit,
            self._distance,
            None,
            self.config.beams,
            self.config.range_max_m + 0.2,
        )


def _visible_groups(model: mujoco.MjModel) -> np.ndarray:
    """Groups of solid geoms without the robot's; a group only for looks is left out."""
    groups = np.zeros(6, dtype=np.uint8)
    solid = (model.geom_contype | model.geom_conaffinity) != 0
    for group in np.unique(model.geom_group[solid]):
        groups[group] = group != ROBOT_GROUP
    return groups
