"""Variable impedance of the arm: springs, dampers, energy and effort limits."""

from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.damping import double_diagonal_damping
from neural_brain.models.impedance.impedance import ArmImpedance
from neural_brain.models.impedance.reference import CartesianReference, JointReference
from neural_brain.models.impedance.stiffness import (
    StiffnessSchedule,
    condition_stiffness,
)
from neural_brain.models.impedance.tank import EnergyTank

__all__ = [
    "ArmImpedance",
    "CartesianReference",
    "EnergyTank",
    "ImpedanceConfig",
    "JointReference",
    "StiffnessSchedule",
    "condition_stiffness",
    "double_diagonal_damping",
]
