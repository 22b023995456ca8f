"""Parameters of the world model."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.config import param, validate


@dataclass(frozen=True, kw_only=True)
class WorldConfig:
    """Where the weights lie and how surprise is normalised."""

    weights: str = param("", "safetensors file of the ensemble; empty = shipped")
    memory_s: float = param(
        60.0, "time over which the usual surprise is averaged", low=1.0, high=3600.0
    )
    settle_s: float = param(
        1.0, "surprise is not told this long after the start", low=0.0, high=60.0
    )
    stale_s: float = param(
        0.5, "a longer gap between body states is an alarm", low=0.1, high=10.0
    )
    alarm_z: float = param(
        50.0, "surprise that a broken or silent sensor gets", low=1.0, high=1e6
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
