"""How heavy the hand is in a direction, by the masses of the arm.

m = 1 / (u^T J M^-1 J^T u) (O. Khatib, IEEE J. Robotics and Automation 3(1), 1987), with
J M^-1 J^T kept for some ticks, so that a direction costs a few products.
"""

from __future__ import annotations

from scipy.linalg import lapack

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmDynamics

_TICKS = 20
_MAX_KG = 50.0


class HandMass:
    """Effective mass of the hand; the largest one where it is not defined.

    Args:
        dynamics: of the arm, as of the last tick.
        extra_kg: payload that it may not know.
    """

    def __init__(self, dynamics: ArmDynamics, extra_kg: float) -> None:
        self._dynamics, self._extra_kg = dynamics, extra_kg
        self._linear: Array = dynamics.jacobian[:3]
        self._mobility: tuple[float, ...] | None = None
        self._left = 0

    def refresh(self) -> None:
        """Let a tick pass; the masses are looked at anew now and then."""
        self._left -= 1
        if self._left > 0:
            return
        self._left, self._mobility = _TICKS, None
        _, moved, info = lapack.dposv(self._dynamics.mass, self._linear.T)
        if info == 0:
            (a, b, c), (_, d, e), (_, _, f) = self._linear.dot(moved).tolist()
            self._mobility = (a, b, c, d, e, f)

    def along(self, x: float, y: float, z: float) -> float:
        """Mass [kg] along a unit vector."""
        known = 0.0
        if self._mobility is not None:
            a, b, c, d, e, f = self._mobility
            known = a * x * x + d * y * y + f * z * z
            known += 2.0 * (b * x * y + c * x * z + e * y * z)
        mass = 1.0 / known if known * _MAX_KG > 1.0 else _MAX_KG
        return mass + self._extra_kg
