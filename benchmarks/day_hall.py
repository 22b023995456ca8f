"""A hall of six rooms in which boxes and small things change every hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES, COLOURS
from neural_brain.models.geometry import Array

ROOM_M = (10.0, 8.5)  # of each of the six rooms; three on each side of a corridor
CORRIDOR_M, DOOR_M = 3.0, 1.2
BOXES, THINGS = 48, 240
BOXES_MOVED, THINGS_CHANGED = 0.2, 0.15  # every hour


@dataclass
class Thing:
    """A small thing: where (2,) [m], its name and colour."""

    xy: Array
    category: str
    colour: str


class Hall:
    """What stands where; `hour_passes` changes some of it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._walls = hall_walls()
        self._boxes = [self._box() for _ in range(BOXES)]
        self.things = [self._thing() for _ in range(THINGS)]
        self.segments = np.array(self._walls)
        self._join()

    def hour_passes(self) -> None:
        """Move some boxes; take some things away and put others in their stead."""
        for k in np.flatnonzero(self._rng.random(BOXES) < BOXES_MOVED):
            self._boxes[k] = self._box()
        for k in np.flatnonzero(self._rng.random(THINGS) < THINGS_CHANGED):
            self.things[k] = self._thing()
        self._join()

    def _join(self) -> None:
        boxes = [side for box in self._boxes for side in box]
        self.segments = np.array(self._walls + boxes)

    def _box(self) -> list[tuple[float, float, float, float]]:
        """Along the left or right wall of a room, beside the robot's way."""
        middle = room_middle(int(self._rng.integers(6)))
        x = middle[0] + self._rng.choice([-1.0, 1.0]) * self._rng.uniform(3.9, 4.4)
        y = middle[1] + self._rng.uniform(-3.5, 3.5)
        half = self._rng.uniform(0.1, 0.3, 2)
        return box(x - half[0], y - half[1], x + half[0], y + half[1])

    def _thing(self) -> Thing:
        middle = room_middle(int(self._rng.integers(6)))
        return Thing(
            xy=middle + self._rng.uniform([-4.5, -3.8], [4.5, 3.8]),
            category=CATEGORIES[int(self._rng.integers(1, len(CATEGORIES)))],
            colour=COLOURS[int(self._rng.integers(len(COLOURS)))],
        )


def box(
    x0: float, y0: float, x1: float, y1: float
) -> list[tuple[float, float, float, float]]:
    """Four sides."""
    return [(x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)]


def room_middle(room: int) -> Array:
    """Middle (2,) [m] of a room 0 to 5."""
    column, row = room % 3, room // 3
    far = ROOM_M[1] + CORRIDOR_M
    return np.array([(column + 0.5) * ROOM_M[0], 0.5 * ROOM_M[1] + row * far])


def room_of(xy: Array) -> NDArray[np.int64]:
    """Number of the room of points (n, 2), 6 for the corridor."""
    column = np.clip(xy[:, 0] // ROOM_M[0], 0, 2).astype(int)
    above = xy[:, 1] > ROOM_M[1] + CORRIDOR_M
    inside = above | (xy[:, 1] < ROOM_M[1])
    return np.where(inside, column + 3 * above, 6)


def hall_walls() -> list[tuple[float, float, float, float]]:
    """Outer walls, walls between rooms, and walls of the corridor with doors."""
    width, low = 3.0 * ROOM_M[0], ROOM_M[1]
    high = low + CORRIDOR_M
    walls = box(0.0, 0.0, width, high + low)
    for x in (ROOM_M[0], 2.0 * ROOM_M[0]):
        walls += box(x - 0.05, 0.0, x + 0.05, low)
        walls += box(x - 0.05, high, x + 0.05, high + low)
    for y in (low, high):
        left = 0.0
        for column in range(3):
            door = (column + 0.5) * ROOM_M[0]
            walls += box(left, y - 0.05, door - 0.5 * DOOR_M, y + 0.05)
            left = door + 0.5 * DOOR_M
        walls += box(left, y - 0.05, width, y + 0.05)
    return walls


def tour(rng: np.random.Generator) -> Iterator[Array]:
    """Points (2,) [m] to drive through for ever: around in one room after the other."""
    middle = ROOM_M[1] + 0.5 * CORRIDOR_M
    room = 0
    while True:
        at = room_middle(room)
        yield at
        for corner in ((-3.0, -2.5), (3.0, -2.5), (3.0, 2.5), (-3.0, 2.5), (0.0, 0.0)):
            yield at + corner
        yield np.array([at[0], middle])
        room = (room + int(rng.integers(1, 6))) % 6
        yield np.array([room_middle(room)[0], middle])
