"""The arm in a contact maze: one episode with one choice of stiffness."""

from __future__ import annotations

from dataclasses import dataclass, replace

import mujoco
import numpy as np

from neural_brain.benchmarks.engines import blind
from neural_brain.benchmarks.impact_rig import effort_command, wake
from neural_brain.models.errors import SimulationError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array, rotation_error
from neural_brain.models.impedance import ArmImpedance, ImpedanceConfig
from neural_brain.models.motion import InverseKinematics, ToolGoal
from neural_brain.models.motion.contact_step import (
    ContactStep,
    Felt,
    StepChoice,
    contact_target,
)
from neural_brain.models.reflex import ForceConfig, GuardConfig, ReflexConfig
from neural_brain.models.signals import (
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots import MujocoBody, arm_dynamics
from neural_brain.sim.contact_maze import (
    END_M,
    HAND_Z_M,
    JUMP_M,
    LOOK_AHEAD_M,
    Maze,
    add_maze,
    along_path,
    path_length,
    point_at,
    prolonged,
)
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots import READY, add_robot
from neural_brain.sim.sensors import WrenchConfig
from neural_brain.sim.simulation import Simulation

LIMIT_N = 30.0
SPEED_M_S = 0.06
HORIZON_S = 25.0
STEP_TICKS, SETTLE_TICKS = 50, 200
FORCE = ForceConfig(
    limit_n=LIMIT_N,
    intended_share=0.9,
    stop_share=1.0,
    retract_m=0.01,
    retract_m_s=0.05,
)
"""Pushing is meant, up to 23 N, so the reflex acts above that; a retreat has to fit
into the corridor: the usual 6 cm at 0.15 m/s throw the peg at the other wall."""
DOWN = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True, kw_only=True)
class Episode:
    """How one maze went.

    Attributes:
        ended: "goal", "violation", "stop" (latched by the reflex) or "time".
        time_s: until then.
        force_n: true contact force of the arm, every tick (t,).
        hand: position of the fingertips at every step (s, 3) [m].
        stiffness: along the way at every step (s,) [N/m].
        reflexes: how often the hand retreated.
    """

    ended: str
    time_s: float
    force_n: Array
    hand: Array
    stiffness: Array
    reflexes: int


class Mover:
    """Leads the hand along the way as it is known; the same for all."""

    def __init__(self, known: Array) -> None:
        self._path = prolonged(known)
        self._along = 0.0

    def way(self, hand: Array) -> Array:
        """From the hand's pose (4, 4) to the way-point (6,) [m, rad]."""
        found = along_path(self._path, hand[:2, 3])
        if self._along < found < self._along + JUMP_M:
            self._along = found
        goal = np.array([*point_at(self._path, self._along + LOOK_AHEAD_M), HAND_Z_M])
        return np.concatenate([goal - hand[:3, 3], rotation_error(DOWN, hand[:3, :3])])


def maze_body(maze: Maze, seed: int, wrench: WrenchConfig | None = None) -> MujocoBody:
    """The fixed arm with its peg in the start of a maze."""
    spec = mujoco.MjSpec()
    add_robot(spec, "arm")
    add_maze(spec, maze)
    model = spec.compile()
    dynamics = arm_dynamics()
    body = MujocoBody(Simulation(model), blind(), seed=seed, posture=READY)
    solver = InverseKinematics(dynamics, body.limits)
    start = np.array([*maze.centre[0], HAND_Z_M])
    q = solver.solve(ToolGoal(position=start, axis=-np.eye(3)[2]), READY, READY)
    if q is None:
        raise SimulationError(
            f"The start {start} of the maze is out of the arm's reach. Draw another."
        )
    body.close()
    return MujocoBody(Simulation(model), blind(wrench), seed=seed, posture=q)


class Plain:
    """Impedance without a reflex."""

    level = ReflexLevel.NOMINAL

    def __init__(self, config: ImpedanceConfig, body: MujocoBody) -> None:
        self._arm = ArmImpedance(config, arm_dynamics(), body.limits)

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        return self._arm.tick(body, target, TICK_S)


class Guarded:
    """The fast loop with its reflexes."""

    def __init__(self, config: ImpedanceConfig, body: MujocoBody) -> None:
        guards = GuardConfig(lidar_required=False)
        reflex = ReflexConfig(force=FORCE, guards=guards)
        fast = FastConfig(impedance=config, reflex=reflex)
        self._fast = FastLoop(fast, arm_dynamics(), body.limits)
        self._target: MotionTarget | None = None

    @property
    def level(self) -> ReflexLevel:
        """Of the reflex."""
        return self._fast.level

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        if target is not self._target:
            self._target = target
            self._fast.set_target(target)
        return self._fast.tick(body).effort


class Lead:
    """Makes the targets of one episode, 20 a second, and keeps what was chosen.

    Attributes:
        hand: positions of the fingertips (3,) [m]. stiffness: along the way [N/m].
    """

    def __init__(self, maze: Maze, choice: StepChoice) -> None:
        self._arm, self._mover = arm_dynamics(), Mover(maze.known)
        self._choice = choice
        self.hand: list[Array] = []
        self.stiffness: list[float] = []
        choice.reset()

    def target(self, state: BodyState, *, rest: bool) -> MotionTarget:
        """The next target; at rest the hand stays where it is."""
        self._arm.update(state.q, state.dq)
        T = self._arm.T_base_ee.copy()
        felt = Felt(
            way=self._mover.way(T),
            velocity=self._arm.jacobian @ state.dq,
            wrench=state.wrench_ee,
        )
        chosen = self._choice.choose(felt)
        if rest:
            chosen = replace(chosen, step=np.zeros(6))
        self.hand.append(T[:3, 3])
        self.stiffness.append(_along(chosen))
        return contact_target(state.stamp, T, chosen, READY)


def run_episode(
    maze: Maze,
    choice: StepChoice,
    *,
    reflex: bool,
    seed: int,
    horizon_s: float = HORIZON_S,
) -> Episode:
    """One maze from start to goal, violation, latched stop or the end of time."""
    body = maze_body(maze, seed)
    wake(body)
    config = replace(ImpedanceConfig(), speed_m_s=SPEED_M_S)
    loop = (Guarded if reflex else Plain)(config, body)
    lead, truth = Lead(maze, choice), body.simulation.truth
    goal_m = path_length(maze.centre) - END_M
    forces: list[float] = []
    reflexes, before, ended = 0, ReflexLevel.NOMINAL, "time"
    for tick in range(SETTLE_TICKS + round(horizon_s / TICK_S)):
        state = body.read()
        if tick % STEP_TICKS == 0:
            if along_path(maze.centre, truth.T_world_ee()[:2, 3]) >= goal_m:
                ended = "goal"
                break
            target = lead.target(state, rest=tick < SETTLE_TICKS)
        body.write(effort_command(state.stamp, loop.tick(state, target)))
        body.advance()
        forces.append(truth.arm_force_n)
        level = loop.level
        reflexes += level >= ReflexLevel.RETRACT > before
        before = level
        if forces[-1] > LIMIT_N or level >= ReflexLevel.STOP:
            ended = "violation" if forces[-1] > LIMIT_N else "stop"
            break
    body.close()
    return Episode(
        ended=ended,
        time_s=max(len(forces) - SETTLE_TICKS, 0) * TICK_S,
        force_n=np.array(forces),
        hand=np.array(lead.hand),
        stiffness=np.array(lead.stiffness),
        reflexes=reflexes,
    )


def _along(step: ContactStep) -> float:
    way = step.step[:3]
    square = float(way @ way)
    return float(way @ step.stiffness[:3, :3] @ way) / square if square > 0 else 0.0
