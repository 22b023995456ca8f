"""A small push out of a contact, in place of the spring's push into it.

Its size is limited, it ends at a limited speed, it acts along one direction, and the
spring's push into the contact never grows by it. What it puts into the arm is paid by
the energy tank, and so is the spring's push when it comes back. An empty tank lets the
push into the contact fall, and nothing else.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.push_out import BACK_OFF, push


class BackOff:
    """Changes the force of the hand's spring.

    Args:
        tick_s: control period [s].
        state: where to keep it; memory of its own when None.

    Attributes:
        away: unit vector (3,) out of the contact.
    """

    def __init__(self, tick_s: float, state: Memory | None = None) -> None:
        self._state = state = memory(BACK_OFF) if state is None else state
        self.away: Array = np.zeros(3)
        self._away: Array = state["away"][0]
        self._share, self._done = state["share"], state["done"]
        state["tick_s"], state["speed_m_s"] = tick_s, 0.05

    @property
    def share(self) -> float:
        """How far it shall replace the push into the contact, 0..1."""
        return float(self._share[0])

    @share.setter
    def share(self, share: float) -> None:
        self._share[0] = share
        if share > 0.0 or self._done[0] > 0.0:
            self._away[:] = self.away

    @property
    def acts(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._share[0] > 0.0 or self._done[0] > 0.0)

    def bound(self, away: Array, push_n: float, speed_m_s: float) -> None:
        """Set direction, largest push [N] and the speed [m/s] at which it ends.

        The direction may change from outside; it counts as it is when `share` is set.
        """
        self.away = away
        self._state["push_n"], self._state["speed_m_s"] = push_n, speed_m_s

    def apply(
        self, force: Array, error: Array, velocity: Array, opening: float
    ) -> float:
        """Change the spring's force in place; the power [W] that this costs.

        Args:
            force: of the spring on the hand (3,) [N].
            error: from the hand to the anchor (3,) [m].
            velocity: of the hand (3,) [m/s].
            opening: of the energy tank, 0..1.
        """
        self._state["opening"] = opening
        return push(self._state, force, error, velocity)
