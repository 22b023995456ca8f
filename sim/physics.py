"""Physics options that every world of this package shares."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

TICK_S = 0.001
ROBOT_GROUP = 4
"""Geom group of the robot: the lidar masks it out, cameras draw it."""
SKIN_GROUP = 2
"""Geom group of meshes that are drawn in place of the robot's solid geoms."""
SOLID_BIT = 1
PUSHER_BIT = 2
"""Contact bits: everything solid has the first; the test pusher only the second."""


def set_options(spec: mujoco.MjSpec) -> None:
    """Angles in rad, 1 ms ticks, implicit damping, rendering without shadows."""
    spec.compiler.degree = False
    spec.option.timestep = TICK_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_PYRAMIDAL
    spec.option.iterations = 20
    spec.option.ls_iterations = 10
    if hasattr(mujoco.mjtEnableBit, "mjENBL_SLEEP"):  # things at rest cost nothing
        spec.option.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    spec.visual.quality.shadowsize = 0
    spec.visual.quality.offsamples = 0
    spec.visual.quality.numslices = 16
    spec.visual.quality.numstacks = 8


_FULL_MASS_TAKES_DATA = tuple(map(int, mujoco.__version__.split(".")[:2])) >= (3, 10)


def refresh_mass(model: mujoco.MjModel, data: mujoco.MjData) -> None:
    """Compute the mass matrix of the present posture, in old and new MuJoCo."""
    if hasattr(mujoco, "mj_makeM"):
        mujoco.mj_makeM(model, data)
    else:
        mujoco.mj_crb(model, data)


def full_mass(
    model: mujoco.MjModel, data: mujoco.MjData, out: NDArray[np.float64]
) -> None:
    """Write the mass matrix of `refresh_mass` as a full one (n, n) into `out`."""
    if _FULL_MASS_TAKES_DATA:
        mujoco.mj_fullM(model, data, out)
    else:
        mujoco.mj_fullM(model, out, data.qM)
