"""A whole MuJoCo world in a Bullet server: trees, fixed geoms, one tick at a time."""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet.client import Client
from neural_brain.sim.bullet.config import BulletConfig
from neural_brain.sim.bullet.contact import ContactLaw
from neural_brain.sim.bullet.joints import JointLaw, Servos
from neural_brain.sim.bullet.pairs import Part, filter_pairs
from neural_brain.sim.bullet.shapes import collision_shape, solid_geoms
from neural_brain.sim.bullet.tree import (
    BASE,
    Tree,
    build_tree,
    pull_state,
    push_state,
)
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import RobotIndex

FEEDBACK_IN_JOINT_FRAME = 2  # b3JointFeedbackFlags: sensor values in the child's frame
Touch = tuple[Part, Part, np.ndarray]


class BulletWorld:
    """The bodies of a model in a server of their own.

    Args:
        model: world of one robot that stands still. data: its state and inputs.
        index: where the robot's parts are.
        config: solver.

    Raises:
        SimulationError: for anything that has no counterpart in Bullet.

    Attributes:
        wrist: force and torque (6,) [N, Nm] that the arm applies to the hand, at the
            hand's origin in its axes, mean of the last tick.
        touches: parts and mean force (3,) [N] on the first one, world axes.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        config: BulletConfig,
    ) -> None:
        _refuse_couplings(model)
        self._model, self._data, self._config = model, data, config
        self.client = Client()
        self._step_s = TICK_S / config.substeps
        self._set_engine()
        roots = [b for b in range(1, model.nbody) if int(model.body_parentid[b]) == 0]
        self.trees = [build_tree(self.client, model, root) for root in roots]
        self._at = {b: (t, link) for t in self.trees for b, link in t.bodies.items()}
        self._robot = int(model.body_rootid[index.base_body])
        self._parts = self._fixed_parts() | self._tree_parts()
        filter_pairs(self.client, model, list(self._parts.values()))
        self._contacts = ContactLaw(
            self.client, model, data, self._parts, step_s=self._step_s
        )
        self._servos = Servos(model)
        self._laws = [
            JointLaw(self.client, model, tree, self._servos, config)
            for tree in self.trees
            if tree.joints
        ]
        self._hand = self._at.get(index.hand_body)
        if self._hand is not None:
            tree, link = self._hand
            self.client.enableJointForceTorqueSensor(tree.unique, link, True)
        self._outside = np.zeros(model.nv)
        self._mocap = data.mocap_pos.copy()
        self.wrist = np.zeros(6)
        self.touches: list[Touch] = []

    def push(self) -> None:
        """Take the state from `data`."""
        for tree in self.trees:
            push_state(self.client, self._model, self._data, tree)
        for law in self._laws:
            law.contact[:] = 0.0

    def tick(self) -> None:
        """Go on by 1 ms with the controls and outside forces in `data`.

        The frames in `data` must be those of now; afterwards positions and velocities
        are new, bias and actuator forces those of the tick.

        Raises:
            SimulationError: if a mocap body was moved.
        """
        data, substeps = self._data, self._config.substeps
        self._refuse_mocap()
        forces = self._forces()
        self._servos.update(data)
        for law in self._laws:
            law.start(data, self._outside)
        self._contacts.new_tick(
            self._outside + data.qfrc_actuator + data.qfrc_passive - data.qfrc_bias
        )
        sums: dict[tuple[int, int, int, int], np.ndarray] = {}
        self.wrist[:] = 0.0
        for _ in range(substeps):
            for law in self._laws:
                law.send()
            for tree, link, wrench, at in forces:
                self._apply(tree, link, wrench, at)
            if self._config.model_contacts:
                self._contacts.update()
            self.client.stepSimulation()
            for law in self._laws:
                law.observe()
            self._add_contacts(sums)
            self.wrist += self._wrist() / substeps
        for tree in self.trees:
            pull_state(self.client, self._model, data, tree)
        self.touches = [
            (self._parts[a, la], self._parts[b, lb], force / substeps)
            for (a, la, b, lb), force in sums.items()
        ]

    def close(self) -> None:
        """End the server; safe to call twice."""
        self.client.close()

    def _refuse_mocap(self) -> None:
        if not np.array_equal(self._data.mocap_pos, self._mocap):
            raise SimulationError(
                "A mocap body was moved, as by a Shove; a Bullet world leads no bodies "
                "by hand, for their contacts would know no speed. Push with a "
                "ForcePulse instead, or use MuJoCo."
            )

    def _set_engine(self) -> None:
        self.client.setGravity(*self._model.opt.gravity.tolist())
        self.client.setPhysicsEngineParameter(
            fixedTimeStep=self._step_s,
            numSolverIterations=self._config.iterations,
            numSubSteps=0,
            useSplitImpulse=0,
            deterministicOverlappingPairs=1,
            jointFeedbackMode=FEEDBACK_IN_JOINT_FRAME,
        )

    def _fixed_parts(self) -> dict[tuple[int, int], Part]:
        """A body of its own for every solid geom of the world body."""
        parts = {}
        for geom in solid_geoms(self._model, 0):
            shape = collision_shape(self.client, self._model, [geom])
            unique = self.client.createMultiBody(0.0, shape)
            parts[unique, BASE] = Part(
                unique=unique, link=BASE, body=0, geoms=(geom,), robot=False
            )
        return parts

    def _tree_parts(self) -> dict[tuple[int, int], Part]:
        parts = {}
        for body, (tree, link) in self._at.items():
            geoms = tuple(solid_geoms(self._model, body))
            if geoms:
                parts[tree.unique, link] = Part(
                    unique=tree.unique,
                    link=link,
                    body=body,
                    geoms=geoms,
                    robot=tree.root == self._robot,
                )
        return parts

    def _forces(self) -> list[tuple[Tree, int, np.ndarray, list[float]]]:
        """Outside forces on bodies of this tick; sets what they do to the joints."""
        model, data = self._model, self._data
        lift = -model.body_gravcomp * model.body_mass
        wrenches = data.xfrc_applied.copy()
        wrenches[:, :3] += lift[:, None] * model.opt.gravity
        self._outside[:] = data.qfrc_applied
        found = []
        for body in np.flatnonzero(wrenches.any(axis=1)):
            wrench, at = wrenches[body], data.xipos[body]
            mujoco.mj_applyFT(
                model, data, wrench[:3], wrench[3:], at, int(body), self._outside
            )
            found.append((*self._at[int(body)], wrench, at.tolist()))
        return found

    def _apply(
        self, tree: Tree, link: int, wrench: np.ndarray, at: list[float]
    ) -> None:
        world = self.client.WORLD_FRAME
        force, torque = wrench[:3].tolist(), wrench[3:].tolist()
        self.client.applyExternalForce(tree.unique, link, force, at, world)
        if any(torque):
            self.client.applyExternalTorque(tree.unique, link, torque, world)

    def _wrist(self) -> np.ndarray:
        if self._hand is None:
            return np.zeros(6)
        tree, link = self._hand
        return np.array(self.client.getJointState(tree.unique, link)[2])

    def _add_contacts(self, sums: dict[tuple[int, int, int, int], np.ndarray]) -> None:
        """Add the forces of this sub-step on the first part of each pair."""
        for row in self.client.getContactPoints():
            if row[9] == 0.0:
                continue
            force = row[9] * np.array(row[7])
            force += row[10] * np.array(row[11]) + row[12] * np.array(row[13])
            pair = (row[1], row[3], row[2], row[4])
            sums[pair] = sums.get(pair, 0.0) + force


def _refuse_couplings(model: mujoco.MjModel) -> None:
    if model.neq or model.ntendon:
        raise SimulationError(
            f"The world has {model.neq} equality constraints and {model.ntendon} "
            "tendons; a Bullet world takes none. Take them out, or use MuJoCo."
        )
