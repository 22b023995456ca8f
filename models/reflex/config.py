"""Parameters of the reflex layer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.reflex.watchdog_config import WatchdogConfig


@dataclass(frozen=True, kw_only=True)
class LadderConfig:
    """How long levels last, in control ticks."""

    dwell_ticks: int = param(
        50, "shortest stay at a level before going down", low=1, high=10_000
    )
    clear_ticks: int = param(
        30, "ticks without cause before going down", low=1, high=10_000
    )
    retract_ticks: int = param(
        400, "length of a retreat, then HOLD", low=10, high=10_000
    )
    hold_ticks: int = param(600, "shortest HOLD after a retreat", low=1, high=60_000)
    caution_ticks: int = param(
        4000, "SLOW for so long after a retreat", low=0, high=600_000
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class GuardConfig:
    """What counts as invalid or stale input."""

    state_timeout_s: float = param(
        0.02, "age at which the body state is stale", low=0.002, high=1.0
    )
    state_lost_ticks: int = param(
        300, "ticks without a valid state until STOP", low=2, high=10_000
    )
    absurd_ticks: int = param(
        3, "ticks of impossible values until STOP", low=1, high=1000
    )
    frozen_ticks: int = param(
        100, "equal joint states while moving until STOP", low=5, high=10_000
    )
    command_timeout_s: float = param(
        0.15, "age at which a target is stale", low=0.01, high=5.0
    )
    wrench_frozen_ticks: int = param(
        0, "equal wrenches while the arm moves until HOLD; 0: off", low=0, high=10_000
    )
    future_s: float = param(0.05, "largest lead of a stamp", low=0.0, high=1.0)
    lidar_required: bool = param(True, "HOLD without a fresh scan of every lidar")
    lidars: int = param(1, "how many scans there are", low=1, high=4)
    lidar_timeout_s: float = param(
        0.5, "age at which a scan is stale", low=0.02, high=5.0
    )
    lidar_frozen_scans: int = param(
        0, "equal scans while the base moves until refusal; 0: off", low=0, high=1000
    )
    nan_share_max: float = param(
        0.5, "share of lost beams that makes a scan invalid", low=0.0, high=1.0
    )
    joint_margin_rad: float = param(
        0.35, "a joint this far beyond its limit is impossible", low=0.0, high=3.0
    )
    speed_share_max: float = param(
        3.0, "impossible speed, share of the limit", low=1.0, high=20.0
    )
    wrench_max: float = param(
        500.0, "impossible force or moment [N, Nm]", low=10.0, high=1e5
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class ForceConfig:
    """Force reflex of the arm. Not a certified safety function."""

    limit_n: float = param(
        65.0, "contact force that must not be exceeded", low=5.0, high=1000.0
    )
    intended_share: float = param(
        0.55, "reflex threshold of intended contact, share of limit", low=0.1, high=1.0
    )
    stop_share: float = param(0.9, "STOP at this share of the limit", low=0.1, high=1.0)
    collision_n: float = param(
        15.0, "reflex threshold when no contact is intended", low=1.0, high=500.0
    )
    collision_nm: float = param(12.0, "the same for the moment", low=0.5, high=200.0)
    ticks: int = param(2, "ticks above a threshold until it acts", low=1, high=50)
    lead_s: float = param(
        0.004, "the force is extrapolated by this time", low=0.0, high=0.05
    )
    retract_m: float = param(
        0.06, "way back along the contact normal", low=0.0, high=0.5
    )
    retract_m_s: float = param(
        0.15, "a retreat pulls no faster than this", low=0.01, high=1.0
    )
    opposed_n: float = param(
        9.0, "force against a retreat that ends it", low=1.0, high=100.0
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class ArmContactConfig:
    """Contacts of forearm and elbow, felt by the joints' torque sensors, if any."""

    enabled: bool = param(True, "hold when something touches the arm above the wrist")
    gain_hz: float = param(
        50.0, "bandwidth of the momentum observer [1/s]", low=1.0, high=500.0
    )
    effort_share: float = param(
        0.08, "unexplained effort that acts, share of the limit", low=0.01, high=1.0
    )
    ticks: int = param(3, "ticks above that until it acts", low=1, high=100)
    contact_ticks: int = param(
        50, "the same where contact is intended", low=1, high=1000
    )
    hold_ticks: int = param(600, "length of HOLD after a contact", low=1, high=60_000)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class BaseConfig:
    """Lidar and bumper protection of the base."""

    stop_margin_m: float = param(
        0.04, "closest approach to an obstacle", low=0.0, high=1.0
    )
    latency_s: float = param(
        0.08, "sensing and actuation delay while braking", low=0.0, high=1.0
    )
    brake_share: float = param(
        0.7, "share of the acceleration limit used for braking", low=0.05, high=1.0
    )
    approach_s: float = param(0.6, "shortest time to collision", low=0.0, high=10.0)
    horizon_m: float = param(
        1.5, "least distance up to which obstacles are kept", low=0.3, high=20.0
    )
    blind_m_s: float = param(
        0.1, "fastest ahead or behind where no lidar looks", low=0.0, high=5.0
    )
    refresh_ticks: int = param(
        20, "ticks between looks at the obstacles", low=1, high=100
    )
    slow_share: float = param(
        0.5, "speed at level SLOW, share of the limit", low=0.05, high=1.0
    )
    arm_slow_m_s: float = param(
        0.15, "fastest drive with a stretched arm", low=0.0, high=2.0
    )
    arm_reach_m: float = param(
        0.25, "the arm is stretched this far beyond the base", low=0.0, high=2.0
    )
    arm_margin_m: float = param(0.1, "half width of the hand", low=0.0, high=0.5)
    back_off_m_s: float = param(
        0.06, "speed away from a pressed bumper", low=0.0, high=0.3
    )
    back_off_ticks: int = param(500, "longest such retreat", low=0, high=5000)
    bumper_block_ticks: int = param(
        2000, "no way towards a bump for so long", low=1, high=60_000
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class JointConfig:
    """Joint speed and position bounds on the effort."""

    tick_s: float = param(
        0.001, "control period, that of impedance, too", low=1e-4, high=0.01
    )
    brake_rad_s2: float = param(
        5.0, "joint deceleration in front of a limit", low=0.1, high=100.0
    )
    margin_rad: float = param(
        0.04, "joints stop this far before their limit", low=0.0, high=0.3
    )
    speed_share: float = param(
        0.9, "largest joint speed, share of the limit", low=0.05, high=1.0
    )
    damping_per_rad: float = param(
        0.4, "gain of the bound, in largest efforts a rad/s", low=0.01, high=5.0
    )
    lead_s: float = param(
        0.015, "a joint's speed is looked ahead by this; 0: off", low=0.0, high=0.05
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class WorkspaceConfig:
    """Planes that the arm may not cross, and its distance from the robot itself."""

    planes: tuple[tuple[float, ...], ...] = param(
        (), "the arm stays where n . x >= d in base_link: [nx, ny, nz, d] for each"
    )
    first_link: int = param(
        3, "links from this one on obey planes; 3: elbow and beyond", low=1, high=20
    )
    margin_m: float = param(0.01, "kept from planes", low=0.0, high=0.3)
    tool_m: float = param(0.0, "length of a tool beyond the hand", low=0.0, high=2.0)
    tool_radius_m: float = param(0.01, "its radius", low=0.001, high=0.3)
    self_distance: bool = param(False, "keep the arm away from the robot itself")
    self_margin_m: float = param(0.01, "kept between arm and robot", low=0.0, high=0.3)
    approach_per_s: float = param(
        8.0, "approach speed, share of the gap each second", low=0.5, high=100.0
    )
    brake_m_s2: float = param(
        1.0, "deceleration in front of a plane or the robot", low=0.1, high=20.0
    )
    gain_per_s: float = param(
        40.0, "how fast the speed follows its bound", low=1.0, high=200.0
    )
    escape_m_s: float = param(
        0.05, "speed out of what was entered; 0: just no deeper", low=0.0, high=0.5
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
        for plane in self.planes:
            check_plane(plane)
        if self.approach_per_s > self.gain_per_s:
            raise ConfigError(
                f"WorkspaceConfig.approach_per_s = {self.approach_per_s}; allowed: up "
                f"to gain_per_s = {self.gain_per_s}. Lower it, or raise the other."
            )

    @property
    def watches(self) -> bool:
        """Whether there is anything to keep away from."""
        return bool(self.planes) or self.self_distance


def check_plane(plane: object) -> None:
    """Refuse what is no plane [nx, ny, nz, d].

    Raises:
        ConfigError: says what is allowed.
    """
    numbers = plane if isinstance(plane, tuple) else ()
    good = len(numbers) == 4 and all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e6
        for v in numbers
    )
    if not good or math.hypot(*numbers[:3]) < 1e-6:
        raise ConfigError(
            f"WorkspaceConfig.planes has {plane!r}; allowed: four finite numbers "
            "[nx, ny, nz, d] with a normal that is not zero, such as [0, 0, 1, 0.75] "
            "for a table top at z = 0.75 m. Write it like that."
        )


@dataclass(frozen=True, kw_only=True)
class CriticConfig:
    """Learned risk of the arm's intermediate action; it can only lower the level."""

    enabled: bool = param(False, "ask the learned critic after the rules")
    recovers: bool = param(False, "where it acts, its recovery policy does, too")
    weights: str = param("", "safetensors file; empty: the shipped one")
    risk_max: float = param(
        0.0, "risk that is danger; 0: as calibrated", low=0.0, high=1.0
    )
    strange_max: float = param(
        0.0, "distance from the training data that is; 0: same", low=0.0, high=1e6
    )
    slow_share: float = param(0.4, "base speed at its level SLOW", low=0.05, high=1.0)
    soft_share: float = param(
        0.25,
        "softest spring at SLOW, share; then HOLD",
        low=0.05,
        high=1.0,
    )
    rise_ticks: int = param(
        200, "ticks in which the spring gets all its force back", low=1, high=10_000
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class ReflexConfig:
    """One section per family of rules."""

    ladder: LadderConfig = field(default_factory=LadderConfig)
    guards: GuardConfig = field(default_factory=GuardConfig)
    force: ForceConfig = field(default_factory=ForceConfig)
    arm: ArmContactConfig = field(default_factory=ArmContactConfig)
    base: BaseConfig = field(default_factory=BaseConfig)
    joints: JointConfig = field(default_factory=JointConfig)
    workspace: WorkspaceConfig = field(default_factory=WorkspaceConfig)
    watchdog: WatchdogConfig = field(default_factory=WatchdogConfig)
    critic: CriticConfig = field(default_factory=CriticConfig)
