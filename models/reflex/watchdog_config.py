"""Parameters of the watchdog of the arm's contacts."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.config import param, validate


@dataclass(frozen=True, kw_only=True)
class WatchdogConfig:
    """Worst force ahead, and wrench that nothing intended explains.

    The force that must not be exceeded is `force.limit_n` of the reflex.
    """

    enabled: bool = param(False, "watch what the arm's contacts may come to")
    horizon_s: float = param(
        0.05, "it looks so far ahead of a contact", low=0.002, high=0.5
    )
    contact_n_m: float = param(
        7e4, "stiffness of a contact that is not felt yet", low=1e3, high=1e6
    )
    soft_n_m: float = param(1e3, "no contact counts as softer", low=10.0, high=1e5)
    stiffness_margin: float = param(
        2.0, "a felt stiffness counts so many times", low=1.0, high=10.0
    )
    felt_n: float = param(6.0, "force that counts as a contact", low=1.0, high=50.0)
    felt_m: float = param(
        0.0005, "way into a contact that tells its stiffness", low=1e-5, high=0.01
    )
    extra_kg: float = param(
        0.0, "payload that the arm's model may not know", low=0.0, high=50.0
    )
    ticks: int = param(2, "ticks of danger in contact until it acts", low=1, high=50)
    release_share: float = param(
        0.5, "share of the limit below which it is no longer slow", low=0.1, high=1.0
    )
    pace_share: float = param(
        0.9, "slow is this share of the speed that is allowed", low=0.1, high=1.0
    )
    unexplained_n: float = param(
        6.0, "force besides the intended one that acts", low=1.0, high=500.0
    )
    explained_margin: float = param(
        0.1, "reaction may exceed the push by this share", low=0.0, high=2.0
    )
    impact_s: float = param(
        0.1, "speed explains an impact for about so long", low=0.005, high=2.0
    )
    unexplained_ticks: int = param(
        3, "ticks of unexplained force until it acts", low=1, high=50
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
