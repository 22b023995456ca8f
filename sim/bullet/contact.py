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
from neural_brain.sim.bullet.solref import Meeting, friction, spring
from neural_brain.sim.physics import refresh_mass

Key = tuple[int, int]
ROBOT_FRICTION = 1.0  # Bullet multiplies the two; so the thing's is that of the pair


class ContactLaw:
    """Sets friction once, and stiffness and damping while the robot touches.

    Args:
        client: the physics server. model: of the world.
        data: its state; frames and centres must be those of now.
        parts: everything with a shape, by Bullet's body and link.
        step_s: length of Bullet's step.
    """

    def __init__(
        self,
        client: Client,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        parts: dict[Key, Part],
        *,
        step_s: float,
    ) -> None:
        self._client, self._model, self._data = client, model, data
        self._parts, self._step_s = parts, step_s
        self._points: dict[Key, int] = {}
        self._pull, self._free = np.zeros(model.nv), np.zeros((1, model.nv))
        mine = [part for part in parts.values() if part.robot]
        for part in parts.values():
            slip = ROBOT_FRICTION
            if mine and not part.robot:
                slip = friction(model, part.geoms[0], mine[-1].geoms[0])
            client.changeDynamics(
                part.unique, part.link, lateralFriction=slip, restitution=0.0
            )

    def new_tick(self, forces: np.ndarray) -> None:
        """Postures have changed: all is to be found anew.

        Args:
            forces: on the joints, all but those of contacts (nv,) [Nm].
        """
        self._points.clear()
        self._pull[:] = forces

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
                self._prepare()
            self._points[key] = len(rows)
            self._set_spring(key, rows)

    def _prepare(self) -> None:
        """Mass matrix of now, and how the joints would go without contacts."""
        model, data = self._model, self._data
        refresh_mass(model, data)
        mujoco.mj_factorM(model, data)
        mujoco.mj_solveM(model, data, self._free, self._pull[None])

    def _set_spring(self, key: Key, rows: list[Any]) -> None:
        """The mean over the points that share the load."""
        found = []
        for row in rows:
            one, other = self._parts[row[1], row[3]], self._parts[row[2], row[4]]
            at = self._meeting(one.body, other.body, row, len(rows))
            geoms = one.geoms[-1], other.geoms[-1]
            found.append(spring(self._model, *geoms, at, self._step_s))
        stiffness, damping = np.mean(found, axis=0).tolist()
        unique, link = key
        self._client.changeDynamics(
            unique, link, contactStiffness=stiffness, contactDamping=damping
        )

    def _meeting(self, one: int, other: int, row: Any, count: int) -> Meeting:
        """Two bodies at a contact point of Bullet."""
        model, data = self._model, self._data
        at, normal = np.array(row[5]), np.array(row[7])  # from other to one
        first, second = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        mujoco.mj_jac(model, data, first, None, at, one)
        mujoco.mj_jac(model, data, second, None, at, other)
        apart = normal @ (first - second)
        solved = np.zeros((1, model.nv))
        mujoco.mj_solveM(model, data, solved, apart[None])
        return Meeting(
            depth_m=-float(row[8]),
            closing_m_s=-float(apart.dot(data.qvel)),
            pushed_m_s2=-float(apart.dot(self._free[0])),
            ease=float(apart.dot(solved[0])),
            count=count,
        )
