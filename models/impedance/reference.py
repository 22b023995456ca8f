"""Where the spring is anchored: moves to the target at a limited speed, from rest.

A new target is approached along a straight line (and one rotation axis) in a whole
number of ticks: at least the usual time between targets, longer if the speed limit
asks for it. So a stream of targets is interpolated and a jump becomes a motion.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.anchor import (
    ANCHOR,
    aim_anchor,
    matrix_of,
    move_anchor,
    stop_at_target,
    vector_of,
)
from neural_brain.models.kernels.joints import (
    JOINTS,
    aim_joints,
    move_joints,
    rest_joints,
)
from neural_brain.models.kernels.memory import Memory, memory


def rotation_vector(E: Array) -> tuple[float, float, float]:
    """Rotation vector [rad] of a rotation matrix (3, 3), angle in [0, pi]."""
    return vector_of(np.ascontiguousarray(E, dtype=np.float64))


def rotation_from_vector(vector: Iterable[float]) -> Array:
    """Rotation matrix (3, 3) of a rotation vector (3,) [rad] (Rodrigues)."""
    return matrix_of(*vector)


class CartesianReference:
    """Anchor pose of the Cartesian spring, in `base_link`.

    Args:
        config: speeds and times.
        state: where to keep it; memory of its own when None.

    Attributes:
        position: (3,) [m]. rotation: (3, 3). velocity: (6,) [m/s, rad/s].
    """

    def __init__(self, config: ImpedanceConfig, state: Memory | None = None) -> None:
        self._state = state = memory(ANCHOR) if state is None else state
        self.position: Array = state["position"][0]
        self.rotation: Array = state["rotation"][0]
        self.velocity: Array = state["velocity"][0]
        self._target: Array = state["target"][0]
        self._moving = state["moving"]
        self.rotation[:], self._target[:] = np.eye(3), np.eye(4)
        state["speed"], state["turn"] = config.speed_m_s, config.turn_rad_s
        state["tick_s"] = config.tick_s
        state["period"] = max(1, round(config.target_period_s / config.tick_s))

    @property
    def moving(self) -> bool:
        """False once the target is reached."""
        return bool(self._moving[0])

    def reset(self, T: Array) -> None:
        """Anchor at the pose (4, 4), at rest."""
        self._target[:] = T
        stop_at_target(self._state)

    def aim(
        self, T: Array, speed_scale: float = 1.0, *, speed_m_s: float = math.inf
    ) -> None:
        """Start to move to the pose (4, 4).

        Args:
            T: the target.
            speed_scale: share of all speeds.
            speed_m_s: highest speed on this way, if it is below the usual one.
        """
        self._target[:] = T
        aim_anchor(self._state, speed_scale, speed_m_s)

    def jump(self) -> None:
        """Be at the target at once, at rest."""
        stop_at_target(self._state)

    def step(self, opening: float) -> bool:
        """One tick; `opening` in 0..1 is the share of ticks that really move."""
        return bool(move_anchor(self._state, opening))


class JointReference:
    """Anchor of the joint springs; all joints arrive at the same time.

    Args:
        config: speeds and times.
        dq_max: fastest speeds (n,) [rad/s].
        state: where to keep it; memory of its own when None.
        rows: the same for what has a value a joint.

    Attributes:
        q: (n,) [rad]. velocity: (n,) [rad/s].
    """

    def __init__(
        self,
        config: ImpedanceConfig,
        dq_max: Array,
        state: Memory | None = None,
        rows: Array | None = None,
    ) -> None:
        self._state = state = memory(JOINTS) if state is None else state
        self._rows = rows = row.joint_rows(dq_max.size) if rows is None else rows
        self.q: Array = rows[row.ANCHOR_Q]
        self.velocity: Array = rows[row.ANCHOR_DQ]
        self._target: Array = rows[row.ANCHOR_TARGET]
        self._moving = state["moving"]
        rows[row.ANCHOR_SPEED] = config.joint_speed_share * dq_max
        state["tick_s"] = config.tick_s
        state["period"] = max(1, round(config.target_period_s / config.tick_s))

    @property
    def moving(self) -> bool:
        """False once the target is reached."""
        return bool(self._moving[0])

    def reset(self, q: Array) -> None:
        """Anchor at q (n,) [rad], at rest."""
        self.q[:] = q
        self._target[:] = q
        rest_joints(self._state, self._rows)

    def aim(self, q: Array, speed_scale: float = 1.0, *, pace: float = 1.0) -> None:
        """Start to move to q (n,) [rad].

        Args:
            q: target.
            speed_scale: share of the speed limits.
            pace: share of the speed that this way would have otherwise.
        """
        self._target[:] = q
        self.hasten(speed_scale, pace=pace)

    def hasten(self, speed_scale: float, *, pace: float) -> None:
        """Start anew to move to the same target, at another pace."""
        aim_joints(self._state, self._rows, speed_scale, pace)

    def step(self, opening: float) -> bool:
        """One tick; `opening` in 0..1 is the share of ticks that really move."""
        return bool(move_joints(self._state, self._rows, opening))
