"""Force reflex: too much force makes the hand go back the way the force points."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import ForceConfig
from neural_brain.models.signals import ReflexLevel


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
        self._over = self._over + 1 if force > over else 0
        if self._over >= config.ticks:
            return Cause(ReflexLevel.STOP, "force limit", force, over)
        threshold = config.intended_share * config.limit_n
        if not contact:
            threshold = min(threshold, config.collision_n)
        moment = math.sqrt(u * u + v * v + w * w)
        high = max(force, ahead) > threshold or moment > config.collision_nm
        self._high = self._high + 1 if high else 0
        if self._high < config.ticks:
            return CLEAR
        if force > 0.5:
            self.normal[:] = (x / force, y / force, z / force)
        if max(force, ahead) > threshold:
            name = "contact force" if contact else "collision"
            return Cause(ReflexLevel.RETRACT, name, max(force, ahead), threshold)
        return Cause(ReflexLevel.RETRACT, "moment", moment, config.collision_nm)

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
