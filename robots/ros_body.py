"""A real robot behind ros2_control topics as a `Body`.

In: joint states, odometry and, if the robot has them, a wrist force/torque sensor and
an IMU. Out: joint efforts, positions or velocities (forward_command_controller) and
base speed. What is stale or malformed reads as NaN, which the reflex takes for danger;
nothing old is passed on as new. A silent IMU reads as none, zeros: driving needs none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from geometry_msgs.msg import Twist, TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float64MultiArray

from neural_brain.models.config import param, validate
from neural_brain.models.errors import BodyError
from neural_brain.models.geometry import Array
from neural_brain.models.maps.tilt import FASTEST_RAD_S
from neural_brain.models.signals import ArmDynamics, BodyCommand, BodyLimits, BodyState

_SLACK = 1e-9
_MOVED_RAD = 0.3
_LIGHT_M_S2, _HARD_M_S2 = 2.0, 80.0  # no specific force of a standing or driving base


@dataclass(frozen=True, kw_only=True)
class RosBodyConfig:
    """Names of topics and joints, and how old an input may be."""

    joints: tuple[str, ...] = param(
        tuple(f"fr3_joint{i}" for i in range(1, 8)),
        "arm joints, base to tip; none = a base alone",
    )
    joint_states: str = param("joint_states", "topic of joint states")
    odom: str = param("odom", "topic of wheel odometry; empty = the base is fixed")
    wrench: str = param("ft_sensor/wrench", "topic of the wrist sensor; empty = none")
    imu: str = param("", "topic of an IMU with the axes of base_link; empty = none")
    wrench_in_base: bool = param(False, "the wrench is in base_link, not in tool axes")
    command: str = param(
        "effort", "what the joints take", choices=("effort", "position", "velocity")
    )
    efforts: str = param("effort_controller/commands", "topic of joint efforts out")
    positions: str = param(
        "forward_position_controller/commands", "topic of joint positions out"
    )
    velocities: str = param(
        "forward_velocity_controller/commands", "topic of joint velocities out"
    )
    cmd_vel: str = param(
        "cmd_vel", "topic of base speed out; empty = the base is fixed"
    )
    stamped_cmd_vel: bool = param(True, "base speed as TwistStamped, not Twist")
    gravity_compensated: bool = param(
        True, "the robot's driver adds gravity and Coriolis torques itself"
    )
    timeout_s: float = param(0.1, "oldest accepted input", low=0.005, high=2.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class RosBody:
    """The `Body` of a robot that speaks ROS 2.

    With `command` "position" or "velocity" put an `AdmittanceBody` between it and the
    fast loop; `fast_process` does. A forward controller goes on with the last command
    that it got: if this process dies, only the robot's own driver stops a velocity.

    Args:
        node: an rclpy node; its clock is the clock of all stamps.
        config: topics and joints.
        limits: hard limits of the robot.
        dynamics: of its arm, for gravity and for turning the wrench into `base_link`.

    Attributes:
        refused: messages that could not be used, by reason.
    """

    def __init__(
        self,
        node: Any,
        config: RosBodyConfig,
        limits: BodyLimits,
        dynamics: ArmDynamics,
    ) -> None:
        self.config, self._limits, self._dynamics = config, limits, dynamics
        self._node = node
        self.refused: dict[str, int] = {}
        self._joints: tuple[float, Array] | None = None
        self._base: tuple[float, Array] | None = None
        self._force: tuple[float, Array] | None = None
        self._felt: tuple[float, Array] | None = None
        self._order: list[int] | None = None
        self._parts: list[tuple[Any, Any]] = []
        arm = bool(config.joints)
        self._subscribe(
            JointState, config.joint_states if arm else "", self._take_joints
        )
        self._subscribe(Odometry, config.odom, self._take_odometry)
        self._subscribe(WrenchStamped, config.wrench, self._take_wrench)
        self._subscribe(Imu, config.imu, self._take_imu)
        topics = {
            "effort": config.efforts,
            "position": config.positions,
            "velocity": config.velocities,
        }
        topic = topics[config.command] if arm else ""
        self._joint_out = self._publisher(Float64MultiArray, topic)
        self._told: Array | None = None
        kind = TwistStamped if config.stamped_cmd_vel else Twist
        self._speed = self._publisher(kind, config.cmd_vel)

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""
        return self._limits

    @property
    def topics_out(self) -> list[str]:
        """Full names of the topics of joint commands and base speed that there are."""
        outs = (self._joint_out, self._speed)
        return [str(part.topic_name) for part in outs if part is not None]

    def read(self) -> BodyState:
        """The newest state; numbers whose input is stale are NaN.

        Raises:
            BodyError: before the first joint state, of a base alone before the first
                odometry has come.
        """
        stamp, (q, dq, effort) = self._joint_state()
        base = self._fresh(self._base, 5, self.config.odom)
        felt = np.nan_to_num(self._fresh(self._felt, 6, self.config.imu))
        return BodyState(
            stamp=stamp,
            q=q,
            dq=dq,
            effort=effort,
            twist_base=base[3:],
            pose_odom_base=base[:3],
            wrench_ee=self._fresh(self._force, 6, self.config.wrench),
            bumper=np.zeros(0, dtype=bool),
            gyro=felt[:3],
            accel=felt[3:],
            head=np.zeros(2),
            gripper_m=0.0,
            battery=1.0,
        )

    def _joint_state(self) -> tuple[float, Array]:
        """Stamp [s] and positions, velocities and efforts (3, n).

        A base alone has the present time, as its odometry is checked on its own.
        """
        config = self.config
        if not config.joints and self._base is not None:
            return self._now(), np.zeros((3, 0))
        if self._joints is not None:
            return self._joints
        what = f"joint states of {', '.join(config.joints)}"
        topic = config.joint_states
        if not config.joints:
            what, topic = "odometry", config.odom
        raise BodyError(
            f"No {what} on {topic!r} yet. Start the robot's driver, or correct the "
            "topic and the joint names."
        )

    def write(self, command: BodyCommand) -> None:
        """Send efforts, positions or velocities of the joints, and base speed.

        Raises:
            BodyError: for NaN, infinity, positions or velocities that are missing or
                beyond the limits; nothing is sent then.
        """
        if not (
            np.isfinite(command.effort).all() and np.isfinite(command.twist_base).all()
        ):
            raise BodyError(
                "A command holds NaN or infinity; expected finite numbers. It was not "
                "sent; check the controller's inputs."
            )
        self._send(self._for_joints(command), command.twist_base)

    def hold(self) -> None:
        """No speed; the joints carry the arm, stay at the last position, or stand."""
        rest = np.zeros(len(self.config.joints))
        if self.config.command == "position":
            rest = self._last_position()
        elif rest.size and self.config.command == "effort":
            rest = rest if self.config.gravity_compensated else self._dynamics.bias
        self._send(rest, np.zeros(2))

    def close(self) -> None:
        """Hold, and give topics back; safe to call twice."""
        if self._parts:
            self.hold()
        for destroy, part in self._parts:
            destroy(part)
        self._parts = []

    def _for_joints(self, command: BodyCommand) -> Array:
        """What the joints are told (n,)."""
        kind, limits = self.config.command, self._limits
        if not self.config.joints:
            return np.zeros(0)
        if kind == "effort":
            if self.config.gravity_compensated:
                return command.effort - self._dynamics.bias
            return command.effort
        if kind == "position":
            values, low, high = command.q, limits.q_min, limits.q_max
        else:
            values, low, high = command.dq, -limits.dq_max, limits.dq_max
        if values is None or values.shape != low.shape:
            raise BodyError(
                f"A command holds no joint {kind}s, but RosBodyConfig.command = "
                f"{kind!r}. Put an AdmittanceBody between fast loop and robot."
            )
        if not ((values >= low - _SLACK) & (values <= high + _SLACK)).all():  # or NaN
            raise BodyError(
                f"A command holds joint {kind}s {values}; allowed {low} to {high}. It "
                "was not sent; check the limits that the fast loop was given."
            )
        if kind == "position":
            self._told = values.copy()
        return values

    def _last_position(self) -> Array:
        """What was told last (n,) [rad]; empty before the first state.

        An arm that is far from there was moved by someone else, and stays where it is.
        """
        if self._joints is None:
            return np.zeros(0)
        q = self._joints[1][0]
        if self._told is None or np.abs(self._told - q).max() > _MOVED_RAD:
            self._told = q.copy()
        return self._told

    def _send(self, joints: Array, twist: Array) -> None:
        if self._joint_out is not None and joints.size:
            self._joint_out.publish(Float64MultiArray(data=[float(x) for x in joints]))
        if self._speed is None:
            return
        stamped = TwistStamped()
        stamped.header.frame_id = "base_link"
        stamped.header.stamp = self._node.get_clock().now().to_msg()
        stamped.twist.linear.x = float(twist[0])
        stamped.twist.angular.z = float(twist[1])
        self._speed.publish(stamped if self.config.stamped_cmd_vel else stamped.twist)

    def _fresh(self, kept: tuple[float, Array] | None, size: int, topic: str) -> Array:
        """The kept numbers; NaN if stale, zeros if the robot has no such part."""
        if not topic:
            return np.zeros(size)
        if kept is None or self._now() - kept[0] > self.config.timeout_s:
            return np.full(size, np.nan)
        return kept[1]

    def _now(self) -> float:
        return float(self._node.get_clock().now().nanoseconds) * 1e-9

    # --- what arrives -----------------------------------------------------------

    def _take_joints(self, message: JointState) -> None:
        stamp = self._stamp(message)
        if stamp is None:
            return
        wanted, n = self.config.joints, len(message.name)
        if not set(wanted) <= set(message.name):
            return self._refuse("joints missing")
        if len(message.position) != n or len(message.velocity) != n:
            return self._refuse("lengths differ")
        index = [message.name.index(name) for name in wanted]
        effort = message.effort if len(message.effort) == n else np.zeros(n)
        values = np.array([message.position, message.velocity, effort])[:, index]
        if np.isnan(values[2]).all():  # how ros2_control says that it measures none
            values[2] = 0.0
        if not np.isfinite(values).all():
            return self._refuse("not finite")
        self._joints = (stamp, values)
        self._dynamics.update(values[0], values[1])

    def _take_odometry(self, message: Odometry) -> None:
        stamp = self._stamp(message)
        if stamp is None:
            return
        p, q = message.pose.pose.position, message.pose.pose.orientation
        yaw = math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y**2 + q.z**2))
        twist = message.twist.twist
        values = np.array([p.x, p.y, yaw, twist.linear.x, twist.angular.z])
        if not np.isfinite(values).all():
            return self._refuse("not finite")
        self._base = (stamp, values)

    def _take_wrench(self, message: WrenchStamped) -> None:
        stamp = self._stamp(message)
        if stamp is None:
            return
        f, m = message.wrench.force, message.wrench.torque
        values = np.array([f.x, f.y, f.z, m.x, m.y, m.z])
        if not np.isfinite(values).all():
            return self._refuse("not finite")
        if not self.config.wrench_in_base:
            R = self._dynamics.T_base_ee[:3, :3]
            values = np.concatenate([R @ values[:3], R @ values[3:]])
        self._force = (stamp, values)

    def _take_imu(self, message: Imu) -> None:
        stamp = self._stamp(message)
        if stamp is None:
            return
        w, a = message.angular_velocity, message.linear_acceleration
        values = np.array([w.x, w.y, w.z, a.x, a.y, a.z])
        if not np.isfinite(values).all():
            return self._refuse("not finite")
        turn, force = np.linalg.norm(values[:3]), np.linalg.norm(values[3:])
        if turn > FASTEST_RAD_S or not _LIGHT_M_S2 <= force <= _HARD_M_S2:
            return self._refuse("no IMU measures that")
        self._felt = (stamp, values)

    def _stamp(self, message: Any) -> float | None:
        stamp = message.header.stamp
        t = stamp.sec + stamp.nanosec * 1e-9
        age = self._now() - t
        if not -self.config.timeout_s <= age <= self.config.timeout_s:
            self._refuse("too old" if age > 0 else "from the future")
            return None
        return float(t)

    def _refuse(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def _subscribe(self, kind: type, topic: str, take: Any) -> None:
        if topic:
            part = self._node.create_subscription(
                kind, topic, take, qos_profile_sensor_data
            )
            self._parts.append((self._node.destroy_subscription, part))

    def _publisher(self, kind: type, topic: str) -> Any:
        if not topic:
            return None
        part = self._node.create_publisher(kind, topic, 1)
        self._parts.append((self._node.destroy_publisher, part))
        return part
