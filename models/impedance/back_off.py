"""A small push out of a contact, in place of the spring's push into it.

Its size is limited, it ends at a limited speed, it acts along one direction, and the
spring's push into the contact never grows by it. What it puts into the arm is paid by
the energy tank, and so is the spring's push when it comes back. An empty tank lets the
push into the contact fall, and nothing else.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array

_NOTHING = 1e-9


class BackOff:
    """Changes the force of the hand's spring.

    Attributes:
        share: how far it shall replace the push into the contact, 0..1.
        away: unit vector (3,) out of the contact.
        push_n: largest push out of it [N]. speed_m_s: the speed at which it ends.
    """

    def __init__(self, tick_s: float) -> None:
        self.share = 0.0
        self.away: Array = np.zeros(3)
        self.push_n, self.speed_m_s = 0.0, 0.05
        self._tick_s = tick_s
        self._done = 0.0

    def bound(self, away: Array, push_n: float, speed_m_s: float) -> None:
        """Set direction, push and speed; the direction may change from outside."""
        self.away, self.push_n, self.speed_m_s = away, push_n, speed_m_s

    @property
    def acts(self) -> bool:
        """Whether there is anything to do."""
        return self.share > 0.0 or self._done > _NOTHING

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
        asked = self.share if 0.0 <= self.share <= 1.0 else 0.0
        change = asked - self._done
        change *= opening if change < 0.0 else 1.0
        self._done += change
        spring_j = max(0.5 * float(force.dot(error)), 0.0)
        gained_w = max(-change, 0.0) * spring_j / self._tick_s
        out_m_s = float(velocity.dot(self.away))
        room = min(max(1.0 - out_m_s / self.speed_m_s, 0.0), 1.0)
        into = -float(force.dot(self.away))
        push_n = self._done * self.push_n * room * opening
        less = into - (1.0 - self._done) * into + push_n
        if not (math.isfinite(less) and less > 0.0):
            return gained_w
        force += less * self.away
        return gained_w + max(less * out_m_s, 0.0)
