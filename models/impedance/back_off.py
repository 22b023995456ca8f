"""A small push out of a contact, in place of the spring's push into it.

Its size is limited, it ends at a limited speed, it acts along one direction, and the
spring's push into the contact never grows by it. What it puts into the arm is paid by
the energy tank, and so is the spring's push when it comes back. An empty tank lets the
push into the contact fall, and nothing else.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.memory import Memory


class BackOff:
    """Changes the force of the hand's spring; `_back_off` in `kernels.law` does it.

    Args:
        state: where to keep it.

    Attributes:
        away: unit vector (3,) out of the contact.
    """

    def __init__(self, state: Memory) -> None:
        self.away: Array = np.zeros(3)
        self._away: Array = state["away"][0]
        self._share, self._done = state["share"], state["done"]
        self._push_n, self._speed_m_s = state["push_n"], state["speed_m_s"]
        self._speed_m_s[0] = 0.05

    @property
    def share(self) -> float:
        """How far it shall replace the push into the contact, 0..1."""
        return float(self._share[0])

    def ask(self, share: float) -> None:
        """Set the share, and the direction as it is now."""
        if share > 0.0 or self._done[0] > 0.0:
            self._away[:] = self.away
        self._share[0] = share

    def bound(self, away: Array, push_n: float, speed_m_s: float) -> None:
        """Set direction, largest push [N] and the speed [m/s] at which it ends.

        The direction may change from outside.
        """
        self.away = away
        self._push_n[0], self._speed_m_s[0] = push_n, speed_m_s
