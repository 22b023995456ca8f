"""The reflex between a planner's cmd_vel and a base without an arm, over real topics.

planner -> cmd_vel_smoothed -> BodyNode -> fast process -> RobotNode -> cmd_vel -> base
"""

import array
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
from sensor_msgs.msg import LaserScan
from tf2_msgs.msg import TFMessage

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import ReflexLevel
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.body_node import BodyNode
from neural_brain.nodes.fast_link import RosEnd
from neural_brain.nodes.process import bring_down, bring_up, make_executor
from neural_brain.nodes.robot_node import RobotNode
from neural_brain.robots.shm import remove_abandoned

NAME = f"nav2-{os.getpid()}"
WALL_M, RADIUS_M, BEAMS = 1.2, 0.2, 180
# A busy test machine delivers messages later than a robot's own computer.
FAST = """
reflex:
  guards:
    {state_timeout_s: 1.0, command_timeout_s: 1.0, lidar_timeout_s: 2.0, lidars: %d}
"""
LOW_M = 0.8  # a box in front of the wall, below the first lidar's plane


class Base:
    """A base that does what it is told for ever, in front of a wall at x = 1.2 m."""

    def __init__(self, node):
        self.node, self.x, self.told, self.speeds = node, 0.0, 0.0, []
        qos_sensor = qos_profile_sensor_data
        self.odom = node.create_publisher(Odometry, "odom", qos_sensor)
        self.scan = node.create_publisher(LaserScan, "scan", qos_sensor)
        self.low = node.create_publisher(LaserScan, "scan_low", qos_sensor)
        self.low_works = True
        frames = node.create_publisher(TFMessage, topics.TF_STATIC, qos.STATIC_TF)
        mount = conversions.transform_msg(1.0, "base_link", "laser", np.eye(4))
        frames.publish(TFMessage(transforms=[mount]))
        node.create_subscription(TwistStamped, "cmd_vel", self._drive, 10)
        self._then = time.monotonic()

    def _drive(self, message):
        self.told = message.twist.linear.x
        self.speeds.append(self.told)

    def step(self, scan):
        now = time.monotonic()
        self.x += min(now - self._then, 0.05) * self.told
        self._then = now
        odom = Odometry()
        odom.header.stamp = self.node.get_clock().now().to_msg()
        odom.pose.pose.position.x, odom.pose.pose.orientation.w = self.x, 1.0
        odom.twist.twist.linear.x = self.told
        self.odom.publish(odom)
        if scan:
            self.scan.publish(self._look(odom.header.stamp, WALL_M, 0.1))
            if self.low_works:
                self.low.publish(self._look(odom.header.stamp, LOW_M, 0.9))

    def _look(self, stamp, wall_m, least):
        angles = -np.pi + 2 * np.pi / BEAMS * np.arange(BEAMS)
        ahead = np.cos(angles)
        ranges = np.full(BEAMS, np.inf)
        ranges[ahead > least] = (wall_m - self.x) / ahead[ahead > least]
        message = LaserScan(angle_min=-np.pi, angle_increment=2 * np.pi / BEAMS)
        message.angle_max = float(angles[-1])
        message.header.frame_id, message.header.stamp = "laser", stamp
        message.range_min, message.range_max = 0.01, 10.0
        message.ranges = array.array("f", ranges)
        return message


class Chain:
    """The nodes of the chain, the base and a planner, turned by hand."""

    def __init__(self, executor, base, planner):
        self.executor, self.base = executor, base
        self.wish = None
        self._planner = planner.create_publisher(
            TwistStamped, "cmd_vel_smoothed", qos.COMMAND
        )
        self._clock = planner.get_clock()

    def until(self, done, patience_s=60.0):
        """Turn everything; a person resets what a busy test machine has stopped."""
        deadline, step, plan = time.monotonic() + patience_s, 0.0, 0.0
        count = 0
        while time.monotonic() < deadline:
            now = time.monotonic()
            if now > step:
                step, count = now + 0.02, count + 1
                self.base.step(scan=count % 4 == 0)
                if count % 25 == 0 and self.stopped:
                    self.body.link.request(reset=True)
            if self.wish is not None and now > plan:
                plan = now + 0.05
                stamp = self._clock.now().nanoseconds * 1e-9
                wish = np.array([self.wish, 0.0])
                self._planner.publish(conversions.twist_msg(stamp, wish))
            self.executor.spin_once(timeout_sec=0.002)
            if done():
                return True
        return False

    @property
    def stopped(self):
        return self.body.active and self.body.pace.get("level", 0) >= ReflexLevel.STOP

    def for_s(self, seconds):
        self.until(lambda: False, seconds)


@pytest.fixture
def chain(ros, tmp_path, request):
    """All of it, up and running; with one lidar or as many as are asked for."""
    file, lidars = tmp_path / "fast.yaml", getattr(request, "param", 1)
    file.write_text(FAST % lidars)
    command = [sys.executable, "-m", "neural_brain.nodes.fast_process"]
    command += ["--body", "robot", "--link", NAME, "--config", str(file)]
    fast = subprocess.Popen([*command, "--fifo", "--stops", str(tmp_path)])
    late = [Parameter(name, value=1.0) for name in ("body.timeout_s",)]
    robot = RobotNode(
        parameter_overrides=[
            *late,
            Parameter("link", value=NAME),
            Parameter("arm", value=False),
            Parameter("base.radius_m", value=RADIUS_M),
            Parameter("command_timeout_s", value=0.5),
            Parameter("rate_hz", value=100.0),
        ]
    )
    body = BodyNode(
        cli_args=["--ros-args", "-r", "cmd_vel:=cmd_vel_smoothed"],
        parameter_overrides=[
            Parameter("link", value=NAME),
            Parameter("twist_from", value="cmd_vel"),
            Parameter("publish_tf", value=False),
            Parameter("more_scans", value=["scan_low"] if lidars > 1 else [""]),
        ],
    )
    others = [ros.create_node(name) for name in ("base", "planner")]
    executor = make_executor()
    for node in (robot, body, *others):
        executor.add_node(node)
    made = Chain(executor, Base(others[0]), others[1])
    made.fast, made.robot, made.body = fast, robot, body

    def fast_is_up():
        try:
            RosEnd(NAME, writes=False).close()
        except BodyError:
            return False
        return True

    try:
        bring_up([robot])
        assert made.until(fast_is_up)
        bring_up([body])
        yield made
    finally:
        fast.kill()
        fast.wait()
        for node in (body, robot):
            bring_down(node)
        executor.shutdown()
        for node in (*others, robot, body):
            node.destroy_node()
        remove_abandoned(NAME)


def test_a_planner_that_drives_into_a_wall_is_stopped_and_may_leave(chain):
    base = chain.base
    chain.wish = 0.4
    assert chain.until(lambda: base.told > 0.3)
    assert chain.until(lambda: base.x > 0.3 and abs(base.told) < 0.02)
    chain.for_s(1.0)  # it goes on asking
    assert WALL_M - RADIUS_M - 0.3 < base.x < WALL_M - RADIUS_M
    assert max(base.speeds) <= 0.4 + 1e-6
    before = base.x
    chain.wish = -0.2
    assert chain.until(lambda: base.x < before - 0.1)
    assert chain.body.pace["level"] < ReflexLevel.HOLD
    assert not chain.body.count_publishers(topics.JOINT_STATES)


@pytest.mark.parametrize("chain", [2], indirect=True)
def test_what_only_a_second_lidar_sees_stops_the_base_and_so_does_its_silence(chain):
    base = chain.base
    chain.wish = 0.3
    assert chain.until(lambda: base.x > 0.2 and abs(base.told) < 0.02)
    chain.for_s(0.5)  # it goes on asking
    assert LOW_M - RADIUS_M - 0.3 < base.x < LOW_M - RADIUS_M
    chain.wish = -0.2
    assert chain.until(lambda: base.told < -0.1)
    base.low_works = False
    assert chain.until(lambda: base.told == 0.0)
    assert chain.body.pace["level"] == ReflexLevel.HOLD
    assert chain.fast.poll() is None


def test_a_planner_or_a_fast_process_that_dies_leaves_the_base_standing(chain):
    base = chain.base
    chain.wish = -0.2
    assert chain.until(lambda: base.told < -0.1)
    chain.wish = None
    assert chain.until(lambda: base.told == 0.0)
    assert chain.body.pace["level"] == ReflexLevel.HOLD
    chain.wish = -0.2
    assert chain.until(lambda: base.told < -0.1)
    chain.fast.send_signal(signal.SIGKILL)
    chain.fast.wait()
    assert chain.until(lambda: base.told == 0.0)
    assert chain.until(lambda: chain.robot.health()[1].startswith("holding"))
    base.speeds.clear()
    chain.for_s(0.5)  # nobody repeats the last velocity
    assert base.speeds and not any(base.speeds)
