"""What a contact of two geoms is in MuJoCo, as a spring and a damper.

MuJoCo's contact force f (manual, "Computation", "Constraint model" and "Solver
parameters") follows from depth r, speed v and what all other forces would do, a0:

    (A + R) f = -b v - d(r) k r - a0,   R = (1 - d) / d * A0
    b = 2 / (dmax * timeconst),   k = 1 / (dmax * timeconst * dampratio)^2

A is the inverse mass that both things show each other along the normal, A0 an estimate
of it in the model's zero posture, d the impedance of `solimp`. A spring and a damper
can share two things with it: the depth at rest under a load, where a0 = -A f, which
takes a spring of d k / R; and the force at first touch, where r = 0, which takes a
damper of b / (A + R). In between MuJoCo's contact is softer than this one, for R acts
like a mass 1 / R that the contact moves along.
"""

from __future__ import annotations

import mujoco
import numpy as np

_PYRAMIDAL = int(mujoco.mjtCone.mjCONE_PYRAMIDAL)
_D_MIN, _D_MAX = 1e-4, 0.9999  # MuJoCo's own bounds of an impedance
_SMALLEST = 1e-9


def spring(
    model: mujoco.MjModel, one: int, other: int, *, depth_m: float, ease: float, n: int
) -> tuple[float, float]:
    """Stiffness [N/m] and damping [Ns/m] of each of n equal contacts of two geoms.

    Args:
        model: the world.
        one: a geom.
        other: the geom that it touches.
        depth_m: how deep they are in each other.
        ease: inverse mass A [1/kg] along the normal.
        n: how many such contacts carry together.
    """
    share = mix(model, one, other)
    pair = model.geom_solref[[one, other]]
    solref = share * pair[0] + (1.0 - share) * pair[1]
    if 0.0 < share < 1.0 and (pair[:, 0] <= 0.0).any():
        solref = pair.min(axis=0)
    solimp = share * model.geom_solimp[one] + (1.0 - share) * model.geom_solimp[other]
    d = impedance(solimp, depth_m)
    bodies = model.geom_bodyid[[one, other]]
    ease0 = float(model.body_invweight0[bodies, 0].sum())
    regular = (1.0 - d) / d * ease0
    slips = int(model.geom_condim[[one, other]].max()) > 1
    if slips and int(model.opt.cone) == _PYRAMIDAL:
        # Each of the four edges has R = 2 mu^2 (1 + mu^2) (1 - d) / d * A0.
        slip = friction(model, one, other) ** 2
        regular *= 0.5 * slip * (1.0 + slip)
    timeconst, ratio = solref.tolist()
    d_max = float(np.clip(solimp[1], _D_MIN, _D_MAX))
    if timeconst > 0.0:
        timeconst = max(timeconst, 2.0 * float(model.opt.timestep))
        k = 1.0 / (d_max * timeconst * ratio) ** 2
        b = 2.0 / (d_max * timeconst)
    else:  # the direct format: -stiffness and -damping of a unit mass
        k, b = -timeconst / d_max**2, -ratio / d_max
    regular = max(regular, _SMALLEST)
    return d * k / regular, b / (n * ease + regular)


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
