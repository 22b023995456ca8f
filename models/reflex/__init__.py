"""Reflexes: input guards, limits, force, obstacles, and the ladder of levels."""

from neural_brain.models.reflex.arm_contact import ArmContact
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.clearance import free_travel, free_turn, speed_for
from neural_brain.models.reflex.config import (
    ArmContactConfig,
    BaseConfig,
    ForceConfig,
    GuardConfig,
    JointConfig,
    LadderConfig,
    ReflexConfig,
)
from neural_brain.models.reflex.ladder import Ladder, step
from neural_brain.models.reflex.reflex import Reflex, Verdict
from neural_brain.models.reflex.retreat import Retreat

__all__ = [
    "CLEAR",
    "ArmContact",
    "ArmContactConfig",
    "BaseConfig",
    "Cause",
    "ForceConfig",
    "GuardConfig",
    "JointConfig",
    "Ladder",
    "LadderConfig",
    "Reflex",
    "ReflexConfig",
    "Retreat",
    "Verdict",
    "free_travel",
    "free_turn",
    "speed_for",
    "step",
]
