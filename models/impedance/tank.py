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

from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels.energy import TANK, account, fill
from neural_brain.models.kernels.memory import Memory, memory


class EnergyTank:
    """Scalar energy store.

    Args:
        config: size, refill and allowance.
        state: where to keep it; memory of its own when None.
    """

    def __init__(self, config: ImpedanceConfig, state: Memory | None = None) -> None:
        self._state = state = memory(TANK) if state is None else state
        state["start_j"], state["max_j"] = config.tank_start_j, config.tank_max_j
        state["min_j"], state["soft_j"] = config.tank_min_j, config.tank_soft_j
        state["share"] = config.tank_refill_share
        state["allowance_w"] = config.tank_allowance_w
        self._energy_j, self._opening = state["energy_j"], state["opening"]
        self.refill()

    @property
    def energy_j(self) -> float:
        """What is left [J]."""
        return float(self._energy_j[0])

    @property
    def opening(self) -> float:
        """1 = free, 0 = empty; falls smoothly from `tank_soft_j` to `tank_min_j`."""
        return float(self._opening[0])

    def refill(self) -> None:
        """Fill to the start value."""
        fill(self._state)

    def flow(self, *, damped_w: float, spent_w: float, dt: float) -> None:
        """Account for one tick.

        Args:
            damped_w: power that the damping takes out of the arm [W].
            spent_w: power that stiffness, target and feed-forward put in [W].
            dt: duration [s].
        """
        account(self._state, damped_w, spent_w, dt)
