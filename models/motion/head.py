"""Where the pan-tilt head looks: sweeping while driving, at a point, or all around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, inverse2, transform2


@dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """The head's place, range and habits; pan left and tilt down are positive."""

    camera_xyz_m: tuple[float, ...] = param((-0.19, -0.10, 1.15), "in base_link")
    pan_max_rad: float = param(2.55, "to both sides", low=0.0, high=3.1)
    tilt_min_rad: float = param(-0.55, "looking up", low=-1.5, high=0.0)
    tilt_max_rad: float = param(1.15, "looking down", low=0.0, high=1.5)
    speed_rad_s: float = param(1.3, "of the head", low=0.1, high=5.0)
    tilt_rad: float = param(
        0.42, "while driving and looking around", low=-1.0, high=1.2
    )
    sweep_rad: float = param(0.9, "to both sides while driving", low=0.0, high=2.5)
    sweep_speed_rad_s: float = param(1.0, "while driving", low=0.1, high=5.0)
    around_speed_rad_s: float = param(0.9, "looking around", low=0.1, high=5.0)
    dwell_s: float = param(1.2, "looking at a point", low=0.0, high=10.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Head:
    """Commanded pan and tilt (2,) [rad], moved at limited speed.

    Args:
        config: range and habits.
        dt: time between steps [s].
    """

    def __init__(self, config: HeadConfig) -> None:
        self.config = config
        self.command = np.array([0.0, config.tilt_rad])
        self._side = 1.0
        self._legs: list[float] = []

    def sweep(self, dt: float) -> None:
        """Look left and right while driving."""
        c = self.config
        if abs(self.command[0]) >= c.sweep_rad - 1e-6:
            self._side = -float(np.sign(self.command[0]))
        goal = np.array([self._side * c.sweep_rad, c.tilt_rad])
        self._move(goal, c.sweep_speed_rad_s, dt)

    def ahead(self, dt: float) -> None:
        """Look at the way in front."""
        self._move(np.array([0.0, self.config.tilt_rad]), self.config.speed_rad_s, dt)

    def start_around(self) -> None:
        """Begin to look all around, nearer end first."""
        first = 1.0 if self.command[0] >= 0.0 else -1.0
        self._legs = [first, -first]

    def around(self, dt: float, measured: Array) -> bool:
        """Go on looking around; true when all was seen."""
        c = self.config
        if not self._legs:
            return True
        goal = np.array([self._legs[0] * c.pan_max_rad, c.tilt_rad])
        fast = len(self._legs) == 2 and abs(self.command[0]) < 0.1
        speed = c.speed_rad_s if fast else c.around_speed_rad_s
        self._move(goal, speed, dt)
        if (
            np.abs(goal - self.command).max() < 1e-6
            and abs(measured[0] - goal[0]) < 0.1
        ):
            self._legs.pop(0)
        return not self._legs

    def look_at(self, point_map: Array, pose: Array, dt: float) -> float:
        """Turn to a point (3,) in `map`; returns pan that is beyond the range [rad]."""
        goal, beyond = self.angles_to(point_map, pose)
        self._move(goal, self.config.speed_rad_s, dt)
        return beyond

    def angles_to(self, point_map: Array, pose: Array) -> tuple[Array, float]:
        """Pan and tilt (2,) [rad] towards a point, and pan beyond the range [rad]."""
        c = self.config
        x, y, z = c.camera_xyz_m
        point = transform2(inverse2(pose), np.asarray(point_map[:2])[None])[0]
        dx, dy = point[0] - x, point[1] - y
        pan = float(np.arctan2(dy, dx))
        tilt = float(np.arctan2(z - point_map[2], np.hypot(dx, dy)))
        reach = float(np.clip(pan, -c.pan_max_rad, c.pan_max_rad))
        tilt = float(np.clip(tilt, c.tilt_min_rad, c.tilt_max_rad))
        return np.array([reach, tilt]), pan - reach

    def _move(self, goal: Array, speed: float, dt: float) -> None:
        step = np.clip(goal - self.command, -speed * dt, speed * dt)
        self.command = self.command + step
