"""Energy tank: bounds the energy that the controller can put into the arm.

After F. Ferraguti, C. Secchi, C. Fantuzzi, "A tank-based approach to impedance control
with variable stiffness", ICRA 2013. Stiffness change and target motion are paid from
the tank, damping refills it:

    dT/dt = share * v^T D v + allowance - P_stiffness - P_target - P_feedforward

Only positive P is charged: energy given back by the spring is not credited. An empty
tank freezes the target, removes the fed-forward wrench, and lets stiffness only fall.
With allowance 0 the arm is passive; a small allowance lets it do lasting work, such as
pushing an object, at a bounded power.
"""

from __future__ import annotations

import math

from neural_brain.models.impedance.config import ImpedanceConfig


class EnergyTank:
    """Scalar energy store.

    Attributes:
        energy_j: what is left [J].
        opening: 1 = free, 0 = empty; falls smoothly between `tank_soft_j` and
            `tank_min_j`.
    """

    def __init__(self, config: ImpedanceConfig) -> None:
        self._config = config
        self._max_j, self._min_j = config.tank_max_j, config.tank_min_j
        self._soft_j = config.tank_soft_j
        self._share = config.tank_refill_share
        self._allowance_w = config.tank_allowance_w
        self.refill()

    def refill(self) -> None:
        """Fill to the start value."""
        self.energy_j = min(self._config.tank_start_j, self._max_j)
        self.opening = self._opening()

    def flow(self, *, damped_w: float, spent_w: float, dt: float) -> None:
        """Account for one tick.

        Args:
            damped_w: power that the damping takes out of the arm [W].
            spent_w: power that stiffness, target and feed-forward put in [W].
            dt: duration [s].
        """
        gain = self._share * max(damped_w, 0.0) + self._allowance_w
        energy = self.energy_j + dt * (gain - max(spent_w, 0.0))
        if not math.isfinite(energy):
            energy = 0.0
        self.energy_j = min(max(energy, 0.0), self._max_j)
        self.opening = self._opening()

    def _opening(self) -> float:
        if self.energy_j >= self._soft_j:
            return 1.0
        left = self.energy_j - self._min_j
        return max(left / (self._soft_j - self._min_j), 0.0)
