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


def success_words(action: str, thing: str, force_n: float) -> str:
    """What is said of a goal that was reached, by the action asked for."""
    return {
        "press": f"I pressed the {thing}, felt {force_n:.0f} N",
        "push": f"I pushed the {thing}, felt {force_n:.0f} N",
        "go": f"I am at the {thing}",
        "find": f"I found the {thing}",
    }[action]


def stopped(goal: Goal, t: float) -> GoalOutcome:
    """A goal that was dropped at a time [s], as a person said so."""
    return GoalOutcome(goal=goal, success=False, text=f"stopped: {goal.words}", stamp=t)
