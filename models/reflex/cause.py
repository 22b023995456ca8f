"""Why a reflex acts: the level it asks for, what was measured, what is allowed."""

from __future__ import annotations

from typing import NamedTuple

from neural_brain.models.signals import ReflexLevel


class Cause(NamedTuple):
    """One reason; the worst (highest) level wins, the first one among equals."""

    level: ReflexLevel
    name: str
    value: float = 0.0
    limit: float = 0.0


CLEAR = Cause(ReflexLevel.NOMINAL, "clear")


def worse(first: Cause, second: Cause) -> Cause:
    """The cause that asks for more."""
    return second if second.level > first.level else first
