"""Steps left from every place, heading and speed: the ball cannot turn at once.

The planner's field knows ways, but a ball at full speed turns on a circle of 1.55 m,
and one that stops to turn pays for it. So the five actions that move it are weighed
over a lattice of places, of headings one turn apart and of two speeds (value iteration;
between places it is bilinear). It begins with the planner's field, so a few dozen
sweeps suffice: they tell what the heading costs over as many steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from neural_brain.benchmarks.memory_maze.kinematics import (
    FALL_WAY,
    RADIUS_M,
    RISE_WAY,
    STRIDE_M,
    Motion,
)
from neural_brain.models.geometry import Array

HEADINGS = 20
TURN_RAD = 2.0 * np.pi / HEADINGS  # of a step: 18.4 degrees measured
SPACING_M = 0.25
SWEEPS = 30
MOST = 500.0  # steps: no way from there
BUMP_PRICE = 3.0  # steps
SHY_M = 0.03  # a step may end this much nearer to walls than it should
LEAST = 0.05  # weight of free places around a spot that counts as free
MOVES = ((1, 0), (1, 1), (1, -1), (0, 1), (0, -1))  # walk and turn of the actions
WAY_M = STRIDE_M * np.array([[0.0, 1.0 - RISE_WAY], [FALL_WAY, 1.0]])  # speed, walk


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Moves between the free places of a map.

    A state is a speed (at rest, full), a heading and a place, in that order.

    Attributes:
        origin: of the first place (2,) [m].
        number: (h, w) of each free place, -1 elsewhere.
        places: (n, 2) [m] of the free ones.
        moves: (states x actions, states) weights of the states that follow.
        price: (states x actions,) [steps].
    """

    origin: Array
    number: NDArray[np.int64]
    places: Array
    moves: csr_matrix
    price: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class HeadingField:
    """Steps (2, HEADINGS, n) left from all states of a lattice to one goal."""

    lattice: Lattice
    steps: NDArray[np.float32]

    def at(self, balls: Motion) -> Array:
        """Steps (m,) that are left for m balls; `MOST` where no place is near."""
        lattice, pose = self.lattice, balls.pose
        index, weight = _corners(
            lattice.number, (pose[:, :2] - lattice.origin) / SPACING_M
        )
        turn = (pose[:, 2] / TURN_RAD) % HEADINGS
        low = np.floor(turn).astype(np.int64) % HEADINGS
        part = (turn - np.floor(turn))[:, None]
        slow, fast = (
            each[low[:, None], index] * (1.0 - part)
            + each[(low[:, None] + 1) % HEADINGS, index] * part
            for each in self.steps
        )
        speed = balls.speed[:, None]
        whole = weight.sum(axis=1)
        total = (weight * (slow * (1.0 - speed) + fast * speed)).sum(axis=1)
        return np.where(whole < LEAST, MOST, total / np.maximum(whole, LEAST))

    def worst_near(self, spot: Array) -> float:
        """Steps from the place nearest to a spot (2,) [m], at the worst heading."""
        apart = np.hypot(*(self.lattice.places - spot).T)
        return float(self.steps[:, :, int(np.argmin(apart))].max())


def spots(origin: Array, size_m: Array) -> Array:
    """Places (h, w, 2) [m] over a map with a lower corner and a size (2,) [m]."""
    first = np.floor(origin / SPACING_M) * SPACING_M
    columns, rows = np.ceil(size_m / SPACING_M).astype(np.int64) + 1
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)
    return np.asarray(first + SPACING_M * grid)


def make_lattice(spots: Array, room: Array, need_m: float) -> Lattice:
    """The moves between the places where the ball fits.

    Args:
        spots: (h, w, 2) [m].
        room: (h, w) [m] from each of them to the next wall.
        need_m: room that the ball should keep; less costs, but is possible.
    """
    free = room >= min(need_m, RADIUS_M + SHY_M)
    number = np.where(free, np.cumsum(free).reshape(free.shape) - 1, -1)
    rows, columns = np.nonzero(free)
    place = np.stack([columns, rows], axis=1)
    index, weight, price = [], [], []
    for speed in (0, 1):
        for heading in range(HEADINGS):
            for walk, turn in MOVES:
                along = (heading + 0.5 * turn) * TURN_RAD
                way = WAY_M[speed, walk] * np.array([np.cos(along), np.sin(along)])
                spot = place + way / SPACING_M
                left, share = _corners(number, spot)
                whole = share.sum(axis=1)
                near = _between(room, spot) < need_m - SHY_M
                ends = walk * HEADINGS + (heading + turn) % HEADINGS
                index.append(left + ends * len(place))
                weight.append(share / np.maximum(whole, LEAST)[:, None])
                price.append(1.0 + BUMP_PRICE * near + MOST * (whole < LEAST))
    states = 2 * HEADINGS * len(place)
    edges = 4 * len(MOVES) * states
    moves = csr_matrix(
        (
            _by_state(weight, len(place)).astype(np.float32),
            _by_state(index, len(place)).astype(np.int32),
            np.arange(0, edges + 1, 4, dtype=np.int32),
        ),
        shape=(states * len(MOVES), states),
    )
    return Lattice(
        origin=spots[0, 0],
        number=number,
        places=spots[free],
        moves=moves,
        price=_by_state(price, len(place)).astype(np.float32),
    )


def heading_field(
    lattice: Lattice, guess: Array, reached: NDArray[np.bool_]
) -> HeadingField:
    """Steps that are left from all states.

    Args:
        lattice: of n places.
        guess: (n,) [steps] by the way alone, rather too few than too many.
        reached: (n,) places at the goal.
    """
    value = np.tile(np.minimum(guess, MOST), 2 * HEADINGS).astype(np.float32)
    done = np.tile(reached, 2 * HEADINGS)
    value[done] = 0.0
    for _ in range(SWEEPS):
        each = (lattice.moves @ value + lattice.price).reshape(-1, len(MOVES))
        value = np.where(done, np.float32(0.0), np.minimum(each.min(axis=1), MOST))
    return HeadingField(lattice=lattice, steps=value.reshape(2, HEADINGS, -1))


def _by_state(parts: list[Array], count: int) -> Array:
    """Rows of all actions, given state block by state block, put side by side."""
    whole = np.stack(parts).reshape(2 * HEADINGS, len(MOVES), count, -1)
    return np.moveaxis(whole, 1, 2).reshape(-1)


def _cell(shape: tuple[int, ...], spot: Array) -> tuple[Array, ...]:
    h, w = shape
    x0 = np.clip(np.floor(spot[:, 0]).astype(np.int64), 0, w - 2)
    y0 = np.clip(np.floor(spot[:, 1]).astype(np.int64), 0, h - 2)
    fx, fy = np.clip(spot[:, 0] - x0, 0.0, 1.0), np.clip(spot[:, 1] - y0, 0.0, 1.0)
    share = [(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx]
    return x0, y0, np.stack(share, axis=1)


def _corners(number: NDArray[np.int64], spot: Array) -> tuple[Array, Array]:
    """Free places around spots (m, 2) [spacings] and their weights, both (m, 4)."""
    x0, y0, share = _cell(number.shape, spot)
    here = np.stack([number[y0 + i, x0 + j] for i in (0, 1) for j in (0, 1)], axis=1)
    return np.maximum(here, 0), np.where(here >= 0, share, 0.0)


def _between(values: Array, spot: Array) -> Array:
    x0, y0, share = _cell(values.shape, spot)
    here = np.stack([values[y0 + i, x0 + j] for i in (0, 1) for j in (0, 1)], axis=1)
    return np.asarray((share * here).sum(axis=1))
