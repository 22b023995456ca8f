"""Force reflex: too much force makes the hand go back the way the force points."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import ForceConfig
from neural_brain.models.signals import ReflexLevel

_CONFIRM_SHARE = 0.8
"""The ticks after the first one above a threshold confirm it down to this share of it,
so that noise around the threshold delays nothing. A spike that falls back is noise."""


class ForceReflex:
    """Compares the force at the hand with what is expected.

    The measured force is extrapolated by `lead_s` along its smoothed slope, so that a
    fast rise is answered before the threshold is passed.

    Attributes:
        normal: unit vector (3,) in `base_link` in which the hand leaves the contact.
    """

    def __init__(self, config: ForceConfig, tick_s: float) -> None:
        self.normal: Array = np.zeros(3)
        self._config = config
        self._tick_s = tick_s
        self._last_n = -1.0
        self._slope = 0.0
        self._high = self._over = 0

    def judge(self, wrench: Array, *, contact: bool) -> Cause:
        """The cause that the force gives.

        Args:
            wrench: what the world applies to the tool (6,) [N, Nm], `base_link`.
            contact: whether touching is intended.
        """
        config = self._config
        x, y, z, u, v, w = wrench.tolist()
        force = math.sqrt(x * x + y * y + z * z)
        ahead = self._ahead(force)
        over = config.stop_share * config.limit_n
        enough = over * self._share(self._over)
        self._over = self._over + 1 if force > enough else 0
        if self._over >= config.ticks:
            return Cause(ReflexLevel.STOP, "force limit", force, over)
        threshold = config.intended_share * config.limit_n
        if not contact:
            threshold = min(threshold, config.collision_n)
        moment = math.sqrt(u * u + v * v + w * w)
        share = self._share(self._high)
        pushed = ahead > share * threshold
        if not (pushed or moment > share * config.collision_nm):
            self._high = 0
            return CLEAR
        self._high += 1
        if self._high < config.ticks:
            return CLEAR
        if force > 0.5:
            self.normal[:] = (x / force, y / force, z / force)
        if pushed:
            name = "contact force" if contact else "collision"
            return Cause(ReflexLevel.RETRACT, name, ahead, threshold)
        return Cause(ReflexLevel.RETRACT, "moment", moment, config.collision_nm)

    def _share(self, counted: int) -> float:
        """Share of a threshold that counts after so many ticks above it."""
        return _CONFIRM_SHARE if 0 < counted < self._config.ticks else 1.0

    def _ahead(self, force: float) -> float:
        """Force [N] expected in `lead_s`; only a clear rise counts."""
        if self._last_n < 0.0:
            self._last_n = force
        slope = (force - self._last_n) / self._tick_s
        self._last_n = force
        self._slope += 0.3 * (slope - self._slope)
        if force < 0.4 * self._config.collision_n:
            return force
        return force + self._config.lead_s * max(self._slope, 0.0)
