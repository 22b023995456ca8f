"""Force reflex: too much force makes the hand go back the way the force points."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.touch import (
    LIMIT,
    NOTHING,
    PUSHED,
    TOUCH,
    judge_touch,
)
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import ForceConfig
from neural_brain.models.signals import ReflexLevel


class ForceReflex:
    """Compares the force at the hand with what is expected.

    The measured force is extrapolated by `lead_s` along its smoothed slope, so that a
    fast rise is answered before the threshold is passed.

    Args:
        config: thresholds.
        tick_s: control period [s].
        state: where to keep it; memory of its own when None.

    Attributes:
        normal: unit vector (3,) in `base_link` in which the hand leaves the contact.
    """

    def __init__(
        self, config: ForceConfig, tick_s: float, state: Memory | None = None
    ) -> None:
        self._state = state = memory(TOUCH) if state is None else state
        self.normal: Array = state["normal"][0]
        state["last_n"], state["tick_s"] = -1.0, tick_s
        for name in ("lead_s", "collision_n", "collision_nm", "limit_n", "ticks"):
            state[name] = getattr(config, name)
        state["stop_share"] = config.stop_share
        state["intended_share"] = config.intended_share

    def judge(self, wrench: Array, *, contact: bool) -> Cause:
        """The cause that the force gives.

        Args:
            wrench: what the world applies to the tool (6,) [N, Nm], `base_link`.
            contact: whether touching is intended.
        """
        wrench = np.ascontiguousarray(wrench, dtype=np.float64)
        return self.cause(judge_touch(self._state, wrench, contact), contact=contact)

    def cause(self, found: int, *, contact: bool) -> Cause:
        """The cause of what `kernels.touch` found."""
        if found == NOTHING:
            return CLEAR
        value, limit = float(self._state["value"][0]), float(self._state["limit"][0])
        if found == LIMIT:
            return Cause(ReflexLevel.STOP, "force limit", value, limit)
        name = "moment"
        if found == PUSHED:
            name = "contact force" if contact else "collision"
        return Cause(ReflexLevel.RETRACT, name, value, limit)
