"""Parameters of a Bullet world."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.config import param, validate


@dataclass(frozen=True, kw_only=True)
class BulletConfig:
    """Solver of a Bullet world, and which of MuJoCo's properties it gets.

    The two switches are for measuring what they are worth.
    """

    substeps: int = param(1, "physics steps in a tick of 1 ms", low=1, high=20)
    iterations: int = param(50, "solver iterations of a step", low=1, high=1000)
    rotor_inertia: bool = param(True, "joints have the model's rotor inertia")
    model_contacts: bool = param(True, "contacts give as the model's do")

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
