"""Random behaviour of a simulated robot, recorded for the world model.

A driver picks what to do for a second or two: drive, turn, wait, fold the arm out or
in, wave the hand, or press the hand ahead until something is felt. The fast loop of
the robot executes it, so that the recording shows the body as the brain moves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.fast import FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.signals import (
    ArmDynamics,
    ArmMode,
    BodyCommand,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.models.world import ACTIONS, CHANNELS, actions_of, channels_of
from neural_brain.robots.mujoco_body import MujocoBody
from neural_brain.sim.robots import READY, STOWED

PERIOD_TICKS = 50
TICK_S = 0.001
_SOFT = np.diag([400.0, 400.0, 400.0, 30.0, 30.0, 30.0])


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """What was felt and done every 50 ms.

    `channels` (t, 12), `actions` (t, 4); `shoved` (t,) is true where a shove acted at
    any time of the 50 ms before.
    """

    channels: Array
    actions: Array
    shoved: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Shoves:
    """Pushes from outside: how often, how strong, how long.

    `rate_hz` is their mean number a second; strength is drawn between the two forces
    [N]; half of them act on the hand, half on the base with six times the force.
    """

    rate_hz: float = 0.25
    least_n: float = 10.0
    most_n: float = 40.0
    length_s: float = 0.2


class RandomDriver:
    """Chooses motion targets at random, 20 times a second.

    Args:
        rng: source of all choices.
        dynamics: kinematics of the arm.
    """

    def __init__(self, rng: np.random.Generator, dynamics: ArmDynamics) -> None:
        self._rng, self._dynamics = rng, dynamics
        self._until = 0.0
        self._what = "wait"
        self._wish = np.zeros(2)
        self._twist = np.zeros(2)
        self._q = STOWED.copy()
        self._q_goal = STOWED.copy()
        self._T: Array | None = None
        self._velocity = np.zeros(3)

    def target(self, body: BodyState) -> MotionTarget:
        """The next target."""
        if body.stamp >= self._until:
            self._choose(body)
        self._twist += np.clip(self._wish - self._twist, [-0.03, -0.1], [0.03, 0.1])
        self._q += np.clip(self._q_goal - self._q, -0.04, 0.04)
        self._dynamics.update(body.q, body.dq)
        here = self._dynamics.T_base_ee.copy()
        pressing = self._what == "press"
        felt = float(np.linalg.norm(body.wrench_ee[:3]))
        if self._T is not None:
            if felt < 8.0:
                self._T[:3, 3] += 0.05 * self._velocity
            gap = self._T[:3, 3] - here[:3, 3]
            self._T[:3, 3] = here[:3, 3] + np.clip(gap, -0.06, 0.06)
        cartesian = self._T is not None
        force = self._velocity / max(float(np.linalg.norm(self._velocity)), 1e-9)
        return MotionTarget(
            stamp=body.stamp,
            twist_base=self._twist.copy(),
            mode=ArmMode.CARTESIAN if cartesian else ArmMode.JOINT,
            q_target=self._q.copy(),
            T_base_ee=here if self._T is None else self._T.copy(),
            stiffness=_SOFT,
            wrench_ff=np.r_[5.0 * force, np.zeros(3)] if pressing else np.zeros(6),
            contact=pressing,
            head=np.zeros(2),
            gripper_m=0.0,
        )

    def _choose(self, body: BodyState) -> None:
        rng = self._rng
        out = bool(np.abs(body.q - READY).max() < 0.6)
        choices = ["drive", "drive", "turn", "wait", "unfold"]
        if out:
            choices = ["wave", "press", "press", "fold", "wait"]
        self._what = str(rng.choice(choices))
        self._until = body.stamp + rng.uniform(0.8, 2.5)
        self._wish = np.zeros(2)
        self._T, self._velocity = None, np.zeros(3)
        if self._what == "drive":
            self._wish = np.array([rng.uniform(0.1, 0.6), rng.normal(0.0, 0.4)])
            if rng.random() < 0.2:
                self._wish[0] *= -0.4
        elif self._what == "turn":
            self._wish = np.array([0.0, rng.uniform(-1.2, 1.2)])
        elif self._what in ("unfold", "fold"):
            self._q_goal = READY.copy() if self._what == "unfold" else STOWED.copy()
            self._q = body.q.copy()
            self._until = body.stamp + 5.0
        elif self._what in ("wave", "press"):
            self._dynamics.update(body.q, body.dq)
            self._T = self._dynamics.T_base_ee.copy()
            way = rng.normal(size=3) * [0.5, 1.0, 1.0]
            if self._what == "press":
                way = np.array([1.0, *rng.normal(0.0, [0.4, 0.6])])
                self._until = body.stamp + rng.uniform(2.0, 5.0)
            speed = 0.06 if self._what == "press" else rng.uniform(0.05, 0.3)
            self._velocity = speed * way / np.linalg.norm(way)


def record_rollout(
    body: MujocoBody,
    fast: FastLoop,
    driver: RandomDriver,
    *,
    duration_s: float,
    shoves: Shoves | None = None,
    rng: np.random.Generator | None = None,
) -> Rollout:
    """Let a driver move a robot and record what it feels.

    Args:
        body: the robot.
        fast: its fast loop.
        driver: chooses the targets.
        duration_s: simulated time [s].
        shoves: pushes from outside, or None.
        rng: source of the shoves; needed when there are any.

    Raises:
        SimulationError: if the physics diverged.
    """
    rows: list[Array] = []
    done: list[Array] = []
    pushed: list[bool] = []
    push = _Push(body, shoves, rng or np.random.default_rng(0))
    before: BodyCommand | None = None
    command: BodyCommand | None = None
    for tick in range(round(duration_s / TICK_S)):
        state = body.read()
        scan, _ = body.poll()
        if scan is not None:
            fast.set_scan(scan)
        if tick % PERIOD_TICKS == 0:
            rows.append(channels_of(state))
            done.append(actions_of(state, command, before))
            pushed.append(push.pop())
            before = command
            if fast.level >= ReflexLevel.STOP:
                fast.reset()
            fast.set_target(driver.target(state))
        command = fast.tick(state)
        body.write(command)
        push.apply(tick * TICK_S)
        body.advance()
    return Rollout(
        channels=np.array(rows).reshape(-1, len(CHANNELS)),
        actions=np.array(done).reshape(-1, len(ACTIONS)),
        shoved=np.array(pushed, dtype=bool),
    )


class _Push:
    """Applies random forces to hand or base."""

    def __init__(
        self, body: MujocoBody, shoves: Shoves | None, rng: np.random.Generator
    ) -> None:
        self._shoves, self._rng = shoves, rng
        self._data, self._index = body.simulation.data, body.simulation.index
        self._until = -1.0
        self._acted = False
        self._start = self._wait(0.0)

    def apply(self, t: float) -> None:
        """Set the outside force for the coming tick."""
        if self._shoves is None:
            return
        if t >= self._start:
            self._begin(t, self._shoves)
        if t < self._until:
            self._acted = True
        elif self._until > 0.0:
            self._data.xfrc_applied[:] = 0.0
            self._until = -1.0

    def pop(self) -> bool:
        """Whether a push acted since the last call."""
        acted, self._acted = self._acted, False
        return acted

    def _begin(self, t: float, shoves: Shoves) -> None:
        rng = self._rng
        angle = rng.uniform(-np.pi, np.pi)
        size = rng.uniform(shoves.least_n, shoves.most_n)
        hand = rng.random() < 0.5 and self._index.hand_body >= 0
        part = self._index.hand_body if hand else self._index.base_body
        force = size * (1.0 if hand else 6.0)
        self._data.xfrc_applied[part, :2] = force * np.array(
            [np.cos(angle), np.sin(angle)]
        )
        self._until = t + shoves.length_s
        self._start = self._until + self._wait(0.0)

    def _wait(self, t: float) -> float:
        if self._shoves is None:
            return float(np.inf)
        return float(t + 2.0 + self._rng.exponential(1.0 / self._shoves.rate_hz))
