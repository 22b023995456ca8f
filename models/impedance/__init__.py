"""Variable impedance of the arm: springs, dampers, energy and effort limits."""

from neural_brain.models.impedance.admittance import (
    Admittance,
    AdmittanceConfig,
    least_damping,
    least_mass,
    virtual_dynamics,
)
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.damping import double_diagonal_damping
from neural_brain.models.impedance.impedance import ArmImpedance
from neural_brain.models.impedance.reference import CartesianReference, JointReference
from neural_brain.models.impedance.stiffness import (
    StiffnessSchedule,
    condition_stiffness,
)
from neural_brain.models.impedance.tank import EnergyTank
from neural_brain.models.impedance.virtual_arm import VirtualArm

__all__ = [
    "Admittance",
    "AdmittanceConfig",
    "ArmImpedance",
    "CartesianReference",
    "EnergyTank",
    "ImpedanceConfig",
    "JointReference",
    "StiffnessSchedule",
    "VirtualArm",
    "condition_stiffness",
    "double_diagonal_damping",
    "least_damping",
    "least_mass",
    "virtual_dynamics",
]
