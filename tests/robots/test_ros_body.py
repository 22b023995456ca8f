"""A robot behind ROS topics: what is stale or wrong is never passed on as good."""
# ruff: noqa: E402 (skipped where there is no rclpy)

import os
import time

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")

from geometry_msgs.msg import TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry
from rclpy.clock import ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float64MultiArray

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.signals import BodyCommand, BodyLimits
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.ros_body import RosBody, RosBodyConfig

NAMES = [f"fr3_joint{i}" for i in range(1, 8)]
ONES = np.ones(7)
POSTURE = np.array([0.0, -0.4, 0.0, -2.0, 0.0, 1.6, 0.8])


class Driver:
    """The robot's own drivers: publishes states, collects commands."""

    def __init__(self, node):
        self.node = node
        self.efforts, self.twists = [], []
        self.joints = node.create_publisher(
            JointState, "joint_states", qos_profile_sensor_data
        )
        self.odom = node.create_publisher(Odometry, "odom", qos_profile_sensor_data)
        self.wrench = node.create_publisher(
            WrenchStamped, "ft_sensor/wrench", qos_profile_sensor_data
        )
        self.imu = node.create_publisher(Imu, "imu/data", qos_profile_sensor_data)
        node.create_subscription(
            Float64MultiArray,
            "effort_controller/commands",
            lambda m: self.efforts.append(np.array(m.data)),
            10,
        )
        self.joint_commands = {"position": [], "velocity": []}
        for kind, told in self.joint_commands.items():
            node.create_subscription(
                Float64MultiArray,
                f"forward_{kind}_controller/commands",
                lambda m, told=told: told.append(np.array(m.data)),
                10,
            )
        node.create_subscription(TwistStamped, "cmd_vel", self.twists.append, 10)

    def now(self, shift_s=0.0):
        stamp = self.node.get_clock().now().nanoseconds + int(shift_s * 1e9)
        return rclpy.time.Time(
            nanoseconds=stamp, clock_type=ClockType.ROS_TIME
        ).to_msg()

    def tell_joints(self, names=NAMES, q=POSTURE, shift_s=0.0, effort=()):
        message = JointState(name=list(names), position=q.tolist(), effort=list(effort))
        message.header.stamp = self.now(shift_s)
        message.velocity = [0.1 * i for i in range(len(q))]
        self.joints.publish(message)

    def tell_odometry(self, x=1.5, speed=0.3):
        message = Odometry()
        message.header.stamp = self.now()
        message.pose.pose.position.x = x
        message.pose.pose.orientation.w = 1.0
        message.twist.twist.linear.x = speed
        self.odom.publish(message)

    def tell_wrench(self, z=5.0):
        message = WrenchStamped()
        message.header.stamp = self.now()
        message.wrench.force.z = z
        self.wrench.publish(message)

    def tell_imu(self, x=0.5, y=-0.1, z=9.8, pitching=0.2, shift_s=0.0):
        message = Imu()
        message.header.stamp = self.now(shift_s)
        message.angular_velocity.y = pitching
        accel = message.linear_acceleration
        accel.x, accel.y, accel.z = x, y, z
        self.imu.publish(message)


@pytest.fixture
def world():
    """A driver, a maker of bodies, and a way to let messages flow."""
    rclpy.init(
        domain_id=1 + os.getpid() % 100, signal_handler_options=SignalHandlerOptions.NO
    )
    executor = SingleThreadedExecutor()
    nodes = [rclpy.create_node(name) for name in ("driver", "bridge")]
    for node in nodes:
        executor.add_node(node)
    driver, bodies = Driver(nodes[0]), []

    def make(**config):
        ones = np.ones(7)
        limits = BodyLimits(
            q_min=-3 * ones,
            q_max=3 * ones,
            dq_max=2 * ones,
            effort_max=87 * ones,
            effort_rate_max=1000 * ones,
            twist_max=np.array([0.6, 1.2]),
            accel_max=np.array([1.0, 2.0]),
            radius_m=0.27,
        )
        body = RosBody(nodes[1], RosBodyConfig(**config), limits, arm_dynamics())
        bodies.append(body)
        return body

    def until(done, each=lambda: None, patience_s=15.0):
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            each()
            executor.spin_once(timeout_sec=0.02)
            if done():
                return True
        return False

    yield driver, make, until
    for body in bodies:
        body.close()
    executor.shutdown()
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()


def readable(body):
    try:
        return body.read()
    except BodyError:
        return None


def command(effort, speed=0.2, **joints):
    return BodyCommand(
        stamp=0.0,
        effort=effort,
        twist_base=np.array([speed, 0.1]),
        head=np.zeros(2),
        gripper_m=0.0,
        **joints,
    )


def test_before_the_first_state_it_says_what_is_missing(world):
    _, make, _ = world
    with pytest.raises(BodyError, match=r"fr3_joint1.*joint_states"):
        make().read()


def test_joints_are_sorted_by_name_and_others_are_ignored(world):
    driver, make, until = world
    body = make(odom="", wrench="")
    names = [*reversed(NAMES), "finger"]
    q = np.append(POSTURE[::-1], 0.04)
    assert until(lambda: readable(body), lambda: driver.tell_joints(names, q))
    assert np.allclose(body.read().q, POSTURE)


def test_what_falls_silent_turns_to_nan_and_joints_keep_their_old_stamp(world):
    driver, make, until = world
    body = make()

    def tell():
        driver.tell_joints()
        driver.tell_odometry()
        driver.tell_wrench()

    def complete():
        state = readable(body)
        return state and np.isfinite([*state.twist_base, *state.wrench_ee]).all()

    assert until(complete, tell)
    state = body.read()
    assert state.pose_odom_base[0] == 1.5 and state.twist_base[0] == 0.3
    assert np.isclose(np.linalg.norm(state.wrench_ee[:3]), 5.0)
    assert until(lambda: np.isnan(body.read().twist_base).all())
    assert np.isnan(body.read().wrench_ee).all()
    assert body.read().stamp >= state.stamp


def test_the_wrench_is_turned_into_the_axes_of_the_base(world):
    driver, make, until = world
    body = make(odom="")

    def tell():
        driver.tell_joints()
        driver.tell_wrench(z=5.0)

    assert until(
        lambda: readable(body) and np.isfinite(body.read().wrench_ee).all(), tell
    )
    arm = arm_dynamics()
    arm.update(POSTURE, np.zeros(7))
    assert np.allclose(body.read().wrench_ee[:3], arm.T_base_ee[:3, 2] * 5.0, atol=1e-6)


def test_an_imu_is_felt_and_a_silent_one_is_none(world):
    """NaN would keep the whole state from being sent; zeros are no IMU."""
    driver, make, until = world
    body = make(odom="", wrench="", imu="imu/data")

    def tell():
        driver.tell_joints()
        driver.tell_imu()

    assert until(lambda: readable(body) and body.read().accel.any(), tell)
    assert np.allclose(body.read().accel, [0.5, -0.1, 9.8])
    assert np.allclose(body.read().gyro, [0.0, 0.2, 0.0])
    assert until(lambda: not body.read().accel.any(), driver.tell_joints)
    assert not body.read().gyro.any()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"shift_s": -1.0}, "too old"),
        ({"x": np.nan}, "not finite"),
        ({"z": 1.0, "x": 0.0}, "no IMU measures that"),  # in units of g
        ({"z": 0.0, "x": 0.0, "y": 0.0}, "no IMU measures that"),
        ({"pitching": 200.0}, "no IMU measures that"),  # in degrees
    ],
)
def test_each_bad_imu_message_is_counted_and_dropped(world, spoil, reason):
    driver, make, until = world
    body = make(odom="", wrench="", imu="imu/data")

    def tell():
        driver.tell_joints()
        driver.tell_imu(**spoil)

    assert until(lambda: reason in body.refused and readable(body), tell)
    assert not body.read().accel.any()
    assert not body.read().gyro.any()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"shift_s": -1.0}, "too old"),
        ({"shift_s": 1.0}, "from the future"),
        ({"names": NAMES[:6], "q": POSTURE[:6]}, "joints missing"),
        ({"q": POSTURE[:6]}, "lengths differ"),
        ({"q": np.append(POSTURE[:6], np.nan)}, "not finite"),
        ({"effort": [1.0] * 6 + [np.nan]}, "not finite"),
    ],
)
def test_each_bad_joint_state_is_counted_and_dropped(world, spoil, reason):
    driver, make, until = world
    body = make(odom="", wrench="")
    assert until(lambda: reason in body.refused, lambda: driver.tell_joints(**spoil))
    assert readable(body) is None


def test_a_driver_without_effort_sensors_is_read_as_one_that_measures_none(world):
    """ros2_control publishes NaN for an interface that a joint does not have."""
    driver, make, until = world
    body = make(odom="", wrench="")
    nothing = [np.nan] * 7
    assert until(lambda: readable(body), lambda: driver.tell_joints(effort=nothing))
    assert not body.read().effort.any() and not body.refused


def test_efforts_leave_without_gravity_when_the_robot_adds_it(world):
    driver, make, until = world
    body = make(odom="", wrench="")
    assert until(lambda: readable(body), driver.tell_joints)
    arm = arm_dynamics()
    state = body.read()
    arm.update(state.q, state.dq)
    proposed = arm.bias + 1.0
    assert until(
        lambda: driver.efforts and driver.twists, lambda: body.write(command(proposed))
    )
    assert np.allclose(driver.efforts[-1], 1.0, atol=1e-6)
    assert driver.twists[-1].twist.linear.x == 0.2
    assert driver.twists[-1].header.frame_id == "base_link"


def test_a_hold_carries_the_arm_and_stops_the_base(world):
    driver, make, until = world
    body = make(odom="", wrench="", gravity_compensated=False)
    assert until(lambda: readable(body), driver.tell_joints)
    assert until(lambda: driver.efforts and driver.twists, body.hold)
    assert np.abs(driver.efforts[-1]).max() > 5.0
    assert driver.twists[-1].twist.linear.x == 0.0


def test_a_base_alone_needs_odometry_only_and_its_time_is_now(world):
    driver, make, until = world
    body = make(joints=(), wrench="", gravity_compensated=False)
    with pytest.raises(BodyError, match="odometry"):
        body.read()
    assert until(lambda: readable(body), driver.tell_odometry)
    state = body.read()
    assert state.q.shape == state.effort.shape == (0,)
    assert state.twist_base[0] == 0.3 and (state.wrench_ee == 0.0).all()
    assert until(lambda: np.isnan(body.read().twist_base).all())
    assert body.read().stamp > state.stamp
    told = driver.twists
    none = np.zeros(0)
    assert until(lambda: told, lambda: body.write(command(none)))
    assert told[-1].twist.linear.x == 0.2
    told.clear()
    assert until(lambda: told, body.hold)
    assert told[-1].twist.linear.x == 0.0
    assert not driver.efforts


def test_nan_is_never_sent(world):
    _, make, _ = world
    body = make()
    with pytest.raises(BodyError, match="NaN"):
        body.write(command(np.full(7, np.nan)))


@pytest.mark.parametrize("kind", ["position", "velocity"])
def test_servos_get_positions_or_velocities_on_their_own_topic(world, kind):
    driver, make, until = world
    body = make(odom="", wrench="", command=kind)
    assert until(lambda: readable(body), driver.tell_joints)
    told, joints = driver.joint_commands[kind], {"q": POSTURE + 0.01, "dq": 0.1 * ONES}
    assert until(lambda: told, lambda: body.write(command(np.zeros(7), **joints)))
    assert np.allclose(told[-1], joints["q" if kind == "position" else "dq"])
    assert not driver.efforts
    told.clear()
    assert until(lambda: told, body.hold)
    assert np.allclose(told[-1], POSTURE + 0.01 if kind == "position" else 0.0)


def test_an_arm_that_was_moved_by_others_is_held_where_it_is(world):
    driver, make, until = world
    body = make(odom="", wrench="", command="position")
    assert until(lambda: readable(body), driver.tell_joints)
    body.write(command(np.zeros(7), q=POSTURE))
    there = POSTURE + 0.5
    assert until(
        lambda: np.allclose(body.read().q, there), lambda: driver.tell_joints(q=there)
    )
    told = driver.joint_commands["position"]
    told.clear()
    assert until(lambda: told and np.allclose(told[-1], there), body.hold)


@pytest.mark.parametrize("kind", ["position", "velocity"])
@pytest.mark.parametrize("bad", [None, np.nan, 9.0])
def test_joints_that_are_missing_or_beyond_limits_are_never_sent(world, kind, bad):
    _, make, _ = world
    body = make(command=kind)
    values = None if bad is None else np.full(7, bad)
    with pytest.raises(BodyError, match=kind):
        body.write(command(np.zeros(7), q=values, dq=values))


def test_an_unknown_command_is_refused():
    with pytest.raises(ConfigError, match="effort"):
        RosBodyConfig(command="torque")
