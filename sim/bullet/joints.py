"""Joint torques that give Bullet's joints what its multibody lacks.

Bullet knows neither rotor inertia (armature) nor damping that is solved together with
the acceleration; both decide how an arm feels at the hand. MuJoCo's implicit integrator
finds the acceleration a of joints with mass matrix M, armature A and damping D from

    (M + A + dt D) a = tau + f - h - D v

with actuator and spring torques tau, forces from outside f, and bias h. Bullet finds
M a = tau' + f - h. So tau' = M a + h - f makes both the same, to rounding where f is
known before the step. Contact forces are not: those of the last sub-step are taken for
the next one, which leaves the change of the contact force within one sub-step to move
the joints with their mass M alone.
"""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet.client import Client
from neural_brain.sim.bullet.config import BulletConfig
from neural_brain.sim.bullet.tree import Tree
from neural_brain.sim.physics import TICK_S

_JOINT = int(mujoco.mjtTrn.mjTRN_JOINT)
_FIXED, _AFFINE = int(mujoco.mjtGain.mjGAIN_FIXED), int(mujoco.mjtBias.mjBIAS_AFFINE)
_NO_BIAS = int(mujoco.mjtBias.mjBIAS_NONE)
_NO_DYNAMICS = int(mujoco.mjtDyn.mjDYN_NONE)


class Servos:
    """The model's actuators: force = gain * ctrl + b0 + b1 * q + b2 * v, clipped.

    Raises:
        SimulationError: for an actuator that is no such servo or motor on a joint.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        for i in range(model.nu):
            if (
                int(model.actuator_trntype[i]) != _JOINT
                or int(model.actuator_gaintype[i]) != _FIXED
                or int(model.actuator_dyntype[i]) != _NO_DYNAMICS
                or int(model.actuator_biastype[i]) not in (_AFFINE, _NO_BIAS)
                or abs(model.actuator_gear[i, 0] - 1.0) > 1e-12
            ):
                raise SimulationError(
                    f"Actuator {model.actuator(i).name!r} is no motor, position or "
                    "velocity servo with gear 1 on a joint; a Bullet world takes only "
                    "those. Change its type."
                )
        joints = model.actuator_trnid[:, 0]
        self.dof = model.jnt_dofadr[joints]
        self._q = model.jnt_qposadr[joints]

    def update(self, data: mujoco.MjData) -> None:
        """Set `actuator_force` and `qfrc_actuator` for the present state."""
        model = self._model
        ctrl = np.where(
            model.actuator_ctrllimited.astype(bool),
            np.clip(data.ctrl, *model.actuator_ctrlrange.T),
            data.ctrl,
        )
        bias = model.actuator_biasprm
        force = model.actuator_gainprm[:, 0] * ctrl + bias[:, 0]
        force += bias[:, 1] * data.qpos[self._q] + bias[:, 2] * data.qvel[self.dof]
        limited = model.actuator_forcelimited.astype(bool)
        data.actuator_force[:] = np.where(
            limited, np.clip(force, *model.actuator_forcerange.T), force
        )
        data.qfrc_actuator[:] = 0.0
        np.add.at(data.qfrc_actuator, self.dof, data.actuator_force)

    def damping(self) -> np.ndarray:
        """Damping of the joints by joint and servo (nv,) [Nms/rad]."""
        total = self._model.dof_damping.copy()
        np.subtract.at(total, self.dof, self._model.actuator_biasprm[:, 2])
        return total


class JointLaw:
    """Torques of one tree, sub-step by sub-step.

    Args:
        client: the physics server. model: of the world. tree: one with joints.
        servos: all actuators of the model.
        config: sub-steps, and whether joints have rotor inertia.
    """

    def __init__(
        self,
        client: Client,
        model: mujoco.MjModel,
        tree: Tree,
        servos: Servos,
        config: BulletConfig,
    ) -> None:
        self._client, self._model, self._tree = client, model, tree
        self._servos, self._config = servos, config
        n = tree.dof.size
        self._spring_q = model.qpos_spring[tree.q]
        self._stiffness_of = model.dof_jntid[tree.dof]
        self._mass = np.eye(n)
        self._share = np.eye(n)  # M (M + A + dt D)^-1 - 1
        self._rest = np.zeros(n)
        self._known = np.zeros(n)
        self._sent = np.zeros(n)
        self._v = np.zeros(n)
        self.contact = np.zeros(n)

    def start(self, data: mujoco.MjData, outside: np.ndarray) -> None:
        """Prepare a tick; sets `qfrc_bias` and `qfrc_passive` of its joints.

        Args:
            data: state and `qfrc_actuator` of now.
            outside: what known outside forces do to the joints (nv,) [Nm].
        """
        model, tree, dof = self._model, self._tree, self._tree.dof
        q, v = data.qpos[tree.q], data.qvel[dof]
        self._v = v.copy()
        state = (q.tolist(), v.tolist(), [0.0] * dof.size)
        data.qfrc_bias[dof] = self._client.calculateInverseDynamics(tree.unique, *state)
        self._mass = np.array(self._client.calculateMassMatrix(tree.unique, q.tolist()))
        damping = self._servos.damping()[dof]
        rotors = model.dof_armature[dof] * self._config.rotor_inertia
        whole = self._mass + np.diag(rotors + TICK_S * damping)
        self._share = np.linalg.solve(whole, self._mass).T - np.eye(dof.size)
        springs = model.jnt_stiffness[self._stiffness_of] * (self._spring_q - q)
        passive = springs - model.dof_damping[dof] * v
        data.qfrc_passive[dof] = passive
        self._known = outside[dof] - data.qfrc_bias[dof]
        total = data.qfrc_actuator[dof] + passive + self._known
        self._rest = total + self._share.dot(total) - self._known

    def send(self) -> None:
        """Give Bullet the torques of the next sub-step."""
        self._sent = self._rest + self._share.dot(self.contact)
        self._client.setJointMotorControlArray(
            self._tree.unique,
            self._tree.joints,
            self._client.TORQUE_CONTROL,
            forces=self._sent.tolist(),
        )

    def observe(self) -> None:
        """Find from the speeds after a sub-step what contacts and limits did."""
        rows = self._client.getJointStates(self._tree.unique, self._tree.joints)
        v = np.array([row[1] for row in rows])
        gained = self._mass.dot(v - self._v) * (self._config.substeps / TICK_S)
        self.contact = gained - self._sent - self._known
        self._v = v
