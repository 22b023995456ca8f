"""How a goal ended."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.signals import Goal


@dataclass(frozen=True, kw_only=True)
class GoalOutcome:
    """How a goal ended, with the sentence that says why."""

    goal: Goal
    success: bool
    text: str
    stamp: float
