"""What a contact of two geoms is in MuJoCo, as a spring and a damper.

MuJoCo's contact force f (manual, "Computation", "Constraint model" and "Solver
parameters") follows from depth r, speed v and what all other forces would do, a0:

    (A + R) f = -b v - d(r) k r - a0,   R = (1 - d) / d * A0
    b = 2 / (dmax * timeconst),   k = 1 / (dmax * timeconst * dampratio)^2

A is the inverse mass that both things show each other along the normal, A0 an estimate
of it in the model's zero posture, d the impedance of `solimp`. Bullet's contact is a
damper and a spring, solved together with the next speed. It gets the damper of MuJoCo's
first touch, b / (A + R), and from tick to tick the spring that makes up the rest of f:
at first soft, at most the d k / R of a contact at rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

_PYRAMIDAL = int(mujoco.mjtCone.mjCONE_PYRAMIDAL)
_D_MIN, _D_MAX = 1e-4, 0.9999  # MuJoCo's own bounds of an impedance
_SMALLEST = 1e-9


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """How two bodies meet at a point, along the normal.

    Attributes:
        depth_m: how deep they are in each other.
        closing_m_s: speed at which the depth grows.
        pushed_m_s2: how all but contact forces accelerate that.
        ease: inverse mass A [1/kg].
        count: how many such contacts carry together.
    """

    depth_m: float
    closing_m_s: float
    pushed_m_s2: float
    ease: float
    count: int


def spring(
    model: mujoco.MjModel, one: int, other: int, at: Meeting, step_s: float
) -> tuple[float, float]:
    """Stiffness [N/m] and damping [Ns/m] of each of several equal contacts.

    Args:
        model: the world.
        one: a geom.
        other: the geom that it touches.
        at: how they meet.
        step_s: length of the step in which Bullet solves the contact.
    """
    share = mix(model, one, other)
    pair = model.geom_solref[[one, other]]
    solref = share * pair[0] + (1.0 - share) * pair[1]
    if 0.0 < share < 1.0 and (pair[:, 0] <= 0.0).any():
        solref = pair.min(axis=0)
    solimp = share * model.geom_solimp[one] + (1.0 - share) * model.geom_solimp[other]
    d = impedance(solimp, at.depth_m)
    k, b = _reference(model, solref, float(np.clip(solimp[1], _D_MIN, _D_MAX)))
    regular = _regular(model, one, other, d)
    damping = b / (at.count * at.ease + regular)
    asked = b * at.closing_m_s + d * k * at.depth_m + at.pushed_m_s2
    force = asked / (at.count * at.ease + regular)
    speed = at.closing_m_s + step_s * (at.pushed_m_s2 - at.count * at.ease * force)
    depth = max(at.depth_m + step_s * speed, _SMALLEST)
    stiffness = (force - damping * speed) / depth
    return float(np.clip(stiffness, 0.0, d * k / regular)), damping


def _reference(
    model: mujoco.MjModel, solref: np.ndarray, d_max: float
) -> tuple[float, float]:
    """Spring k [1/s2] and b [1/s] of the reference acceleration."""
    timeconst, ratio = solref.tolist()
    if timeconst <= 0.0:  # the direct format: -stiffness and -damping of a unit mass
        return -timeconst / d_max**2, -ratio / d_max
    timeconst = max(timeconst, 2.0 * float(model.opt.timestep))
    return 1.0 / (d_max * timeconst * ratio) ** 2, 2.0 / (d_max * timeconst)


def _regular(model: mujoco.MjModel, one: int, other: int, d: float) -> float:
    """R along the normal [1/kg] of one contact at impedance d."""
    bodies = model.geom_bodyid[[one, other]]
    regular = (1.0 - d) / d * float(model.body_invweight0[bodies, 0].sum())
    slips = int(model.geom_condim[[one, other]].max()) > 1
    if slips and int(model.opt.cone) == _PYRAMIDAL:
        # Each of the four edges has R = 2 mu^2 (1 + mu^2) (1 - d) / d * A0.
        slip = friction(model, one, other) ** 2
        regular *= 0.5 * slip * (1.0 + slip)
    return max(regular, _SMALLEST)


def impedance(solimp: np.ndarray, depth_m: float) -> float:
    """d(r) of `solimp` (5,): from dmin to dmax over a width, with a bend."""
    d_min, d_max = np.clip(solimp[:2], _D_MIN, _D_MAX).tolist()
    width, middle, power = solimp[2:].tolist()
    x = min(abs(depth_m) / max(width, 1e-12), 1.0)
    if power <= 1.0:
        y = x
    elif x <= middle:
        y = x**power / middle ** (power - 1.0)
    else:
        y = 1.0 - (1.0 - x) ** power / (1.0 - middle) ** (power - 1.0)
    return float(d_min + y * (d_max - d_min))


def friction(model: mujoco.MjModel, one: int, other: int) -> float:
    """Sliding friction of two geoms: of the one with priority, else the greater."""
    mine, yours = (float(model.geom_friction[g, 0]) for g in (one, other))
    rank = int(model.geom_priority[one]) - int(model.geom_priority[other])
    if rank == 0:
        return max(mine, yours)
    return mine if rank > 0 else yours


def mix(model: mujoco.MjModel, one: int, other: int) -> float:
    """Weight of the first geom when the solver parameters of two are mixed."""
    rank = int(model.geom_priority[one]) - int(model.geom_priority[other])
    if rank:
        return float(rank > 0)
    mine, yours = float(model.geom_solmix[one]), float(model.geom_solmix[other])
    return mine / (mine + yours) if mine + yours > 0.0 else 0.5
