"""The physics clock: one tick is 1 ms; a diverged world ends the run with a dump."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import RobotIndex, index_robot
from neural_brain.sim.truth import GroundTruth

_WARNING = mujoco.mjtWarning
_FATAL = [
    int(_WARNING.mjWARN_BADQPOS),
    int(_WARNING.mjWARN_BADQVEL),
    int(_WARNING.mjWARN_BADQACC),
    int(_WARNING.mjWARN_BADCTRL),
]


def _ignore(message: str) -> None:
    """Take a warning that the counters already show."""


class Simulation:
    """A world with one robot, stepped tick by tick.

    MuJoCo answers NaN with a silent reset; here the reset is switched off, and every
    step checks the warning counters, the clock and that all velocities are finite.

    Args:
        model: world with one robot, 1 ms timestep.
        index: where the robot's parts are; found by name when None.
        dump_dir: folder for the state dump of a diverged run; the system's temporary
            folder when None.

    `hooks` are called before every step (disturbances, recorders); `begun` is the tick
    at which the clock began.

    Raises:
        SimulationError: if the model's timestep is not 1 ms.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        index: RobotIndex | None = None,
        dump_dir: Path | None = None,
    ) -> None:
        if abs(model.opt.timestep - TICK_S) > 1e-12:
            raise SimulationError(
                f"The world's timestep is {model.opt.timestep} s; expected {TICK_S} s. "
                "Build it with add_robot, or call set_options on its specification."
            )
        model.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_AUTORESET)
        # Warnings become errors in `step`; no log file in the user's working folder.
        mujoco.set_mju_user_warning(_ignore)
        self.model = model
        self.data = mujoco.MjData(model)
        self._qvel = self.data.qvel
        self._counts = self.data.warning.number  # a live view
        self._calm = self._counts.tobytes()
        self.index = index_robot(model) if index is None else index
        self.truth = GroundTruth(model, self.data, self.index)
        self.dump_dir = dump_dir
        self.tick = self.begun = 0
        self.hooks: list[Callable[[], None]] = []
        self._time = 0.0
        mujoco.mj_forward(model, self.data)

    @property
    def time_s(self) -> float:
        """Simulated time [s]."""
        return self.tick * TICK_S

    @property
    def run_s(self) -> float:
        """Simulated time since the clock began [s]."""
        return (self.tick - self.begun) * TICK_S

    def begin_at(self, stamp_s: float) -> None:
        """Let the clock begin there and not at 0, before anything has happened.

        Raises:
            SimulationError: if time has gone on already.
        """
        if self.tick != self.begun:
            raise SimulationError(
                f"The clock stands at {self.time_s} s already; expected one that has "
                "not gone on. Call begin_at right after making the simulation."
            )
        self.tick = self.begun = round(stamp_s / TICK_S)
        self.data.time = self._time = self.time_s

    def place_arm(self, q: np.ndarray | None) -> None:
        """Put the arm at joint positions (n,) [rad] at rest; None leaves it."""
        if q is not None and self.index.arm_q.size:
            self.data.qpos[self.index.arm_q] = q
        mujoco.mj_forward(self.model, self.data)

    def step(self) -> None:
        """Advance by one tick and refresh the ground truth.

        Raises:
            SimulationError: if the physics diverged; the message names the dump file.
        """
        for hook in tuple(self.hooks):
            hook()
        self._advance()
        self.tick += 1
        self._check()
        self.truth.update()

    def _advance(self) -> None:
        """Move the physics on by one tick."""
        mujoco.mj_step(self.model, self.data)

    def pass_time(self, ticks: int) -> None:
        """Let time go on without physics: whoever moved the robot calls this."""
        self.tick += ticks
        self.data.time = self._time = self.tick * TICK_S
        self.truth.update()

    def _check(self) -> None:
        data = self.data
        speed = self._qvel.dot(self._qvel)
        if math.isfinite(speed) and data.time > self._time:
            self._time = data.time
            counts = self._counts.tobytes()
            if counts == self._calm:  # fast, for this runs at every tick
                return
            if not self._counts[_FATAL].any():
                self._calm = counts
                return
        raise self._diverged()

    def _diverged(self) -> SimulationError:
        """The error that says so, after the state was dumped."""
        return SimulationError(
            f"The physics diverged at tick {self.tick} ({self._cause()}). The state is "
            f"in {self._dump()}; look there for the first bad value, and lower the "
            "stiffness or command that drove it."
        )

    def _cause(self) -> str:
        for name in ("qpos", "qvel", "ctrl"):
            values = getattr(self.data, name)
            bad = np.flatnonzero(~np.isfinite(values))
            if bad.size:
                return f"{name}[{bad[0]}] = {values[bad[0]]}"
        worst = int(np.argmax(np.abs(self.data.qvel)))
        return (
            f"time {self.data.time:.4f} s, qvel[{worst}] = {self.data.qvel[worst]:.3g}"
        )

    def _dump(self) -> Path:
        folder = Path(self.dump_dir or tempfile.gettempdir())
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"diverged_tick_{self.tick}.npz"
        data = self.data
        np.savez(
            path,
            tick=self.tick,
            qpos=data.qpos,
            qvel=data.qvel,
            qacc=data.qacc,
            ctrl=data.ctrl,
            warnings=np.array(data.warning.number),
        )
        return path
