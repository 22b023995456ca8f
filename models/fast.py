"""The fast loop: impedance proposes, the reflex disposes, at every control tick.

Below HOLD the arm follows the newest target. At HOLD it holds softly where it is, at
RETRACT it backs off along the contact normal until something opposes that, at STOP and
ESTOP it only damps and carries its weight; the base stops by limited deceleration.
Nothing here raises.
"""

from __future__ import annotations

import contextlib
import math

import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.models.fast_config import FastConfig
from neural_brain.models.flight_recorder import FlightRecorder
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ArmImpedance
from neural_brain.models.kernels.last_word import keep_finite
from neural_brain.models.own_target import own_target, softer
from neural_brain.models.reflex import (
    CLEAR,
    ArmContact,
    BaseYield,
    Cause,
    Intent,
    Reflex,
    Retreat,
    Watchdog,
    recovery_bounds,
    shape_of,
)
from neural_brain.models.signals import (
    ArmDynamics,
    ArmMode,
    BodyCommand,
    BodyLimits,
    BodyState,
    LaserScan,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)

__all__ = ["FastConfig", "FastLoop"]

_HOLD, _RETRACT, _STOP = ReflexLevel.HOLD, ReflexLevel.RETRACT, ReflexLevel.STOP


class FastLoop:
    """Impedance and reflex of one robot.

    Args:
        config: all parameters.
        dynamics: rigid-body terms of the arm; owned by this object from now on.
        limits: hard limits of the body. No joints (n = 0): only the base is driven.

    Attributes:
        counters: ticks, refused inputs, cuts and faults so far.

    Raises:
        ConfigError: if the learned critic is on, and there is no arm to judge; if
            planes or self-distance are watched, and the arm has no shape.
        ModelFileError: if its weights cannot be used.
    """

    def __init__(
        self, config: FastConfig, dynamics: ArmDynamics, limits: BodyLimits
    ) -> None:
        n = limits.q_min.size
        tick_s = config.impedance.tick_s
        if config.reflex.critic.enabled and not n:
            raise ConfigError(
                "CriticConfig.enabled = True for a robot without an arm; the critic "
                "judges the arm's contacts only. Set it to False."
            )
        self.config = config
        shape = shape_of(config.reflex.workspace, dynamics if n else None)
        self.reflex = Reflex(config.reflex, limits, shape)
        self.impedance = ArmImpedance(config.impedance, dynamics, limits) if n else None
        self.arm_contact = (
            ArmContact(config.reflex.arm, limits, tick_s)
            if n and config.reflex.arm.enabled
            else None
        )
        self.watchdog = self.reflex.watchdog = self._make_watchdog()
        self.base_yield = (
            BaseYield(config.base_yield, limits, tick_s)
            if config.base_yield.enabled
            else None
        )
        self.recorder = FlightRecorder(n, max(1, round(config.recorder_s / tick_s)))
        self.faults = 0
        self._dynamics = dynamics
        self._bias: Array = np.zeros(n)
        self._tip: Array = dynamics.T_base_ee[:2, 3] if n else np.zeros(2)
        self._arm_target: MotionTarget | None = None
        self._own: MotionTarget | None = None
        self._own_level, self._alone = ReflexLevel.NOMINAL, False
        self._retreat = Retreat(config.reflex.force)
        self._now: float | None = None
        self._intent = Intent(tick_s, config.reflex.force.limit_n)
        if self.impedance is not None:
            push = recovery_bounds(config.reflex.force, config.retract_n_m)
            self.impedance.cartesian.back_off.bound(self._intent.away, *push)
        self._rest = own_target(n, config.hold_n_m, config.hold_nm_rad)
        self._soft = own_target(n, config.hold_n_m, config.hold_nm_rad)
        turned = config.hold_nm_rad * config.firm_n_m / config.hold_n_m
        self._firm = own_target(n, config.firm_n_m, turned)
        self._lead = own_target(n, config.retract_n_m, config.hold_nm_rad)

    @property
    def level(self) -> ReflexLevel:
        """Present reflex level."""
        return self.reflex.level

    @property
    def counters(self) -> dict[str, int]:
        """Ticks, refused inputs, cuts and faults so far."""
        reflex = self.reflex
        return {
            "ticks": reflex.ticks,
            "targets_refused": reflex.targets.refused,
            "scans_refused": reflex.obstacles.refused,
            "effort_cuts": reflex.efforts.cuts,
            "faults": self.faults,
        }

    def set_target(self, target: MotionTarget) -> bool:
        """Offer a new target; False if it was refused (see `reflex.targets.reason`)."""
        stamp = getattr(target, "stamp", 0.0)
        return self.reflex.targets.offer(
            target, stamp if self._now is None else self._now
        )

    def set_scan(self, scan: LaserScan, lidar: int = 0) -> bool:
        """Offer a new scan of a lidar; False if it was refused."""
        return self.reflex.set_scan(scan, lidar)

    def estop(self) -> None:
        """Stop now and stay stopped until `reset`."""
        self.reflex.demand(Cause(ReflexLevel.ESTOP, "person"))

    def reset(self) -> None:
        """Leave STOP or ESTOP at the next tick, if all inputs are valid then."""
        self.reflex.reset()

    def pop_events(self) -> list[ReflexEvent]:
        """Changes of the reflex since the last call, oldest first."""
        return self.reflex.pop_events()

    def dump(self) -> dict[str, Array]:
        """The last seconds: name -> (ticks, width), see `FlightRecorder`.

        What was measured, what impedance and target asked (`effort_proposed`,
        `twist_proposed`), and what the reflex let through (`effort`, `twist_base`).
        """
        return self.recorder.dump()

    def tick(self, body: BodyState, now: float | None = None) -> BodyCommand:
        """The command of this control tick.

        Args:
            body: measured state; whatever is wrong with it leads to the safe side.
            now: present time on the clock of the stamps [s]; the state's stamp when
                None.
        """
        if now is None:
            now = getattr(body, "stamp", math.nan)
        target = self.reflex.targets.target
        contact = target is not None and target.contact
        # The arm gets a new one a tick after the base: they take turns.
        arm_target, self._arm_target = self._arm_target or target, target
        if self.watchdog is not None:
            springs = arm_target is not None and arm_target.mode is ArmMode.CARTESIAN
            springs &= self._own is None
            self.watchdog.judge(body, springs=springs, intended=contact)
        if self.arm_contact is not None:  # as of the last tick
            felt = self.arm_contact.judge(intended=contact)
            if felt is not CLEAR:
                self.reflex.demand(felt)
        level = self.reflex.judge(body, now, contact=contact)
        if self.reflex.state.valid:
            self._now = body.stamp
        try:
            proposed = self._arm_effort(body, level, arm_target)
            effort = np.array(proposed, dtype=np.float64)  # plain, and nobody else's
        except Exception as error:  # the controller must never stop the loop
            self._fail(error)
            effort = self._bias
        if self.reflex.critic is not None:
            self._foresee(body, arm_target)
        command = self._command(body, effort, target)
        self.recorder.record(self.reflex.state.read, command, self.reflex.level)
        if self.arm_contact is not None:
            if self.reflex.state.valid:
                self.arm_contact.observe(self.reflex.state.read, self._dynamics)
            else:
                self.arm_contact.reset()
        return command

    def _make_watchdog(self) -> Watchdog | None:
        config, arm = self.config.reflex, self.impedance
        if arm is None or not config.watchdog.enabled:
            return None
        return Watchdog(config, arm, self.reflex.force.normal)

    def _arm_effort(
        self, body: BodyState, level: ReflexLevel, target: MotionTarget | None
    ) -> Array:
        """What impedance proposes at this level (n,) [Nm]."""
        impedance = self.impedance
        if impedance is None:
            return self._bias
        if not self.reflex.state.valid:
            impedance.release()
            self._own = None
            return self._bias
        dt = self.reflex.state.dt
        if level < _HOLD and target is not None:
            self._own = None
            scale = self.config.slow_scale if self.reflex.slowed else 1.0
            if self.watchdog is not None:
                scale = min(scale, self.watchdog.pace)
            impedance.soften(self.reflex.share, self._back(level))
            effort = impedance.tick(body, target, dt, scale)
        elif level < _STOP:
            own = self._own_target(impedance, body, level)
            impedance.soften(1.0, self._back(level))
            effort = impedance.tick(body, own, dt)
        else:
            self._own = None
            effort = impedance.damp(body)
        keep_finite(self._bias, impedance.bias)
        return effort

    def _back(self, level: ReflexLevel) -> float:
        """What the recovery policy asks for, where no rule leads or holds the arm."""
        critic = self.reflex.critic
        if critic is None or not self._intent.touching:
            return 0.0
        free = self.reflex.rules_level < _HOLD and level < _RETRACT
        return critic.back if free else 0.0

    def _foresee(self, body: BodyState, target: MotionTarget | None) -> None:
        """Let the critic judge what the arm is about to do.

        While the arm is held, what the target would pull it to is judged instead, so
        that the level falls when the wish has become harmless. Joint-space motion is
        left to the rules. Without a valid state nothing is judged: that is danger.
        """
        impedance, reflex = self.impedance, self.reflex
        if impedance is None or target is None or not reflex.state.valid:
            return
        if target.mode is not ArmMode.CARTESIAN:
            reflex.foresee(None)
            return
        arm, law = impedance.dynamics, impedance.cartesian
        config = self.config.impedance
        hand = arm.T_base_ee[:3, 3]
        if self._own is None:
            pull = _clipped(law.reference.position - hand, config.error_clip_m)
            K = law.schedule.K[:3, :3]
            scale = self.config.slow_scale if reflex.slowed else 1.0
            anchor = law.reference.velocity[:3] / scale
        else:
            pull = _clipped(target.T_base_ee[:3, 3] - hand, config.error_clip_m)
            K = target.stiffness[:3, :3]
            anchor = _clipped(pull / config.target_period_s, config.speed_m_s)
        intent = self._intent
        features = intent.read(
            body.wrench_ee,
            arm.jacobian[:3].dot(body.dq),
            pull,
            K,
            anchor,
            mobility_root=law.mobility_root,
        )
        # Before a touch there is nothing to tell: the speed limit is for that.
        reflex.foresee(features if intent.touching else None)

    def _own_target(
        self, impedance: ArmImpedance, body: BodyState, level: ReflexLevel
    ) -> MotionTarget:
        """The soft hold, made once, or the retreat, which goes on from where it is."""
        own, retreat, retreats = self._own, self._retreat, level is _RETRACT
        alone = self._critic_alone()
        if own is None or self._own_level is not level or self._alone is not alone:
            retreat.start(self.reflex.force.normal)
        elif not (retreats and retreat.needs_renewal(body.wrench_ee[:3])):
            return own
        leads = retreats and not retreat.blocked
        impedance.see(body)
        self._own_level, self._alone = level, alone
        self._own = own = self._lead if leads else self._hold()
        T, arm = own.T_base_ee, self._dynamics
        T[:], own.q_target[:] = arm.T_base_ee, body.q
        if leads:
            velocity = arm.jacobian[:3].dot(body.dq)
            T[:3, 3] += retreat.lead(self.reflex.force.normal, T[:3, 3], velocity)
            impedance.pull(body, own)
        else:
            impedance.release()
        return own

    def _critic_alone(self) -> bool:
        """Whether nothing but the learned critic asks for the hold that there is."""
        watchdog = self.watchdog
        watched = watchdog is not None and watchdog.level >= _HOLD
        return self.reflex.rules_level < _HOLD and not watched

    def _hold(self) -> MotionTarget:
        """How HOLD holds the hand: softly, or firmly.

        An arm that is soft to what pushes it above the wrist is pushed onto the next
        thing, which nothing sees coming. A learned guess makes no spring stiffer.
        """
        if self.arm_contact is not None and self.arm_contact.felt:
            return self._firm
        wish, rest, soft = self.reflex.targets.target, self._rest, self._soft
        if not self._alone or wish is None or wish.mode is not ArmMode.CARTESIAN:
            return rest
        soft.stiffness[:] = softer(rest.stiffness, wish.stiffness)
        return soft

    def _command(
        self, body: BodyState, effort: Array, target: MotionTarget | None
    ) -> BodyCommand:
        if target is None:
            head, gripper_m, twist = _NO_HEAD, math.nan, (0.0, 0.0)
        else:
            head, gripper_m = target.head, target.gripper_m
            twist = self._give_way(body, *target.twist_base.tolist())
        self.recorder.propose(effort, twist)
        command = self.reflex.limit(
            effort,
            twist,
            bias=self._bias,
            head=head,
            gripper_m=gripper_m,
            tip=self._tip,
        )
        if self.impedance is not None:
            places = self.reflex.places
            # Its rate limit must not chase what the rules take away joint by joint.
            sent = command.effort
            self.impedance.sync(sent if places is None else sent - places.bent)
        return command

    def _give_way(self, body: BodyState, v: float, w: float) -> tuple[float, float]:
        """The twist that is proposed to the rules."""
        shaper = self.base_yield
        if shaper is None or not self.reflex.state.valid:
            return v, w
        try:
            if shaper.needs_look():
                points = self.reflex.obstacles.near(body.pose_odom_base)
                shaper.look(points, body.bumper)
            return shaper.shape(v, w)
        except Exception as error:
            self._fail(error)
            return 0.0, 0.0

    def _fail(self, error: Exception) -> None:
        self.faults += 1
        name = f"controller fault: {type(error).__name__}"
        self.reflex.demand(Cause(_STOP, name))
        with contextlib.suppress(Exception):
            if self.impedance is not None:
                self.impedance.release()


_NO_HEAD = np.full(2, math.nan)


def _clipped(vector: Array, longest: float) -> Array:
    """The vector (3,), made shorter if need be."""
    length = math.sqrt(vector.dot(vector))
    return vector * (longest / length) if length > longest else vector
