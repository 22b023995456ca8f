"""Pressing and pushing a thing: a state machine from stowed arm to stowed arm.

    UNFOLD -> REACH -> SETTLE -> APPROACH -> CONTACT -> HOLD -> RETRACT -> RETURN
                          ^                     |
                          +------ miss ---------+   (another spot, a few times)

Free motion is in joint space along solved way points. From SETTLE to RETRACT the arm
is a soft Cartesian spring whose anchor moves along the approach axis, guarded by the
measured contact force.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.motion.contact_step import (
    StepChoice,
    StepConfig,
    StiffnessRule,
    feel,
)
from neural_brain.models.motion.inverse_kinematics import InverseKinematics
from neural_brain.models.motion.joint_way import JointWay
from neural_brain.models.motion.reach import SPOTS, Reach, ReachPlanner
from neural_brain.models.signals import BodyState


@dataclass(frozen=True, kw_only=True)
class PressConfig:
    """Forces, speeds and patience of touching."""

    joint_speed_rad_s: float = param(0.7, "free motion", low=0.05, high=2.0)
    approach_m_s: float = param(0.045, "guarded", low=0.005, high=0.06)
    squeeze_m_s: float = param(0.02, "after contact", low=0.005, high=0.06)
    retract_m_s: float = param(0.1, "back from the surface", low=0.01, high=0.3)
    touch_n: float = param(3.0, "force that counts as contact", low=0.5, high=20.0)
    press_n: float = param(10.0, "force of a press", low=1.0, high=30.0)
    push_n: float = param(12.0, "most force of a push", low=1.0, high=30.0)
    push_m: float = param(0.05, "way of a push", low=0.01, high=0.2)
    squeeze_m: float = param(
        0.06, "anchor past the contact at most", low=0.01, high=0.2
    )
    hold_s: float = param(0.5, "at full force", low=0.0, high=10.0)
    settle_s: float = param(0.4, "before the approach", low=0.1, high=5.0)
    stiffness_n_m: float = param(300.0, "translation", low=50.0, high=2000.0)
    stiffness_nm_rad: float = param(20.0, "rotation", low=2.0, high=100.0)
    variable_stiffness: bool = param(
        False, "soft, and stiffer while held up, instead of stiffness_n_m"
    )
    tries: int = param(3, "spots of one thing", low=1, high=7)
    blocked_s: float = param(12.0, "patience with a held arm", low=1.0, high=60.0)
    stops: int = param(3, "times it is stopped until it turns back", low=1, high=20)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


PUSH_SHARE = 1.1
"""Of the wanted force is the most that a variable stiffness pushes."""


class Phase(str, enum.Enum):
    """Where the skill is."""

    UNFOLD = "unfold"
    REACH = "reach"
    SETTLE = "settle"
    APPROACH = "approach"
    CONTACT = "contact"
    HOLD = "hold"
    RETRACT = "retract"
    RETURN = "return"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class ArmCommand:
    """Joint target (n,), or Cartesian anchor (4, 4) when `anchor` is given."""

    q: Array
    anchor: Array | None = None
    stiffness: Array | None = None


class PressSkill:
    """Presses or pushes one thing.

    Args:
        config: forces and speeds.
        planner: finds the way of the hand.
        kinematics: tells where the hand is.
        unfold: way points (k, n) from the stowed to the ready posture.
    """

    def __init__(
        self,
        config: PressConfig,
        planner: ReachPlanner,
        kinematics: InverseKinematics,
        unfold: Array,
    ) -> None:
        self.config = config
        self.planner = planner
        self.kinematics = kinematics
        self.unfold = unfold
        self.way = JointWay(config.joint_speed_rad_s)
        self.phase = Phase.OVER
        self.reason = ""
        self.success = False
        self.peak_force_n = 0.0
        self.trail: list[Array] = []
        self._reach: Reach | None = None
        self._thing = (np.zeros(3), np.zeros(3), False)
        self._spots: Array | None = None
        self._tries = self._spot = 0
        self._from: Reach | None = None
        self._along = 0.0
        self._contact_at = 0.0
        self._since = 0.0
        self._over_count = 0
        self._tare: list[Array] = []
        self._choice: StepChoice | None = None

    def start(
        self,
        q: Array,
        center: Array,
        size: Array,
        push: bool,
        *,
        touch: Array | None = None,
    ) -> bool:
        """Begin; false (with `reason`) when the thing cannot be reached.

        Args:
            q: measured joint positions (n,).
            center: middle of the thing (3,) [m] in `base_link`.
            size: its extent (3,) [m].
            push: shove it sideways instead of pressing.
            touch: spots of its surface (k, 6) to press in turn, point [m] and normal in
                `base_link`; None = told by centre and size.
        """
        self.reason, self.success, self.peak_force_n = "", False, 0.0
        self._spots = None if push else touch
        if self._spots is not None:  # what is pressed is a spot, not the whole
            size = np.full(3, 0.1)
        self._thing = (center, size, push)
        self._tries = self._spot = 0
        self._reach = self._from = None
        self._choice = self._stiffness_rule(push)
        if not self._plan_next():
            self.phase = Phase.OVER
            return False
        self.phase = Phase.UNFOLD
        self.trail = []
        self.way.start(between(q, self.unfold, to_end=True), q)
        return True

    @property
    def contact(self) -> bool:
        """Whether touching is intended now."""
        return self.phase in (
            Phase.SETTLE, Phase.APPROACH, Phase.CONTACT, Phase.HOLD, Phase.RETRACT
        )  # fmt: skip

    def step(self, t: float, body: BodyState, dt: float) -> ArmCommand:
        """One step at motion rate; `phase` is OVER when it has ended."""
        if self.phase is Phase.OVER or self._reach is None:
            return ArmCommand(q=self.way.command if len(self.way.command) else body.q)
        if self.contact:
            return self._touch(t, body, dt, self._reach)
        return self._move(t, body, dt, self._reach)

    def _move(self, t: float, body: BodyState, dt: float, reach: Reach) -> ArmCommand:
        arrived = self.way.step(body.q, dt)
        late = self.way.blocked_s > self.config.blocked_s or self.way.late_s > 0.0
        stopped = self.way.stops >= self.config.stops and self.phase is not Phase.RETURN
        if late or stopped:
            return self._held(body)
        if arrived and self.phase is Phase.UNFOLD:
            self.phase = Phase.REACH
            self.trail = [*reach.way]
            self.way.start(list(reach.way[1:]), body.q)
        elif arrived and self.phase is Phase.REACH:
            self.phase = Phase.SETTLE
            self._since, self._tare = t, []
        elif arrived and self.phase is Phase.RETURN:
            self.phase = Phase.OVER
        return ArmCommand(q=self.way.command)

    def _held(self, body: BodyState) -> ArmCommand:
        """Something holds the arm: turn back, or end when even that fails."""
        if self.phase is Phase.RETURN:
            self.phase, self.success = Phase.OVER, False
            self.reason = "the arm is held and cannot fold"
        else:
            self.phase = Phase.RETURN
            self.reason = "something is in the way of the arm"
            self.way.start(self.retreat_way(body.q), body.q)
        return ArmCommand(q=self.way.command)

    def _touch(self, t: float, body: BodyState, dt: float, reach: Reach) -> ArmCommand:
        force = body.wrench_ee[:3]
        if self.phase is Phase.SETTLE:
            self._settle(t, force)
        else:
            tare = np.mean(self._tare, axis=0)
            felt = force - tare
            self.peak_force_n = max(self.peak_force_n, float(np.linalg.norm(felt)))
            push = -float(felt @ reach.axis)
            travel = float(
                (self.kinematics.forward(body.q)[:3, 3] - reach.before[:3, 3])
                @ reach.axis
            )
            self._advance(t, dt, push, travel, reach)
        if self.phase in (Phase.REACH, Phase.RETURN):
            self.way.start(self._next_way(), body.q)
            return ArmCommand(q=self.way.command)
        return self._anchor(reach, body)

    def _settle(self, t: float, force: Array) -> None:
        """Let the arm come to rest and learn what the wrist feels in the air."""
        if t - self._since > 0.5 * self.config.settle_s:
            self._tare.append(force)
        if t - self._since > self.config.settle_s:
            self.phase = Phase.APPROACH
            self._since, self._along, self._over_count = t, 0.0, 0

    def _advance(
        self, t: float, dt: float, push: float, travel: float, reach: Reach
    ) -> None:
        c = self.config
        if self.phase is Phase.APPROACH:
            self._over_count = self._over_count + 1 if push > c.touch_n else 0
            if self._over_count >= 2 or push > 2.0 * c.touch_n:
                self._touched(t, travel, reach)
            elif travel > reach.limit_m or self._along > reach.limit_m + 0.03:
                self._missed(t, "felt nothing")
            else:
                deep = travel > reach.expected_m + 0.02
                self._along += c.approach_m_s * dt * (0.6 if deep else 1.0)
        elif self.phase is Phase.CONTACT:
            pushing = self._thing[2]
            enough = push >= (c.push_n if pushing else c.press_n)
            moved = travel - self._contact_at >= c.push_m
            far = self._along - self._contact_at > c.squeeze_m + (
                c.push_m if pushing else 0.0
            )
            if enough or far or (pushing and moved):
                self.phase, self._since = Phase.HOLD, t
            else:
                self._along += c.squeeze_m_s * dt
        elif self.phase is Phase.HOLD:
            if t - self._since >= c.hold_s:
                self.success = True
                self.phase = Phase.RETRACT
        elif self.phase is Phase.RETRACT:
            self._along -= c.retract_m_s * dt
            if (self._along <= 0.0 and travel < 0.02) or self._along < -0.15:
                self._after_retract()

    def _touched(self, t: float, travel: float, reach: Reach) -> None:
        """Contact: the thing, unless it was as deep as what the thing stands on."""
        center, size, push = self._thing
        beside = reach.expected_m + max(float(size[2]) - 0.012, 0.03)
        if reach.axis[2] < -0.5 and travel > beside and center[2] > 0.0 and not push:
            self._missed(t, "felt only what is beside it")
            return
        self.phase = Phase.CONTACT
        self._contact_at = max(travel, 0.0)
        self._along = self._contact_at + 0.005

    def _missed(self, t: float, reason: str) -> None:
        self.reason = reason
        self.phase = Phase.RETRACT

    def _after_retract(self) -> None:
        if self.success or not self._plan_next():
            self.phase = Phase.RETURN
        else:
            self.phase = Phase.REACH

    def _next_way(self) -> list[Array]:
        """To the next spot, directly when it is near; or home."""
        old, new = self._from, self._reach
        if self.phase is not Phase.REACH or new is None:
            return self._way_home()
        back = self.trail[::-1]
        self.trail = [*new.way]
        if old is not None and float(old.axis @ new.axis) > 0.9:
            return [new.way[-1]]
        return [*back, *new.way[1:]]

    def _way_home(self) -> list[Array]:
        """Back the way it came, then folded."""
        home = [*self.trail[::-1], *self.unfold[::-1]]
        self.trail = []
        return home

    def retreat(self, q: Array) -> list[Array]:
        """Stop; way points from an interrupted press back to the stowed posture."""
        self.phase = Phase.OVER
        return self.retreat_way(q)

    def retreat_way(self, q: Array) -> list[Array]:
        """Way points from joint positions q (n,) back to the stowed posture."""
        if not self.trail:
            return between(q, self.unfold, to_end=False)
        apart = [float(np.abs(q - point).max()) for point in self.trail]
        self.trail = self.trail[: int(np.argmin(apart)) + 1]
        return self._way_home()

    def _plan_next(self) -> bool:
        """Find a way to the next spot of the thing that can be reached."""
        center, _, push = self._thing
        tries = 1 if push else self.config.tries
        spots = len(SPOTS) if self._spots is None else len(self._spots)
        while self._tries < tries and self._spot < spots:
            spot, self._spot = self._spot, self._spot + 1
            reach = self._plan(spot)
            if reach is not None:
                self._tries += 1
                self._from, self._reach = self._reach, reach
                return True
            if push:
                break
        if self._tries == 0:
            x, y, z = center
            self.reason = f"out of reach: ({x:.2f}, {y:.2f}, {z:.2f}) m from the base"
        return False

    def _plan(self, spot: int) -> Reach | None:
        center, size, push = self._thing
        if self._spots is not None:
            return self.planner.touch(self._spots[spot, :3], self._spots[spot, 3:])
        if push:
            return self.planner.push(center, size)
        return self.planner.press(center, size, spot)

    def _anchor(self, reach: Reach, body: BodyState) -> ArmCommand:
        anchor = reach.before.copy()
        anchor[:3, 3] += self._along * reach.axis
        share = float(np.clip(self._along / reach.limit_m, 0.0, 1.0))
        c = self.config
        stiffness = np.diag([c.stiffness_n_m] * 3 + [c.stiffness_nm_rad] * 3)
        pressing = self.phase not in (Phase.SETTLE, Phase.RETRACT)
        if self._choice is not None and pressing:
            tare = np.mean(self._tare, axis=0)
            felt = feel(self.kinematics, body, anchor, tare)
            chosen = self._choice.choose(felt)
            anchor[:3, 3] += chosen.step[:3] - felt.way[:3]
            stiffness = chosen.stiffness
        q = (1.0 - share) * reach.way[-1] + share * reach.end
        return ArmCommand(q=q, anchor=anchor, stiffness=stiffness)

    def _stiffness_rule(self, push: bool) -> StepChoice | None:
        """The choice of step and stiffness; None is the fixed spring."""
        c = self.config
        if not c.variable_stiffness:
            return None
        most_n = PUSH_SHARE * (c.push_n if push else c.press_n)
        return StiffnessRule(StepConfig(push_n=most_n, turn_nm_rad=c.stiffness_nm_rad))


def between(q: Array, way: Array, *, to_end: bool) -> list[Array]:
    """Way points from near a way (k, n) along it to its end, or back to its start.

    From elsewhere the way is joined at its end, where there is room.
    """
    best, at = np.inf, len(way) - 1
    for k in range(len(way) - 1):
        line = way[k + 1] - way[k]
        share = float(np.clip((q - way[k]) @ line / max(line @ line, 1e-9), 0.0, 1.0))
        off = float(np.abs(q - (way[k] + share * line)).max())
        if off < best:
            best, at = off, k
    if best > 0.3:
        return [way[-1]] if to_end else list(way[::-1])
    return list(way[at + 1 :]) if to_end else list(way[at::-1])
