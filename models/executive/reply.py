"""What the robot answers to words."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.signals import Goal, MapRequest


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer to words: taken or not, a sentence, and the goals that were taken.

    An answered question is accepted and has no goals.
    `request` is what the map must be told, if the words were about places or floors.
    """

    accepted: bool
    text: str
    goals: tuple[Goal, ...] = ()
    request: MapRequest | None = None
