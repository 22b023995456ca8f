"""Contacts between the robot and things get MuJoCo's stiffness, damping and friction.

Bullet wants them as N/m and Ns/m of a link; `solref.py` says what they are. They depend
on depth and posture, so they are renewed at every tick in which the robot touches
something, and within a tick when a further point touches.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from neural_brain.sim.bullet.client import Client
from neural_brain.sim.bullet.pairs import Part
from neural_brain.sim.bullet.solref import friction, spring
from neural_brain.sim.physics import refresh_mass

Key = tuple[int, int]
ROBOT_FRICTION = 1.0  # Bullet multiplies the two; so the thing's is that of the pair


class ContactLaw:
    """Sets friction once, and stiffness and damping while the robot touches.

    Args:
        client: the physics server. model: of the world.
        data: its state; frames and centres must be those of now.
        parts: everything with a shape, by Bullet's body and link.
    """

    def __init__(
        self,
        client: Client,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        parts: dict[Key, Part],
    ) -> None:
        self._client, self._model, self._data = client, model, data
        self._parts = parts
        self._points: dict[Key, int] = {}
        mine = [part for part in parts.values() if part.robot]
        for part in parts.values():
            slip = ROBOT_FRICTION
            if mine and not part.robot:
                slip = friction(model, part.geoms[0], mine[-1].geoms[0])
            client.changeDynamics(
                part.unique, part.link, lateralFriction=slip, restitution=0.0
            )

    def new_tick(self) -> None:
        """Postures have changed: all is to be found anew."""
        self._points.clear()

    def update(self) -> None:
        """Look for contacts of the robot and set what the next step needs."""
        self._client.performCollisionDetection()
        found: dict[Key, list[Any]] = {}
        for row in self._client.getContactPoints():
            one, other = self._parts[row[1], row[3]], self._parts[row[2], row[4]]
            if one.robot != other.robot:
                thing = other if one.robot else one
                found.setdefault((thing.unique, thing.link), []).append(row)
        for key, rows in found.items():
            if self._points.get(key) == len(rows):
                continue
            if not self._points:
                refresh_mass(self._model, self._data)
                mujoco.mj_factorM(self._model, self._data)
            self._points[key] = len(rows)
            self._set_spring(key, rows)

    def _set_spring(self, key: Key, rows: list[Any]) -> None:
        """The mean over the points that share the load."""
        found = []
        for row in rows:
            one, other = self._parts[row[1], row[3]], self._parts[row[2], row[4]]
            found.append(
                spring(
                    self._model,
                    one.geoms[-1],
                    other.geoms[-1],
                    depth_m=-float(row[8]),
                    ease=self._ease(one.body, other.body, row),
                    n=len(rows),
                )
            )
        stiffness, damping = np.mean(found, axis=0).tolist()
        unique, link = key
        self._client.changeDynamics(
            unique, link, contactStiffness=stiffness, contactDamping=damping
        )

    def _ease(self, one: int, other: int, row: Any) -> float:
        """Inverse mass [1/kg] that two bodies show each other along a contact."""
        model, data = self._model, self._data
        at, normal = np.array(row[5]), np.array(row[7])
        first, second = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        mujoco.mj_jac(model, data, first, None, at, one)
        mujoco.mj_jac(model, data, second, None, at, other)
        way = normal @ (first - second)
        solved = np.zeros((1, model.nv))
        mujoco.mj_solveM(model, data, solved, way[None])
        return float(way.dot(solved[0]))
