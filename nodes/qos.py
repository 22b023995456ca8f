"""The quality-of-service profiles of this package, named by role.

Topics that the outside knows (`/scan`, `/cmd_vel`, ...) take the profile that other
ROS 2 packages use for the same role; all of them can be overridden by parameters
(`qos_overrides./scan.subscription.depth`).
"""

from __future__ import annotations

from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

COMMAND_LIFESPAN_S = 0.2


def _profile(depth: int, reliable: bool, latched: bool = False) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=(
            ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
        ),
        durability=(
            DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE
        ),
    )


SENSOR = _profile(10, reliable=False)
"""Scans, joint states, IMU: the newest counts, a lost one does not matter."""

IMAGE = _profile(2, reliable=False)
"""Camera frames: as SENSOR, with a short queue because they are large."""

COMMAND = _profile(1, reliable=True)
"""What moves the robot: only the newest, and never one older than its lifespan."""
COMMAND.lifespan = Duration(seconds=COMMAND_LIFESPAN_S)

STATE = _profile(10, reliable=True)
"""Goals, replies, plans, events: none may be lost."""

LATCHED = _profile(1, reliable=True, latched=True)
"""Maps and descriptions: whoever comes late gets the last one."""

NEWEST = _profile(1, reliable=False)
"""The state that a module thinks about: a late one is replaced, never queued."""

STATIC_TF = _profile(100, reliable=True, latched=True)
"""`/tf_static`; deep, because every publisher's last message is wanted."""

TF = _profile(100, reliable=True)
"""`/tf`."""


def overridable() -> QoSOverridingOptions:
    """Lets the user change history depth, reliability and durability by parameters."""
    return QoSOverridingOptions.with_default_policies()
