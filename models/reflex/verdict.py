"""What the reflex makes of a command of a foreign controller."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.signals import BodyCommand, ReflexEvent, ReflexLevel


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What may be sent, at which level, and what changed in this tick (or None)."""

    command: BodyCommand
    level: ReflexLevel
    event: ReflexEvent | None
