"""How the arm of `fuzz_arm.py` begins: posture, speed, a plane, noise."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.fuzz_line import LIMITS
from neural_brain.models.fast import FastConfig
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import ReflexConfig, WorkspaceConfig
from neural_brain.robots.dynamics import MujocoArm, arm_dynamics

_JOINTS = ReflexConfig().joints
LOW = LIMITS.q_min + _JOINTS.margin_rad
HIGH = LIMITS.q_max - _JOINTS.margin_rad
"""Where the joints' own bounds stop them."""
QUICK = ImpedanceConfig(
    speed_m_s=0.6,
    impact_stiffness_n_m=0.0,
    joint_speed_share=1.0,
    tank_start_j=100.0,
    tank_max_j=100.0,
)
"""As fast as targets can make the arm, so that its bounds have something to do."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """How an arm begins and what it obeys.

    Attributes:
        q, dq: joints (n,) [rad, rad/s]. planes: none or one. noisy: its sensors.
    """

    q: Array
    dq: Array
    planes: tuple[tuple[float, ...], ...]
    quick: bool
    noisy: bool

    @functools.cached_property
    def config(self) -> FastConfig:
        """Of the fast loop in front of it."""
        return FastConfig(
            impedance=QUICK if self.quick else ImpedanceConfig(),
            reflex=ReflexConfig(workspace=WorkspaceConfig(planes=self.planes)),
        )


def draw_life(rng: np.random.Generator) -> Life:
    """A posture, often at the edge of its bounds, at rest or on the way; half: a plane.

    Before a plane the arm begins at rest, as it might be too close for its speed.
    """
    q = rng.uniform(LOW, HIGH)
    edge = np.where(rng.random(q.size) < 0.5, LOW, HIGH)
    q = np.where(rng.random(q.size) < 0.15, edge, q)
    planes = (_plane_before(q, rng),) if rng.random() < 0.5 else ()
    room = np.minimum(q - LOW, HIGH - q)
    speed = np.sqrt(2.0 * _JOINTS.brake_rad_s2 * room)
    speed = 0.5 * np.minimum(speed, _JOINTS.speed_share * LIMITS.dq_max)
    return Life(
        q=q,
        dq=np.zeros(q.size) if planes else rng.uniform(-speed, speed),
        planes=planes,
        quick=bool(rng.random() < 0.5),
        noisy=bool(rng.random() < 0.5),
    )


def _plane_before(q: Array, rng: np.random.Generator) -> tuple[float, ...]:
    """A plane of random direction, up to 30 cm beyond the margin of what obeys it."""
    shape, config = model("truth").shape(), WorkspaceConfig()
    shape.update(q)
    way = rng.normal(size=3)
    way /= np.linalg.norm(way)
    obeys = shape.link >= config.first_link
    ahead = float((shape.center @ way + shape.radius)[obeys].max())
    room = config.margin_m + float(rng.uniform(0.0, 0.3))
    return (*(-way).tolist(), -ahead - room)


@functools.cache
def model(owner: str) -> MujocoArm:
    """Dynamics of the arm, made once for each owner; its shape as well."""
    arm = arm_dynamics()
    shape = arm.shape(0.0, WorkspaceConfig().tool_radius_m)
    arm._shape = lambda tool_m, tool_radius_m: shape
    return arm
