"""What the world model sees of any body: twelve channels and four action numbers.

The numbers do not depend on how many joints the arm has, so one model serves any
mobile manipulator of similar size.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyCommand, BodyState

CHANNELS = (
    "forward speed",
    "turning speed",
    "gyro",
    "forward acceleration",
    "sideways acceleration",
    "force x",
    "force y",
    "force z",
    "torque x",
    "torque y",
    "torque z",
    "arm speed",
)
ACTIONS = ("commanded speed", "commanded turning", "effort change", "effort gap")


def channels_of(body: BodyState) -> Array:
    """The channels (12,) of a body state: m/s, rad/s, m/s2, N, Nm, rad/s."""
    x = np.empty(len(CHANNELS))
    x[0:2] = body.twist_base
    x[2] = body.gyro[2]
    x[3:5] = body.accel[:2]
    x[5:11] = body.wrench_ee
    x[11] = np.sqrt(np.dot(body.dq, body.dq))
    return x


def actions_of(
    body: BodyState, command: BodyCommand | None, before: BodyCommand | None
) -> Array:
    """The action numbers (4,): twist, change of effort and effort not yet measured.

    Args:
        body: state at the same time.
        command: what is being sent; None = nothing, all zeros.
        before: what was sent one step earlier, or None.
    """
    u = np.zeros(len(ACTIONS))
    if command is None:
        return u
    u[0:2] = command.twist_base
    if before is not None:
        change = command.effort - before.effort
        u[2] = np.sqrt(np.dot(change, change))
    gap = command.effort - body.effort
    u[3] = np.sqrt(np.dot(gap, gap))
    return u


def model_input(x: Array, x_before: Array, u: Array, u_next: Array) -> Array:
    """Input (..., 32) of the ensemble for the step from x to its successor.

    Args:
        x: channels now (..., 12).
        x_before: the same one step earlier.
        u: actions (..., 4) in force at x.
        u_next: actions in force until the successor.
    """
    return np.concatenate((x, x - x_before, u, u_next), axis=-1)
