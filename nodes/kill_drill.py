"""Kill the fast process, or the side that commands it, and see when the robot holds.

All of it is real but the robot: the bridge (`robot_node`), the fast process with its
ordinary times, and a driver that sends targets, each a process or a node of its own,
over shared memory and ROS topics. The robot publishes joint states and odometry and
notes when it is told what. Prints one JSON object for each kill.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rclpy
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import ReflexLevel
from neural_brain.nodes.fast_link import RosEnd, open_link
from neural_brain.nodes.foreign_targets import standing_target
from neural_brain.nodes.process import bring_down, bring_up, make_executor
from neural_brain.nodes.robot_node import RobotNode
from neural_brain.robots.shm import remove_abandoned

POSTURE = np.array([0.0, -0.4, 0.0, -2.0, 0.0, 1.6, 0.8])
SPEED_M_S = 0.1
DRIVER_S, TELL_S, POLL_S = 0.02, 0.005, 0.001
CALM_S, LONGEST_S, PATIENCE_S = 0.5, 2.0, 60.0
FAST = "reflex: {guards: {lidar_required: false}}\n"


class DrilledRobot:
    """A robot that stands where it is told and notes the speeds that it gets.

    Attributes:
        told: forward speeds [m/s] with the monotonic times of their arrival [s].
    """

    def __init__(self, node: Node) -> None:
        self.told: list[tuple[float, float]] = []
        self._node, self._due, self._x = node, 0.0, 0.0
        sensor = qos_profile_sensor_data
        self._joints = node.create_publisher(JointState, "joint_states", sensor)
        self._odom = node.create_publisher(Odometry, "odom", sensor)
        node.create_subscription(TwistStamped, "cmd_vel", self._take, 10)

    def tell(self) -> None:
        """Publish joint states and odometry when they are due."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + TELL_S
        stamp = self._node.get_clock().now().to_msg()
        noise = np.random.default_rng(stamp.nanosec).normal(0.0, 1e-5, POSTURE.size)
        joints = JointState(velocity=[0.0] * POSTURE.size)
        joints.name = [f"fr3_joint{i + 1}" for i in range(POSTURE.size)]
        joints.position = (POSTURE + noise).tolist()
        joints.header.stamp = stamp
        self._joints.publish(joints)
        odom = Odometry()
        odom.header.stamp, odom.pose.pose.orientation.w = stamp, 1.0
        odom.twist.twist.linear.x = self.told[-1][1] if self.told else 0.0
        self._odom.publish(odom)

    def _take(self, message: TwistStamped) -> None:
        self.told.append((time.monotonic(), float(message.twist.linear.x)))


class Drill:
    """Robot, bridge, fast process and driver.

    Args:
        folder: for the file with the parameters of the fast process.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"drill-{os.getpid()}"
        self._config = folder / "fast.yaml"
        self._config.write_text(FAST, encoding="utf-8")
        own = ["--ros-args", "-r", f"__ns:=/drill_{os.getpid()}"]
        self._node = rclpy.create_node("drilled_robot", cli_args=own)
        self.robot = DrilledRobot(self._node)
        values = {"link": self.name, "body.wrench": ""}
        self._bridge = RobotNode(
            cli_args=own,
            parameter_overrides=[Parameter(k, value=v) for k, v in values.items()],
        )
        self._executor = make_executor()
        for node in (self._node, self._bridge):
            self._executor.add_node(node)
        bring_up([self._bridge])
        self._fast: subprocess.Popen[bytes] | None = None
        self._driver: subprocess.Popen[bytes] | None = None
        self._dead: list[subprocess.Popen[bytes]] = []
        self._calm_since = 0.0
        self._link: RosEnd | None = None
        self._level = ReflexLevel.HOLD

    def turn(self, done: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
        """Serve everything until something is so; the time of that [s].

        Raises:
            BodyError: if it does not become so.
        """
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            self.robot.tell()
            self._executor.spin_once(timeout_sec=POLL_S)
            if done():
                return time.monotonic()
        raise BodyError(
            f"The drill waited {patience_s:g} s in vain for {done.__name__}; expected "
            "all processes up, and the robot driving without a stop. See what they "
            "printed above, or run it where less else runs."
        )

    def get_moving(self) -> None:
        """Start what does not run, and wait until the robot has moved for a while."""
        while self._dead:
            self._dead.pop().wait()
        if self._fast is None:
            options = ["--body", "robot", "--config", str(self._config), "--fifo"]
            options += ["--stops", ""]
            self._fast = _start("neural_brain.nodes.fast_process", self.name, *options)
        self.turn(self._link_is_open)
        if self._driver is None:
            self._driver = _start("neural_brain.nodes.kill_drill", self.name, "--drive")
        self._calm_since = time.monotonic()
        self.turn(self._moves)

    def kill_fast(self) -> float:
        """Time from the death of the fast process to the first hold [s]."""
        start = self._kill(self._fast)
        self._fast = None
        self._close_link()
        self.robot.told.clear()
        self.turn(self._stands, LONGEST_S)
        self._kill(self._driver)
        self._driver = None
        return self.robot.told[-1][0] - start

    def kill_driver(self) -> float:
        """Time from the death of the commanding side to level HOLD [s]."""
        start = self._kill(self._driver)
        self._driver = None
        return self.turn(self._holds, LONGEST_S) - start

    def close(self) -> None:
        """End all processes and delete what they left."""
        self._close_link()
        for process in (self._driver, self._fast):
            if process is not None:
                self._kill(process)
        while self._dead:
            self._dead.pop().wait()
        bring_down(self._bridge)
        self._executor.shutdown()
        for node in (self._bridge, self._node):
            node.destroy_node()
        remove_abandoned(self.name)

    def _stands(self) -> bool:
        told = self.robot.told
        return self._bridge.holding and bool(told) and told[-1][1] == 0.0

    def _holds(self) -> bool:
        return self._read() >= ReflexLevel.HOLD

    def _moves(self) -> bool:
        """Whether the robot has been told to drive, without a HOLD, for CALM_S.

        At level SLOW, where late ticks put it on a busy machine, it drives as well.
        """
        now, told = time.monotonic(), self.robot.told
        drives = bool(told) and told[-1][1] > 0.2 * SPEED_M_S
        if self._read() >= ReflexLevel.HOLD or not drives:
            self._calm_since = now
        return now - self._calm_since > CALM_S

    def _read(self) -> ReflexLevel:
        """The reflex level of the newest state."""
        found = None if self._link is None else self._link.read_state()
        if found is not None:
            self._level = ReflexLevel(int(found[2]["level"]))
        return self._level

    def _link_is_open(self) -> bool:
        if self._link is None:
            try:
                self._link = RosEnd(self.name, writes=False)
            except BodyError:
                return False
        return True

    def _close_link(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _kill(self, process: subprocess.Popen[bytes] | None) -> float:
        if process is None:
            raise BodyError("Nothing runs that could be killed; call get_moving first.")
        start = time.monotonic()
        process.kill()
        self._dead.append(process)  # waited for later: the bridge must go on now
        return start


def drive(name: str) -> None:
    """Send targets until killed, as a healthy brain does.

    Raises:
        BodyError: if no fast process runs under this name.
    """
    link = open_link(name, PATIENCE_S, writes=True)
    twist = np.array([SPEED_M_S, 0.0])
    while True:
        found = link.read_state()
        if found is not None:
            body = found[0]
            if found[2]["level"] >= ReflexLevel.STOP:
                link.request(reset=True)
            link.write_target(standing_target(body, body.stamp, twist, POSTURE))
        time.sleep(DRIVER_S)


def _start(module: str, name: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", module, "--link", name, *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def main() -> int:
    """Run the drill; returns 0, or 2 with a printed reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of each side")
    parser.add_argument("--drive", action="store_true", help="be the commanding side")
    parser.add_argument("--link", default="", help="name of the shared memory")
    options = parser.parse_args()
    if options.drive:
        drive(options.link)
    rclpy.init()
    with TemporaryDirectory() as folder:
        drill = Drill(Path(folder))
        try:
            for number in range(2 * options.kills):
                drill.get_moving()
                fast = number % 2 == 0
                taken = drill.kill_fast() if fast else drill.kill_driver()
                side = "fast process" if fast else "commanding side"
                print(json.dumps({"killed": side, "hold_s": taken}), flush=True)
        except BodyError as error:
            print(f"kill_drill: {error}", file=sys.stderr, flush=True)
            return 2
        finally:
            drill.close()
            rclpy.try_shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
