"""Reflexes: input guards, limits, force, obstacles, and the ladder of levels."""

from neural_brain.models.reflex.arm_contact import ArmContact
from neural_brain.models.reflex.base_yield import BaseYield, BaseYieldConfig
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.clearance import free_travel, free_turn, speed_for
from neural_brain.models.reflex.config import (
    ArmContactConfig,
    BaseConfig,
    CriticConfig,
    ForceConfig,
    GuardConfig,
    JointConfig,
    LadderConfig,
    ReflexConfig,
    WorkspaceConfig,
)
from neural_brain.models.reflex.critic import Critic, SafetyCritic, load_critic
from neural_brain.models.reflex.intent import FEATURES, FIRST_ACTION, Intent
from neural_brain.models.reflex.ladder import Ladder, step
from neural_brain.models.reflex.recovery import RecoveryNet, recovery_bounds
from neural_brain.models.reflex.reflex import Reflex
from neural_brain.models.reflex.retreat import Retreat
from neural_brain.models.reflex.risk_net import RiskNet
from neural_brain.models.reflex.state_rules import StateRules, shape_of
from neural_brain.models.reflex.verdict import Verdict
from neural_brain.models.reflex.watchdog import Watchdog
from neural_brain.models.reflex.watchdog_config import WatchdogConfig

__all__ = [
    "CLEAR",
    "FEATURES",
    "FIRST_ACTION",
    "ArmContact",
    "ArmContactConfig",
    "BaseConfig",
    "BaseYield",
    "BaseYieldConfig",
    "Cause",
    "Critic",
    "CriticConfig",
    "ForceConfig",
    "GuardConfig",
    "Intent",
    "JointConfig",
    "Ladder",
    "LadderConfig",
    "RecoveryNet",
    "Reflex",
    "ReflexConfig",
    "Retreat",
    "RiskNet",
    "SafetyCritic",
    "StateRules",
    "Verdict",
    "Watchdog",
    "WatchdogConfig",
    "WorkspaceConfig",
    "free_travel",
    "free_turn",
    "load_critic",
    "recovery_bounds",
    "shape_of",
    "speed_for",
    "step",
]
