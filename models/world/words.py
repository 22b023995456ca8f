"""Surprise in words: which quantity, which way, how much."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.world.features import CHANNELS

_AXES = (("forward", "backward"), ("to the left", "to the right"), ("up", "down"))


def sentence(channel: int, seen: Array, expected: Array) -> str:
    """One sentence about the most surprising channel.

    Args:
        channel: index into `CHANNELS`.
        seen: measured channels (12,).
        expected: predicted channels (12,).
    """
    gap = seen - expected
    if 5 <= channel <= 7:
        return _force(gap[5:8])
    if 8 <= channel <= 10:
        size = float(np.linalg.norm(gap[8:11]))
        return f"something twisted the hand with {size:.1f} Nm"
    if channel in (3, 4):
        way = _AXES[channel - 3][0 if gap[channel] > 0.0 else 1]
        size = abs(float(gap[channel]))
        return f"something pushed the base {way}: {size:.1f} m/s2 not explained"
    if channel == 0:
        return _speed("I moved", "m/s", float(seen[0]), float(expected[0]))
    if channel in (1, 2):
        return _speed(
            "I turned", "rad/s", float(seen[channel]), float(expected[channel])
        )
    return _speed(
        "my arm moved", "rad/s", float(seen[channel]), float(expected[channel])
    )


def _force(gap: Array) -> str:
    axis = int(np.argmax(np.abs(gap)))
    way = _AXES[axis][0 if gap[axis] > 0.0 else 1]
    size = float(np.linalg.norm(gap))
    return f"something pushed the hand {way} with {size:.0f} N more than expected"


def _speed(what: str, unit: str, seen: float, expected: float) -> str:
    faster = abs(seen) > abs(expected) or seen * expected < 0.0
    word = "unexpectedly" if faster else "less than expected"
    return f"{what} {word}: {seen:.2f} instead of {expected:.2f} {unit}"


def name_of(channel: int) -> str:
    """The channel's name as `Surprise.channel` carries it."""
    return CHANNELS[channel]
