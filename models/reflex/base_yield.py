"""Impedance of a driving base: it gives way to what comes close or touches it.

A virtual spring-damper, at the level of velocities, holds a point ahead of the wheels
at the commanded velocity u and is pushed by what is closer than `reach_m`:

    lag du'/dt + u' = u + slide + push,   push = yield_per_s * depth * n

n points from the obstacle to the robot, depth is how far the obstacle is inside the
zone. `slide` takes away what of u goes into an obstacle, the more the closer it is, so
what is left goes along it. The point's velocity gives speed and turn of the wheels.
The rules of `BaseGuard` come after this and have the last word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyLimits


@dataclass(frozen=True, kw_only=True)
class BaseYieldConfig:
    """Giving way of the base, before the rules; off until it is asked for."""

    enabled: bool = param(False, "give way to what is close, slide along it")
    reach_m: float = param(
        0.25, "things closer to the rim than this push", low=0.02, high=2.0
    )
    yield_per_s: float = param(
        1.5, "speed for a metre of depth in that zone", low=0.0, high=10.0
    )
    speed_m_s: float = param(0.25, "fastest giving way", low=0.0, high=1.0)
    slide_share: float = param(
        1.0, "of the motion into an obstacle that is turned aside", low=0.0, high=1.0
    )
    lag_s: float = param(0.1, "virtual mass over damper", low=0.001, high=2.0)
    point_m: float = param(
        0.3, "the pushed point is so far ahead of the wheels", low=0.05, high=1.0
    )
    bump_s: float = param(
        2.0, "a touch is remembered as an obstacle", low=0.0, high=30.0
    )
    refresh_ticks: int = param(
        20, "ticks between looks at the obstacles", low=1, high=100
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class BaseYield:
    """Changes the twist that is asked for; keeps the rules as they are.

    Args:
        config: springs and dampers.
        limits: radius and speeds of the base.
        tick_s: control period [s].
    """

    def __init__(
        self, config: BaseYieldConfig, limits: BodyLimits, tick_s: float
    ) -> None:
        self._config, self._tick_s = config, tick_s
        self._radius_m = limits.radius_m
        self._most = limits.twist_max
        self._reach_m = limits.radius_m + config.reach_m
        self._way = np.zeros((0, 2))  # unit vectors to the robot, deepest first
        self._depth = np.zeros(0)
        self._look_in = 0
        self._change = np.zeros(2)
        self._bump, self._bump_left = np.zeros(2), 0

    def needs_look(self) -> bool:
        """Whether the obstacles must be looked at anew; call once a tick."""
        self._look_in -= 1
        return self._look_in <= 0

    def look(self, points: Array, bumper: NDArray[np.bool_]) -> None:
        """Find what pushes.

        Args:
            points: obstacles (k, 2) [m] in `base_link`.
            bumper: pressed sectors (m,); sector i is centred at i * 2 pi / m.
        """
        self._look_in = self._config.refresh_ticks
        near = points[np.hypot(points[:, 0], points[:, 1]) < self._reach_m]
        self._feel(bumper)
        if self._bump_left > 0:
            near = np.vstack([near, self._bump])
        distance = np.hypot(near[:, 0], near[:, 1])
        near, distance = near[distance > 1e-6], distance[distance > 1e-6]
        self._depth = np.minimum(self._reach_m - distance, self._config.reach_m)
        self._way = -near / distance[:, None]

    def shape(self, v: float, w: float) -> tuple[float, float]:
        """The twist to propose to the rules.

        Args:
            v: forward speed [m/s] that is asked for.
            w: turning speed [rad/s] that is asked for.
        """
        if not math.isfinite(v + w):
            return v, w  # the rules know what to do with that
        config = self._config
        arm_m = config.point_m if v >= 0.0 else -config.point_m
        wish = np.array([v, w * arm_m])
        change = self._slide(wish) + self._push()
        self._change += (change - self._change) * min(self._tick_s / config.lag_s, 1.0)
        if not self._change.any():
            return v, w
        forward, aside = (wish + self._change).tolist()
        return self._within(forward, 0), self._within(aside / arm_m, 1)

    def _push(self) -> Array:
        """Velocity (2,) [m/s] away from what is in the zone."""
        if not self._depth.size:
            return np.zeros(2)
        deep = self._depth[:, None] * self._way
        push = deep.max(axis=0, initial=0.0) + deep.min(axis=0, initial=0.0)
        push *= self._config.yield_per_s
        size = math.hypot(push[0], push[1])
        if size > self._config.speed_m_s:
            push *= self._config.speed_m_s / size
        return np.asarray(push)

    def _slide(self, wish: Array) -> Array:
        """What turns the wish (2,) [m/s] along the obstacle that it goes into most."""
        if not self._depth.size:
            return np.zeros(2)
        into = -self._way.dot(wish) * self._depth / self._config.reach_m
        worst = int(np.argmax(into))
        if into[worst] <= 0.0:
            return np.zeros(2)
        change: Array = self._config.slide_share * into[worst] * self._way[worst]
        return change

    def _feel(self, bumper: NDArray[np.bool_]) -> None:
        """Remember a touch as a point on the rim."""
        self._bump_left -= self._config.refresh_ticks
        if True not in bumper.tolist():
            return
        angles = np.flatnonzero(bumper) * (2.0 * math.pi / bumper.size)
        middle = np.array([np.cos(angles).sum(), np.sin(angles).sum()])
        size = math.hypot(middle[0], middle[1])
        if size > 1e-6:  # not pressed from all sides
            self._bump = self._radius_m * middle / size
            self._bump_left = round(self._config.bump_s / self._tick_s)

    def _within(self, value: float, axis: int) -> float:
        most = float(self._most[axis])
        return min(max(value, -most), most)
