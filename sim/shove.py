"""Someone bumps into the robot: a paddle with mass and give, or a plain force pulse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.sim.physics import PUSHER_BIT, ROBOT_GROUP, TICK_S
from neural_brain.sim.robots.hand import HAND
from neural_brain.sim.robots.index import robot_bodies
from neural_brain.sim.robots.shapes import PREFIX
from neural_brain.sim.simulation import Simulation

MOUNT, PADDLE = "pusher_mount", "pusher"
PARKED = (0.0, 0.0, -5.0)
PADDLE_MASS_KG = 1.5
FACE_M = 0.02
GAP_M = 0.03
CLEAR_M = 0.005  # between the paddle at its start and every part of the robot


def add_pusher(spec: mujoco.MjSpec) -> None:
    """Add the paddle, parked below the floor; it can touch nothing but the robot."""
    mount = spec.worldbody.add_body(name=MOUNT, pos=list(PARKED), mocap=True)
    paddle = mount.add_body(name=PADDLE)
    if hasattr(paddle, "sleep"):
        paddle.sleep = mujoco.mjtSleepPolicy.mjSLEEP_NEVER
    paddle.gravcomp = 1.0
    paddle.add_joint(name=PADDLE, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[1, 0, 0])
    paddle.add_geom(
        name=PADDLE,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[FACE_M, 0.05, 0.05],
        mass=PADDLE_MASS_KG,
        rgba=[0.9, 0.5, 0.1, 1.0],
        contype=PUSHER_BIT,
        conaffinity=0,
        priority=2,
        solref=[0.04, 1.0],  # padded, like a sleeve
        friction=[0.4, 0.005, 0.0001],
    )


class Shove:
    """The paddle moves into the hand, waits there, and goes back; then it is `done`.

    A spring between mount and paddle bounds the force: about stiffness times the way
    that the hand does not give.

    Args:
        simulation: world with a pusher; the shove starts with the next step.
        direction: in which way to push (3,), world axes.
        speed_m_s: how fast the mount moves.
        distance_m: how far it moves on after touching.
        stiffness_n_m: of the spring.
        hold_s: how long it stays there.
        room_m: free way that the body must have ahead, so that it can give way; what
            squeezes it against furniture no controller can soften.
        body: name of the robot's body to push.

    Raises:
        ConfigError: if the world has no pusher, the body cannot be hit that way, or
            there is no room.
    """

    def __init__(
        self,
        simulation: Simulation,
        direction: Sequence[float],
        *,
        speed_m_s: float = 0.3,
        distance_m: float = 0.15,
        stiffness_n_m: float = 600.0,
        hold_s: float = 0.3,
        room_m: float = 0.0,
        body: str = HAND,
    ) -> None:
        model = simulation.model
        mount = _body(model, MOUNT)
        self._slot = int(model.body_mocapid[mount])
        self._simulation = simulation
        self._direction = np.asarray(direction, dtype=float)
        self._direction = self._direction / np.linalg.norm(self._direction)
        self._step = speed_m_s * TICK_S
        self._way = GAP_M + distance_m
        self._hold = round(hold_s / TICK_S)
        self._start = self._place(_body(model, body))
        self._set_spring(stiffness_n_m)
        self._travelled = 0.0
        self.peak_force_n = 0.0
        self.done = False
        simulation.data.mocap_quat[self._slot] = _quat_x_to(self._direction)
        self._move()
        if not self._free():
            simulation.data.mocap_pos[self._slot] = PARKED
            raise ConfigError(
                f"There is no room for the paddle to start a shove along "
                f"{self._direction.round(2).tolist()}: a part of the robot is in its "
                "place. Push from another side, or when the arm is elsewhere."
            )
        if self._way_ahead(_body(model, body), room_m) < room_m:
            simulation.data.mocap_pos[self._slot] = PARKED
            raise ConfigError(
                f"There is no room of {room_m} m along "
                f"{self._direction.round(2).tolist()} into which the robot could give "
                "way. Push from another side, or when the arm is elsewhere."
            )
        simulation.hooks.append(self._tick)

    def _free(self) -> bool:
        """Whether the paddle starts clear of every part of the robot."""
        model, data = self._simulation.model, self._simulation.data
        mujoco.mj_kinematics(model, data)
        paddle = model.geom(PADDLE).id
        return all(
            mujoco.mj_geomDistance(model, data, paddle, int(geom), CLEAR_M, None)
            >= CLEAR_M
            for geom in np.flatnonzero(model.geom_group == ROBOT_GROUP)
        )

    def _way_ahead(self, target: int, wanted_m: float) -> float:
        """Free way [m] ahead of every part of the arm, at most `wanted_m`."""
        if wanted_m <= 0.0:
            return 0.0
        simulation = self._simulation
        model, data = simulation.model, simulation.data
        across = np.linalg.svd(self._direction[None])[2][1:]
        grid = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)])
        starts = [*(data.xipos[target] + 0.08 * grid @ across)]
        tool = robot_bodies(model, simulation.index.hand_body)
        starts += [data.geom_xpos[g] for g in np.flatnonzero(_of_arm(model, tool))]
        groups = np.zeros(6, dtype=np.uint8)
        groups[[0, 3]] = 1  # solid, drawn or under a shape from a pack
        hit = np.zeros(1, dtype=np.int32)
        ways = [
            mujoco.mj_ray(model, data, start, self._direction, groups, 1, -1, hit, None)
            for start in starts
        ]
        return min([wanted_m, *(way for way in ways if way >= 0.0)])

    def _tick(self) -> None:
        contacts = self._simulation.truth.arm_contacts
        self.peak_force_n = max(self.peak_force_n, contacts.get(PADDLE, 0.0))
        if self._step > 0.0:
            if self._travelled < self._way:
                self._travelled += self._step
            elif self._hold > 0:
                self._hold -= 1
            else:
                self._step = -self._step
        else:
            self._travelled += self._step
            if self._travelled <= 0.0:
                self._park()
                return
        self._move()

    def _move(self) -> None:
        at = self._start + self._travelled * self._direction
        self._simulation.data.mocap_pos[self._slot] = at

    def _park(self) -> None:
        self._simulation.data.mocap_pos[self._slot] = PARKED
        self._simulation.hooks.remove(self._tick)
        self.done = True

    def _place(self, target: int) -> np.ndarray:
        """Where the mount starts, so that the face is `GAP_M` before the robot."""
        simulation = self._simulation
        away = 0.5
        origin = simulation.data.xipos[target] - away * self._direction
        groups = np.zeros(6, dtype=np.uint8)
        groups[ROBOT_GROUP] = 1
        hit = np.zeros(1, dtype=np.int32)
        distance = np.zeros(1)
        mujoco.mj_multiRay(
            simulation.model,
            simulation.data,
            origin,
            self._direction,
            groups,
            True,
            -1,
            hit,
            distance,
            None,
            1,
            2.0 * away,
        )
        if distance[0] < 0.0:
            raise ConfigError(
                f"A shove along {self._direction.round(2).tolist()} misses the robot's "
                "body; aim it so that a line through the body's centre hits the robot."
            )
        return origin + (distance[0] - GAP_M - FACE_M) * self._direction

    def _set_spring(self, stiffness: float) -> None:
        model = self._simulation.model
        joint = model.joint(PADDLE)
        model.jnt_stiffness[joint.id] = stiffness
        damping = 2.0 * np.sqrt(stiffness * PADDLE_MASS_KG)
        model.dof_damping[model.jnt_dofadr[joint.id]] = damping
        address = model.jnt_qposadr[joint.id]
        self._simulation.data.qpos[address] = 0.0
        self._simulation.data.qvel[model.jnt_dofadr[joint.id]] = 0.0


class ForcePulse:
    """A half-sine force on a body, without anything that touches it.

    Args:
        simulation: the world; the pulse starts with the next step.
        force: at the middle of the pulse (3,) [N], world axes.
        duration_s: length of the pulse.
        body: name of the body.
    """

    def __init__(
        self,
        simulation: Simulation,
        force: Sequence[float],
        *,
        duration_s: float = 0.2,
        body: str = HAND,
    ) -> None:
        self._simulation = simulation
        self._force = np.asarray(force, dtype=float)
        self._ticks = max(1, round(duration_s / TICK_S))
        self._tick_now = 0
        self._row: Any = simulation.data.xfrc_applied[_body(simulation.model, body)]
        self.done = False
        simulation.hooks.append(self._tick)

    def _tick(self) -> None:
        phase = np.pi * (self._tick_now + 0.5) / self._ticks
        self._row[:3] = np.sin(phase) * self._force
        self._tick_now += 1
        if self._tick_now > self._ticks:
            self._row[:3] = 0.0
            self._simulation.hooks.remove(self._tick)
            self.done = True


def _body(model: mujoco.MjModel, name: str) -> int:
    body = int(mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_BODY), name))
    if body < 0:
        raise ConfigError(
            f"The world has no body {name!r}, which a shove needs. Build it with "
            "make_home_body or make_room_body, or call add_pusher before compiling."
        )
    return body


def _of_arm(model: mujoco.MjModel, tool: np.ndarray) -> np.ndarray:
    """Which geoms (ngeom,) belong to links or tool of the arm."""
    bodies = np.zeros(model.nbody, dtype=bool)
    bodies[tool] = True
    for body in range(model.nbody):
        bodies[body] |= model.body(body).name.startswith(PREFIX + "link")
    return bodies[model.geom_bodyid]


def _quat_x_to(direction: np.ndarray) -> np.ndarray:
    """Quaternion w x y z that turns the x axis to a unit vector."""
    w = 1.0 + direction[0]
    if w < 1e-9:
        return np.array([0.0, 0.0, 0.0, 1.0])
    quat_wxyz = np.array([w, 0.0, -direction[2], direction[1]])
    return np.asarray(quat_wxyz / np.linalg.norm(quat_wxyz))
