"""What the base does on the floor: corridors, corners, pillars, a pushing person."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from neural_brain.benchmarks.floor_world import (
    LIMITS,
    PERSON_RADIUS_M,
    RADIUS_M,
    Drive,
    Floor,
    drive,
)
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import BaseYieldConfig

SECONDS, PUSHED_S = 25.0, 8.0
Task = tuple[Floor, Array | None]


def corridor(rng: np.random.Generator) -> Task:
    """A passage entered at an angle and off its middle, goal at its end."""
    half = 0.5 * rng.uniform(0.8, 1.1)
    walls = [[0.0, half, 6.0, half], [0.0, -half, 6.0, -half]]
    room = half - RADIUS_M - 0.05
    pose = np.array([0.4, rng.uniform(-room, room), rng.uniform(-0.5, 0.5)])
    return Floor(walls=np.array(walls), pose=pose), np.array([5.0, 0.0])


def corner(rng: np.random.Generator) -> Task:
    """The straight way to the goal cuts the corner of a wall."""
    depth, side = rng.uniform(-0.2, 0.2), rng.choice([-1.0, 1.0])
    walls = np.array([[2.0, depth, 2.0, -4.0], [2.0, depth, 5.0, depth - 3.0]])
    walls[:, 1::2] *= side
    pose = np.array([0.0, 0.0, rng.uniform(-0.2, 0.2)])
    return Floor(walls=walls, pose=pose), np.array([4.0, 0.0])


def pillar(rng: np.random.Generator) -> Task:
    """A box stands in the way, more on one side."""
    x, y = rng.uniform(1.5, 2.5), rng.uniform(0.05, 0.25) * rng.choice([-1.0, 1.0])
    half, turn = rng.uniform(0.1, 0.2), rng.uniform(0.0, math.pi / 2)
    angles = turn + math.pi / 4 + np.arange(5) * math.pi / 2
    ends = np.stack([x + half * np.cos(angles), y + half * np.sin(angles)], axis=1)
    pose = np.array([0.0, 0.0, rng.uniform(-0.2, 0.2)])
    return Floor(walls=np.hstack([ends[:-1], ends[1:]]), pose=pose), np.array([4.0, 0])


def pushing(rng: np.random.Generator) -> Task:
    """A person walks at the standing robot and pushes; the room has walls far off."""
    angle, speed = rng.uniform(-math.pi, math.pi), rng.uniform(0.15, 0.5)
    way = np.array([math.cos(angle), math.sin(angle)])
    aside = rng.uniform(-0.1, 0.1) * np.array([-way[1], way[0]])
    walls = [[-4, -4, 4, -4], [4, -4, 4, 4], [4, 4, -4, 4], [-4, 4, -4, -4]]
    floor = Floor(walls=np.array(walls, dtype=float), pose=np.zeros(3))
    floor.person = -way * (RADIUS_M + PERSON_RADIUS_M + 0.8) + aside
    floor.walk = way * speed
    return floor, None


TASKS: dict[str, Callable[[np.random.Generator], Task]] = {
    "corridor": corridor,
    "corner": corner,
    "pillar": pillar,
    "pushing person": pushing,
}


def do_task(name: str, seed: int, *, gives_way: bool) -> Drive:
    """One run of a task; the same seed is the same world and noise."""
    floor, goal = TASKS[name](np.random.default_rng(seed))
    config = FastConfig(base_yield=BaseYieldConfig(enabled=gives_way))
    loop = FastLoop(config, _NoArm(), LIMITS)
    seconds = PUSHED_S if goal is None else SECONDS
    return drive(floor, loop, goal, seconds=seconds, seed=seed)


class _NoArm:
    """`ArmDynamics` of a robot without joints."""

    n = 0

    def __init__(self) -> None:
        self.T_base_ee, self.jacobian = np.eye(4), np.zeros((6, 0))
        self.mass, self.bias = np.zeros((0, 0)), np.zeros(0)

    def update(self, q: Array, dq: Array) -> None:
        """There is nothing to refresh."""
