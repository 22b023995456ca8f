"""The largest force that a contact can come to within the next moments.

A mass m that moves at speed u into a contact of stiffness k, and is pushed by a spring
with force f, feels F(t) = f + R cos(w t - phi) from now on, with w = sqrt(k / m),
R cos(phi) = F - f and R sin(phi) = u sqrt(k m). Everything in it is measured or bounded
from above, damping is left out, so the largest F(t) until the horizon is a bound. A
contact does not pull: a hand that leaves it counts as one that stands still.
"""

from __future__ import annotations

import math

from neural_brain.models.reflex.watchdog_config import WatchdogConfig


def worst_force(
    force_n: float,
    speed_m_s: float,
    *,
    push_n: float,
    stiffness_n_m: float,
    mass_kg: float,
    horizon_s: float,
) -> float:
    """The largest force [N] from now to the horizon; NaN if an input is NaN.

    Args:
        force_n: felt now.
        speed_m_s: into the contact; negative, while it leaves, counts as 0.
        push_n: the most that the spring can push within the horizon.
        stiffness_n_m: of the contact, positive.
        mass_kg: of the hand in the direction of the contact, positive.
        horizon_s: time ahead.
    """
    pace = math.sqrt(stiffness_n_m / mass_kg)
    rest = force_n - push_n
    swing = (0.0 if speed_m_s < 0.0 else speed_m_s) * math.sqrt(stiffness_n_m * mass_kg)
    phase, ahead = math.atan2(swing, rest), pace * horizon_s
    size = math.sqrt(rest * rest + swing * swing)
    if phase <= ahead:
        return push_n + size
    last = push_n + size * math.cos(ahead - phase)
    return force_n if force_n > last else last  # NaN stays NaN


class ContactStiffness:
    """Stiffness of what the hand touches, found while it goes in.

    The rise of the force over a short way, times a margin. Until that way was made the
    contact counts as hard; a contact that gets stiffer is followed way by way. A sensor
    that lags makes it look stiffer: the hand has slowed down since.

    Attributes:
        stiffness_n_m: to reckon with [N/m].
    """

    def __init__(self, config: WatchdogConfig, tick_s: float) -> None:
        self.stiffness_n_m = config.contact_n_m
        self._hard, self._soft = config.contact_n_m, config.soft_n_m
        self._margin, self._step_m = config.stiffness_margin, config.felt_m
        self._tick_s = tick_s
        self._start_n = self._way_m = 0.0
        self._felt = False

    def feel(self, force_n: float, speed_m_s: float) -> None:
        """Take in a tick of contact: its force and the speed into it."""
        if not self._felt:
            self._felt = True
            self._start_n, self._way_m = force_n, 0.0
            return
        self._way_m += speed_m_s * self._tick_s
        if self._way_m < self._step_m:
            return
        rise = self._margin * (force_n - self._start_n) / self._way_m
        # Written so that NaN counts as hard.
        self.stiffness_n_m = max(rise, self._soft) if rise < self._hard else self._hard
        self._start_n, self._way_m = force_n, 0.0

    def forget(self) -> None:
        """Begin anew: nothing is touched."""
        self._felt = False
        self.stiffness_n_m = self._hard
