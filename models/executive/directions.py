"""Directions in goals: "left of the sink", "on your left", "at 3 o'clock", "north of".

Dual orientation: sides and clock directions turn with the robot and are taken as it
stood when the goal was said; "north" (+y of `map`) does not turn (`maps.relations`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neural_brain.models.geometry import Array, wrap
from neural_brain.models.maps.relations import (
    AROUND,
    COMPASS,
    HERE_M,
    bearing,
    distance,
    relation,
)
from neural_brain.models.signals import Goal, Landmark

SIDES = {
    "left of": ("left of", "to the left of", "on the left of", "on the left side of"),
    "right of": (
        "right of", "to the right of", "on the right of", "on the right side of",
    ),
    "in front of": ("in front of",),
    "behind": ("behind", "at the back of"),
    **{f"{name} of": (f"{name.replace('-', ' ')} of",) for name in COMPASS},
}  # fmt: skip
"""Relations to another thing, each with its phrases."""
_HOURS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
CLOCK = tuple(f"{hour} o'clock" for hour in range(1, 13))
NORTHS = tuple(f"in the {name}" for name in COMPASS)
COMPASS_WORDS = {
    name.replace("-", joint): name for name in COMPASS for joint in (" ", "-", "")
}
"""Names of `COMPASS` by how they are written."""
_AROUND_RAD, _CLOCK_RAD, _COMPASS_RAD = math.pi / 3, math.pi / 8, math.pi / 4
"""How far beside a direction a thing may lie; people say "left" of nearly a half."""


def toward_phrases() -> dict[str, tuple[str, ...]]:
    """Directions without another thing, each with its phrases."""
    found: dict[str, tuple[str, ...]] = {
        "ahead": ("ahead", "straight ahead", "in front of you", "ahead of you"),
        "behind": ("behind you", "behind me", "at your back"),
    }
    for hand in ("left", "right"):
        found[f"on the {hand}"] = tuple(
            f"{where} {whose} {hand}{side}"
            for where in ("on", "to", "at")
            for whose in ("the", "your")
            for side in ("", " side", " hand side")
        )
        for where in ("ahead", "behind"):
            found[f"{where} on the {hand}"] = tuple(
                f"{where} {joint} {whose} {hand}"
                for joint in ("on", "to")
                for whose in ("the", "your")
            )
    for name in COMPASS:
        words = {name.replace("-", " "), name.replace("-", "")}
        found[f"in the {name}"] = tuple(
            f"{where} the {word}" for where in ("in", "to") for word in sorted(words)
        )
    for number, (name, word) in enumerate(zip(CLOCK, _HOURS, strict=True), start=1):
        hours = (str(number), word)
        found[name] = tuple(
            f"{at}{hour} o'clock" for at in ("at ", "at your ", "") for hour in hours
        )
    return found


def face_phrases() -> dict[str, tuple[str, ...]]:
    """What turns the robot to the compass, as "face north", each with its phrases."""
    joints = ("", "the ", "to ", "to the ", "towards ", "towards the ")
    return {
        f"face {name}": tuple(
            f"{verb} {joint}{word}"
            for verb in ("face", "turn", "look", "turn to face")
            for joint in joints
            for word, other in COMPASS_WORDS.items()
            if other == name and "-" not in word
        )
        for name in COMPASS
    }


def compass_rad(name: str) -> float:
    """Heading [rad] in `map` of one of `COMPASS`."""
    return wrap(COMPASS.index(name) * math.pi / 4)


def toward_words(toward: str) -> str:
    """A direction as the robot says it, understood again when it is said back."""
    if toward in CLOCK:
        return f"at {toward}"
    return "behind me" if toward == "behind" else toward


def fits_toward(toward: str, seen_from: Array, point: Array) -> bool:
    """Whether a point lies in a direction without another thing.

    Args:
        toward: a key of `toward_phrases`.
        seen_from: pose (3,) in `map` that it was said at.
        point: (2,) or (3,) [m] in `map`.
    """
    if distance(seen_from, point) < HERE_M:
        return False
    around = bearing(seen_from, point)
    if toward in AROUND:
        return abs(wrap(around - AROUND.index(toward) * math.pi / 4)) <= _AROUND_RAD
    if toward in CLOCK:
        hour = CLOCK.index(toward) + 1
        return abs(wrap(around + hour * math.pi / 6)) <= _CLOCK_RAD
    absolute = around + float(seen_from[2])
    angle = NORTHS.index(toward) * math.pi / 4
    return abs(wrap(absolute - angle)) <= _COMPASS_RAD


def fits_side(side: str, seen_from: Array, point: Array, other: Array) -> bool:
    """Whether a point lies on a side of another one.

    Args:
        side: a key of `SIDES`.
        seen_from: pose (3,) in `map` from which left, right, before and behind count.
        point: (2,) or (3,) [m] in `map`.
        other: the same of the other thing.
    """
    name = side.removesuffix(" of")
    if name in COMPASS:
        dx, dy = (float(v) for v in point[:2] - other[:2])
        angle = COMPASS.index(name) * math.pi / 4
        return abs(wrap(math.atan2(dy, dx) - angle)) <= _COMPASS_RAD
    return relation(seen_from, point, other) == side


def told_from(goals: Sequence[Goal], pose: Array | None) -> tuple[Goal, ...] | str:
    """The goals with the pose that their directions count from, or why there is none.

    Args:
        goals: as understood.
        pose: of the robot (3,) in `map`, None while it is not known.
    """
    if not any(goal.side or goal.toward for goal in goals):
        return tuple(goals)
    if pose is None:
        return (
            "I do not know yet where I stand and which way I look, so I cannot tell "
            "left from right. Say it again in a moment."
        )
    return tuple(replace(goal, seen_from=np.array(pose)) for goal in goals)


def lies_there(goal: Goal, thing: Landmark, others: Sequence[Landmark]) -> bool:
    """Whether a thing lies where the directions of a goal say.

    Args:
        goal: with `side` and `near`, or `toward`, or neither.
        thing: what may be meant.
        others: things of the category `goal.near`, none of which `thing` may be.
    """
    if not (goal.side or goal.toward):
        return True
    seen_from = np.zeros(3) if goal.seen_from is None else goal.seen_from
    if goal.toward and not fits_toward(goal.toward, seen_from, thing.center_map):
        return False
    return not goal.side or any(
        fits_side(goal.side, seen_from, thing.center_map, other.center_map)
        for other in others
        if other.id != thing.id
    )
