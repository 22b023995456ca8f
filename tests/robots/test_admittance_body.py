"""Robots with servos behind the fast loop: same behaviour, and no trust in sensors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance import AdmittanceConfig, virtual_dynamics
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyLimits,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots import (
    AdmittanceBody,
    MujocoBodyConfig,
    ServoBody,
    ServoConfig,
    add_servos,
    arm_dynamics,
)
from neural_brain.sim.empty_room import room_spec
from neural_brain.sim.robots import READY, add_robot, panda
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

DT = 1e-3
BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False, lidar_on=False))
CONFIG = FastConfig(reflex=ReflexConfig(guards=GuardConfig(lidar_required=False)))
LIMITS = BodyLimits(
    q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.zeros(2), accel_max=np.ones(2), radius_m=0.3,
)  # fmt: skip
HOME = arm_dynamics()
HOME.update(READY, np.zeros(7))
HOME_T = HOME.T_base_ee.copy()


def target(stamp, dx=0.0, dz=0.0, contact=False, stiffness=600.0):
    T = HOME_T.copy()
    T[0, 3] += dx
    T[2, 3] += dz
    return MotionTarget(
        stamp=stamp, twist_base=np.zeros(2), mode=ArmMode.CARTESIAN, q_target=READY,
        T_base_ee=T, stiffness=np.diag([stiffness] * 3 + [40.0] * 3), contact=contact,
        wrench_ff=np.zeros(6), head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip


# --- a simulated arm with servos ---------------------------------------------------


class Rig:
    """The simulated arm, its servos, and the fast loop; the hand can be pushed."""

    def __init__(self, kind="position", delay_s=0.01, config=CONFIG, feels=True):
        spec = room_spec(3.0)
        add_robot(spec, "arm")
        servo = ServoConfig(command=kind, delay_s=delay_s)
        add_servos(spec, servo, panda.EFFORT_MAX)
        self.robot = ServoBody(Simulation(spec.compile()), servo, BLIND, posture=READY)
        self.body = AdmittanceBody(self.robot, config, arm_dynamics(), feels=feels)
        dynamics = virtual_dynamics(arm_dynamics(), config.admittance)
        self.loop = FastLoop(config, dynamics, self.body.limits)
        self.joints, self.levels, self.ticks = [], [], 0

    @property
    def hand(self):
        return self.robot.simulation.truth.T_world_ee()[:3, 3].copy()

    def run(self, ticks, push=(0, 0, 0), **wish):
        row = self.robot.simulation.data.xfrc_applied[
            self.robot.simulation.index.hand_body
        ]
        for _ in range(ticks):
            row[:3] = push
            state = self.body.read()
            if self.ticks % 50 == 0:
                self.loop.set_target(target(state.stamp, **wish))
            self.body.write(self.loop.tick(state))
            self.joints.append(self.body.admittance.q.copy())
            self.robot.advance()
            self.levels.append(self.loop.level)
            self.ticks += 1


@pytest.mark.parametrize("kind", ["position", "velocity"])
def test_the_start_is_bumpless_and_a_target_is_reached(kind):
    rig = Rig(kind)
    start = rig.hand
    rig.run(150)
    assert np.linalg.norm(rig.hand - start) < 1e-3
    rig.run(1200, dx=0.05)
    assert rig.hand - start == pytest.approx([0.05, 0.0, 0.0], abs=3e-3)
    assert rig.robot.violations.total() == 0


@pytest.mark.parametrize("kind", ["position", "velocity"])
def test_a_push_moves_the_hand_like_the_spring_that_was_asked_for(kind):
    rig = Rig(kind)
    rig.run(200, contact=True)
    start = rig.hand
    rig.run(1500, push=(0.0, 9.0, 0.0), contact=True)
    assert rig.hand[1] - start[1] == pytest.approx(9.0 / 600.0, rel=0.2)
    rig.run(1000, contact=True)
    assert rig.hand == pytest.approx(start, abs=2e-3)


def test_without_a_wrist_sensor_it_says_so_and_gives_way_to_nothing():
    rig = Rig(feels=False)
    assert "no wrist sensor" in rig.body.sentence
    rig.run(200)
    start = rig.hand
    rig.run(800, push=(0.0, 9.0, 0.0))
    assert abs(rig.hand[1] - start[1]) < 2e-3


def test_a_collision_makes_it_retract_and_hold_softly():
    rig = Rig()
    rig.run(300)
    start = rig.hand
    rig.run(60, push=(0.0, 25.0, 0.0))
    assert max(rig.levels) == ReflexLevel.RETRACT
    rig.run(500)
    assert rig.levels[-1] == ReflexLevel.HOLD
    assert rig.hand[1] - start[1] > 0.02
    there = rig.hand
    rig.run(400, push=(0.0, 8.0, 0.0))
    assert rig.hand[1] - there[1] > 0.003  # slowly, as hard things need


def test_a_stop_brakes_the_moving_arm_and_keeps_it():
    rig = Rig()
    rig.run(300, dx=0.2)
    rig.loop.estop()
    rig.run(400, dx=0.2)
    there = rig.hand
    rig.run(400, dx=0.2)
    assert rig.levels[-1] == ReflexLevel.ESTOP
    assert np.linalg.norm(rig.hand - there) < 2e-3


def test_a_jump_of_stiffness_does_not_jump_the_joints():
    rig = Rig()
    rig.run(300, stiffness=100.0, contact=True)
    rig.run(400, push=(0.0, 6.0, 0.0), stiffness=100.0, contact=True)
    rig.run(400, push=(0.0, 6.0, 0.0), stiffness=1800.0, contact=True)
    speeds = np.diff(rig.joints, axis=0) / DT
    assert np.abs(np.diff(speeds[100:], axis=0)).max() < 0.02


def test_a_command_without_joints_is_refused_by_the_servos():
    rig = Rig()
    command = BodyCommand(
        stamp=0.0, effort=np.zeros(7), twist_base=np.zeros(2), head=np.zeros(2),
        gripper_m=0.0,
    )  # fmt: skip
    with pytest.raises(BodyError, match="AdmittanceBody"):
        rig.robot.write(command)
    with pytest.raises(BodyError, match="finite"):
        rig.robot.write(replace(command, q=np.full(7, np.nan)))


def test_servos_hold_their_place_when_commands_stop():
    rig = Rig("velocity")
    rig.run(300, dx=0.2)
    for _ in range(100):
        rig.robot.advance()
    there = rig.hand
    for _ in range(300):
        rig.robot.advance()
    assert rig.robot.holding and np.linalg.norm(rig.hand - there) < 2e-3


# --- sensors that lie --------------------------------------------------------------


class Joints:
    """A robot of numbers: what it says can be tampered with, what it is told is kept.

    It reaches what it is told at once.
    """

    limits = LIMITS

    def __init__(self):
        self.q, self.told, self.ticks = READY.copy(), [], 0
        self.says = {}
        self.closed = 0

    def read(self):
        zero = np.zeros(3)
        noise = 1e-5 * np.sin(np.arange(7) + self.ticks)
        values = dict(
            stamp=self.ticks * DT, q=self.q + noise, dq=noise, effort=np.zeros(7),
            twist_base=np.zeros(2), pose_odom_base=zero, wrench_ee=np.zeros(6),
            bumper=np.zeros(8, bool), gyro=zero, accel=zero, head=np.zeros(2),
            gripper_m=0.0, battery=1.0,
        )  # fmt: skip
        return BodyState(**{**values, **self.says})

    def write(self, command):
        self.told.append(command)
        self.q = command.q.copy()

    def close(self):
        self.closed += 1


class Line:
    """The fast loop on such a robot."""

    def __init__(self, config=CONFIG):
        self.robot = Joints()
        self.body = AdmittanceBody(self.robot, config, arm_dynamics())
        self.loop, self.levels = FastLoop(config, arm_dynamics(), LIMITS), []

    def run(self, ticks, **wish):
        for _ in range(ticks):
            state = self.body.read()
            if self.robot.ticks % 50 == 0:
                self.loop.set_target(target(self.robot.ticks * DT, **wish))
            self.body.write(self.loop.tick(state, self.robot.ticks * DT))
            self.robot.ticks += 1
            self.levels.append(self.loop.level)


@pytest.mark.parametrize(
    "says",
    [
        {"q": np.full(7, np.nan)},
        {"dq": np.full(7, np.inf)},
        {"q": np.full(7, 50.0)},
        {"q": np.zeros(3)},
        {"wrench_ee": np.full(6, np.nan)},
        {"wrench_ee": np.full(6, 1e9)},
        {"stamp": 0.2},
    ],
    ids=["nan", "inf", "impossible", "short", "no wrench", "absurd", "stale"],
)
def test_a_moving_arm_comes_to_rest_without_a_measurement(says):
    line = Line()
    line.run(250, dx=0.2)
    assert np.abs(line.body.admittance.dq).max() > 0.05
    line.robot.says = says
    line.run(200, dx=0.2)
    assert line.loop.level >= ReflexLevel.HOLD
    assert not line.body.admittance.dq.any() and not line.robot.told[-1].dq.any()
    assert line.body.refused.total() > 100


def test_the_reflex_names_what_is_wrong_with_the_measurement():
    line = Line()
    line.run(250)
    line.loop.pop_events()
    line.robot.says = {"q": np.full(7, 50.0)}
    line.run(20)
    events = line.loop.pop_events()
    assert any("impossible" in event.cause for event in events)
    assert line.loop.level == ReflexLevel.STOP


def test_joints_that_freeze_while_they_are_told_to_move_are_no_measurement():
    line = Line()
    line.run(250, dx=0.2)
    line.robot.says = {"q": line.robot.q.copy(), "dq": np.zeros(7)}
    line.run(400, dx=0.2)
    assert line.body.refused["joints frozen"] > 50
    assert line.loop.level >= ReflexLevel.HOLD and not line.robot.told[-1].dq.any()


def test_an_arm_that_others_moved_begins_anew_where_it_is_and_is_not_pulled_back():
    line = Line()
    line.run(200)
    moved, count = READY + 0.4, len(line.robot.told)
    for _ in range(70):
        line.robot.says = {"q": moved + 1e-5 * np.sin(line.robot.ticks)}
        line.run(1)
    told = np.array([command.q for command in line.robot.told[count:]])
    here = np.abs(told - READY).max(axis=1) < 0.01
    there = np.abs(told - moved).max(axis=1) < 1e-3
    assert (here | there).all() and here[0] and there[-1]
    assert max(line.levels[-70:]) == ReflexLevel.HOLD


def test_one_joint_state_that_is_far_off_moves_nothing():
    line = Line()
    line.run(200)
    line.robot.says = {"q": READY + 0.4}
    line.run(5)
    line.robot.says = {}
    line.run(50)
    told = np.array([command.q for command in line.robot.told[-50:]])
    assert np.abs(told - READY).max() < 0.01


def test_nothing_is_sent_before_the_arm_is_known():
    line = Line()
    line.robot.says = {"q": np.full(7, np.nan)}
    line.run(50)
    assert not line.robot.told
    line.robot.says = {}
    line.run(50)
    assert np.abs(line.robot.told[0].q - READY).max() < 1e-3


WILD = st.one_of(
    st.just(np.nan), st.just(np.inf), st.floats(-1e3, 1e3), st.just(5e-324)
)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(("q", "dq", "wrench_ee", "stamp", "")), WILD),
        max_size=40,
    ),
    mass=st.sampled_from((0.0, 20.0)),
)
def test_whatever_the_robot_says_it_is_told_finite_joints_within_limits(rows, mass):
    config = replace(CONFIG, admittance=AdmittanceConfig(mass_kg=mass))
    line = Line(config)
    line.run(60, dx=0.1)
    for name, value in rows:
        size = {"wrench_ee": 6}.get(name, 7)
        line.robot.says = {name: np.full(size, value) if name != "stamp" else value}
        if not name:
            line.robot.says = {}
        line.run(3, dx=0.1)
    for before, now in zip(line.robot.told, line.robot.told[1:], strict=False):
        assert np.isfinite([now.q, now.dq]).all()
        assert (now.q >= LIMITS.q_min).all() and (now.q <= LIMITS.q_max).all()
        assert (np.abs(now.dq) <= LIMITS.dq_max).all()
        assert (np.abs(now.q - before.q) <= DT * LIMITS.dq_max + 1e-9).all()


def test_efforts_that_are_not_finite_are_refused():
    line = Line()
    line.run(10)
    bad = replace(line.robot.told[-1], effort=np.full(7, np.nan))
    count = len(line.robot.told)
    with pytest.raises(BodyError, match="efforts"):
        line.body.write(bad)
    assert len(line.robot.told) == count


def test_efforts_of_the_real_arm_are_not_those_of_the_virtual_one():
    robot = Joints()
    robot.says["effort"] = np.full(7, 30.0)  # motor currents, say
    state = AdmittanceBody(robot, CONFIG, arm_dynamics()).read()
    assert not state.effort.any()


def test_a_robot_without_an_arm_is_refused():
    robot = Joints()
    robot.limits = replace(
        LIMITS, **{k: np.zeros(0) for k in ("q_min", "q_max", "dq_max", "effort_max")}
    )
    with pytest.raises(ConfigError, match="without an arm"):
        AdmittanceBody(robot, CONFIG, arm_dynamics())
    line = Line()
    line.body.close()
    assert line.robot.closed == 1
