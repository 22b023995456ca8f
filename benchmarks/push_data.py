"""Pushing through mazes with a stiff hand, as the safety critic of the loop sees it.

A task has seven parameters: how stiff the spring is, how far its anchor goes ahead of
the hand, how fast it moves, how late the force is felt, how old what the policy knows
is, the friction of walls and blocks, and how many blocks stand in the way. The hand
sees nothing, and the policy behind it never gives way: whatever is in the way is
pushed, up to the force limit and beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.benchmarks.critics import Listener
from neural_brain.benchmarks.impact_rig import effort_command, wake
from neural_brain.benchmarks.maze_rig import (
    FORCE,
    LIMIT_N,
    SETTLE_TICKS,
    STEP_TICKS,
    Lead,
    maze_body,
)
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.motion.contact_step import FixedStiffness, StepConfig
from neural_brain.models.reflex import (
    Critic,
    GuardConfig,
    ReflexConfig,
)
from neural_brain.models.signals import BodyState, MotionTarget, ReflexLevel
from neural_brain.robots import MujocoBody, arm_dynamics
from neural_brain.sim.contact_maze import (
    BLOCKS_MAX,
    END_M,
    Maze,
    along_path,
    draw_maze,
    path_length,
)
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.sensors import WrenchConfig

LOW = np.array([2.6, 0.025, 0.05, 0.0, 0.0, 0.05, 0.0])
HARD = np.array([2.85, 0.03, 0.05, 0.0, 0.0, 0.05, 1.0])
HIGH = np.array([3.2, 0.045, 0.08, 20.0, 0.15, 0.3, BLOCKS_MAX + 1.0])
"""log10 stiffness [N/m], step [m], speed [m/s], delay of the force [ms], age of what
the policy knows [s], friction, blocks in the way (rounded down)."""
OF_HAND = 5
"""So many of them are the hand's; the maze has those of its own draw without the rest.
"""
HORIZON_S = 15.0
NO_FORCE = replace(
    FORCE, intended_share=1.0, stop_share=1.0, lead_s=0.0, collision_nm=200.0
)
"""Rules that act at the limit, where the episode ends: the arm without a reflex."""


@dataclass(frozen=True, kw_only=True)
class Push:
    """One recorded episode.

    Attributes:
        task: its parameters (7,), or (5,) without those of the maze.
        wished: features with the whole action, every tick (t, 14).
        share: of the action that was executed, every tick (t,).
        back: how far the push into the contact gave way, every tick (t,).
        acting: whether the target was followed, and not held, every tick (t,).
        force_n: true contact force, every tick (t,) [N].
        ended: "goal", "violation", "stop" or "time".
        lowered: whether the critic lowered the level, every tick (t,).
    """

    task: Array
    wished: Array
    share: Array
    back: Array
    acting: Array
    force_n: Array
    ended: str
    lowered: Array

    @property
    def violated(self) -> int | None:
        """Tick at which the force limit was passed, None if it was not."""
        return len(self.force_n) - 1 if self.ended == "violation" else None


class Loop:
    """The fast loop in front of the arm, and a record of what its critic could know."""

    def __init__(
        self, task: Array, body: MujocoBody, critic: Listener, *, rules: bool
    ) -> None:
        reflex = ReflexConfig(
            force=FORCE if rules else NO_FORCE,
            guards=GuardConfig(lidar_required=False),
        )
        impedance = replace(ImpedanceConfig(), speed_m_s=float(task[2]))
        config = FastConfig(impedance=impedance, reflex=reflex)
        self._fast = FastLoop(config, arm_dynamics(), body.limits)
        self._fast.reflex.critic = self._critic = critic
        self._target: MotionTarget | None = None
        self.wished: list[Array] = []
        self.shares: list[float] = []
        self.backs: list[float] = []
        self.acting: list[bool] = []
        self.lowered: list[bool] = []

    @property
    def level(self) -> ReflexLevel:
        """Of rules and critic."""
        return self._fast.level

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        if target is not self._target:
            self._target = target
            self._fast.set_target(target)
        share, back, level = self._critic.share, self._critic.back, self._fast.level
        effort = self._fast.tick(body).effort
        self.wished.append(self._critic.asked.copy())
        self.shares.append(share)
        self.backs.append(back)
        self.acting.append(self._critic.looked and level < ReflexLevel.HOLD)
        self.lowered.append(self._critic.level > ReflexLevel.NOMINAL)
        return effort


def maze_of(task: Array, rng: np.random.Generator) -> Maze:
    """A random maze with the friction and the blocks of a task (7,), or any (5,)."""
    if len(task) == OF_HAND:
        return draw_maze(rng)
    friction, blocks = task[OF_HAND:].tolist()
    return draw_maze(rng, wall_friction=friction, blocks=int(blocks))


def record(
    task: Array,
    seed: Sequence[int],
    critic: Critic | None = None,
    *,
    rules: bool = True,
    dither: bool = False,
    horizon_s: float = HORIZON_S,
) -> Push:
    """Push through one maze.

    Args:
        task: its parameters (7,); with five, friction and blocks are those that the
            maze is drawn with.
        seed: of the maze, the sensors and the dither.
        critic: acts in the loop; None: only the rules do.
        rules: whether the rules of force act.
        dither: change what is executed of the action now and then.
        horizon_s: longest push [s].
    """
    rng = np.random.default_rng(seed)
    maze = maze_of(task, rng)
    delay = WrenchConfig(delay_s=TICK_S * round(float(task[3])))
    body = maze_body(maze, int(rng.integers(1 << 30)), delay)
    wake(body)
    listener = Listener(critic, rng if dither else None)
    loop = Loop(task, body, listener, rules=rules)
    choice = FixedStiffness(10.0 ** task[0], StepConfig(step_m=float(task[1])))
    lead, truth = Lead(maze, choice), body.simulation.truth
    goal_m, age = path_length(maze.centre) - END_M, round(float(task[4]) / TICK_S)
    states: list[BodyState] = []
    forces: list[float] = []
    ended = "time"
    for tick in range(SETTLE_TICKS + round(horizon_s / TICK_S)):
        state = body.read()
        states.append(state)
        if tick % STEP_TICKS == 0:
            if along_path(maze.centre, truth.T_world_ee()[:2, 3]) >= goal_m:
                ended = "goal"
                break
            known = states[max(len(states) - 1 - age, 0)]
            target = lead.target(known, rest=tick < SETTLE_TICKS)
            target = replace(target, stamp=state.stamp)
        body.write(effort_command(state.stamp, loop.tick(state, target)))
        body.advance()
        forces.append(truth.arm_force_n)
        if forces[-1] > LIMIT_N or loop.level >= ReflexLevel.STOP:
            ended = "violation" if forces[-1] > LIMIT_N else "stop"
            break
    body.close()
    return Push(
        task=task,
        wished=np.array(loop.wished),
        share=np.array(loop.shares),
        back=np.array(loop.backs),
        acting=np.array(loop.acting),
        force_n=np.array(forces),
        ended=ended,
        lowered=np.array(loop.lowered),
    )
