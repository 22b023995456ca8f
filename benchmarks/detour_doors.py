"""Doors of generated homes that can be gone around, and spots on either side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.benchmarks.detour_world import in_door
from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.models.geometry import Array
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.homes.spec import Door


def shortcut(home: HomeSpec) -> Door | None:
    """The open door that saves most way but can be gone around, or None."""
    best, most = None, 1.5
    for door in home.doors:
        if door.closed:
            continue
        one, other = ends(home, door)
        direct = _way(home, one, other)
        doors = tuple(
            replace(d, closed=True) if d.id == door.id else d for d in home.doors
        )
        around = _way(replace(home, doors=doors), one, other)
        if direct < 6.0 and most < around - direct < np.inf:
            best, most = door, around - direct
    return best


def ends(home: HomeSpec, door: Door) -> tuple[Array, Array]:
    """A spot on either side of a door, where the base fits."""
    hidden, space = in_door(door), TrueSpace(home)
    spots = []
    for side in (-1.0, 1.0):
        row, column = space.cell(hidden.middle + side * 1.5 * hidden.across)
        spots.append(space.xy[row, column])
    return spots[0], spots[1]


def _way(home: HomeSpec, start: Array, goal: Array) -> float:
    space = TrueSpace(home)
    here = np.zeros(space.free.shape, bool)
    here[space.cell(goal)] = True
    return float(space.ways_to(here)[space.cell(start)])
