"""Which parts of a world may touch, by MuJoCo's rules, told to Bullet pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import mujoco

from neural_brain.sim.bullet.client import Client


@dataclass(frozen=True, kw_only=True)
class Part:
    """One link (or a geom of the world body) with its shapes.

    Attributes:
        unique: multibody. link: of it. body: MuJoCo body. geoms: its solid geoms.
        robot: it belongs to the robot.
    """

    unique: int
    link: int
    body: int
    geoms: tuple[int, ...]
    robot: bool


def filter_pairs(client: Client, model: mujoco.MjModel, parts: Sequence[Part]) -> None:
    """Allow contacts between parts as MuJoCo would; two fixed ones never meet."""
    for one, other in combinations(parts, 2):
        if model.body_weldid[one.body] or model.body_weldid[other.body]:
            client.setCollisionFilterPair(
                one.unique,
                other.unique,
                one.link,
                other.link,
                int(may_touch(model, one, other)),
            )


def may_touch(model: mujoco.MjModel, one: Part, other: Part) -> bool:
    """Whether MuJoCo would look for contacts between two parts.

    Not between bodies that are excluded or welded together, nor between parent and
    child (unless the parent is fixed), nor where no contact bits agree.
    """
    bodies = sorted((one.body, other.body))
    if (bodies[0] << 16) + bodies[1] in model.exclude_signature:
        return False
    welds = [int(model.body_weldid[body]) for body in bodies]
    if welds[0] == welds[1]:
        return False
    parents = [int(model.body_weldid[model.body_parentid[weld]]) for weld in welds]
    family = welds[0] == parents[1] or welds[1] == parents[0]
    if family and all(welds):
        return False
    contype, conaffinity = model.geom_contype, model.geom_conaffinity
    return any(
        contype[a] & conaffinity[b] or contype[b] & conaffinity[a]
        for a in one.geoms
        for b in other.geoms
    )
