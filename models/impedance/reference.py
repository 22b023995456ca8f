"""Where the spring is anchored: moves to the target at a limited speed, from rest.

A new target is approached along a straight line (and one rotation axis) in a whole
number of ticks: at least the usual time between targets, longer if the speed limit
asks for it. So a stream of targets is interpolated and a jump becomes a motion.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig


def rotation_vector(E: Array) -> tuple[float, float, float]:
    """Rotation vector [rad] of a rotation matrix (3, 3), angle in [0, pi]."""
    (a, b, c), (d, e, f), (g, h, i) = E.tolist()
    x, y, z = 0.5 * (h - f), 0.5 * (c - g), 0.5 * (d - b)
    sine = math.sqrt(x * x + y * y + z * z)
    cosine = 0.5 * (a + e + i - 1.0)
    if sine > 1e-7:
        scale = math.atan2(sine, cosine) / sine
        return x * scale, y * scale, z * scale
    if cosine > 0.0:
        return x, y, z
    axis = E[:, int(np.argmax(np.diagonal(E)))] + np.eye(3)[int(np.argmax(np.diag(E)))]
    axis = axis * (math.pi / float(np.linalg.norm(axis)))
    return float(axis[0]), float(axis[1]), float(axis[2])


def rotation_from_vector(vector: Iterable[float]) -> Array:
    """Rotation matrix (3, 3) of a rotation vector (3,) [rad] (Rodrigues)."""
    x, y, z = vector
    angle = math.sqrt(x * x + y * y + z * z)
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = x / angle, y / angle, z / angle
    s, c = math.sin(angle), math.cos(angle)
    d = 1.0 - c
    return np.array(
        (
            (c + d * x * x, d * x * y - s * z, d * x * z + s * y),
            (d * x * y + s * z, c + d * y * y, d * y * z - s * x),
            (d * x * z - s * y, d * y * z + s * x, c + d * z * z),
        )
    )


class CartesianReference:
    """Anchor pose of the Cartesian spring, in `base_link`.

    Attributes:
        position: (3,) [m]. rotation: (3, 3). velocity: (6,) [m/s, rad/s].
        moving: False once the target is reached.
    """

    def __init__(self, config: ImpedanceConfig) -> None:
        self.position: Array = np.zeros(3)
        self.rotation: Array = np.eye(3)
        self.velocity: Array = np.zeros(6)
        self.moving = False
        self._speed, self._turn = config.speed_m_s, config.turn_rad_s
        self._tick_s = config.tick_s
        self._period = max(1, round(config.target_period_s / config.tick_s))
        self._target = np.eye(4)
        self._step: Array = np.zeros(3)
        self._spin: Array = np.eye(3)
        self._left = 0
        self._credit = 0.0

    def reset(self, T: Array) -> None:
        """Anchor at the pose (4, 4), at rest."""
        self.position[:] = T[:3, 3]
        self.rotation[:] = T[:3, :3]
        self._target = T.copy()
        self._stop()

    def aim(
        self, T: Array, speed_scale: float = 1.0, *, speed_m_s: float = math.inf
    ) -> None:
        """Start to move to the pose (4, 4).

        Args:
            T: the target.
            speed_scale: share of all speeds.
            speed_m_s: highest speed on this way, if it is below the usual one.
        """
        self._target = T.copy()
        way = T[:3, 3] - self.position
        u, v, w = rotation_vector(T[:3, :3].dot(self.rotation.T))
        distance, angle = math.sqrt(way.dot(way)), math.sqrt(u * u + v * v + w * w)
        if distance < 1e-7 and angle < 1e-6:
            self._stop()
            return
        speed = min(self._speed, speed_m_s)
        shortest_s = max(distance / speed, angle / self._turn) / speed_scale
        self._left = max(math.ceil(shortest_s / self._tick_s), self._period)
        self._step = way / self._left
        self._spin = rotation_from_vector(r / self._left for r in (u, v, w))
        duration_s = self._left * self._tick_s
        x, y, z = way.tolist()
        turning = (x, y, z, u, v, w)
        self.velocity[:] = [value / duration_s for value in turning]
        self.moving = True

    def jump(self) -> None:
        """Be at the target at once, at rest."""
        self.reset(self._target)

    def step(self, opening: float) -> bool:
        """One tick; `opening` in 0..1 is the share of ticks that really move."""
        if not self.moving:
            return False
        self._credit += opening
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        self._left -= 1
        if self._left <= 0:
            self.position[:] = self._target[:3, 3]
            self.rotation[:] = self._target[:3, :3]
            self._stop()
            return True
        self.position += self._step
        self.rotation[:] = self._spin.dot(self.rotation)
        return True

    def _stop(self) -> None:
        self.moving = False
        self.velocity.fill(0.0)
        self._left = 0


class JointReference:
    """Anchor of the joint springs; all joints arrive at the same time.

    Attributes:
        q: (n,) [rad]. velocity: (n,) [rad/s]. moving: False once reached.
    """

    def __init__(self, config: ImpedanceConfig, dq_max: Array) -> None:
        n = dq_max.size
        self.q: Array = np.zeros(n)
        self.velocity: Array = np.zeros(n)
        self.moving = False
        self._speed = config.joint_speed_share * dq_max
        self._tick_s = config.tick_s
        self._period = max(1, round(config.target_period_s / config.tick_s))
        self._target: Array = np.zeros(n)
        self._step: Array = np.zeros(n)
        self._left = 0
        self._credit = 0.0

    def reset(self, q: Array) -> None:
        """Anchor at q (n,) [rad], at rest."""
        self.q[:] = q
        self._target = q.copy()
        self._stop()

    def aim(self, q: Array, speed_scale: float = 1.0, *, pace: float = 1.0) -> None:
        """Start to move to q (n,) [rad].

        Args:
            q: target.
            speed_scale: share of the speed limits.
            pace: share of the speed that this way would have otherwise.
        """
        way = q - self.q
        self._target = q.copy()
        slowest_s = max(map(abs, (way / self._speed).tolist()), default=0.0)
        slowest_s /= speed_scale
        if slowest_s < 1e-7:
            self._stop()
            return
        ticks = max(slowest_s / self._tick_s, float(self._period))
        self._left = math.ceil(ticks / pace)
        self._step = way / self._left
        self.velocity[:] = self._step / self._tick_s
        self.moving = True

    def step(self, opening: float) -> bool:
        """One tick; `opening` in 0..1 is the share of ticks that really move."""
        if not self.moving:
            return False
        self._credit += opening
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        self._left -= 1
        if self._left <= 0:
            self.q[:] = self._target
            self._stop()
        else:
            self.q += self._step
        return True

    def _stop(self) -> None:
        self.moving = False
        self.velocity.fill(0.0)
        self._left = 0
