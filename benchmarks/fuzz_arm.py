"""An arm that really moves behind the loop of `fuzz_line.py`, and what is true of it.

The plant is the arm in empty space: it gets the efforts that were sent, in steps of
semi-implicit Euler. Disturbances spoil what is *measured*, never the plant, so that
positions, speeds and planes are checked on the truth. A push is only felt: nobody can
promise what a stranger's force does to the arm.

What can be promised is that an arm that starts inside the bounds stays inside, and the
checks do not hide what bounds that:

- The bounds are those of single joints, and joints move each other: a joint may be
  faster than its share (0.9 of the limit) while others brake, but not than its limit;
  the benchmark also tells the largest speed that was seen.
- A state that is refused leaves the loop blind: it carries the arm's weight and cannot
  brake what it does not see. The arm may be farther by the way that it coasts in those
  ticks, faster by what joints gain from each other, and no more.
- A measured joint that looks possible and is wrong cannot be found out. Nothing is
  checked from there to the end of the sequence, and the next one has a new arm.
- Noise is a lie of bounded size, and everything is checked with it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import lapack

from neural_brain.benchmarks.fuzz_life import HIGH, LOW, Life, model
from neural_brain.benchmarks.fuzz_line import DT, LIMITS, Line
from neural_brain.models.fast import FastLoop
from neural_brain.models.geometry import Array, rotation_from_rpy
from neural_brain.models.reflex import GuardConfig, JointConfig
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.models.signals import ArmMode, BodyCommand, BodyState, MotionTarget

TARGET_TICKS = 50
ENTERED_M = 0.004
"""How deep a ball may be in the margin of a plane; see docs/reflex.md."""
ROOM_RAD = 0.5 * JointConfig().margin_rad
"""Half of the margin in which joints stop before their limits."""
NOISE_RAD, NOISE_RAD_S = 2e-4, 5e-3
_GUARDS = GuardConfig()


class Arm:
    """The plant, and what was wrong with its motion.

    Attributes:
        q, dq: the truth (n,) [rad, rad/s]. lied: whether nothing is checked any more.
        faults: found since they were last taken. watched: ticks of the
            sequence that were checked.
        room_rad, speed_share, gap_m: least way to a joint's limit, fastest joint as
            share of its limit, deepest place in a plane's margin, of watched ticks.
    """

    def __init__(
        self, life: Life, q: Array, dq: Array, *, owner: str = "truth"
    ) -> None:
        self.q, self.dq = q.copy(), dq.copy()
        self.lied = False
        self.faults: set[str] = set()
        self.watched = 0
        self.room_rad, self.speed_share, self.gap_m = np.inf, 0.0, np.inf
        self._coasted: Array = np.zeros(q.size)
        self._sped: Array = np.zeros(q.size)
        self._dynamics = model(owner)
        self._dynamics.update(self.q, self.dq)
        self._gaps: Gaps | None = None
        self._reach: Array = np.zeros(q.size)
        self._surely_m = 0.0
        if life.planes:
            shape = model("truth").shape()
            self._gaps = Gaps(life.config.reflex.workspace, shape, 1)
            self._reach = shape.reach

    @property
    def bias(self) -> Array:
        """Gravity and Coriolis effort (n,) [Nm] of the last step."""
        return self._dynamics.bias

    def begin(self) -> None:
        """A sequence begins: what was done blind is forgiven once the arm is inside."""
        self.faults, self.watched = set(), 0
        inside = (self.q > LOW) & (self.q < HIGH) & (np.abs(self.dq) <= LIMITS.dq_max)
        if not self.lied and inside.all():
            self._coasted[:] = self._sped[:] = 0.0

    def step(self, effort: Array, measured: Any, honest: BodyState) -> None:
        """One tick under an effort (n,) [Nm], after which the arm is looked at.

        Args:
            effort: what was sent.
            measured: what the controller got for a state.
            honest: what it would have got undisturbed.
        """
        dynamics = self._dynamics
        dynamics.update(self.q, self.dq)
        _, ddq, _ = lapack.dposv(dynamics.mass, effort - dynamics.bias)
        before, self.dq = self.dq, self.dq + DT * ddq
        self.q = self.q + DT * self.dq
        if measured is not honest:
            self.lied = self.lied or _misleads(measured, honest)
            if _blinds(measured, honest):
                self._coasted += DT * np.abs(self.dq)
                self._sped += np.maximum(np.abs(self.dq) - np.abs(before), 0.0)
        if not self.lied:
            self._look()

    def _look(self) -> None:
        self.watched += 1
        edges = np.minimum(self.q - LIMITS.q_min, LIMITS.q_max - self.q)
        room = float((edges + self._coasted).min())
        speed = np.abs(self.dq) - self._sped
        share = float((speed / LIMITS.dq_max).max())
        self.room_rad, self.speed_share = (
            min(self.room_rad, room),
            max(self.speed_share, share),
        )
        if not room >= ROOM_RAD:
            self.faults.add("joint position")
        if not share <= 1.0:
            self.faults.add("joint speed")
        if self._gaps is not None:
            self._look_at_plane(self._gaps)

    def _look_at_plane(self, gaps: Gaps) -> None:
        """No ball is faster than reach . |dq|, so wide gaps need not be computed."""
        self._surely_m -= DT * float(self._reach.dot(np.abs(self.dq)))
        if self._surely_m > 0.0:
            return
        gaps.place(self.q)
        gaps.look(self.q, math.inf)
        self._surely_m = gaps.least(self.q)
        gap = self._surely_m + float(self._reach.dot(self._coasted))
        self.gap_m = min(self.gap_m, gap)
        if not gap >= -ENTERED_M:
            self.faults.add("plane")


def _misleads(measured: Any, honest: BodyState) -> bool:
    """Whether joints look possible and are not those of the arm."""
    if not isinstance(measured, BodyState):
        return False
    q, dq = measured.q, measured.dq
    if np.array_equal(q, honest.q) and np.array_equal(dq, honest.dq):
        return False
    margin, most = _GUARDS.joint_margin_rad, _GUARDS.speed_share_max
    inside = (q >= LIMITS.q_min - margin) & (q <= LIMITS.q_max + margin)
    return bool((inside & (np.abs(dq) <= most * LIMITS.dq_max)).all())


def _blinds(measured: Any, honest: BodyState) -> bool:
    """Whether a state is likely to be refused, so that the arm coasts."""
    if not isinstance(measured, BodyState) or measured.stamp != honest.stamp:
        return True
    if measured.q is not honest.q or measured.dq is not honest.dq:
        return True
    rest = (measured.wrench_ee, measured.twist_base, measured.pose_odom_base)
    return not float(np.abs(np.concatenate(rest)).max()) < _GUARDS.wrench_max


class Moving(Line):
    """A line whose arm follows random targets, of both modes, now and then new ones.

    Args:
        life: how the arm began. arm: as it is now. rng: for targets and noise.
    """

    def __init__(self, life: Life, arm: Arm, rng: np.random.Generator) -> None:
        dynamics = model("loop")
        super().__init__(arm.q, FastLoop(life.config, dynamics, LIMITS))
        self.arm, self.life, self._rng = arm, life, rng
        self.twist = np.array([0.14, 0.2])  # what a stretched arm is allowed, too
        self._wish: dict[str, Any] = {}
        self.aim()
        self._measure()

    def state(self, **changes: Any) -> BodyState:
        """A state as the sensors would tell it, with changes."""
        return replace(self.honest, **changes) if changes else self.honest

    def target(self, **changes: Any) -> MotionTarget:
        """The present target, with changes."""
        return super().target(**{**self._wish, **changes})

    def aim(self) -> None:
        """Choose a new target, often one that cannot be reached."""
        rng = self._rng
        joint, fed = rng.random() < 0.5, rng.random() < 0.15
        T = self.home.copy()
        T[:3, 3] += rng.normal(scale=0.25, size=3)
        T[:3, :3] = rotation_from_rpy(*rng.normal(scale=0.5, size=3)) @ T[:3, :3]
        self._wish = {
            "mode": ArmMode.JOINT if joint else ArmMode.CARTESIAN,
            "q_target": rng.uniform(LIMITS.q_min - 0.3, LIMITS.q_max + 0.3),
            "T_base_ee": T,
            "contact": bool(rng.random() < 0.25),
            "stiffness": np.diag(10.0 ** rng.uniform(1.0, 3.3, 6)),
            "wrench_ff": rng.uniform(-15.0, 15.0, 6) if fed else np.zeros(6),
        }

    def tick(
        self, body: Any = None, *, targets: bool = True, scans: bool = True
    ) -> BodyCommand:
        """One tick of loop and arm; what is not the honest state is a lie."""
        if self.ticks % TARGET_TICKS == 0 and self._rng.random() < 0.5:
            self.aim()
        body = self.honest if body is None else body
        command = super().tick(body, targets=targets, scans=scans)
        self.arm.step(command.effort, body, self.honest)
        self._measure()
        return command

    def _measure(self) -> None:
        self.q, self.dq = self.arm.q, self.arm.dq
        if self.life.noisy:
            rng = self._rng
            self.q = self.q + rng.uniform(-NOISE_RAD, NOISE_RAD, self.q.size)
            self.dq = self.dq + rng.uniform(-NOISE_RAD_S, NOISE_RAD_S, self.dq.size)
        self.honest = super().state()
