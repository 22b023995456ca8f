"""`Simulation` whose physics runs in Bullet.

`data` is a mirror: after every tick it holds Bullet's state and what `mj_step` would
leave of it (frames, bias forces, wrist force of the tick), so that sensors, camera,
ground truth and disturbances work as in a MuJoCo world. A state that somebody writes
into it is taken over before the next tick.
"""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet.config import BulletConfig
from neural_brain.sim.bullet.tree import SPEED_CEILING
from neural_brain.sim.bullet.truth import BulletTruth
from neural_brain.sim.bullet.world import BulletWorld
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import RobotIndex
from neural_brain.sim.simulation import Simulation


class BulletSimulation(Simulation):
    """A world with one robot on a fixed base, stepped by Bullet tick by tick.

    Bullet cuts joint speeds at a ceiling, which hides a diverged world; a joint at the
    ceiling counts as diverged, like NaN.

    Args:
        model: world with one robot of a kind that stands still, 1 ms timestep.
        index: where the robot's parts are; found by name when None.
        dump_dir: folder for the state dump of a diverged run.
        config: solver.

    Raises:
        SimulationError: without PyBullet, for a robot that drives, or for a joint,
            geom or actuator that has no counterpart in Bullet.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        index: RobotIndex | None = None,
        dump_dir: Path | None = None,
        *,
        config: BulletConfig | None = None,
    ) -> None:
        super().__init__(model, index, dump_dir)
        if self.index.floating:
            raise SimulationError(
                "The robot of this world drives on wheels; a Bullet world takes arms "
                'that stand still. Use the kind "arm", or MuJoCo.'
            )
        self._bullet_truth = BulletTruth(model, self.data, self.index)
        self.truth = self._bullet_truth
        self.world = BulletWorld(model, self.data, self.index, config or BulletConfig())
        self._to_flange = _to_site(model, self.index.flange_site)
        self._joints = np.concatenate([tree.dof for tree in self.world.trees])
        self._seen = np.empty(0)
        self._take_over()

    def place_arm(self, q: np.ndarray | None) -> None:
        """Put the arm at joint positions (n,) [rad] at rest; None leaves it."""
        if q is not None and self.index.arm_q.size:
            self.data.qpos[self.index.arm_q] = q
            self.data.qvel[self.index.arm_dof] = 0.0
        self._take_over()

    def close(self) -> None:
        """End the physics server; safe to call twice."""
        self.world.close()

    def _advance(self) -> None:
        data, index = self.data, self.index
        if not np.array_equal(self._state(), self._seen):
            self._take_over()
        if not (np.isfinite(data.ctrl).all() and np.isfinite(self._seen).all()):
            data.qvel[:] = np.nan  # MuJoCo would count a warning; the check finds this
            return
        self._frames()
        self.world.tick()
        self._seen = self._state()
        data.time += TICK_S
        if index.force >= 0:
            raw = self._to_flange.dot(self.world.wrist)
            data.sensordata[index.force : index.force + 6] = raw
        self._bullet_truth.show(self.world.touches)

    def _check(self) -> None:
        speeds = np.abs(self.data.qvel[self._joints])
        if (speeds > 0.99 * SPEED_CEILING).any():
            raise self._diverged()
        super()._check()

    def _state(self) -> np.ndarray:
        return np.concatenate([self.data.qpos, self.data.qvel])

    def _take_over(self) -> None:
        """Put Bullet into the state that `data` holds."""
        mujoco.mj_forward(self.model, self.data)
        self._seen = self._state()
        if np.isfinite(self._seen).all():
            self.world.push()

    def _frames(self) -> None:
        """Frames of the state before the step, which is what `mj_step` leaves."""
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)


def _to_site(model: mujoco.MjModel, site: int) -> np.ndarray:
    """Matrix (6, 6) that takes force and torque at a body's origin to a site on it."""
    R, p = np.zeros(9), model.site_pos[site]
    mujoco.mju_quat2Mat(R, model.site_quat[site])
    to_site = R.reshape(3, 3).T
    shift = np.array([[0.0, -p[2], p[1]], [p[2], 0.0, -p[0]], [-p[1], p[0], 0.0]])
    return np.block([[to_site, np.zeros((3, 3))], [-to_site @ shift, to_site]])
