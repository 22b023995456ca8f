"""Refuse a goal that nobody could understand before a robot is asked."""

from __future__ import annotations

from neural_brain.models.errors import GoalError
from neural_brain.models.executive import (
    MeaningConfig,
    hint,
    load_meanings,
    understand,
)
from neural_brain.models.executive.lexicon import TELL


def check_goal(
    words: str, config: MeaningConfig | None = None, *, to_do: bool = False
) -> None:
    """Raise if the words are not a goal; the message asks back.

    Args:
        words: what was typed.
        config: whether names outside the lexicon are guessed.
        to_do: whether it must be more than a question.

    Raises:
        GoalError: with what was not understood and what to say instead.
        ModelFileError: if the network of word meanings is damaged.
    """
    config = config or MeaningConfig()
    meaning = understand(words, load_meanings(config))
    if to_do and meaning.goals and all(g.action == TELL for g in meaning.goals):
        raise GoalError(f"{words!r} is a question. Expected something to do.")
    if meaning.goals and not meaning.question:
        return
    mended = f" Did you mean: {meaning.suggestion!r}?" if meaning.suggestion else ""
    help_ = hint(config) if meaning.lost else ""
    raise GoalError(
        f"The goal {words!r} is not clear. {meaning.question}{mended}{help_}"
    )
