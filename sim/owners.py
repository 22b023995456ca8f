"""Which body a geom belongs to in people's eyes.

The solid geoms of fixed things hang on the world body, where physics is fastest, under
the name `<body>_<k>`; they belong to that body all the same.
"""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

OBJECT_PREFIX = "obj_"


def owner_of_geom(model: mujoco.MjModel) -> NDArray[np.int32]:
    """The body that every geom belongs to (ngeom,); 0 = the building."""
    owner = np.array(model.geom_bodyid, dtype=np.int32)
    for geom in np.flatnonzero(owner == 0):
        name = model.geom(int(geom)).name
        if name.startswith(OBJECT_PREFIX):
            owner[geom] = model.body(name.rsplit("_", 1)[0]).id
    return owner
