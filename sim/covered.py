"""Which solid geoms of a robot are not drawn, for meshes are drawn in their place.

The solid geoms stay where sensors and contacts expect them; only the eye is given
something finer.
"""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.sim.physics import ROBOT_GROUP, SKIN_GROUP


def covered_geoms(model: mujoco.MjModel) -> NDArray[np.bool_]:
    """True for the robot's solid geoms (ngeom,) whose body has a skin of meshes."""
    skinned = np.zeros(model.nbody, dtype=bool)
    skinned[model.geom_bodyid[model.geom_group == SKIN_GROUP]] = True
    solid = (model.geom_contype | model.geom_conaffinity) != 0
    robot = model.geom_group == ROBOT_GROUP
    return np.asarray(solid & robot & skinned[model.geom_bodyid])
