"""Backing off from a contact: away from it, not too fast, and not into the next one.

The anchor leads the hand along the contact normal, by less the faster the hand is: none
at `retract_m_s`. Something that pushes faster is followed softly, never outrun. The way
is `retract_m` long, counted anew while the hand is still pushed. A force against the
retreat means that a second thing is in the way. Then the retreat is over: the hand
gives way to whatever pushes it, and drives nowhere.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import ForceConfig

_RENEW_TICKS = 5
_PRESSED_N = 5.0


class Retreat:
    """One retreat at a time.

    Attributes:
        blocked: whether something opposes this retreat.
    """

    def __init__(self, config: ForceConfig) -> None:
        self.blocked = False
        self._config = config
        self._way: Array = np.zeros(3)
        self._end_m = 0.0
        self._ticks = self._against = 0
        self._pressed = True

    def start(self, normal: Array) -> None:
        """Begin a retreat along the unit vector `normal` (3,)."""
        self.blocked = False
        self._way[:] = normal
        self._ticks = self._against = 0
        self._pressed = True

    def needs_renewal(self, force: Array) -> bool:
        """Whether the anchor must be looked at anew; call once a tick.

        Args:
            force: what the world applies to the hand (3,) [N].
        """
        felt = force.tolist()
        along = _dot(felt, self._way.tolist())
        self._against = self._against + 1 if along < -self._config.opposed_n else 0
        if not self.blocked and self._against >= self._config.ticks:
            self.blocked = True
            return True
        self._ticks += 1
        if self._ticks % _RENEW_TICKS:
            return False
        self._pressed = along > _PRESSED_N
        return not self.blocked or _dot(felt, felt) > _PRESSED_N**2

    def lead(self, normal: Array, hand: Array, velocity: Array) -> Array:
        """Where the anchor is, seen from the hand (3,) [m]; zero once blocked.

        Args:
            normal: newest contact normal (3,); followed unless it points back.
            hand: measured position (3,) [m].
            velocity: of the hand (3,) [m/s].
        """
        if self.blocked:
            return np.zeros(3)
        way, config = self._way, self._config
        if _dot(normal.tolist(), way.tolist()) > 0.0:
            way[:] = normal
        u, v, w = line = way.tolist()
        at = _dot(hand.tolist(), line)
        if self._pressed:
            self._end_m = at + config.retract_m
        share = 1.0 - _dot(velocity.tolist(), line) / config.retract_m_s
        left_m = min(self._end_m - at, config.retract_m)
        lead_m = max(left_m, 0.0) * min(max(share, 0.0), 1.0)
        return np.array((lead_m * u, lead_m * v, lead_m * w))


def _dot(a: list[float], b: list[float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
