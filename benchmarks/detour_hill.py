"""Two rooms with two doors, a hill in one: what the IMU feels, what driving takes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.tilt import G_M_S2
from neural_brain.sim.homes.spec import Door, HomeSpec, Room

AXLES_M = 0.3  # the base lies on the floor between its axles
MASS_KG = 70.0
ROLLING = 0.02  # resistance: rubber wheels on a hard floor, casters included
ELECTRONICS_W = 30.0  # computers and sensors, as long as a trip takes
EDGE_M = 1.0  # the hill falls to the floor so far beside its flat top
ROOM_M, LONG_M, WALL_M, DOOR_M = 5.0, 12.0, 0.1, 0.9


@dataclass(frozen=True, kw_only=True)
class Hill:
    """A ridge across a door: `middle` (2,), a unit vector across it, height, ramps."""

    middle: Array
    across: Array
    half_m: float
    height_m: float
    ramp_m: float

    def height(self, xy: Array) -> float:
        """Height [m] of the floor at (2,)."""
        gap = xy - self.middle
        depth = abs(float(gap @ self.across))
        aside = abs(float(gap @ np.array([-self.across[1], self.across[0]])))
        over = np.clip((self.half_m + EDGE_M - aside) / EDGE_M, 0.0, 1.0)
        return self.height_m * float(over) * max(0.0, 1.0 - depth / self.ramp_m)

    def up(self, pose: Array) -> Array:
        """The direction up (3,) as a base at a pose (3,) sees it."""
        rises = []
        for turn in (0.0, 0.5 * np.pi):
            ray = (
                0.5
                * AXLES_M
                * np.array([np.cos(pose[2] + turn), np.sin(pose[2] + turn)])
            )
            ends = self.height(pose[:2] + ray) - self.height(pose[:2] - ray)
            rises.append(ends / AXLES_M)
        up = np.array([rises[0], rises[1], 1.0])
        return up / np.linalg.norm(up)


def two_doors(seed: int) -> tuple[HomeSpec, Hill]:
    """Two rooms beside each other; a hill of 0.1 to 0.35 m in one of their doors."""
    rng = np.random.default_rng([7, seed])
    one = float(rng.uniform(2.5, 6.0))
    other = one + float(rng.uniform(1.5, 4.5))
    x0, x1 = ROOM_M, ROOM_M + WALL_M
    gaps = [(y - 0.5 * DOOR_M, y + 0.5 * DOOR_M) for y in (one, other)]
    edges = [0.0, *gaps[0], *gaps[1], LONG_M]
    home = HomeSpec(
        seed=seed,
        size=(x1 + ROOM_M, LONG_M),
        wall_height=2.5,
        rooms=tuple(
            Room(
                id=k + 1,
                kind="hall",
                name=f"hall {k}",
                rect=(x, 0.0, x + ROOM_M, LONG_M),
            )
            for k, x in enumerate((0.0, x1))
        ),
        walls=tuple((x0, edges[k], x1, edges[k + 1]) for k in (0, 2, 4)),
        doors=tuple(
            Door(id=k, rooms=(1, 2), rect=(x0, a, x1, b), along="y", closed=False)
            for k, (a, b) in enumerate(gaps)
        ),
        objects=(),
        start=(1.0, 1.0, 0),
        instances="tune",
    )
    hill = Hill(
        middle=np.array([0.5 * (x0 + x1), one]),
        across=np.array([1.0, 0.0]),
        half_m=0.5 * DOOR_M,
        height_m=float(rng.uniform(0.1, 0.35)),
        ramp_m=float(rng.uniform(1.5, 2.5)),
    )
    return home, hill


def spots(seed: int, hill: Hill, count: int) -> list[Array]:
    """Goals (2,) off the hill, in one room and the other by turns, `count` + 1."""
    rng = np.random.default_rng([8, seed])
    middle = hill.middle
    goals = []
    for k in range(count + 1):
        away, aside = rng.uniform(3.0, 4.4), rng.uniform(-1.0, 1.0)
        side = -1.0 if k % 2 == 0 else 1.0
        goals.append(middle + np.array([side * away, aside]))
    return goals


@dataclass
class HillImu:
    """Gyroscope and accelerometer on a hill, as noisy as the simulator's.

    Attributes:
        work_j: against gravity and rolling resistance; braking downhill gains none.
        way_m: way that was driven.
    """

    hill: Hill | None
    seed: int
    work_j: float = 0.0
    way_m: float = 0.0
    gyro: Array = field(default_factory=lambda: np.zeros(3))
    accel: Array = field(default_factory=lambda: np.array([0.0, 0.0, G_M_S2]))

    def __post_init__(self) -> None:
        """Draw the offsets."""
        self._rng = np.random.default_rng(self.seed)
        self._offset = np.repeat([0.002, 0.02], 3) * self._rng.standard_normal(6)

    def move(self, before: Array, after: Array, dt: float, twists: Array) -> None:
        """The base moved between poses (3,); twists (2, 2) before and after."""
        old, new = self._up(before), self._up(after)
        turn = float(twists[1, 1])
        change = (new - old) / dt
        spin = np.array([change[1] + turn * new[0], turn * new[1] - change[0], turn])
        speeding = (twists[1, 0] - twists[0, 0]) / dt
        force = G_M_S2 * new + np.array([speeding, twists[1, 0] * turn, 0.0])
        noise = self._rng.normal(0.0, np.repeat([0.003, 0.03], 3)) + self._offset
        self.gyro, self.accel = spin + noise[:3], force + noise[3:]
        way = float(np.hypot(*(after - before)[:2]))
        rise = 0.0
        if self.hill is not None:
            rise = self.hill.height(after[:2]) - self.hill.height(before[:2])
        self.way_m += way
        self.work_j += MASS_KG * G_M_S2 * max(0.0, rise + ROLLING * way)

    def _up(self, pose: Array) -> Array:
        return np.array([0.0, 0.0, 1.0]) if self.hill is None else self.hill.up(pose)
