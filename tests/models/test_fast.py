"""The fast loop on a Panda arm in empty space, in control ticks."""

import dataclasses

import numpy as np
import pytest

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.reflex import BaseYieldConfig, GuardConfig, ReflexConfig
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    LaserScan,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

DT = 1e-3
LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.array([0.7, 1.5]), accel_max=np.array([1.0, 3.0]), radius_m=0.27,
)  # fmt: skip


class Robot:
    """A simple plant: torque-driven arm, base that does what it is told."""

    def __init__(self, config=None):
        self.fast = FastLoop(config or FastConfig(), arm_dynamics(), LIMITS)
        self.plant = arm_dynamics()
        self.q, self.dq = READY.copy(), np.zeros(7)
        self.pose, self.twist = np.zeros(3), np.zeros(2)
        self.plant.update(self.q, self.dq)
        self.ticks, self.wrench, self.bumper = 0, np.zeros(6), np.zeros(8, bool)
        self.commands, self.scan_points = [], np.zeros((0, 2))
        self.home = self.plant.T_base_ee.copy()

    @property
    def t(self):
        return self.ticks * DT

    def body(self, **changes):
        zero = np.zeros(3)
        values = dict(
            stamp=self.t, q=self.q.copy(), dq=self.dq.copy(), effort=np.zeros(7),
            twist_base=self.twist, pose_odom_base=self.pose.copy(), gyro=zero,
            wrench_ee=self.wrench, bumper=self.bumper, accel=zero, head=np.zeros(2),
            gripper_m=0.0, battery=1.0,
        )  # fmt: skip
        return BodyState(**{**values, **changes})

    def scan(self):
        ranges = np.full(360, np.inf)
        c, s = np.cos(self.pose[2]), np.sin(self.pose[2])
        for x, y in (self.scan_points - self.pose[:2]) @ np.array([[c, -s], [s, c]]):
            beam = round(np.degrees(np.arctan2(y, x)) + 180) % 360
            ranges[beam] = min(ranges[beam], np.hypot(x, y))
        return LaserScan(
            stamp=self.t, angle_min=-np.pi, angle_increment=np.pi / 180, range_min=0.1,
            range_max=10.0, ranges=ranges, pose_base_laser=np.zeros(3),
        )  # fmt: skip

    def target(self, **changes):
        values = dict(
            stamp=self.t, twist_base=np.zeros(2), mode=ArmMode.CARTESIAN,
            q_target=READY, T_base_ee=self.home, wrench_ff=np.zeros(6), contact=False,
            stiffness=np.diag([400.0] * 3 + [30.0] * 3), head=np.zeros(2),
            gripper_m=0.0,
        )  # fmt: skip
        return MotionTarget(**{**values, **changes})

    def run(self, ticks, *, targets=True, scans=True, body=None, **changes):
        """Run some ticks; `body` changes the state as it is measured."""
        for _ in range(ticks):
            if scans and self.ticks % 100 == 0:
                self.fast.set_scan(self.scan())
            if targets and self.ticks % 50 == 0:
                self.fast.set_target(self.target(**changes))
            command = self.fast.tick(self.body(**(body or {})))
            self.commands.append(command)
            self.move(command)
        return command

    def move(self, command):
        push = self.plant.jacobian.T @ self.wrench
        force = command.effort - self.plant.bias + push
        self.dq = self.dq + DT * np.linalg.solve(self.plant.mass, force)
        self.q = self.q + DT * self.dq
        self.plant.update(self.q, self.dq)
        self.twist = command.twist_base
        heading = np.array([np.cos(self.pose[2]), np.sin(self.pose[2])])
        self.pose[:2] += DT * self.twist[0] * heading
        self.pose[2] += DT * self.twist[1]
        self.ticks += 1

    @property
    def hand(self):
        return self.plant.T_base_ee[:3, 3].copy()


def levels_of(robot):
    return [event.level for event in robot.fast.pop_events()]


def test_it_starts_on_hold_without_moving_and_then_follows():
    robot = Robot()
    first = robot.run(1)
    np.testing.assert_allclose(first.effort, robot.plant.bias, atol=1.0)
    assert robot.fast.level == ReflexLevel.HOLD
    goal = robot.home.copy()
    goal[1, 3] += 0.1
    robot.run(2500, T_base_ee=goal, twist_base=np.array([0.2, 0.1]))
    assert robot.fast.level == ReflexLevel.NOMINAL
    np.testing.assert_allclose(robot.hand, goal[:3, 3], atol=5e-3)
    np.testing.assert_allclose(robot.commands[-1].twist_base, [0.2, 0.1])


def test_efforts_never_step_through_all_levels():
    robot = Robot()
    goal = robot.home.copy()
    goal[2, 3] -= 0.15
    robot.run(500, T_base_ee=goal)
    robot.wrench = np.array([0, 0, 25.0, 0, 0, 0])
    robot.run(100, T_base_ee=goal)
    robot.wrench = np.zeros(6)
    robot.run(1500, T_base_ee=goal)
    robot.fast.estop()
    robot.run(300, T_base_ee=goal)
    robot.fast.reset()
    robot.run(1000, T_base_ee=goal)
    seen = set(levels_of(robot))
    assert {ReflexLevel.RETRACT, ReflexLevel.HOLD, ReflexLevel.ESTOP} <= seen
    efforts = np.array([c.effort for c in robot.commands])
    assert np.abs(np.diff(efforts, axis=0)).max() <= 1.0 + 1e-9
    assert (np.abs(efforts) <= panda.EFFORT_MAX).all()


def test_a_collision_makes_the_hand_back_off_along_the_force():
    robot = Robot()
    robot.run(300)
    before = robot.hand
    robot.wrench = np.array([0.0, 25.0, 0.0, 0, 0, 0])
    robot.run(20)
    assert robot.fast.level == ReflexLevel.RETRACT
    robot.wrench = np.zeros(6)
    robot.run(350)
    assert robot.hand[1] - before[1] > 0.02
    robot.run(300)
    assert robot.fast.level == ReflexLevel.HOLD
    robot.run(1500)
    assert robot.fast.level == ReflexLevel.SLOW  # careful for a while
    robot.run(4000)
    assert robot.fast.level == ReflexLevel.NOMINAL


def test_intended_contact_does_not_trip_the_reflex():
    robot = Robot()
    robot.run(300, contact=True)
    for force in range(25):
        robot.wrench = np.array([0.0, 0.0, float(force), 0, 0, 0])
        robot.run(10, contact=True)
    robot.run(250, contact=True)
    assert robot.fast.level == ReflexLevel.NOMINAL


def test_a_silent_planner_is_held_softly_where_it_is():
    robot = Robot()
    robot.run(500, twist_base=np.array([0.4, 0.0]))
    assert robot.commands[-1].twist_base[0] > 0.3
    robot.run(1000, targets=False)
    assert robot.fast.level == ReflexLevel.HOLD
    assert robot.commands[-1].twist_base[0] == 0.0
    at = robot.hand
    robot.wrench = np.array([0.0, 6.0, 0.0, 0, 0, 0])
    robot.run(1500, targets=False)
    stretch = robot.hand[1] - at[1]
    assert stretch == pytest.approx(6.0 / FastConfig().hold_n_m, rel=0.3)


@pytest.mark.parametrize(
    "change",
    [{"q": np.full(7, np.nan)}, {"dq": None}, {"bumper": None}, {"stamp": np.nan}],
    ids=lambda c: next(iter(c)),
)
def test_a_broken_state_gives_gravity_compensation_and_a_braking_base(change):
    robot = Robot()
    robot.run(500, twist_base=np.array([0.4, 0.0]))
    bias = robot.plant.bias.copy()
    command = robot.run(10, body=change, twist_base=np.array([0.4, 0.0]))
    assert robot.fast.level == ReflexLevel.HOLD
    np.testing.assert_allclose(command.effort, bias, atol=1.0)
    assert command.twist_base[0] == pytest.approx(0.4 - 10 * DT, abs=2e-3)


def test_a_lost_lidar_holds_and_a_recovered_one_frees():
    robot = Robot()
    robot.run(500)
    robot.run(800, scans=False)
    assert robot.fast.level == ReflexLevel.HOLD
    assert any("scan stale" in e.cause for e in robot.fast.pop_events())
    robot.run(400)
    assert robot.fast.level == ReflexLevel.NOMINAL


def test_the_base_stops_before_a_wall():
    robot = Robot()
    robot.scan_points = np.stack([np.full(61, 1.5), np.linspace(-1, 1, 61)], axis=1)
    robot.run(6000, twist_base=np.array([0.6, 0.0]), mode=ArmMode.JOINT)
    assert 1.5 - robot.pose[0] - LIMITS.radius_m > 0.02
    assert robot.pose[0] > 1.0


def test_a_bump_stops_and_backs_off():
    robot = Robot()
    robot.run(800, twist_base=np.array([0.3, 0.0]))
    robot.bumper = np.arange(8) == 0
    robot.run(400, twist_base=np.array([0.3, 0.0]))
    assert robot.commands[-1].twist_base[0] < 0.0
    robot.bumper = np.zeros(8, bool)
    robot.run(600, twist_base=np.array([0.3, 0.0]))
    assert robot.commands[-1].twist_base[0] <= 0.0


def test_estop_is_latched_and_brakes():
    robot = Robot()
    robot.run(600, twist_base=np.array([0.5, 0.0]))
    robot.fast.estop()
    robot.run(1500, twist_base=np.array([0.5, 0.0]))
    assert robot.fast.level == ReflexLevel.ESTOP
    assert robot.commands[-1].twist_base[0] == 0.0
    robot.fast.reset()
    robot.run(500, twist_base=np.array([0.5, 0.0]))
    assert robot.fast.level == ReflexLevel.NOMINAL


def test_a_controller_that_fails_stops_the_robot_and_not_the_loop():
    robot = Robot()
    robot.run(300)

    def broken(*_):
        raise RuntimeError("broken")

    robot.fast.impedance.tick = broken
    command = robot.run(3)
    assert robot.fast.level == ReflexLevel.STOP and robot.fast.counters["faults"] >= 1
    assert np.isfinite(command.effort).all()


def test_a_bad_target_is_refused_and_counted():
    robot = Robot()
    robot.run(300)
    bad = robot.target(stiffness=np.full((6, 6), np.nan))
    assert not robot.fast.set_target(bad)
    assert not robot.fast.set_target(None)
    assert robot.fast.counters["targets_refused"] == 2
    robot.run(1)
    assert robot.fast.level == ReflexLevel.NOMINAL


def test_the_recorder_keeps_the_last_seconds_in_order():
    robot = Robot(FastConfig(recorder_s=0.5))
    robot.run(800)
    dump = robot.fast.dump()
    assert dump["q"].shape == (500, 7) and dump["effort"].shape == (500, 7)
    np.testing.assert_allclose(np.diff(dump["stamp"][:, 0]), DT)
    assert dump["stamp"][-1, 0] == pytest.approx(robot.t - DT)
    np.testing.assert_array_equal(dump["effort"][-1], robot.commands[-1].effort)
    assert dump["level"][-1, 0] == ReflexLevel.NOMINAL


def test_the_recorder_keeps_what_was_proposed_beside_what_was_sent():
    robot = Robot()
    robot.run(500)
    proposed = []

    def far(*_):
        proposed.append(robot.plant.bias + 50.0)
        return proposed[-1]

    robot.fast.impedance.tick = far
    robot.run(5, twist_base=np.array([2.0, 0.0]))
    dump = {name: rows[-5:] for name, rows in robot.fast.dump().items()}
    np.testing.assert_array_equal(dump["effort_proposed"], proposed)
    np.testing.assert_array_equal(dump["twist_proposed"], [[2.0, 0.0]] * 5)
    for name in ("effort", "twist_base"):
        sent = [getattr(c, name) for c in robot.commands[-5:]]
        np.testing.assert_array_equal(dump[name], sent)
    assert (dump["effort"] < dump["effort_proposed"] - 10.0).all()
    assert (dump["twist_base"][:, 0] < 0.1).all()
    robot.fast.impedance.tick = lambda *_: np.zeros(3)
    robot.run(1)
    assert np.isnan(robot.fast.dump()["effort_proposed"][-1]).all()


def test_two_runs_give_bit_equal_commands():
    runs = []
    for _ in range(2):
        robot = Robot()
        goal = robot.home.copy()
        goal[0, 3] += 0.05
        robot.run(400, T_base_ee=goal)
        runs.append(np.array([c.effort for c in robot.commands]))
    np.testing.assert_array_equal(*runs)


def test_a_robot_without_an_arm_drives():
    none = np.zeros(0)
    limits = dataclasses.replace(
        LIMITS, q_min=none, q_max=none, dq_max=none, effort_max=none,
        effort_rate_max=none,
    )  # fmt: skip
    config = FastConfig(reflex=ReflexConfig(guards=GuardConfig(lidar_required=False)))
    fast, robot = FastLoop(config, arm_dynamics(), limits), Robot()
    for tick in range(800):
        t = tick * DT
        if tick % 50 == 0:
            fast.set_target(
                robot.target(stamp=t, q_target=none, twist_base=np.array([0.3, 0.0]))
            )
        command = fast.tick(robot.body(stamp=t, q=none, dq=none, effort=none))
    assert command.effort.shape == (0,)
    assert command.twist_base[0] == pytest.approx(0.3)


def test_garbage_never_leads_to_a_bad_command():
    """Poison in states and targets between good ticks: always finite and in limits."""
    robot, rng = Robot(), np.random.default_rng(0)
    robot.run(200)
    poison = [np.nan, np.inf, -np.inf, 1e308, -1e200, 5e-324, 1e9]
    last = robot.commands[-1]
    for _ in range(4000):
        kind = rng.integers(0, 8)
        change = {}
        if kind == 0:
            name = str(rng.choice(["q", "dq", "wrench_ee", "twist_base", "effort"]))
            change[name] = getattr(robot.body(), name).copy()
            change[name][0] = rng.choice(poison)
        elif kind == 1:
            change["stamp"] = float(rng.choice([*poison, robot.t - 0.5, robot.t]))
        elif kind == 2:
            name = str(rng.choice(["twist_base", "q_target", "stiffness", "T_base_ee"]))
            values = getattr(robot.target(), name).copy()
            values.flat[rng.integers(values.size)] = rng.choice([*poison, -3.0])
            robot.fast.set_target(robot.target(**{name: values}))
        elif kind == 3:
            robot.fast.set_target(robot.target(T_base_ee=np.eye(4)))
        elif kind == 4:
            robot.fast.reset()
        command = robot.run(1, body=change)
        assert np.isfinite(command.effort).all()
        assert (np.abs(command.effort) <= panda.EFFORT_MAX).all()
        assert (np.abs(command.effort - last.effort) <= 1.0 + 1e-9).all()
        assert (np.abs(command.twist_base) <= LIMITS.twist_max).all()
        last = command


@pytest.fixture
def giving_way():
    """A robot whose base stands 0.4 m before a thing."""
    robot = Robot(FastConfig(base_yield=BaseYieldConfig(enabled=True)))
    robot.scan_points = np.array([[0.4, 0.0], [0.41, 0.02], [0.41, -0.02]])
    return robot


def test_a_base_that_gives_way_backs_off_from_what_is_close(giving_way):
    giving_way.run(2000)
    assert giving_way.pose[0] < -0.05
    plain = Robot()
    plain.scan_points = giving_way.scan_points
    plain.run(2000)
    assert not plain.pose.any()


def test_it_does_not_move_while_it_is_held(giving_way):
    giving_way.run(600, targets=False)
    assert giving_way.fast.level == ReflexLevel.HOLD and not giving_way.pose.any()


def test_a_fault_in_giving_way_stops_the_robot_instead_of_the_loop(giving_way):
    giving_way.run(300)
    giving_way.fast.base_yield.shape = None
    giving_way.run(300)
    assert giving_way.fast.level == ReflexLevel.STOP and giving_way.fast.faults
    assert not giving_way.commands[-1].twist_base.any()


@pytest.mark.parametrize("kind", ["float32", "read-only", "strided"])
def test_efforts_of_another_controller_may_be_of_any_type(kind):
    """Whatever array proposes them, a tick must not raise."""

    def tick(body, target, dt, scale=1.0):
        effort = np.repeat(propose(body, target, dt, scale), 2)[::2]
        if kind == "float32":
            return effort.astype(np.float32)
        if kind == "read-only":
            effort = effort.copy()
            effort.flags.writeable = False
        return effort

    robot = Robot()
    propose = robot.fast.impedance.tick
    robot.fast.impedance.tick = tick
    robot.run(300)
    assert robot.fast.faults == 0 and robot.fast.level == ReflexLevel.NOMINAL
    np.testing.assert_allclose(robot.q, READY, atol=0.02)
