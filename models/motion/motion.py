"""Motion: turns sub-goals into targets for the fast loop, 20 times a second."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array, inverse2, move_spots, transform2
from neural_brain.models.motion.drive import DONE, FAILED, RUNNING, Drive, DriveConfig
from neural_brain.models.motion.head import Head, HeadConfig
from neural_brain.models.motion.inverse_kinematics import InverseKinematics
from neural_brain.models.motion.joint_way import JointWay
from neural_brain.models.motion.press import ArmCommand, Phase, PressConfig, PressSkill
from neural_brain.models.motion.reach import ReachConfig, ReachPlanner
from neural_brain.models.motion.scan_guard import ScanGuard
from neural_brain.models.signals import (
    ArmDynamics,
    ArmMode,
    BodyLimits,
    BodyState,
    LaserScan,
    MapState,
    MotionStatus,
    MotionTarget,
    Percepts,
    SubGoal,
    SubGoalKind,
)

WATCH_M = 1.5  # a thing that is driven to is kept in view from here


@dataclass(frozen=True, kw_only=True)
class MotionConfig:
    """Postures of the arm (n,) [rad] and one section per skill.

    The default way of unfolding keeps the whole arm within 0.36 m of the base's centre,
    0.46 m above 1.0 m, so that it can unfold in front of furniture.
    """

    stowed: tuple[float, ...] = param(
        (2.12, 0.53, 0.52, -2.62, 0.08, 1.35, 0.29), "arm while driving"
    )
    unfold: tuple[tuple[float, ...], ...] = param(
        (
            (1.550, -0.379, 1.007, -2.673, 0.324, 1.433, 0.710),
            (1.583, -0.503, 1.000, -2.667, 0.499, 1.505, 0.694),
            (1.603, -0.648, 0.650, -2.709, 0.834, 1.710, 0.429),
            (1.691, -0.798, 0.125, -2.521, 0.675, 1.631, 0.752),
            (1.459, -0.687, -0.122, -1.965, 0.651, 1.245, 0.631),
            (0.0, -0.80, 0.0, -1.96, 0.0, 1.16, 0.7854),
        ),
        "way points from stowed; the last one is the posture before a reach",
    )
    elbow_back_rad: float = param(
        -0.95, "lowest second joint of a reach: behind the elbow stands the mast",
        low=-3.2, high=3.2,
    )  # fmt: skip
    drive: DriveConfig = field(default_factory=DriveConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    reach: ReachConfig = field(default_factory=ReachConfig)
    press: PressConfig = field(default_factory=PressConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Motion:
    """Drives, looks, presses and stows.

    Args:
        config: postures and skills.
        limits: hard limits of the body.
        dynamics: kinematics of the arm; owned by this object from now on.

    Raises:
        ConfigError: if a posture does not fit the arm.
    """

    def __init__(
        self, config: MotionConfig, limits: BodyLimits, dynamics: ArmDynamics
    ) -> None:
        self.config = config
        self.limits = limits
        self.stowed = _posture("stowed", config.stowed, limits)
        points = [_posture("unfold", point, limits) for point in config.unfold]
        self.unfold = np.array([self.stowed, *points])
        follower = config.drive.follower
        self.guard = ScanGuard(
            limits.radius_m + follower.scan_margin_m,
            follower.stale_scan_s,
            limits.radius_m,
        )
        self.drive = Drive(config.drive, limits.radius_m, self.guard)
        self.head = Head(config.head)
        self.kinematics = InverseKinematics(dynamics, limits)
        if len(limits.q_min) > 1:
            low = self.kinematics.low
            low[1] = max(low[1], config.elbow_back_rad)
        planner = ReachPlanner(config.reach, self.kinematics, self.unfold[-1])
        self.press = PressSkill(config.press, planner, self.kinematics, self.unfold)
        self.fold = JointWay(config.press.joint_speed_rad_s)
        self._folding = False
        self._goal: SubGoal | None = None
        self._state, self._reason = RUNNING, ""
        self._t: float | None = None
        self._twist = np.zeros(2)
        self._since = self._on_point_at = 0.0
        self._hold_q: Array | None = None

    def see(self, percepts: Percepts) -> None:
        """Take in what the camera saw; the base keeps off what the lidar misses."""
        self.guard.low.see(percepts)

    def step(
        self,
        t: float,
        subgoal: SubGoal,
        state: MapState,
        body: BodyState,
        *,
        scan: LaserScan | None,
        pose_map_base: Array,
    ) -> tuple[MotionTarget, MotionStatus]:
        """Target for the fast loop and how the sub-goal goes.

        Args:
            t: now [s].
            subgoal: what to do; a new id starts anew.
            state: the map.
            body: the newest body state.
            scan: the newest scan, or None.
            pose_map_base: where the robot is (3,).
        """
        dt = 0.05 if self._t is None else float(np.clip(t - self._t, 0.0, 0.2))
        self._t = t
        self.guard.update(body, scan)
        if self._goal is None or subgoal.id != self._goal.id:
            self._begin(t, subgoal, body, pose_map_base)
        twist, arm = np.zeros(2), self._rest(body)
        if self._state == RUNNING:
            twist, arm = self._go_on(subgoal, state, body, pose_map_base, dt)
        elif subgoal.kind in (SubGoalKind.DRIVE, SubGoalKind.WAIT):
            self.head.ahead(dt)
        return self._target(t, self._smooth(twist, dt), arm, body), self._status(
            subgoal
        )

    def _begin(self, t: float, goal: SubGoal, body: BodyState, pose: Array) -> None:
        self._goal, self._since, self._on_point_at = goal, t, t
        self._state, self._reason = RUNNING, ""
        self._hold_q = None
        was_out = self.press.phase is not Phase.OVER
        if was_out or not self._is_stowed(body.q):
            self.fold.start(self.press.retreat(body.q), body.q)
            self._folding = True
        missing = (goal.kind is SubGoalKind.DRIVE and goal.pose_map is None) or (
            goal.kind is SubGoalKind.PRESS and goal.point_map is None
        )
        if missing:
            self._fail("the sub-goal has no place")
        elif goal.kind is SubGoalKind.DRIVE:
            self.drive.start(goal, t)
        elif goal.kind is SubGoalKind.LOOK and goal.point_map is None:
            self.head.start_around()
        elif goal.kind is SubGoalKind.PRESS:
            self._begin_press(goal, body, pose)

    def _begin_press(self, goal: SubGoal, body: BodyState, pose: Array) -> None:
        point = np.asarray(goal.point_map, dtype=np.float64)
        size = np.full(3, 0.1) if goal.size is None else np.array(goal.size)
        xy = transform2(inverse2(pose), point[None, :2])[0]
        center = np.array([xy[0], xy[1], point[2]])
        self._folding = False
        touch = None if goal.touch is None else move_spots(inverse2(pose), goal.touch)
        if not self.press.start(body.q, center, size, goal.push, touch=touch):
            self._fail(self.press.reason)

    def _go_on(
        self,
        goal: SubGoal,
        state: MapState,
        body: BodyState,
        pose: Array,
        dt: float,
    ) -> tuple[Array, ArmCommand]:
        t = self._t or 0.0
        if goal.kind is SubGoalKind.PRESS:
            return np.zeros(2), self._step_press(t, goal, body, pose, dt)
        arm = self._rest(body)
        if self._folding:
            arm = self._step_fold(body, dt)
        twist = np.zeros(2)
        if goal.kind is SubGoalKind.STOW:
            self._state = RUNNING if self._folding else DONE
        elif goal.kind is SubGoalKind.WAIT:
            self._state = RUNNING
        elif goal.kind is SubGoalKind.LOOK:
            twist = self._step_look(t, goal, body, pose, dt)
        elif goal.kind is SubGoalKind.DRIVE:
            self._watch(goal, pose, dt)
            if not self._folding:
                twist, self._state = self.drive.step(
                    t,
                    state.grid,
                    body,
                    pose,
                    areas=state.areas,
                    tolls=state.tolls,
                    routes=state.routes,
                )
                twist = self._slowly(twist)
                self._reason = self.drive.reason
        return twist, arm

    def _watch(self, goal: SubGoal, pose: Array, dt: float) -> None:
        """While driving: left and right; near what the robot drives to, at that."""
        point = goal.point_map
        if point is not None and np.hypot(*(point[:2] - pose[:2])) < WATCH_M:
            self.head.look_at(point, pose, dt)
        else:
            self.head.sweep(dt)

    def _step_press(
        self, t: float, goal: SubGoal, body: BodyState, pose: Array, dt: float
    ) -> ArmCommand:
        if goal.point_map is not None:
            self.head.look_at(goal.point_map, pose, dt)
        arm = self.press.step(t, body, dt)
        if self.press.phase is Phase.OVER:
            self._state = DONE if self.press.success else FAILED
            self._reason = "" if self.press.success else self.press.reason
            self._hold_q = self.stowed
        return arm

    def _step_fold(self, body: BodyState, dt: float) -> ArmCommand:
        if self.fold.step(body.q, dt):
            self._folding = False
            self._hold_q = self.stowed
        if self.fold.blocked_s > self.config.press.blocked_s:
            self._fail("the arm cannot fold: something holds it")
        return ArmCommand(q=self.fold.command)

    def _step_look(
        self, t: float, goal: SubGoal, body: BodyState, pose: Array, dt: float
    ) -> Array:
        if goal.point_map is None:
            if self.head.around(dt, body.head):
                self._state = DONE
            return np.zeros(2)
        beyond = self.head.look_at(goal.point_map, pose, dt)
        if beyond != 0.0 and not self._folding and self.guard.fresh:
            self._on_point_at = t
            return np.array([0.0, float(np.clip(beyond, -0.6, 0.6))])
        wanted, _ = self.head.angles_to(goal.point_map, pose)
        if np.abs(wanted - body.head).max() > 0.1 and t - self._since < 6.0:
            self._on_point_at = t
        if t - self._on_point_at >= self.config.head.dwell_s:
            self._state = DONE
        return np.zeros(2)

    def _fail(self, reason: str) -> None:
        self._state, self._reason = FAILED, reason

    def _is_stowed(self, q: Array) -> bool:
        return bool(np.abs(q - self.stowed).max() < 0.15)

    def _rest(self, body: BodyState) -> ArmCommand:
        """Hold the arm where it is meant to be."""
        if self._hold_q is None:
            self._hold_q = self.stowed if self._is_stowed(body.q) else body.q.copy()
        return ArmCommand(q=self._hold_q)

    def _slowly(self, twist: Array) -> Array:
        """The same way at the speed that slow areas allow."""
        brake = self.config.drive.follower.brake_m_s2
        limit = self.drive.areas.speed_limit(brake)
        return twist * min(1.0, limit / max(abs(float(twist[0])), 1e-6))

    def _smooth(self, twist: Array, dt: float) -> Array:
        """Limit speed and acceleration of the base; stopping may be quicker."""
        c = self.config.drive.follower
        limit = np.minimum(self.limits.twist_max, [c.speed_m_s, c.turn_rad_s])
        wanted = np.clip(np.nan_to_num(twist), -limit, limit)
        gentle = np.array([c.accel_m_s2, c.turn_accel_rad_s2])
        rise = np.minimum(gentle, 0.8 * self.limits.accel_max) * dt
        fall = 0.8 * self.limits.accel_max * dt
        slower = np.abs(wanted) < np.abs(self._twist)
        step = np.where(slower, fall, rise)
        self._twist = self._twist + np.clip(wanted - self._twist, -step, step)
        return self._twist.copy()

    def _target(
        self, t: float, twist: Array, arm: ArmCommand, body: BodyState
    ) -> MotionTarget:
        cartesian = arm.anchor is not None
        soft = np.diag([300.0] * 3 + [20.0] * 3)
        return MotionTarget(
            stamp=t,
            twist_base=twist,
            mode=ArmMode.CARTESIAN if cartesian else ArmMode.JOINT,
            q_target=np.array(arm.q, dtype=np.float64),
            T_base_ee=np.eye(4) if arm.anchor is None else arm.anchor,
            stiffness=soft if arm.stiffness is None else arm.stiffness,
            wrench_ff=np.zeros(6),
            contact=self.press.contact,
            head=self.head.command.copy(),
            gripper_m=0.0,
        )

    def _status(self, goal: SubGoal) -> MotionStatus:
        driving = goal.kind is SubGoalKind.DRIVE
        return MotionStatus(
            id=goal.id,
            state=self._state,
            reason=self._reason,
            path_map=self.drive.follower.path if driving else np.zeros((0, 2)),
            peak_force_n=self.press.peak_force_n,
            stuck_at=self.drive.stuck_at if driving else None,
        )


def _posture(name: str, values: tuple[float, ...], limits: BodyLimits) -> Array:
    q = np.array(values, dtype=np.float64)
    if q.shape != limits.q_min.shape:
        raise ConfigError(
            f"MotionConfig.{name} has {q.size} joints; this arm has "
            f"{limits.q_min.size}. Give one angle per joint."
        )
    if np.any(q < limits.q_min) or np.any(q > limits.q_max):
        raise ConfigError(
            f"MotionConfig.{name} = {values} leaves the joint limits "
            f"{limits.q_min.tolist()} to {limits.q_max.tolist()}. Choose angles inside."
        )
    return q
