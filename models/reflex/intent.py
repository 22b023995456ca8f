"""What the safety critic sees: touch, motion of the hand, and the action of this tick.

All features are lengths and projections on the direction of the felt force, none is a
place: a critic that knows places learns a map instead of what contact feels like (the
same choice as in SRL-VIC, arXiv:2406.13744). Without a felt force the projections are
the full lengths, the worst that the direction could be.

The last features are the action: what the spring pulls and how its anchor moves. A
share of the action is a share of each of them.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array

FEATURES = (
    "force [N]",
    "rise of the force [N/ms]",
    "force above its mean of 50 ms [N]",
    "moment [Nm]",
    "hand speed [m/s]",
    "hand speed into the force [m/s]",
    "log10 of the stiffness along the spring [N/m]",
    "log10 of the stiffness of what is touched [N/m]",
    "force of stopping the hand on that, v sqrt(k m) [N]",
    "log10 of the time since the first touch [ms]",
    "spring force [N]",
    "spring force into the force [N]",
    "anchor speed [m/s]",
    "anchor speed into the force [m/s]",
)
FIRST_ACTION = 10
"""The features from here on are the action."""
LIMIT_N = 30.0
"""Force limit that the features are reckoned for. Contact scales: with twice the limit,
twice the forces and speeds are as risky, whatever the stiffness. So forces and speeds
are told as if the limit were this one, and one critic serves every limit."""
TOUCH_N, _ABSURD_N = 2.0, 1e6
_FORGET_TICKS = 200
_SMOOTH, _MEAN, _KEEP = 0.3, 0.02, 0.98
_SOFT_N_M, _HARD_N_M = 1e2, 1e5
_TRUST_M2 = 1e-10
"""Below this spread of the way nothing is known about the stiffness."""


class Intent:
    """Fills one array, tick by tick.

    Args:
        tick_s: control period [s].
        limit_n: contact force that must not be exceeded [N].

    Attributes:
        features: the newest features (14,), see `FEATURES`; reused between calls.
        touching: whether anything was felt in the last 0.2 s. felt: in this tick.
        away: unit vector (3,) of the last felt force, out of the contact.
    """

    def __init__(self, tick_s: float, limit_n: float = LIMIT_N) -> None:
        self.features: Array = np.zeros(len(FEATURES))
        self.away: Array = np.zeros(3)
        self._scale: Array = np.ones(len(FEATURES))
        for i, name in enumerate(FEATURES):
            if not name.startswith("log10"):
                self._scale[i] = LIMIT_N / limit_n
        self._tick_s, self._per_ms = tick_s, 1e-3 / tick_s
        self.reset()

    def reset(self) -> None:
        """Forget all earlier ticks."""
        self.touching = self.felt = False
        self._last_n = math.nan
        self._rise = self._mean_n = 0.0
        self._felt = self._silent = 0
        self._way_m = self._mean_m = 0.0
        self._square_m2 = self._product_nm = 0.0

    def read(
        self,
        wrench: Array,
        hand_velocity: Array,
        pull: Array,
        stiffness: Array,
        anchor_velocity: Array,
        *,
        mobility_root: Array | None = None,
    ) -> Array:
        """The features of this tick; all vectors in `base_link`.

        Args:
            wrench: what the world applies to the hand (6,) [N, Nm].
            hand_velocity: (3,) [m/s].
            pull: from the hand to the anchor (3,) [m], clipped.
            stiffness: of the spring (3, 3) [N/m].
            anchor_velocity: of the anchor (3,) [m/s].
            mobility_root: lower L (3, 3) with L L^T = J M^-1 J^T [1/kg]; None: 1 kg.
        """
        fx, fy, fz, mx, my, mz = wrench.tolist()
        force = math.sqrt(fx * fx + fy * fy + fz * fz)
        spring = stiffness.dot(pull)
        out, speed = self.features, _length(hand_velocity)
        if not force < _ABSURD_N:  # or not a number: told, and not remembered
            self.touching, self.felt = True, False
            out.fill(math.nan)
            return out
        anchor, tension, way = _length(anchor_velocity), _length(spring), _length(pull)
        self.felt = felt = force > TOUCH_N
        if felt:
            into = (-fx / force, -fy / force, -fz / force)
            self.away[:] = (fx / force, fy / force, fz / force)
            along = (
                _project(hand_velocity, into),
                _project(spring, into),
                _project(anchor_velocity, into),
            )
            mobility = 1.0 if mobility_root is None else _mobility(mobility_root, into)
        else:
            along, mobility = (speed, tension, anchor), 1.0
        self._follow(force, along[0] if felt else 0.0, felt)
        k = tension / way if way > 1e-6 else float(stiffness[0, 0])
        hard = self._stiffness_n_m() if felt else _SOFT_N_M
        out[0], out[1], out[2] = force, self._rise, force - self._mean_n
        out[3] = math.sqrt(mx * mx + my * my + mz * mz)
        out[4], out[5] = speed, along[0]
        out[6], out[7] = math.log10(max(k, 1.0)), math.log10(hard)
        out[8] = max(along[0], 0.0) * math.sqrt(hard / max(mobility, 0.02))
        out[9] = math.log10(1.0 + self._felt / self._per_ms)
        out[10], out[11] = tension, along[1]
        out[12], out[13] = anchor, along[2]
        out *= self._scale
        return out

    def _follow(self, force: float, speed: float, felt: bool) -> None:
        """Means of force and way, and how they go together while something is felt."""
        rise = (force - self._last_n) * self._per_ms
        self._last_n = force
        if rise == rise:  # not at the first tick
            self._rise += _SMOOTH * (rise - self._rise)
        self._mean_n += _MEAN * (force - self._mean_n)
        self._silent = 0 if felt else min(self._silent + 1, _FORGET_TICKS)
        if self._silent >= _FORGET_TICKS:
            self._felt, self.touching = 0, False
            self._way_m = self._mean_m = self._square_m2 = self._product_nm = 0.0
            return
        if not felt and not self.touching:
            return
        self.touching = True
        self._felt += 1
        self._way_m += self._tick_s * speed
        self._mean_m += _MEAN * (self._way_m - self._mean_m)
        x, f = self._way_m - self._mean_m, force - self._mean_n
        self._square_m2 = _KEEP * self._square_m2 + x * x
        self._product_nm = _KEEP * self._product_nm + x * f

    def _stiffness_n_m(self) -> float:
        """Of what is touched; the softest as long as nothing is known."""
        if self._square_m2 < _TRUST_M2:
            return _SOFT_N_M
        k = self._product_nm / self._square_m2
        return min(max(k, _SOFT_N_M), _HARD_N_M)


def _mobility(root: Array, along: tuple[float, float, float]) -> float:
    """1 / effective mass [1/kg] along a unit vector."""
    x, y, z = root.T.dot(along).tolist()
    return float(x * x + y * y + z * z)


def _length(vector: Array) -> float:
    x, y, z = vector.tolist()
    return math.sqrt(x * x + y * y + z * z)


def _project(vector: Array, along: tuple[float, float, float]) -> float:
    x, y, z = vector.tolist()
    a, b, c = along
    return float(x * a + y * b + z * c)
