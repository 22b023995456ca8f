"""The state of the body as joint states, odometry, IMU and wrench messages."""

from __future__ import annotations

import array

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from geometry_msgs.msg import TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float64MultiArray

from neural_brain.models.signals import (
    Array,
    BodyLimits,
    BodyState,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.nodes.conversions.parts import pose_from_planar, time_msg, vector3
from neural_brain.nodes.gate import Refusal, finite, stamp_seconds

SIDEWAYS_M_S = 1e-3
ROUNDING_RAD = 1e-6


def joint_state_msg(body: BodyState, names: tuple[str, ...]) -> JointState:
    """Arm joints, in the order of `names`."""
    message = JointState(name=list(names))
    message.header.stamp = time_msg(body.stamp)
    message.position = array.array("d", body.q.tolist())
    message.velocity = array.array("d", body.dq.tolist())
    message.effort = array.array("d", body.effort.tolist())
    return message


def odometry_msg(body: BodyState) -> Odometry:
    """Wheel odometry: `base_link` in `odom`, twist in `base_link`."""
    message = Odometry(child_frame_id="base_link")
    message.header.frame_id = "odom"
    message.header.stamp = time_msg(body.stamp)
    message.pose.pose = pose_from_planar(body.pose_odom_base)
    message.twist.twist.linear.x = float(body.twist_base[0])
    message.twist.twist.angular.z = float(body.twist_base[1])
    return message


def imu_msg(body: BodyState) -> Imu:
    """Angular velocity and specific force; no orientation (covariance[0] = -1)."""
    message = Imu()
    message.header.frame_id = "base_link"
    message.header.stamp = time_msg(body.stamp)
    message.angular_velocity = vector3(body.gyro)
    message.linear_acceleration = vector3(body.accel)
    message.orientation_covariance[0] = -1.0
    return message


def wrench_msg(body: BodyState) -> WrenchStamped:
    """What the world does to the tool, at the end effector, axes of `base_link`."""
    message = WrenchStamped()
    message.header.frame_id = "base_link"
    message.header.stamp = time_msg(body.stamp)
    message.wrench.force = vector3(body.wrench_ee[:3])
    message.wrench.torque = vector3(body.wrench_ee[3:])
    return message


def twist_msg(t: float, twist_base: Array) -> TwistStamped:
    """Forward and turning speed (2,)."""
    message = TwistStamped()
    message.header.frame_id = "base_link"
    message.header.stamp = time_msg(t)
    message.twist.linear.x = float(twist_base[0])
    message.twist.angular.z = float(twist_base[1])
    return message


def twist_from_msg(message: TwistStamped) -> tuple[float, Array]:
    """Stamp [s] and forward and turning speed (2,).

    Raises:
        Refusal: if a number is not finite, or the base should go sideways: without
            that part it would go another way than the planner's.
    """
    linear, angular = message.twist.linear, message.twist.angular
    forward, sideways, turn = finite(linear.x, linear.y, angular.z)
    if abs(sideways) > SIDEWAYS_M_S:
        raise Refusal("sideways speed")
    return stamp_seconds(message.header.stamp), np.array([forward, turn])


def positions_from_msg(message: Float64MultiArray, limits: BodyLimits) -> Array:
    """Joint positions (n,) [rad], in the order of the arm's joints.

    Raises:
        Refusal: if their number is wrong, or one is not finite or beyond its limits.
    """
    if len(message.data) != limits.q_min.size:
        raise Refusal("wrong number of joints")
    q = np.array(finite(*message.data))
    kept: Array = np.clip(q, limits.q_min, limits.q_max)
    if np.abs(q - kept).max() > ROUNDING_RAD:
        raise Refusal("beyond limits")
    return kept


def reflex_status(event: ReflexEvent) -> DiagnosticStatus:
    """A reflex event: level, cause, and what was measured against which limit."""
    levels = {
        ReflexLevel.NOMINAL: DiagnosticStatus.OK,
        ReflexLevel.SLOW: DiagnosticStatus.WARN,
        ReflexLevel.HOLD: DiagnosticStatus.WARN,
    }
    values = {
        "level": event.level.name,
        "cause": event.cause,
        "value": event.value,
        "limit": event.limit,
        "tick": event.tick,
        "stamp [s]": event.stamp,
    }
    return DiagnosticStatus(
        level=levels.get(event.level, DiagnosticStatus.ERROR),
        name="reflex",
        message=f"{event.level.name}: {event.cause}",
        values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
    )
