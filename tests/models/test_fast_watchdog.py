"""The watchdog in the fast loop: intended presses pass, other contacts do not.

Three arms press on springs in the model of their own masses. In ticks, with and without
the watchdog.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import (
    GuardConfig,
    LadderConfig,
    ReflexConfig,
    WatchdogConfig,
)
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import PACKAGED_ARMS, READY, panda

DT = 1e-3
WATCHDOG = WatchdogConfig(enabled=True)
DOWN = np.array([0.0, 0.0, -1.0])
SIDE = np.array([0.0, 1.0, 0.0])
WITHIN_TICKS = WATCHDOG.unexplained_ticks + 2


def arm_named(name):
    """Dynamics, limits and start of an arm."""
    if name == "franka":
        low, high = panda.Q_MIN, panda.Q_MAX
        dq_max, effort_max, start = panda.DQ_MAX, panda.EFFORT_MAX, READY
        kind = "mobile_manipulator"
    elif name == "loaded franka":
        _, limits, start = arm_named("franka")
        return arm_dynamics(2.0), limits, start
    else:
        arm = PACKAGED_ARMS[name]
        if not arm.source.version:
            pytest.skip(f"not installed: {arm.source.command}")
        start, dq_max = np.array(arm.rest), np.array(arm.dq_max)
        high, effort_max = np.full(start.size, 6.2), np.array(arm.effort_max)
        low, kind = -high, name
    limits = BodyLimits(
        q_min=low, q_max=high, dq_max=dq_max, effort_max=effort_max,
        effort_rate_max=np.full(start.size, 1000.0), twist_max=np.ones(2),
        accel_max=np.ones(2), radius_m=0.3,
    )  # fmt: skip
    return arm_dynamics(kind=kind), limits, start


class Press:
    """An arm above a surface, a spring below the hand; a force besides."""

    def __init__(self, arm="franka", *, watchdog=WATCHDOG, surface=2e4, **impedance):
        dynamics, limits, start = arm_named(arm)
        reflex = ReflexConfig(
            guards=GuardConfig(lidar_required=False), watchdog=watchdog
        )
        config = FastConfig(impedance=ImpedanceConfig(**impedance), reflex=reflex)
        self.fast = FastLoop(config, dynamics, limits)
        self.plant = arm_named(arm)[0]
        self.q, self.dq = start.copy(), np.zeros(start.size)
        self.plant.update(self.q, self.dq)
        self.home = self.plant.T_base_ee.copy()
        self.surface, self.face_m = surface, float(self.home[2, 3]) - 0.005
        self.extra, self.ticks, self.levels = np.zeros(3), 0, []
        self.peak_n = 0.0

    def state(self, wrench):
        zero = np.zeros(3)
        return BodyState(
            stamp=self.ticks * DT, q=self.q.copy(), dq=self.dq.copy(),
            effort=np.zeros(self.q.size), twist_base=np.zeros(2), pose_odom_base=zero,
            wrench_ee=wrench, bumper=np.zeros(8, bool), gyro=zero, accel=zero,
            head=np.zeros(2), gripper_m=0.0, battery=1.0,
        )  # fmt: skip

    def wrench(self):
        hand, speed = self.plant.T_base_ee[2, 3], self.plant.jacobian[2] @ self.dq
        depth = self.face_m - hand
        push = self.surface * depth - 0.2 * math.sqrt(self.surface * 4.0) * speed
        wrench = np.zeros(6)
        wrench[2] = max(push, 0.0) if depth > 0.0 else 0.0
        wrench[:3] += self.extra
        return wrench

    def run(self, ticks, anchor, *, stiffness=600.0, contact=True):
        """Follow `anchor(tick)`, an offset (3,) [m] from the start."""
        for tick in range(ticks):
            wrench = self.wrench()
            self.peak_n = max(self.peak_n, float(np.linalg.norm(wrench[:3])))
            if tick % 50 == 0 and (ticks > 1 or self.ticks % 50 == 0):
                T = self.home.copy()
                T[:3, 3] += anchor(tick)
                self.fast.set_target(self.target(T, stiffness, contact))
            command = self.fast.tick(self.state(wrench))
            force = command.effort - self.plant.bias + self.plant.jacobian.T @ wrench
            self.dq = self.dq + DT * np.linalg.solve(self.plant.mass, force)
            self.q = self.q + DT * self.dq
            self.plant.update(self.q, self.dq)
            self.ticks += 1
            self.levels.append(self.fast.level)
        return self.levels[-ticks:]

    def target(self, T, stiffness, contact):
        return MotionTarget(
            stamp=self.ticks * DT, twist_base=np.zeros(2), mode=ArmMode.CARTESIAN,
            q_target=self.q.copy(), T_base_ee=T, wrench_ff=np.zeros(6),
            stiffness=np.diag([stiffness] * 3 + [30.0] * 3), contact=contact,
            head=np.zeros(2), gripper_m=0.0,
        )  # fmt: skip

    def press(self, force_n, stiffness=600.0):
        """Press with that force; what came from tick 100 on."""
        deep = 0.005 + force_n * (1.0 / stiffness + 1.0 / self.surface)
        self.deep = deep * DOWN
        ticks = 150 + round(deep / 0.04 / DT) + 300
        found = self.run(
            ticks,
            lambda tick: min(0.04 * max(tick - 100, 0) * DT, deep) * DOWN,
            stiffness=stiffness,
        )
        return found[100:]

    def causes(self):
        return {event.cause for event in self.fast.pop_events()}


ARMS = ("franka", "loaded franka", "ur5e")


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("stiffness, surface", [(500, 2e3), (900, 2e4), (2000, 8e4)])
def test_an_intended_press_up_to_the_allowed_force_does_not_trip(
    arm, stiffness, surface
):
    robot = Press(arm, surface=surface)
    found = robot.press(28.0, float(stiffness))
    assert max(found) == ReflexLevel.NOMINAL
    assert robot.peak_n > 25.0
    assert robot.fast.watchdog.rest_n < 0.5 * WATCHDOG.unexplained_n


RISE_TICKS = 60


def reaction(robot, push):
    """Ticks from the begin of a push of a person until RETRACT, None if there is none.

    It rises like a hand that pushes: a sudden one is met by the rules at once.
    """
    before = robot.extra.copy()
    for tick in range(300):
        share = min((tick + 1) / RISE_TICKS, 1.0)
        robot.extra = before + share * (np.asarray(push) - before)
        (level,) = robot.run(1, lambda _: robot.deep)
        if level >= ReflexLevel.RETRACT:
            return tick + 1
    return None


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("push", [22.0 * SIDE, -25.0 * SIDE, -23.0 * DOWN])
def test_a_person_who_pushes_during_a_press_is_answered_within_ticks(arm, push):
    robot, plain = Press(arm), Press(arm, watchdog=WatchdogConfig())
    for each in (robot, plain):
        each.press(12.0)
    assert reaction(robot, push) <= RISE_TICKS + WITHIN_TICKS
    assert "wrench not explained" in robot.causes()
    assert reaction(plain, push) is None  # below what an intended contact may have


def test_a_slow_push_is_answered_too():
    robot = Press()
    robot.press(12.0)
    for tick in range(3000):  # 10 N/s
        robot.extra = 0.01 * tick * SIDE
        (level,) = robot.run(1, lambda _: robot.deep)
        if level >= ReflexLevel.RETRACT:
            break
    assert 10.0 < np.linalg.norm(robot.extra) < 18.0


def test_the_hand_retreats_from_the_push():
    robot = Press()
    robot.press(12.0)
    before = robot.plant.T_base_ee[:3, 3].copy()
    assert reaction(robot, 25.0 * SIDE) is not None
    robot.run(300, lambda _: robot.deep)
    moved = robot.plant.T_base_ee[:3, 3] - before
    assert moved @ SIDE > 0.01 and moved @ DOWN < 0.0


FAST = {"speed_m_s": 0.4, "impact_stiffness_n_m": 0.0}


def fly(watchdog, *, contact):
    """Towards a hard surface that is 10 cm away, at 0.4 m/s; the peak force."""
    robot = Press(watchdog=watchdog, surface=6e4, **FAST)
    robot.face_m -= 0.095
    robot.run(150, lambda tick: np.zeros(3), contact=contact)
    robot.run(1500, lambda tick: min(0.4 * tick * DT, 0.2) * DOWN, contact=contact)
    return robot


@pytest.mark.parametrize("contact", [False, True])
def test_a_hand_that_is_too_fast_is_slowed_before_it_hits(contact):
    limit = FastConfig().reflex.force.limit_n
    plain, robot = (
        fly(WatchdogConfig(), contact=contact),
        fly(WATCHDOG, contact=contact),
    )
    assert plain.peak_n > limit > robot.peak_n > 5.0
    assert "worst force ahead" in robot.causes()


def test_a_hand_at_the_speed_of_the_impact_limit_is_left_alone():
    robot = Press()
    robot.face_m -= 1.0
    robot.run(150, lambda tick: np.zeros(3), contact=False)
    found = robot.run(1500, lambda tick: 0.15 * SIDE, contact=False)
    assert max(found) == ReflexLevel.NOMINAL
    assert robot.fast.watchdog.pace == 1.0


def test_when_it_is_off_nothing_of_it_is_there():
    robot = Press(watchdog=WatchdogConfig())
    assert robot.fast.watchdog is None and robot.fast.reflex.watchdog is None


SHORT = LadderConfig(
    dwell_ticks=3, clear_ticks=2, retract_ticks=10, hold_ticks=6, caution_ticks=8
)
BAD = (math.nan, math.inf, -math.inf, 1e300, -1e30, 5e-324)


def pair():
    loops = []
    for enabled in (False, True):
        watchdog = replace(WATCHDOG, enabled=enabled)
        reflex = ReflexConfig(
            guards=GuardConfig(lidar_required=False, frozen_ticks=10_000),
            ladder=SHORT, watchdog=watchdog,
        )  # fmt: skip
        dynamics, limits, _ = arm_named("franka")
        loops.append(FastLoop(FastConfig(reflex=reflex), dynamics, limits))
    return loops


def disturbed(press, rng, kind):
    """A state of the tick with one kind of trouble."""
    state = press.state(np.r_[rng.normal(0.0, 2.0, 3), np.zeros(3)])
    changes = {}
    if kind == 1:
        changes["wrench_ee"] = np.r_[rng.normal(0.0, 20.0, 3), np.zeros(3)]
    elif kind == 2:
        changes["dq"] = rng.normal(0.0, 0.4, 7)
    elif kind in (3, 4):
        name = ("wrench_ee", "dq")[kind - 3]
        values = getattr(state, name).copy()
        values[rng.integers(values.size)] = BAD[rng.integers(len(BAD))]
        changes[name] = values
    elif kind == 5:
        changes[str(rng.choice(["dq", "wrench_ee"]))] = np.zeros(2)
    elif kind == 6:
        return None
    return replace(state, **changes)


scripts = st.lists(
    st.tuples(st.integers(0, 8), st.booleans(), st.integers(1, 25)),
    min_size=2,
    max_size=6,
)


@pytest.fixture(scope="module")
def still():
    return Press()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), scripts)
def test_with_the_watchdog_the_level_is_never_lower(still, seed, script):
    rng, loops, tick = np.random.default_rng(seed), pair(), 0
    for kind, contact, ticks in script:
        still.ticks = tick
        T = still.home.copy()
        T[:3, 3] += rng.normal(0.0, 0.05, 3)
        mode = ArmMode.JOINT if rng.random() < 0.2 else ArmMode.CARTESIAN
        twist = rng.uniform(-0.5, 0.5, 2)
        target = replace(still.target(T, 600.0, contact), mode=mode, twist_base=twist)
        for loop in loops:
            loop.set_target(target)
            if kind == 7:
                loop.reset()
            elif kind == 8:
                loop.estop()
        for _ in range(ticks):
            still.ticks = tick
            state, now = disturbed(still, rng, kind), tick * DT
            commands = [loop.tick(state, now) for loop in loops]
            assert loops[1].level >= loops[0].level
            assert loops[1].reflex.rules_level == loops[0].level
            off, on = (np.abs(command.twist_base) for command in commands)
            assert (on <= off + 1e-12).all()
            for command in commands:
                assert np.isfinite(command.effort).all()
            tick += 1
        assert not any(loop.faults for loop in loops)


def test_the_watchdog_does_act_in_these_scripts(still):
    """Else the promise would be kept by doing nothing."""
    plain, watched = pair()
    rng, higher = np.random.default_rng(0), 0
    for tick in range(300):
        still.ticks = tick
        if tick % 50 == 0:
            for loop in (plain, watched):
                loop.set_target(still.target(still.home, 600.0, True))
        state = disturbed(still, rng, 1 if tick > 150 else 0)
        for loop in (plain, watched):
            loop.tick(state, tick * DT)
        higher += watched.level > plain.level
    assert higher > 3


@pytest.mark.parametrize("name, place", [("wrench_ee", 1), ("wrench_ee", 4), ("dq", 6)])
@pytest.mark.parametrize("bad", [*BAD[:5], None])
def test_what_is_no_number_is_danger_in_the_same_tick(still, name, place, bad):
    watchdog = pair()[1].watchdog
    state = still.state(np.zeros(6))
    watchdog.judge(state, springs=True, intended=True)
    assert watchdog.level is ReflexLevel.NOMINAL
    values = None if bad is None else getattr(state, name).copy()
    if values is not None:
        values[place] = bad
    watchdog.judge(replace(state, **{name: values}), springs=True, intended=True)
    assert watchdog.level >= ReflexLevel.HOLD
