"""What the safety critic sees: touch, motion of the hand, and the action of this tick.

All features are lengths and projections on the direction of the felt force, none is a
place: a critic that knows places learns a map instead of what contact feels like (the
same choice as in SRL-VIC, arXiv:2406.13744). Without a felt force the projections are
the full lengths, the worst that the direction could be.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array

FEATURES = (
    "force [N]",
    "rise of the force [N/ms]",
    "moment [Nm]",
    "hand speed [m/s]",
    "hand speed into the force [m/s]",
    "spring force [N]",
    "spring force into the force [N]",
    "log10 of the stiffness along the spring [N/m]",
    "touching is intended",
    "anchor speed [m/s]",
    "anchor speed into the force [m/s]",
)
FIRST_SPEED = 9
"""The features from here on shrink at once when the level is SLOW."""
_TOUCH_N = 2.0
_SMOOTH = 0.3


class Intent:
    """Fills one array, tick by tick.

    Attributes:
        features: the newest features (11,), see `FEATURES`; reused between calls.
    """

    def __init__(self, tick_s: float) -> None:
        self.features: Array = np.zeros(len(FEATURES))
        self._per_ms = 1e-3 / tick_s
        self._last_n = math.nan
        self._rise = 0.0

    def read(
        self,
        wrench: Array,
        hand_velocity: Array,
        pull: Array,
        stiffness: Array,
        anchor_velocity: Array,
        *,
        contact: bool,
    ) -> Array:
        """The features of this tick; all vectors in `base_link`.

        Args:
            wrench: what the world applies to the hand (6,) [N, Nm].
            hand_velocity: (3,) [m/s].
            pull: from the hand to the anchor (3,) [m], clipped.
            stiffness: of the spring (3, 3) [N/m].
            anchor_velocity: of the anchor (3,) [m/s].
            contact: whether touching is intended.
        """
        fx, fy, fz, mx, my, mz = wrench.tolist()
        force = math.sqrt(fx * fx + fy * fy + fz * fz)
        rise = (force - self._last_n) * self._per_ms
        self._last_n = force
        if rise == rise:  # not at the first tick
            self._rise += _SMOOTH * (rise - self._rise)
        spring = stiffness.dot(pull)
        out, speed = self.features, _length(hand_velocity)
        anchor, tension, way = _length(anchor_velocity), _length(spring), _length(pull)
        if force > _TOUCH_N:
            into = (-fx / force, -fy / force, -fz / force)
            along = (
                _project(hand_velocity, into),
                _project(spring, into),
                _project(anchor_velocity, into),
            )
        else:
            along = (speed, tension, anchor)
        k = tension / way if way > 1e-6 else float(stiffness[0, 0])
        out[0], out[1] = force, self._rise
        out[2] = math.sqrt(mx * mx + my * my + mz * mz)
        out[3], out[4] = speed, along[0]
        out[5], out[6] = tension, along[1]
        out[7] = math.log10(max(k, 1.0))
        out[8] = 1.0 if contact else 0.0
        out[9], out[10] = anchor, along[2]
        return out

    def reset(self) -> None:
        """Forget the force of the last tick."""
        self._last_n, self._rise = math.nan, 0.0


def _length(vector: Array) -> float:
    x, y, z = vector.tolist()
    return math.sqrt(x * x + y * y + z * z)


def _project(vector: Array, along: tuple[float, float, float]) -> float:
    x, y, z = vector.tolist()
    a, b, c = along
    return float(x * a + y * b + z * c)
