"""Episodes of the press skill on a simulated arm: the scripts that policies imitate.

The skill of `models.motion` drives the arm in one of two ways: as the brain does, with
a soft Cartesian anchor, or through joint positions, the only language of LeRobot's
robots. In the second way the anchor is turned into joints by inverse kinematics, so it
lies under the surface and the joints' springs press.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.motion import (
    InverseKinematics,
    PressConfig,
    PressSkill,
    ReachConfig,
    ReachPlanner,
    ToolGoal,
)
from neural_brain.models.signals import ArmMode, BodyState, ReflexLevel
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.guarded_arm import GuardedArm, GuardedArmConfig
from neural_brain.robots.recordings.frames import Frame
from neural_brain.sim.robots import READY

if TYPE_CHECKING:
    from neural_brain.robots.lerobot_dataset import DatasetWriter

TASK = "press the red button"
PRESS_N, LIMIT_N = 5.0, 65.0
LONGEST_S = 20.0
BUTTON_SIZE = np.array([0.08, 0.08, 0.02])
JOINTS = tuple(f"joint{number}.pos" for number in range(1, 8))
SPEEDS = tuple(f"joint{number}.vel" for number in range(1, 8))
STATE = (*JOINTS, *SPEEDS, "force.x", "force.y", "force.z")
BUTTON = ("button.x", "button.y", "button.z")

Chooser = Callable[[BodyState], Array]


@dataclass(frozen=True, kw_only=True)
class PressResult:
    """How an episode went.

    `success`: the button felt at least 5 N for 0.3 s, nothing felt more than 65 N, the
    hand left it again and the reflex never stopped the arm. Times [s], forces [N].
    """

    success: bool
    pressed_s: float
    released: bool
    button_n: float
    peak_n: float
    stopped: bool
    outside: int
    length_s: float


class ScriptedPress:
    """The press skill for one button.

    Args:
        arm: the arm, at READY.
        rate_hz: steps a second.
    """

    def __init__(self, arm: GuardedArm, rate_hz: float) -> None:
        self.kinematics = InverseKinematics(arm_dynamics(), arm.limits)
        planner = ReachPlanner(ReachConfig(), self.kinematics, READY)
        self.skill = PressSkill(
            PressConfig(), planner, self.kinematics, READY[None, :].copy()
        )
        self._dt = 1.0 / rate_hz
        self._last = arm.state.q.copy()
        center = arm.button - np.array([0.0, 0.0, 0.5 * BUTTON_SIZE[2]])
        self.reachable = self.skill.start(arm.state.q, center, BUTTON_SIZE, False)

    @property
    def over(self) -> bool:
        """Whether the skill has ended."""
        return self.skill.phase.value == "over"

    def joints(self, state: BodyState) -> Array:
        """Joint positions (n,) [rad] to aim at now."""
        command = self.skill.step(state.stamp, state, self._dt)
        if command.anchor is None:
            self._last = command.q.copy()
            return self._last
        goal = ToolGoal(position=command.anchor[:3, 3], axis=command.anchor[:3, 2])
        found = self.kinematics.solve(goal, self._last, READY, iterations=30)
        if found is not None:
            self._last = found
        return self._last


def play_joints(
    arm: GuardedArm,
    choose: Chooser,
    *,
    ended: Callable[[], bool] | None = None,
    watch: Callable[[Array], None] | None = None,
    stop_when_done: bool = False,
) -> PressResult:
    """Let something choose joint positions until it has ended or time is over.

    Args:
        arm: the arm, after `reset`.
        choose: gives joint positions (n,) [rad] for a body state.
        ended: asked before every step; None = only time ends the episode.
        watch: called before every step with what was chosen.
        stop_when_done: end two seconds after the button was left.
    """
    judge = _Judge(arm)
    for _ in range(round(LONGEST_S * arm.config.rate_hz)):
        if (ended is not None and ended()) or (stop_when_done and judge.done):
            break
        q = choose(arm.state)
        if watch is not None:
            watch(q)
        arm.act(q)
        judge.look()
    return judge.result()


def play_scripted(arm: GuardedArm) -> PressResult:
    """The skill as the brain runs it: a soft Cartesian anchor in contact."""
    script = ScriptedPress(arm, arm.config.rate_hz)
    judge = _Judge(arm)
    for _ in range(round(LONGEST_S * arm.config.rate_hz)):
        if script.over:
            break
        command = script.skill.step(arm.state.stamp, arm.state, 1 / arm.config.rate_hz)
        target = arm.target(command.q)
        if command.anchor is not None and command.stiffness is not None:
            target = replace(
                target,
                mode=ArmMode.CARTESIAN,
                T_base_ee=command.anchor,
                stiffness=command.stiffness,
            )
        arm.send(target)
        judge.look()
    return judge.result()


def press_episodes(
    count: int,
    *,
    seed: int,
    rate_hz: float,
    pictures: bool = False,
    writer: DatasetWriter | None = None,
) -> list[bool]:
    """Scripted presses through joint positions; the successful ones are written.

    Args:
        count: how many buttons.
        seed: of the first; the others follow.
        rate_hz: frames and joint targets a second.
        pictures: draw the arm for every frame.
        writer: takes the frames.

    Returns:
        Whether each succeeded.
    """
    arm = GuardedArm(GuardedArmConfig(button=True, rate_hz=rate_hz))
    done: list[bool] = []
    try:
        for k in range(count):
            arm.reset(seed + k)
            frames: list[Frame] = []
            done.append(_record(arm, frames, episode=sum(done), pictures=pictures))
            if writer is not None and done[-1]:
                known = dict(zip(BUTTON, arm.button.tolist(), strict=True))
                for frame in frames:
                    writer.add(frame, known)
    finally:
        arm.close()
    return done


def press_state(state: BodyState) -> Array:
    """What a policy is told (17,): joints [deg], their speeds [deg/s], force [N].

    Without the speeds, going down to the button and coming back would look alike.
    """
    moving = np.degrees(np.concatenate([state.q, state.dq]))
    return np.concatenate([moving, state.wrench_ee[:3]])


def _record(
    arm: GuardedArm, frames: list[Frame], *, episode: int, pictures: bool
) -> bool:
    script = ScriptedPress(arm, arm.config.rate_hz)
    if not script.reachable:
        return False

    def watch(q: Array) -> None:
        stamp = arm.state.stamp
        seen = {"front": arm.picture()} if pictures else {}
        frames.append(
            Frame(
                episode=episode,
                task=TASK,
                names=STATE,
                state=press_state(arm.state),
                action_names=JOINTS,
                action=np.degrees(q),
                stamp=stamp,
                pictures=seen,
                captured={"joints": stamp, **dict.fromkeys(seen, stamp)},
            )
        )

    result = play_joints(arm, script.joints, ended=lambda: script.over, watch=watch)
    return result.success


class _Judge:
    """Watches the truth of an episode."""

    def __init__(self, arm: GuardedArm) -> None:
        self._arm = arm
        self._start = arm.state.stamp
        self._pressed = self._released = self._steps = 0
        self._most_n, self._stopped = 0.0, False

    def look(self) -> None:
        """Call after every step."""
        force = self._arm.force_n
        self._steps += 1
        self._most_n = max(self._most_n, force)
        self._pressed += force >= PRESS_N
        self._released = self._released + 1 if force == 0.0 else 0
        self._stopped |= self._arm.level >= ReflexLevel.STOP

    @property
    def done(self) -> bool:
        """Whether the button was pressed and left two seconds ago."""
        return self._pressed > 0 and self._released > 2.0 * self._arm.config.rate_hz

    def result(self) -> PressResult:
        """The verdict."""
        rate_hz = self._arm.config.rate_hz
        pressed_s = self._pressed / rate_hz
        released = self._pressed > 0 and self._released > 0.5 * rate_hz
        peak_n = self._arm.peak_force_n
        good = pressed_s >= 0.3 and released and peak_n <= LIMIT_N
        return PressResult(
            success=bool(good and not self._stopped),
            pressed_s=pressed_s,
            released=bool(released),
            button_n=self._most_n,
            peak_n=peak_n,
            stopped=self._stopped,
            outside=self._arm.audit.total,
            length_s=self._arm.state.stamp - self._start,
        )
