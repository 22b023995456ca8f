"""Leave out of a picture what cannot be in it: software OpenGL pays for every geom.

A geom is left out when its bounding sphere misses the view, or when its body stands
behind walls or furniture: every one of 17 sight lines to the body's bounding sphere is
blocked. A sliver narrower than the gap between two sight lines can get lost.
"""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.sim.owners import owner_of_geom
from neural_brain.sim.physics import ROBOT_GROUP, SKIN_GROUP

_RING = np.linspace(0.0, 2.0 * np.pi, 8, endpoint=False)
_SAMPLES = np.concatenate(
    [
        np.zeros((1, 2)),
        np.stack([np.cos(_RING), np.sin(_RING)], axis=1),
        0.5 * np.stack([np.cos(_RING + 0.4), np.sin(_RING + 0.4)], axis=1),
    ]
)


class Culling:
    """Finds the geoms that one camera of a model cannot see.

    Args:
        model: the world.
        aspect: image width over height.
    """

    def __init__(self, model: mujoco.MjModel, aspect: float) -> None:
        self._model, self._aspect = model, aspect
        solid = (model.geom_contype | model.geom_conaffinity) != 0
        self._groups = np.zeros(6, dtype=np.uint8)
        self._groups[np.unique(model.geom_group[solid])] = 1
        self._groups[ROBOT_GROUP] = 0
        self._owner = owner_of_geom(model)
        robot = np.isin(model.geom_group, (ROBOT_GROUP, SKIN_GROUP))
        scenery = (self._owner > 0) & ~robot
        self._bodies = np.unique(self._owner[scenery])
        self._scenery = scenery
        self._view: tuple[int | bytes, ...] | None = None
        self._unseen = np.zeros(0, dtype=bool)

    def unseen(self, data: mujoco.MjData, camera: int) -> np.ndarray:
        """True for geoms (ngeom,) that need not be drawn."""
        view = (
            camera,
            data.cam_xpos[camera].tobytes(),
            data.cam_xmat[camera].tobytes(),
            data.geom_xpos.tobytes(),
            data.geom_xmat.tobytes(),
        )
        if view != self._view:  # a frame and its labels are drawn one after the other
            away = self.outside(data, camera)
            hidden = self._hidden(data, camera, away)
            away[self._scenery] |= hidden[self._owner[self._scenery]]
            self._view, self._unseen = view, away
        return self._unseen

    def outside(self, data: mujoco.MjData, camera: int) -> np.ndarray:
        """Geoms whose bounding sphere misses the view's four side planes."""
        model = self._model
        at = (data.geom_xpos - data.cam_xpos[camera]) @ data.cam_xmat[camera].reshape(
            3, 3
        )
        radius = model.geom_rbound
        half = 0.5 * np.radians(model.cam_fovy[camera])
        wide = np.arctan(np.tan(half) * self._aspect)
        away = at[:, 2] > radius  # the camera looks along its -z axis
        for axis, angle in ((0, wide), (1, half)):
            beside = np.abs(at[:, axis]) * np.cos(angle) + at[:, 2] * np.sin(angle)
            away |= beside > radius
        return np.asarray(away & (radius > 0.0))  # planes have no radius

    def _hidden(self, data: mujoco.MjData, camera: int, away: np.ndarray) -> np.ndarray:
        """Bodies (nbody,) whose sight lines are all blocked by something nearer."""
        model = self._model
        hidden = np.zeros(model.nbody, dtype=bool)
        inside = np.zeros(model.nbody, dtype=bool)
        inside[self._owner[~away]] = True
        bodies = self._bodies[inside[self._bodies]]
        if bodies.size == 0:
            return hidden
        eye = np.array(data.cam_xpos[camera])
        center, radius = self._spheres(data, bodies)
        R = data.cam_xmat[camera].reshape(3, 3)
        disc = _SAMPLES @ R[:, :2].T
        vectors = (center - eye)[:, None] + radius[:, None, None] * disc
        distance = np.linalg.norm(vectors, axis=2)
        hit = np.zeros(distance.size, dtype=np.int32)
        reach = np.zeros(distance.size)
        mujoco.mj_multiRay(
            model,
            data,
            eye,
            (vectors / distance[..., None]).ravel(),
            self._groups,
            True,
            -1,
            hit,
            reach,
            None,
            distance.size,
            float(distance.max()),
        )
        reach, hit = reach.reshape(distance.shape), hit.reshape(distance.shape)
        blocked = (reach >= 0.0) & (reach < distance)
        blocked &= self._owner[hit] != bodies[:, None]
        near = distance[:, 0] < 1.5 * radius
        hidden[bodies] = blocked.all(axis=1) & ~near
        return hidden

    def _spheres(
        self, data: mujoco.MjData, bodies: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Bounding spheres: centres (k, 3) [m] and radii (k,) [m]."""
        model = self._model
        geoms = np.flatnonzero(self._scenery)
        owner = self._owner[geoms]
        total = np.zeros((model.nbody, 3))
        np.add.at(total, owner, data.geom_xpos[geoms])
        count = np.maximum(np.bincount(owner, minlength=model.nbody), 1)
        center = total / count[:, None]
        reach = np.linalg.norm(data.geom_xpos[geoms] - center[owner], axis=1)
        radius = np.zeros(model.nbody)
        np.maximum.at(radius, owner, reach + model.geom_rbound[geoms])
        return center[bodies], radius[bodies]
