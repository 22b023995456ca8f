"""Refuse a goal that nobody could understand before a robot is asked."""

from __future__ import annotations

from neural_brain.models.errors import GoalError
from neural_brain.models.executive import understand


def check_goal(words: str) -> None:
    """Raise if the words are not a goal; the message asks back.

    Raises:
        GoalError: with what was not understood and what to say instead.
    """
    meaning = understand(words)
    if meaning.goals and not meaning.question:
        return
    mended = f" Did you mean: {meaning.suggestion!r}?" if meaning.suggestion else ""
    raise GoalError(f"The goal {words!r} is not clear. {meaning.question}{mended}")
