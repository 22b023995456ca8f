"""Parameters of the arm's impedance controller."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class ImpedanceConfig:
    """Stiffness, damping, speed and energy of the arm."""

    tick_s: float = param(
        0.001, "control period, that of reflex.joints, too", low=1e-4, high=0.01
    )
    refresh_ticks: int = param(
        10, "ticks between new damping and null-space matrices", low=2, high=50
    )
    damping_ratio: float = param(1.0, "1 = critically damped", low=0.3, high=2.0)
    error_clip_m: float = param(0.08, "longest spring", low=0.002, high=0.5)
    error_clip_rad: float = param(0.4, "largest twist of it", low=0.01, high=1.5)
    max_force_n: float = param(
        40.0, "spring and fed-forward force", low=1.0, high=300.0
    )
    max_moment_nm: float = param(
        15.0, "spring and fed-forward moment", low=0.5, high=100.0
    )
    speed_m_s: float = param(
        0.13, "fastest hand, in both modes; sets the impact force", low=0.01, high=2.0
    )
    impact_n: float = param(
        65.0, "largest force of hitting something unexpected", low=5.0, high=1000.0
    )
    impact_stiffness_n_m: float = param(
        1e5, "of what might be hit; sets the speed, 0: ignore", low=0.0, high=1e6
    )
    impact_behind_m: float = param(
        0.2, "wrist and flange behind the hand may hit, too", low=0.0, high=1.0
    )
    turn_rad_s: float = param(1.2, "fastest turn of the target", low=0.05, high=5.0)
    joint_speed_share: float = param(
        0.4, "fastest joint target, share of the joint's limit", low=0.02, high=1.0
    )
    target_period_s: float = param(
        0.05, "time between targets; each is reached in it", low=0.001, high=0.5
    )
    stiffness_max_n_m: float = param(2000.0, "stiffest", low=10.0, high=5000.0)
    stiffness_max_nm_rad: float = param(150.0, "stiffest turn", low=1.0, high=500.0)
    stiffness_floor_share: float = param(
        0.005, "softest, share of the stiffest", low=1e-4, high=0.5
    )
    stability_rate_per_s: float = param(
        4.0,
        "alpha of Kronander and Billard; higher lets stiffness rise faster",
        low=0.1,
        high=20.0,
    )
    mass_max_kg: float = param(
        50.0, "cap of the effective mass near singularities", low=1.0, high=500.0
    )
    inertia_max_kg_m2: float = param(2.5, "cap of its inertia", low=0.05, high=50.0)
    joint_stiffness_per_rad: float = param(
        2.0, "joint stiffness, in largest efforts a rad", low=0.05, high=20.0
    )
    joint_effort_share: float = param(
        0.35, "largest joint spring, share of the effort limit", low=0.01, high=1.0
    )
    stop_damping_share: float = param(
        0.4, "damping of a stopped arm, share of the joint damping", low=0.05, high=2.0
    )
    posture_stiffness_per_rad: float = param(
        0.15, "null-space stiffness, in largest efforts a rad", low=0.0, high=5.0
    )
    posture_effort_share: float = param(
        0.08, "largest null-space effort", low=0.0, high=0.5
    )
    limit_margin_rad: float = param(
        0.1, "distance at which joint limits start to repel", low=0.0, high=0.5
    )
    limit_stiffness_per_rad: float = param(
        2.0, "repulsion, in largest efforts a rad", low=0.0, high=20.0
    )
    tank_start_j: float = param(4.0, "energy at the start", low=0.0, high=100.0)
    tank_min_j: float = param(0.2, "empty below this", low=0.0, high=10.0)
    tank_soft_j: float = param(0.5, "motion slows below this", low=0.0, high=20.0)
    tank_max_j: float = param(4.0, "no more is stored", low=0.01, high=100.0)
    tank_refill_share: float = param(
        0.99, "share of the damped energy that is stored", low=0.0, high=1.0
    )
    tank_allowance_w: float = param(
        0.5, "power granted for work on the world; 0 = passive", low=0.0, high=20.0
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
        if not self.tank_min_j < self.tank_soft_j <= self.tank_max_j:
            raise ConfigError(
                f"ImpedanceConfig.tank_soft_j = {self.tank_soft_j}; allowed: above "
                f"tank_min_j = {self.tank_min_j} and up to tank_max_j = "
                f"{self.tank_max_j}. Choose a value between them."
            )
