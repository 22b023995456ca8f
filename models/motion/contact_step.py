"""Moving on in contact: how far the next pose step goes, and how stiff the hand is.

The action of SRL-VIC (arXiv:2406.13744), a pose step and a stiffness, in six
dimensions: the anchor of the spring is put one short step ahead of the *hand*, so that
a hand that is held up pushes with stiffness times step and no more. Stiffness is given
along the motion and across it, is positive definite by construction, and stays in the
range of the controller, whose rate limit and energy tank act on it as on any other.

A skill that moves in contact holds a `StepChoice`, asks it at every step and sends
`contact_target`. Fixed stiffness is the default of the skills in this package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, rotation_error
from neural_brain.models.impedance.reference import rotation_from_vector
from neural_brain.models.motion.inverse_kinematics import InverseKinematics
from neural_brain.models.signals import ArmMode, BodyState, MotionTarget


@dataclass(frozen=True, kw_only=True)
class Felt:
    """What one decision knows; everything in the axes of `base_link`.

    Attributes:
        way: from the hand to its way-point (6,) [m, rad].
        velocity: of the hand (6,) [m/s, rad/s].
        wrench: that the world applies to the hand (6,) [N, Nm].
    """

    way: Array
    velocity: Array
    wrench: Array


@dataclass(frozen=True, kw_only=True)
class ContactStep:
    """From hand to anchor (6,) [m, rad]; stiffness (6, 6) [N/m, Nm/rad]."""

    step: Array
    stiffness: Array


class StepChoice(Protocol):
    """Chooses the next step; one object per motion."""

    def reset(self) -> None:
        """A new motion begins."""

    def choose(self, felt: Felt) -> ContactStep:
        """The next step, some 20 times a second."""


@dataclass(frozen=True, kw_only=True)
class StepConfig:
    """Ranges that every choice of step and stiffness keeps."""

    step_m: float = param(0.03, "longest step", low=0.001, high=0.08)
    turn_rad: float = param(0.3, "largest turn of a step", low=0.01, high=0.4)
    soft_n_m: float = param(150.0, "softest translation", low=10.0, high=2000.0)
    stiff_n_m: float = param(1000.0, "stiffest translation", low=10.0, high=2000.0)
    turn_nm_rad: float = param(40.0, "rotation", low=1.0, high=150.0)
    push_n: float = param(23.0, "most that a held hand pushes", low=1.0, high=100.0)
    stall_m_s: float = param(0.01, "slower than this is held up", low=1e-4, high=0.1)
    calm_n: float = param(15.0, "a push and its knock stay below", low=1.0, high=100.0)
    knock_n_s_m: float = param(
        300.0, "force of being stopped, for a speed: sqrt(c m)", low=10.0, high=5000.0
    )
    rise_factor: float = param(
        1.12, "stiffer by this factor a step while held", low=1.0, high=2.0
    )
    fall_factor: float = param(0.8, "and softer by this when free", low=0.1, high=1.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


def shortened(way: Array, config: StepConfig) -> Array:
    """The way (6,), no longer than one step."""
    step = way.copy()
    for part, longest in ((step[:3], config.step_m), (step[3:], config.turn_rad)):
        length = float(np.linalg.norm(part))
        if length > longest:
            part *= longest / length
    return step


def feel(
    kinematics: InverseKinematics, body: BodyState, goal: Array, tare: Array
) -> Felt:
    """What a decision on the way to a goal pose (4, 4) knows.

    Args:
        kinematics: of the arm.
        body: measured now.
        goal: way-point of the hand (4, 4) in `base_link`.
        tare: force (3,) [N] that the wrist feels in the air.
    """
    hand = kinematics.forward(body.q)
    wrench = body.wrench_ee.copy()
    wrench[:3] -= tare
    turn = rotation_error(goal[:3, :3], hand[:3, :3])
    return Felt(
        way=np.concatenate([goal[:3, 3] - hand[:3, 3], turn]),
        velocity=kinematics.dynamics.jacobian @ body.dq,
        wrench=wrench,
    )


def contact_target(
    stamp: float, T_base_ee: Array, chosen: ContactStep, posture: Array
) -> MotionTarget:
    """The target for the fast loop: the spring's anchor one step ahead of the hand.

    Args:
        stamp: now [s].
        T_base_ee: where the hand is (4, 4).
        chosen: step and stiffness.
        posture: preferred joint positions (n,) [rad].
    """
    goal = T_base_ee.copy()
    goal[:3, 3] += chosen.step[:3]
    goal[:3, :3] = rotation_from_vector(chosen.step[3:]) @ goal[:3, :3]
    return MotionTarget(
        stamp=stamp,
        twist_base=np.zeros(2),
        mode=ArmMode.CARTESIAN,
        q_target=posture,
        T_base_ee=goal,
        stiffness=chosen.stiffness,
        wrench_ff=np.zeros(6),
        contact=True,
        head=np.zeros(2),
        gripper_m=0.0,
    )


class FixedStiffness:
    """The same stiffness always and in all directions."""

    def __init__(self, n_m: float, config: StepConfig) -> None:
        self._config = config
        self._K = np.diag([n_m] * 3 + [config.turn_nm_rad] * 3)

    def reset(self) -> None:
        """Nothing to forget."""

    def choose(self, felt: Felt) -> ContactStep:
        """One step towards the way-point."""
        return ContactStep(step=shortened(felt.way, self._config), stiffness=self._K)


class StiffnessRule:
    """Soft until the hand is held up; then ever stiffer along the way, never across.

    What is pushed may stop at any moment, at a wall or another thing, and then the
    knock, speed times sqrt(contact stiffness * mass), comes on top of the push. So the
    harder the hand pushes, the slower it shall move:

        wished speed = (calm_n - push) / knock_n_s_m,  at least stall_m_s

    Slower than that, it becomes stiffer; faster, softer; pushed back, soft at once.
    """

    def __init__(self, config: StepConfig) -> None:
        self._config = config
        self._along_n_m = config.soft_n_m

    def reset(self) -> None:
        """Soft again."""
        self._along_n_m = self._config.soft_n_m

    def choose(self, felt: Felt) -> ContactStep:
        """One step towards the way-point."""
        c, step = self._config, shortened(felt.way, self._config)
        length = float(np.linalg.norm(step[:3]))
        if length < 1e-6:
            return ContactStep(step=step, stiffness=self._stiffness(np.zeros(3)))
        way = step[:3] / length
        self._along_n_m *= self._change(float(felt.velocity[:3] @ way), length)
        most = min(c.stiff_n_m, c.push_n / length)
        if float(np.linalg.norm(felt.wrench[:3])) > c.push_n:
            self._along_n_m *= c.fall_factor
        self._along_n_m = min(max(self._along_n_m, c.soft_n_m), max(most, c.soft_n_m))
        return ContactStep(step=step, stiffness=self._stiffness(way))

    def _change(self, speed: float, length: float) -> float:
        """Factor of the stiffness at a speed [m/s] along a step of this length [m]."""
        c = self._config
        if speed < -0.5 * c.stall_m_s:
            return c.soft_n_m / self._along_n_m
        wished = (c.calm_n - self._along_n_m * length) / c.knock_n_s_m
        return c.rise_factor if speed < max(wished, c.stall_m_s) else c.fall_factor

    def _stiffness(self, way: Array) -> Array:
        c = self._config
        K = np.diag([c.soft_n_m] * 3 + [c.turn_nm_rad] * 3)
        K[:3, :3] += (self._along_n_m - c.soft_n_m) * np.outer(way, way)
        return K
