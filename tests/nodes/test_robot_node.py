"""The bridge to a real robot together with the fast process."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.signals import ArmMode, BodyCommand, MotionTarget
from neural_brain.nodes import parameters
from neural_brain.nodes.fast_link import RosEnd
from neural_brain.nodes.link_body import LinkBody
from neural_brain.nodes.process import bring_down, bring_up, make_executor
from neural_brain.nodes.robot_node import RobotNode, RobotNodeConfig
from neural_brain.robots.shm import remove_abandoned

NAME = f"bridge-{os.getpid()}"
POSTURE = [0.0, -0.4, 0.0, -2.0, 0.0, 1.6, 0.8]


class FakeRobot:
    """Publishes where it stands, collects what it is told."""

    def __init__(self, node):
        self.node = node
        self.speeds, self.efforts, self.positions = [], [], []
        self.velocities = []
        qos = qos_profile_sensor_data
        self.joints = node.create_publisher(JointState, "joint_states", qos)
        self.odom = node.create_publisher(Odometry, "odom", qos)
        node.create_subscription(
            TwistStamped, "cmd_vel", lambda m: self.speeds.append(m.twist.linear.x), 10
        )
        node.create_subscription(
            Float64MultiArray,
            "effort_controller/commands",
            lambda m: self.efforts.append(list(m.data)),
            10,
        )
        node.create_subscription(
            Float64MultiArray,
            "forward_position_controller/commands",
            lambda m: self.positions.append(list(m.data)),
            10,
        )
        node.create_subscription(
            Float64MultiArray,
            "forward_velocity_controller/commands",
            lambda m: self.velocities.append(list(m.data)),
            10,
        )

    def tell(self):
        stamp = self.node.get_clock().now().to_msg()
        noise = 1e-4 * np.random.default_rng(stamp.nanosec).standard_normal(7)
        joints = JointState(position=list(POSTURE + noise), velocity=[0.0] * 7)
        joints.name = [f"fr3_joint{i}" for i in range(1, 8)]
        joints.header.stamp = stamp
        self.joints.publish(joints)
        odom = Odometry()
        odom.header.stamp = stamp
        odom.pose.pose.orientation.w = 1.0
        self.odom.publish(odom)


def target(stamp):
    return MotionTarget(
        stamp=stamp,
        twist_base=np.array([0.2, 0.0]),
        mode=ArmMode.JOINT,
        q_target=np.array(POSTURE),
        T_base_ee=np.eye(4),
        stiffness=np.diag([300.0] * 3 + [30.0] * 3),
        wrench_ff=np.zeros(6),
        contact=False,
        head=np.zeros(2),
        gripper_m=0.0,
    )


@pytest.mark.parametrize("kind", ["effort", "position"])
def test_a_target_reaches_the_robot_and_silence_holds_it(
    ros, tmp_path, ros_domain, kind
):
    # A busy test machine delivers joint states later than a robot's own computer.
    config = tmp_path / "fast.yaml"
    config.write_text(
        "reflex: {guards: {lidar_required: false, state_timeout_s: 1.0, "
        "command_timeout_s: 1.0, frozen_ticks: 10000}}\n"
    )
    node = RobotNode(
        parameter_overrides=[
            Parameter("link", value=NAME),
            Parameter("body.wrench", value=""),
            Parameter("body.command", value=kind),
            Parameter("body.timeout_s", value=1.0),
            Parameter("command_timeout_s", value=0.5),
        ]
    )
    fake = ros.create_node("fake_robot")
    robot, executor = FakeRobot(fake), make_executor()
    executor.add_node(node)
    executor.add_node(fake)
    command = [sys.executable, "-m", "neural_brain.nodes.fast_process"]
    command += ["--body", "robot", "--link", NAME, "--config", str(config)]
    fast = subprocess.Popen(command)
    link = None

    def until(done, patience_s=60.0):
        deadline, next_tell = time.monotonic() + patience_s, 0.0
        while time.monotonic() < deadline:
            if time.monotonic() > next_tell:
                next_tell = time.monotonic() + 0.005
                robot.tell()
            executor.spin_once(timeout_sec=0.002)
            if done():
                return True
        return False

    def opened():
        nonlocal link
        try:
            link = RosEnd(NAME, writes=True)
        except BodyError:
            return False
        return True

    def drives():
        state = link.read_state()
        if state is not None:
            link.write_target(target(state[0].stamp))
        return any(speed > 0.05 for speed in robot.speeds)

    try:
        bring_up([node])
        assert until(opened)
        assert until(drives)
        told = robot.efforts if kind == "effort" else robot.positions
        assert until(lambda: told)
        assert np.isfinite(told[-1]).all()
        if kind == "position":
            assert not robot.efforts
            assert np.abs(np.array(told[-1]) - POSTURE).max() < 0.02
        link.close()
        fast.send_signal(signal.SIGKILL)
        fast.wait()
        robot.speeds.clear()
        assert until(lambda: node.holding and 0.0 in robot.speeds)
        assert node.health()[1].startswith("holding")
    finally:
        fast.kill()
        fast.wait()
        bring_down(node)
        executor.shutdown()
        fake.destroy_node()
        node.destroy_node()
        remove_abandoned(NAME)


def command_of(dq):
    return BodyCommand(
        stamp=0.0, effort=np.zeros(7), twist_base=np.array([0.1, 0.0]),
        head=np.zeros(2), gripper_m=0.0, dq=dq,
    )  # fmt: skip


@pytest.mark.parametrize("dq", [None, np.full(7, 9.0)], ids=["missing", "too fast"])
def test_a_command_that_the_body_refuses_holds_the_robot(ros, dq):
    """A forward controller goes on with the last command, so silence is no answer."""
    values = {"link": NAME, "body.wrench": "", "body.command": "velocity"}
    values |= {"body.timeout_s": 1.0, "command_timeout_s": 1.0}
    node = RobotNode(
        parameter_overrides=[Parameter(k, value=v) for k, v in values.items()]
    )
    fake, link = ros.create_node("fake_robot"), None
    robot, executor = FakeRobot(fake), make_executor()
    for one in (node, fake):
        executor.add_node(one)

    def until(done, send=lambda: None):
        deadline = time.monotonic() + 30.0
        while not done() and time.monotonic() < deadline:
            robot.tell()
            send()
            executor.spin_once(timeout_sec=0.005)
        return done()

    try:
        bring_up([node])
        link = LinkBody(NAME)
        good, bad = command_of(np.full(7, 0.2)), command_of(dq)
        assert until(lambda: robot.velocities, lambda: link.write(good))
        assert robot.velocities[-1] == [0.2] * 7
        assert until(lambda: not node.holding, lambda: link.write(good))
        assert node.health()[1] == "commands flow"
        link.write(bad)
        assert until(lambda: node.holding)
        assert until(lambda: robot.velocities[-1] == [0.0] * 7)
        assert until(lambda: robot.speeds[-1] == 0.0)
        assert node.health()[1].startswith("holding: A command holds")
        assert until(lambda: not node.holding, lambda: link.write(good))
    finally:
        if link is not None:
            link.close()
        bring_down(node)
        executor.shutdown()
        fake.destroy_node()
        node.destroy_node()
        remove_abandoned(NAME)


def node_of(tmp_path, base):
    """A bridge whose parameter file has these lines below `base`."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"/**/robot_node:\n  ros__parameters:\n    base: {base}\n")
    return RobotNode(cli_args=["--ros-args", "--params-file", str(file)])


def test_whole_numbers_in_a_parameter_file_are_taken_for_fractions(ros, tmp_path):
    node = node_of(tmp_path, "{radius_m: 1, speed_m_s: 2}")
    node.trigger_configure()
    base = node.config.base
    assert (base.radius_m, base.speed_m_s) == (1.0, 2.0)
    assert type(base.radius_m) is type(base.speed_m_s) is float
    bring_down(node)
    node.destroy_node()


@pytest.mark.parametrize("value", ["3", "wide", "true"])
def test_a_base_that_cannot_be_is_refused_by_name(ros, tmp_path, value):
    node = node_of(tmp_path, f"{{radius_m: {value}}}")
    with pytest.raises(ConfigError, match=r"base.*radius_m"):
        parameters.read(node, RobotNodeConfig, RobotNodeConfig())
    node.destroy_node()
