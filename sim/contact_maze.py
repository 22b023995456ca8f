"""A maze for a blind hand: a bent corridor on a table, with blocks that must be pushed.

After the contact maze of SRL-VIC (Zhang et al., IEEE RA-L 9(6), 2024, arXiv:2406.13744)
and Bresa (arXiv:2503.21989); geometry and forces are this package's own. The hand holds
a peg that reaches down between the walls. Nothing shows it the walls: it knows the way
through only roughly, and what it feels at the wrist.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.sim.physics import PUSHER_BIT, SOLID_BIT
from neural_brain.sim.robots.hand import HAND, HAND_LENGTH_M
from neural_brain.sim.robots.shapes import STEEL, capsule

TABLE_M = 0.80
PEG_M, PEG_RADIUS_M = 0.05, 0.012
HAND_Z_M = TABLE_M + 0.006 + PEG_M
"""Height of the fingertips over the floor: the peg hovers 6 mm over the table."""
WALL_RADIUS_M, WALL_Z_M = 0.005, TABLE_M + 0.032
BLOCK_KG, BLOCK_HEIGHT_M = 1.0, 0.05
BLOCK_RADIUS_M, BLOCKS_MAX = 0.0125, 3
SOLREF = (0.01, 1.0)
"""Of every contact in the maze: some 3e4 N/m for a hand of 3 kg, a rubber tip."""
LOOK_AHEAD_M, END_M, JUMP_M = 0.04, 0.01, 0.06
"""The way-point lies so far ahead; so close to its end the way is done; the hand cannot
have come further than the last in one step, whatever part of the way is nearest."""
_GRAVITY = 9.81
_PATH_X_M, _STEP_Y_M = 0.50, 0.09


@dataclass(frozen=True, kw_only=True)
class Maze:
    """One maze; all points in the plane of the table, `base_link`.

    Attributes:
        centre: line in the middle of the corridor (k, 2) [m], from start to goal.
        known: what the mover takes it for (k, 2) [m].
        half_width_m: from that line to the walls.
        wall_friction: coefficient of walls and blocks against the peg.
        blocks: where the blocks stand (b, 2) [m].
        resist_n: force (b,) [N] from which each of them slides.
    """

    centre: Array
    known: Array
    half_width_m: float
    wall_friction: float
    blocks: Array
    resist_n: Array


def draw_maze(
    rng: np.random.Generator,
    *,
    wall_friction: float | None = None,
    blocks: int | None = None,
) -> Maze:
    """A random maze: bends, error of the known way, friction, one or two blocks.

    Args:
        rng: source of all choices.
        wall_friction: of walls and blocks; drawn between 0.05 and 0.3 when None.
        blocks: how many stand in the way, 0 to `BLOCKS_MAX`; one or two when None.
    """
    side = rng.choice([-1.0, 1.0])
    bend = rng.choice([-1.0, 1.0])
    k = np.arange(5)
    x = _PATH_X_M + bend * (-1.0) ** k * rng.uniform(0.006, 0.026, 5)
    y = side * (k - 2) * _STEP_Y_M + rng.uniform(-0.01, 0.01, 5)
    centre = np.column_stack([x, y])
    count = int(rng.integers(1, 3))
    count = count if blocks is None else min(max(blocks, 0), BLOCKS_MAX)
    length = path_length(centre)
    shares = np.sort(rng.uniform(0.25, 0.9, count))
    gap = 2.2 * BLOCK_RADIUS_M / length
    for i in range(1, count):
        shares[i] = max(shares[i], shares[i - 1] + gap)
    places = [point_at(centre, s * length) for s in np.minimum(shares, 0.97)]
    known, half_width_m = _misjudged(centre, rng), float(rng.uniform(0.0255, 0.030))
    friction = float(rng.uniform(0.05, 0.3))
    return Maze(
        centre=centre,
        known=known,
        half_width_m=half_width_m,
        wall_friction=friction if wall_friction is None else wall_friction,
        blocks=np.reshape(places, (count, 2)),
        resist_n=rng.uniform(4.0, 22.0, count),
    )


def _misjudged(centre: Array, rng: np.random.Generator) -> Array:
    """The way (k, 2) as it is known: turned, shifted, each corner a little off."""
    angle = np.radians(rng.normal(0.0, 2.0))
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = centre.mean(axis=0)
    shift = rng.normal(0.0, 0.006, 2)
    return (centre - middle) @ R.T + middle + shift + rng.normal(0.0, 0.004, (5, 2))


def path_length(path: Array) -> float:
    """Length [m] of a line (k, 2)."""
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def point_at(path: Array, along_m: float) -> Array:
    """The point (2,) of a line (k, 2) at that length; beyond its end it goes on."""
    for a, b in itertools.pairwise(path):
        length = float(np.linalg.norm(b - a))
        if along_m <= length:
            return np.asarray(a + (b - a) * (along_m / length))
        along_m -= length
    return np.asarray(b + (b - a) * (along_m / length))


def prolonged(path: Array) -> Array:
    """The line (k + 1, 2) goes on straight for 5 cm, so that its end can be reached."""
    a, b = path[-2:]
    return np.vstack([path, b + 0.05 * (b - a) / np.linalg.norm(b - a)])


def along_path(path: Array, point: Array) -> float:
    """Length [m] along a line (k, 2) to what is nearest to the point (2,)."""
    best, found, before = np.inf, 0.0, 0.0
    for a, b in itertools.pairwise(path):
        way = b - a
        length = float(np.linalg.norm(way))
        share = float(np.clip((point - a) @ way / length**2, 0.0, 1.0))
        off = float(np.linalg.norm(point - a - share * way))
        if off < best:
            best, found = off, before + share * length
        before += length
    return found


def walls(maze: Maze) -> Array:
    """Middle lines of the walls (2, k, 2) [m], left and right of the corridor."""
    way = np.diff(maze.centre, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    normal = np.column_stack([-way[:, 1], way[:, 0]])
    first, last = normal[:1], normal[-1:]
    mitre = np.vstack([first, normal[:-1] + normal[1:], last])
    around = np.vstack([first, normal[1:], last])
    mitre /= (mitre * around).sum(axis=1, keepdims=True)
    off = (maze.half_width_m + WALL_RADIUS_M) * mitre
    return np.array([maze.centre + off, maze.centre - off])


def add_maze(spec: mujoco.MjSpec, maze: Maze) -> None:
    """Put table, walls, blocks and the peg into a world that has the robot's arm."""
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC  # blocks slide alike all ways
    spec.option.impratio = 3.0  # and do not creep
    _add_peg(spec)
    _add_table(spec)
    rub = {"friction": [maze.wall_friction, 0.005, 1e-4], "priority": 1}
    for line in walls(maze):
        for a, b in itertools.pairwise(line):
            spec.worldbody.add_geom(
                type=mujoco.mjtGeom.mjGEOM_CAPSULE,
                fromto=[*a, WALL_Z_M, *b, WALL_Z_M],
                size=[WALL_RADIUS_M, 0, 0],
                rgba=[0.35, 0.42, 0.5, 1.0],
                solref=SOLREF,
                **rub,
            )
    for number, (xy, resist_n) in enumerate(
        zip(maze.blocks, maze.resist_n, strict=True)
    ):
        _add_block(spec, number, xy, float(resist_n), rub)


def _add_peg(spec: mujoco.MjSpec) -> None:
    hand = spec.body(HAND)
    bottom = HAND_LENGTH_M + PEG_M - PEG_RADIUS_M
    capsule(
        hand,
        (0, 0, HAND_LENGTH_M - 0.02),
        (0, 0, bottom),
        PEG_RADIUS_M,
        rgba=STEEL,
        solref=SOLREF,
    )


def _add_table(spec: mujoco.MjSpec) -> None:
    """A box that the robot can touch, and on it a plane for the feet of the blocks."""
    wood, world = [0.72, 0.6, 0.45, 1.0], spec.worldbody
    world.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[_PATH_X_M, 0.0, TABLE_M - 0.011],
        size=[0.14, 0.30, 0.01],
        rgba=wood,
    )
    world.add_geom(
        name="slide",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        pos=[_PATH_X_M, 0.0, TABLE_M],
        size=[0.14, 0.30, 0.01],
        rgba=wood,
        contype=0,
        conaffinity=0,
    )


def _add_block(
    spec: mujoco.MjSpec, number: int, xy: Array, resist_n: float, rub: dict[str, object]
) -> None:
    """A round block that slides but does not tip, on one foot."""
    name = f"block{number}"
    body = spec.worldbody.add_body(name=name, pos=[*xy, TABLE_M])
    for axis in np.eye(3):
        body.add_joint(type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis)
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        fromto=[0, 0, BLOCK_RADIUS_M + 0.002, 0, 0, BLOCK_HEIGHT_M],
        size=[BLOCK_RADIUS_M, 0, 0],
        mass=BLOCK_KG,
        rgba=[0.85, 0.55, 0.15, 1.0],
        contype=SOLID_BIT,
        conaffinity=SOLID_BIT | PUSHER_BIT,
        solref=SOLREF,
        **rub,
    )
    body.add_geom(
        name=f"{name}_foot",
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        pos=[0, 0, 0.006],
        size=[0.006, 0, 0],
        mass=0.0,
        contype=0,
        conaffinity=0,
    )
    slip = resist_n / (BLOCK_KG * _GRAVITY)
    spec.add_pair(
        geomname1="slide",
        geomname2=f"{name}_foot",
        condim=3,
        friction=[slip, slip, 0.005, 1e-4, 1e-4],
    )
