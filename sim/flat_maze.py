"""Many contact mazes at once, in the plane: fast, for learning, and only roughly true.

The hand is a point mass on a spring and a damper whose anchor moves at a limited speed;
stiffness rises no faster than the controller lets it; contacts are stiff springs with
Coulomb friction; blocks are discs that slide from a certain force on. No joints, no
rotation, no height. What is learned here must be judged in the full simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.sim.contact_maze import (
    BLOCK_KG,
    BLOCK_RADIUS_M,
    END_M,
    JUMP_M,
    LOOK_AHEAD_M,
    PEG_RADIUS_M,
    WALL_RADIUS_M,
    Maze,
    path_length,
    prolonged,
    walls,
)

DT_S, STEP_S = 0.0025, 0.05
TICKS = round(STEP_S / DT_S)
SLIP_M_S = 0.01
_FAR = 10.0


@dataclass(frozen=True, kw_only=True)
class HandLimits:
    """Limits of the controller that the flat hand keeps."""

    speed_m_s: float
    limit_n: float
    rate_per_s: float = 2.7
    allowance_w: float = 0.5
    tank_j: float = 4.0


class FlatMazes:
    """Hands in mazes, one maze a row; in each, body 0 is the hand, the rest are blocks.

    Args:
        mazes: one for each hand.
        config: of the controller.
        rng: draws mass and contact of each hand, and sensor noise.

    Attributes:
        force: of the contacts of the hands (b, 2) [N].
        along: share of the way that is done (b,).
        ended: 0 while running, 1 at the goal, -1 after a violation (b,).
        time_s, peak_n: until the end (b,).
    """

    def __init__(
        self, mazes: Sequence[Maze], config: HandLimits, rng: np.random.Generator
    ) -> None:
        b = len(mazes)
        self._c, self._rng = config, rng
        self._stiff = 10.0 ** rng.uniform(4.2, 4.7, (b, 1))
        self._bias = rng.normal(0.0, 0.2, (b, 2))
        self._place_ways(mazes)
        self._place_bodies(mazes)
        self._anchor = self.position.copy()
        self.force = np.zeros((b, 2))
        self._k: Array = np.full((b, 2), np.nan)
        self._tank = np.full(b, config.tank_j)
        self.along, self.time_s = np.zeros(b), np.zeros(b)
        self.peak_n = np.zeros(b)
        self.ended = np.zeros(b, dtype=int)

    def _place_ways(self, mazes: Sequence[Maze]) -> None:
        """Walls, and the way as it is and as it is known."""
        b = len(mazes)
        self._mu = np.array([[m.wall_friction] for m in mazes])[..., None]
        self._true = np.array([m.centre for m in mazes])
        self._length = np.array([path_length(m.centre) for m in mazes])
        self._known = np.array([prolonged(m.known) for m in mazes])
        self._led = np.zeros(b)
        lines = np.array([walls(m) for m in mazes])
        self._from = lines[:, :, :-1].reshape(b, 1, -1, 2)
        self._side = lines[:, :, 1:].reshape(b, 1, -1, 2) - self._from
        self._side2 = (self._side**2).sum(axis=3)

    def _place_bodies(self, mazes: Sequence[Maze]) -> None:
        """Hands and blocks; blocks that a maze lacks stand far away."""
        b, n = len(mazes), 1 + max(len(m.blocks) for m in mazes)
        self._at = np.full((b, n, 2), _FAR) + np.arange(n)[:, None]
        self._resist = np.zeros((b, n, 1))
        self._mass = np.full((b, n, 1), BLOCK_KG)
        self._mass[:, 0] = self._rng.uniform(2.5, 5.0, (b, 1))
        for row, m in enumerate(mazes):
            k = 1 + len(m.blocks)
            self._at[row, 0] = m.centre[0]
            self._at[row, 1:k] = m.blocks
            self._resist[row, 1:k, 0] = m.resist_n
        self._v = np.zeros((b, n, 2))
        radius = np.array([PEG_RADIUS_M] + [BLOCK_RADIUS_M] * (n - 1))
        self._one, self._two = (list(i) for i in np.triu_indices(n, 1))
        self._reach = (radius[self._one] + radius[self._two])[None, :, None]
        self._wall_reach = (radius + WALL_RADIUS_M)[None, :, None, None]

    @property
    def position(self) -> Array:
        """Of the hands (b, 2) [m]."""
        return self._at[:, 0]

    @property
    def velocity(self) -> Array:
        """Of the hands (b, 2) [m/s]."""
        return self._v[:, 0]

    def keep(self, rows: Array) -> None:
        """Go on with these rows (b,) of flags only."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and value.shape[:1] == rows.shape:
                setattr(self, name, value[rows])

    def way(self) -> Array:
        """From each hand to its way-point (b, 2) [m]."""
        found = _along(self._known, self.position)
        ahead = (found > self._led) & (found < self._led + JUMP_M)
        self._led = np.where(ahead, found, self._led)
        return _point(self._known, self._led + LOOK_AHEAD_M) - self.position

    def measured(self) -> Array:
        """Force (b, 2) [N] as the wrist feels it."""
        noise = self._rng.normal(0.0, 0.15, self.force.shape)
        return self.force + self._bias + noise

    def step(self, step: Array, first: Array, k: Array) -> None:
        """One decision: anchors `step` (b, 2) ahead of the hands for 50 ms.

        Args:
            step: from hand to anchor (b, 2) [m].
            first: unit vector of the way (b, 2).
            k: stiffness along and across it (b, 2) [N/m].
        """
        if np.isnan(self._k).any():
            self._k = k.copy()
        before, rise = self._k, 1.0 + self._c.rate_per_s * STEP_S
        self._k = np.minimum(k, before * rise)
        second = np.stack([-first[:, 1], first[:, 0]], axis=1)
        spring = _tensor(first, second, self._k)
        drag = _tensor(first, second, 2.0 * np.sqrt(self._k * self._mass[:, 0]))
        gap = self.position + step - self._anchor
        far = np.linalg.norm(gap, axis=1, keepdims=True)
        pace = gap / np.maximum(far / self._c.speed_m_s, STEP_S)
        error = self._anchor - self.position
        parts = np.stack([(error * first).sum(1), (error * second).sum(1)], axis=1)
        stiffened = 0.5 * ((self._k - before) * parts**2).sum(1)
        self._tank -= np.maximum(stiffened, 0.0)
        peak2 = np.zeros(len(step))
        for _ in range(TICKS):
            self._tick(spring, drag, pace)
            peak2 = np.maximum(peak2, (self.force**2).sum(1))
        self._judge(np.sqrt(peak2))

    def _tick(self, spring: Array, drag: Array, pace: Array) -> None:
        c = self._c
        opening = np.clip((self._tank - 0.2) / 0.3, 0.0, 1.0)
        self._anchor += DT_S * opening[:, None] * pace
        pull = _times(spring, self._anchor - self.position)
        brake = _times(drag, self.velocity)
        gain = (brake * self.velocity).sum(1) + c.allowance_w
        spent = np.maximum(opening * (pull * pace).sum(1), 0.0)
        self._tank = np.clip(self._tank + DT_S * (gain - spent), 0.0, c.tank_j)
        total = self._contacts()
        self.force = total[:, 0].copy()
        total[:, 0] += pull - brake
        v = self._v + DT_S / self._mass * total
        size = np.sqrt((v**2).sum(2, keepdims=True))
        slow = DT_S / self._mass * self._resist
        self._v = v * np.maximum(1.0 - slow / np.maximum(size, 1e-9), 0.0)
        self._at += DT_S * self._v

    def _contacts(self) -> Array:
        """Contact forces on all bodies (b, n, 2) [N]."""
        at, v = self._at, self._v
        off = at[:, :, None] - self._from
        share = np.clip((off * self._side).sum(3) / self._side2, 0.0, 1.0)
        off -= share[..., None] * self._side
        stiff = self._stiff[..., None]
        damping = np.sqrt(stiff * self._mass)
        total = self._push(
            off, v[:, :, None], self._wall_reach, stiff[..., None], damping[..., None]
        ).sum(axis=2)
        off, slip = (
            at[:, self._one] - at[:, self._two],
            v[:, self._one] - v[:, self._two],
        )
        pairs = self._push(off, slip, self._reach, stiff, np.sqrt(stiff * BLOCK_KG))
        for k, (i, j) in enumerate(zip(self._one, self._two, strict=True)):
            total[:, i] += pairs[:, k]
            total[:, j] -= pairs[:, k]
        return total

    def _push(
        self, off: Array, v: Array, reach: Array, stiff: Array, damping: Array
    ) -> Array:
        """Contact force on what lies `off` from the other and moves by v past it."""
        far = np.sqrt((off**2).sum(-1, keepdims=True))
        normal = off / np.maximum(far, 1e-9)
        depth = reach - far
        closing = -(v * normal).sum(-1, keepdims=True)
        size = np.maximum(stiff * depth + damping * closing, 0.0) * (depth > 0.0)
        slip = v + closing * normal
        speed = np.maximum(np.sqrt((slip**2).sum(-1, keepdims=True)), SLIP_M_S)
        mu = self._mu if off.ndim == 3 else self._mu[..., None]
        return np.asarray(size * (normal - mu * slip / speed))

    def _judge(self, peak: Array) -> None:
        running = self.ended == 0
        self.time_s[running] += STEP_S
        self.peak_n[running] = np.maximum(self.peak_n, peak)[running]
        found = _along(self._true, self.position)
        self.along[running] = np.clip(found / self._length, 0.0, 1.0)[running]
        self.ended[running & (found >= self._length - END_M)] = 1
        self.ended[running & (peak > self._c.limit_n)] = -1


def _along(path: Array, points: Array) -> Array:
    """Length (b,) along each path (b, k, 2) nearest to its point (b, 2)."""
    start, side = path[:, :-1], np.diff(path, axis=1)
    length = np.linalg.norm(side, axis=2)
    off = points[:, None] - start
    share = np.clip((off * side).sum(2) / length**2, 0.0, 1.0)
    far = np.linalg.norm(off - share[..., None] * side, axis=2)
    before = np.cumsum(length, axis=1) - length
    best, rows = np.argmin(far, axis=1), np.arange(len(path))
    return np.asarray(before[rows, best] + (share * length)[rows, best])


def _point(path: Array, along: Array) -> Array:
    """Points (b, 2) of paths (b, k, 2) at lengths (b,); beyond the end they go on."""
    side = np.diff(path, axis=1)
    length = np.linalg.norm(side, axis=2)
    before = np.cumsum(length, axis=1) - length
    k = (along[:, None] >= before).sum(axis=1) - 1
    rows = np.arange(len(path))
    share = (along - before[rows, k]) / length[rows, k]
    return path[rows, k] + share[:, None] * side[rows, k]


def _tensor(first: Array, second: Array, k: Array) -> Array:
    """k1 f f^T + k2 s s^T for each row (b, 2, 2)."""
    one = first[:, :, None] * first[:, None, :]
    two = second[:, :, None] * second[:, None, :]
    return k[:, :1, None] * one + k[:, 1:, None] * two


def _times(matrices: Array, vectors: Array) -> Array:
    return (matrices * vectors[:, None, :]).sum(axis=2)
