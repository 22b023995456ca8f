"""Which goals are given, drawn from the seed of the home alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.navigation.referee import Referee
from neural_brain.models.errors import SimulationError
from neural_brain.models.geometry import Array
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.homes.draw import Draw

APART_M = 1.5
"""Shortest way from a goal (or the start) to the next one is at least this long."""
START_CLEARANCE_M = 0.45


@dataclass(frozen=True, kw_only=True)
class NavGoal:
    """Words, the things (ids) that they fit, and a name for this kind of goal.

    With a `picture` (h, w, 3), that is shown in place of the words.
    """

    words: str
    right: tuple[int, ...]
    kind: str
    picture: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A stretch of life: a home, where the robot is put, goals one after the other.

    `start` is (3,) x [m], y [m], yaw [rad]. When goals are `ordered`, a robot that
    keeps its map hears all in one sentence, and the first failure ends the part.
    `door_closed` is the id of the door that was open on the day before, if one was.
    """

    name: str
    home: HomeSpec
    start: Array
    goals: tuple[NavGoal, ...]
    ordered: bool = False
    door_closed: int | None = None


def by_category(home: HomeSpec) -> list[NavGoal]:
    """One goal for every kind of thing: "find the mug"."""
    return _grouped(home, False, "category")


def by_colour(home: HomeSpec) -> list[NavGoal]:
    """One goal for every kind and colour of thing: "find the red mug"."""
    return _grouped(home, True, "colour")


def among_others(home: HomeSpec) -> list[NavGoal]:
    """Goals by colour where there are things of that kind in other colours, too."""
    number = {goal.words: len(goal.right) for goal in by_category(home)}
    return [
        goal
        for goal in by_colour(home)
        if len(goal.right) < number[f"find the {home.objects[goal.right[0]].category}"]
    ]


def chain(
    goals: Sequence[NavGoal],
    count: int,
    referee: Referee,
    start: Array,
    draw: Draw,
) -> tuple[NavGoal, ...]:
    """Draw goals that follow each other, each some way from the one before.

    Args:
        goals: what to choose from.
        count: how many; fewer when there are not enough.
        referee: knows where each of them is reached.
        start: where the first one is given (2,) [m].
        draw: random stream.

    Raises:
        SimulationError: if none of the goals fits.
    """
    space = referee.space
    reach = space.joined(start)
    here = np.zeros(space.free.shape, bool)
    here[space.cell(start)] = True
    chosen: list[NavGoal] = []
    left = draw.shuffled(goals)
    while left and len(chosen) < count:
        for goal in left:
            there = referee.success_cells(goal.right) & reach
            ways = space.ways_to(here)
            if there.any() and ways[there].min() >= APART_M:
                break
        else:
            break
        chosen.append(goal)
        left.remove(goal)
        here = there
    if not chosen:
        raise SimulationError(
            f"Home {referee.home.seed} has no goal {APART_M} m from the start. Leave "
            "it out."
        )
    return tuple(chosen)


def start_elsewhere(referee: Referee, first: Array, draw: Draw) -> Array:
    """Another pose (3,) that can be reached from the first, with room around it."""
    space = referee.space
    roomy = space.joined(first) & (space.clearance >= START_CLEARANCE_M)
    spots = space.xy[roomy]
    far = np.hypot(*(spots - first[:2]).T) > 2.0
    spots = spots[far] if far.any() else spots
    x, y = spots[draw.below(len(spots))]
    return np.array([x, y, np.radians(draw.below(360))])


def chain_lengths(
    goals: Sequence[NavGoal], referee: Referee, start: Array
) -> list[float]:
    """Shortest way [m] from the start through the first k + 1 goals, for every k."""
    space = referee.space
    lengths = []
    for last in range(len(goals)):
        after: Array | None = None
        for goal in reversed(goals[: last + 1]):
            after = space.ways_to(referee.success_cells(goal.right), after)
        lengths.append(float(after[space.cell(start)]) if after is not None else 0.0)
    return lengths


def _grouped(home: HomeSpec, coloured: bool, kind: str) -> list[NavGoal]:
    groups: dict[str, list[int]] = {}
    for thing in home.objects:
        name = f"{thing.colour} {thing.category}" if coloured else thing.category
        groups.setdefault(f"find the {name}", []).append(thing.id)
    return [
        NavGoal(words=words, right=tuple(ids), kind=kind)
        for words, ids in sorted(groups.items())
    ]
