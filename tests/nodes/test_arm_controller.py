"""Joint targets of a foreign controller, through the reflex, to an arm from a file.

controller -> BodyNode -> fast loop -> RobotNode -> position servos: real topics, real
shared memory. The fast loop's ticks are turned by hand, so that a busy test machine
does not make them late.
"""

import os
import time

import numpy as np
import pytest
from nav_msgs.msg import Odometry
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance import virtual_dynamics
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import BodyLimits, ReflexLevel
from neural_brain.nodes import conversions
from neural_brain.nodes.arm_choice import dynamics_in
from neural_brain.nodes.body_node import BodyNode, BodyNodeConfig
from neural_brain.nodes.fast_link import FastEnd
from neural_brain.nodes.fast_process import FastProcess, _take_servos
from neural_brain.nodes.foreign_targets import ForeignTargets
from neural_brain.nodes.gate import Gate
from neural_brain.nodes.link_body import open_body
from neural_brain.nodes.process import bring_down, bring_up, make_executor
from neural_brain.nodes.robot_node import RobotNode
from neural_brain.robots.shm import remove_abandoned
from tests.robots.test_arm_file import ARM, BENT, urdf

NAME = f"controller-{os.getpid()}"
TOPIC, OUT = "policy/joints", "forward_position_controller/commands"
FRESH = np.array([0.3, -0.2])
# A busy test machine delivers messages later than a robot's own computer.
GUARDS = GuardConfig(
    lidar_required=False,
    state_timeout_s=1.0,
    command_timeout_s=1.0,
    frozen_ticks=10000,
    future_s=1.0,
)
TICKS, EVENTS = 30, 40


def test_each_part_stands_while_the_other_goes_on(body):
    foreign, q = ForeignTargets(0.15), body.q + 0.1
    foreign.reach(10.0, q)
    target = foreign.target(body, 0)
    assert target.stamp == 10.0 and not target.twist_base.any()
    np.testing.assert_array_equal(target.q_target, q)
    foreign.drive(10.1, FRESH)
    target = foreign.target(body, 0)
    assert target.stamp == 10.1
    np.testing.assert_array_equal(target.q_target, q)
    np.testing.assert_array_equal(target.twist_base, FRESH)
    foreign.drive(10.2, FRESH)  # the arm's controller is silent: it stays where it is
    target = foreign.target(body, 0)
    np.testing.assert_array_equal(target.q_target, body.q)
    body.q[:] += 0.05  # it sinks
    foreign.drive(10.3, FRESH)
    np.testing.assert_array_equal(foreign.target(body, 0).q_target, target.q_target)
    foreign.reach(10.5, q)
    assert not foreign.target(body, 0).twist_base.any()


def test_an_older_stamp_of_one_part_does_not_turn_the_target_back(body):
    foreign = ForeignTargets(0.15)
    foreign.reach(10.0, body.q)
    foreign.drive(9.9, FRESH)
    assert foreign.target(body, 0).stamp == 10.0
    foreign.drive(5.0, FRESH)  # the clock was set back
    assert foreign.target(body, 0).stamp == 5.0


def limits(n):
    one = np.ones(n)
    return BodyLimits(
        q_min=-one, q_max=one, dq_max=one, effort_max=one, effort_rate_max=one,
        twist_max=np.ones(2), accel_max=np.ones(2), radius_m=0.3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "wrong number of joints"),
        ([0.0] * 4, "wrong number of joints"),
        ([0.0, np.nan, 0.0], "not finite"),
        ([0.0, 0.0, np.inf], "not finite"),
        ([0.0, 1.01, 0.0], "beyond limits"),
        ([-1e300, 0.0, 0.0], "beyond limits"),
    ],
)
def test_positions_that_cannot_be_are_refused_and_counted(data, reason):
    gate = Gate(
        lambda m: conversions.positions_from_msg(m, limits(3)), lambda: 0.0,
        stamped=False,
    )  # fmt: skip
    assert gate.admit(Float64MultiArray(data=data)) is None
    assert dict(gate.refused) == {reason: 1}
    rounded = gate.admit(Float64MultiArray(data=[0.1, 1.0 + 1e-9, -1.0]))
    np.testing.assert_array_equal(rounded, [0.1, 1.0, -1.0])


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"joints": 0}, "without an arm"),
        ({"topics_out": [f"/{OUT}"]}, "come back"),
        ({"topics_out": ["/cmd_vel"]}, "cmd_vel_in"),
    ],
)
def test_a_topic_that_leads_nobody_or_the_robot_itself_is_refused(ros, about, words):
    link = FastEnd(NAME, {"joints": 7, "bumper": 0, "nq": 0, **about})
    node = BodyNode(parameter_overrides=[Parameter("link", value=NAME)])
    node.config = BodyNodeConfig(link=NAME, twist_from="cmd_vel", arm_from=OUT)
    with pytest.raises(ConfigError, match=words):
        node.setup()
    node.teardown()
    node.destroy_node()
    link.close()


def test_the_brain_and_a_controller_do_not_lead_one_arm():
    with pytest.raises(ConfigError, match="twist_from"):
        BodyNodeConfig(arm_from=TOPIC)


class Servos:
    """An arm whose servos follow what they are told, and a controller beside it."""

    def __init__(self, node, executor):
        self.node, self.executor, self.q = node, executor, BENT.copy()
        self.wish, self.told, self.fast = None, 0, None
        sensor = qos_profile_sensor_data
        self._joints = node.create_publisher(JointState, "joint_states", sensor)
        self._odom = node.create_publisher(Odometry, "odom", sensor)
        self._wish = node.create_publisher(Float64MultiArray, TOPIC, 1)
        node.create_subscription(Float64MultiArray, OUT, self._follow, 10)

    def _follow(self, message):
        self.q, self.told = np.array(message.data), self.told + 1

    def _tell(self):
        stamp = self.node.get_clock().now().to_msg()
        joints = JointState(name=list(ARM), position=list(self.q), velocity=[0.0] * 6)
        odom = Odometry()
        joints.header.stamp = odom.header.stamp = stamp
        odom.pose.pose.orientation.w = 1.0
        self._joints.publish(joints)
        self._odom.publish(odom)

    def until(self, done, patience_s=60.0):
        """Turn everything; a person resets what a busy test machine has stopped."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            self._tell()
            if self.wish is not None:
                self._wish.publish(Float64MultiArray(data=list(self.wish)))
            for _ in range(TICKS if self.fast is not None else 0):
                self.fast.step()
            if self.level >= ReflexLevel.STOP:
                self.body.link.request(reset=True)
            for _ in range(EVENTS):
                self.executor.spin_once(timeout_sec=0.0005)
            if done():
                return True
        return False

    @property
    def level(self):
        return 0 if self.fast is None else self.fast.loop.level


def open_fast():
    """The fast process as it starts for that arm, not yet running; None: too early."""
    config = FastConfig(reflex=ReflexConfig(guards=GUARDS))
    try:
        body = open_body(NAME, lambda: True)
    except BodyError:
        return None
    about = {**body.about, "nq": 0}
    body = _take_servos(body, about, config)
    dynamics = virtual_dynamics(dynamics_in(about), config.admittance)
    loop = FastLoop(config, dynamics, body.limits)
    return FastProcess(body, loop, FastEnd(NAME, about), 1.0)


@pytest.fixture
def servos(ros, tmp_path):
    """The whole chain, up and running."""
    file = tmp_path / "arm.urdf"
    file.write_text(urdf())
    values = {
        "link": NAME, "arm_file": str(file), "ee": "tool", "body.joints": list(ARM),
        "body.command": "position", "body.wrench": "", "body.timeout_s": 1.0,
        "command_timeout_s": 1.0, "rate_hz": 50.0,
    }  # fmt: skip
    robot = RobotNode(parameter_overrides=[Parameter(*x) for x in pairs(values)])
    values = {"link": NAME, "twist_from": "cmd_vel", "arm_from": TOPIC}
    values["state_hz"] = 10.0
    body = BodyNode(
        cli_args=["--ros-args", "-r", "cmd_vel:=cmd_vel_smoothed"],
        parameter_overrides=[Parameter(*x) for x in pairs(values)],
    )
    other, executor = ros.create_node("arm_and_controller"), make_executor()
    for node in (robot, body, other):
        executor.add_node(node)
    made, opened = Servos(other, executor), []
    made.body = body

    def is_open():
        opened[:] = [open_fast()]
        return opened[0] is not None

    try:
        bring_up([robot])
        assert made.until(is_open)
        made.fast = opened[0]
        bring_up([body])
        yield made
    finally:
        for node in (body, robot):
            bring_down(node)
        if made.fast is not None:
            made.fast.link.close()
            made.fast.body.close()
        executor.shutdown()
        for node in (other, robot, body):
            node.destroy_node()
        remove_abandoned(NAME)


def pairs(values):
    """Arguments of `Parameter` for each name and value."""
    for name, value in values.items():
        yield name, Parameter.Type.from_parameter_value(value), value


def test_a_controller_leads_the_arm_and_silence_or_nonsense_holds_it(servos):
    goal = BENT + 0.2
    servos.wish = goal
    assert servos.until(lambda: np.abs(servos.q - goal).max() < 0.03)
    assert servos.level < ReflexLevel.HOLD
    servos.wish = None
    assert servos.until(lambda: servos.level == ReflexLevel.HOLD)
    servos.wish = np.full(6, np.nan)  # counts as silence
    stood = servos.q.copy()
    before = servos.told
    assert servos.until(lambda: servos.told > before + 50)
    assert servos.level >= ReflexLevel.HOLD
    assert np.abs(servos.q - stood).max() < 0.02
    servos.wish = BENT
    assert servos.until(lambda: np.abs(servos.q - BENT).max() < 0.03)
    (inbox,) = [box for box in servos.body._inboxes if box.topic == TOPIC]
    assert set(inbox.refused) == {"not finite"}
