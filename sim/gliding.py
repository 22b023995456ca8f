"""Moving a robot's base without physics: ten times coarser ticks, many times cheaper.

The base follows its wheels' ramped speeds exactly, the head its servo with a lag, the
arm stays as it is. Geometry is still MuJoCo's: a move into something does not happen
and presses the bumper. Things do not give way, and wheels do not slip; all sensors
with their defects are those of the full simulation.
"""

from __future__ import annotations

import math

import mujoco
import numpy as np

from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.base import HALF_TRACK_M, WHEEL_RADIUS_M
from neural_brain.sim.robots.wheel_drive import WheelDrive
from neural_brain.sim.simulation import Simulation

BUMP_N = 20.0
"""Force that the bumper is told of; what a collision really costs is not computed."""
HEAD_LAG_S = 0.1
_SLACK_M = 1e-6


class Glider:
    """Moves the robot of a simulation from tick to tick.

    Args:
        simulation: the world; its physics is not stepped any more.
        drive: ramps the commanded twist.
        ticks: physics ticks (1 ms) to a step.

    Attributes:
        bumps: number of steps in which something was in the way.
    """

    def __init__(self, simulation: Simulation, drive: WheelDrive, ticks: int) -> None:
        self._simulation, self._drive, self._ticks = simulation, drive, ticks
        index, data = simulation.index, simulation.data
        self._base = data.qpos[index.base_q : index.base_q + 7]
        dof = int(simulation.model.body_dofadr[index.base_body])
        self._twist = data.qvel[dof : dof + 6]
        self._wheel_q, self._wheel_dof = index.wheel_q, index.wheel_dof
        self._head_q, self._head_ctrl = index.head_q, index.head_ctrl
        self._follow = 1.0 - math.exp(-ticks * TICK_S / HEAD_LAG_S)
        self._depth_m = 0.0
        self.bumps = 0

    def step(self) -> None:
        """Advance by `ticks` milliseconds and refresh sensors and ground truth."""
        way, turn = self._roll()
        model, data = self._simulation.model, self._simulation.data
        dt = self._ticks * TICK_S
        before = self._base.copy()
        self._move(way, turn)
        if self._head_q.size:
            gap = data.ctrl[self._head_ctrl] - data.qpos[self._head_q]
            data.qpos[self._head_q] += self._follow * gap
        mujoco.mj_fwdPosition(model, data)
        points, depth_m = self._simulation.truth.overlap()
        blocked = depth_m > self._depth_m + _SLACK_M
        if blocked:
            self._base[:] = before
            way = turn = 0.0
            self._drive.halt()
            self.bumps += 1
            mujoco.mj_fwdPosition(model, data)
        else:
            self._depth_m = depth_m
        self._set_speeds(way / dt, turn / dt)
        data.qpos[self._wheel_q] += data.qvel[self._wheel_dof] * dt
        mujoco.mj_forwardSkip(model, data, int(mujoco.mjtStage.mjSTAGE_POS), 0)
        self._simulation.pass_time(self._ticks)
        if blocked:
            self._simulation.truth.feel_bump(points, BUMP_N)

    def _roll(self) -> tuple[float, float]:
        """Way [m] and turn [rad] of this step."""
        way = turn = 0.0
        for _ in range(self._ticks):
            self._drive.update()
            v, w = self._drive.twist
            way, turn = way + v * TICK_S, turn + w * TICK_S
        return way, turn

    def _move(self, way: float, turn: float) -> None:
        """Along an arc, taken as straight at its middle heading."""
        w, _, _, z = self._base[3:7].tolist()
        yaw = 2.0 * math.atan2(z, w)
        middle = yaw + 0.5 * turn
        self._base[0] += way * math.cos(middle)
        self._base[1] += way * math.sin(middle)
        half = 0.5 * (yaw + turn)
        self._base[3:7] = (math.cos(half), 0.0, 0.0, math.sin(half))

    def _set_speeds(self, v: float, w: float) -> None:
        data = self._simulation.data
        data.qvel[:] = 0.0
        qw, _, _, qz = self._base[3:7].tolist()
        yaw = 2.0 * math.atan2(qz, qw)
        self._twist[:] = (v * math.cos(yaw), v * math.sin(yaw), 0.0, 0.0, 0.0, w)
        sides = np.array([-1.0, 1.0])
        data.qvel[self._wheel_dof] = (v + sides * w * HALF_TRACK_M) / WHEEL_RADIUS_M
