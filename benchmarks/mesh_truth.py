"""How far a mesh is from the surface that it shows, and how much of it is there.

Accuracy is the distance of points of the mesh from the true surface; completeness is
the share of true surface, as far as the camera had it in view, that has mesh nearby
(the two halves of the measure of Knapitsch et al., SIGGRAPH 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array, transform3
from neural_brain.models.surface import Mesh, SurfaceConfig, import_open3d

SAMPLES = 40_000
NEAR_M = 0.05
VIEW_STRIDE = 4  # every fourth pixel of a view counts as seen
CELL_M = 0.04  # one point of the seen surface a cell


@dataclass(frozen=True, kw_only=True)
class MeshScore:
    """How a mesh compares with the truth.

    Attributes:
        error_m: mean distance to the true surface [m].
        error_p95_m: 95 % quantile of that distance [m].
        complete: share of the seen surface that has mesh within 5 cm.
    """

    error_m: float
    error_p95_m: float
    complete: float


class TrueSurface:
    """The true surface of a home, in its own frame.

    Args:
        vertices: (n, 3) [m].
        faces: (m, 3) vertex numbers.
    """

    def __init__(self, vertices: Array, faces: Array) -> None:
        self._scene = _scene(vertices, faces)
        self._seen: dict[tuple[int, ...], Array] = {}

    def look(
        self,
        K: Array,
        T_home_camera: Array,
        shape: tuple[int, int],
        config: SurfaceConfig,
    ) -> None:
        """Note what a camera has in view between the depth limits."""
        height, width = shape
        v, u = np.mgrid[0:height:VIEW_STRIDE, 0:width:VIEW_STRIDE]
        rays = np.stack(
            [(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones(u.shape)],
            axis=-1,
        ).reshape(-1, 3)
        turned = rays @ T_home_camera[:3, :3].T
        start = np.broadcast_to(T_home_camera[:3, 3], turned.shape)
        depth = self._cast(np.hstack([start, turned]))
        usable = (depth >= config.min_depth_m) & (depth <= config.max_depth_m)
        points = transform3(T_home_camera, rays[usable] * depth[usable, None])
        cells = np.floor(points / CELL_M).astype(int)
        for cell, point in zip(map(tuple, cells.tolist()), points, strict=True):
            self._seen.setdefault(cell, point)

    def score(self, mesh: Mesh, T_home_map: Array, seed: int = 0) -> MeshScore:
        """Compare a mesh in `map` with the truth.

        Args:
            mesh: what was built.
            T_home_map: pose (4, 4) of `map` in the home.
            seed: of the points that are drawn on the mesh.
        """
        moved = transform3(T_home_map, mesh.vertices.astype(np.float64))
        points = _sampled(moved, mesh.faces, np.random.default_rng(seed))
        error = _distance(self._scene, points)
        seen = np.array(list(self._seen.values()))
        gap = _distance(_scene(moved, mesh.faces), seen)
        return MeshScore(
            error_m=float(error.mean()),
            error_p95_m=float(np.quantile(error, 0.95)),
            complete=float(np.mean(gap < NEAR_M)),
        )

    def _cast(self, rays: Array) -> Array:
        tensor = import_open3d().core.Tensor(rays.astype(np.float32))
        return np.asarray(self._scene.cast_rays(tensor)["t_hit"].numpy(), float)


def planar_fit(trail: Array, truth: Array) -> Array:
    """Planar pose (3,) that moves `trail` (n, 3) of poses best onto `truth` (n, 3).

    Least squares over the positions; where they hardly differ, the first headings
    decide the turn.
    """
    a, b = trail[:, :2] - trail[:, :2].mean(axis=0), truth[:, :2] - truth[:, :2].mean(0)
    turn = float(
        np.arctan2(np.sum(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]), np.sum(a * b))
    )
    if np.sum(a * a) < 0.01 * len(a):
        turn = float(truth[0, 2] - trail[0, 2])
    c, s = np.cos(turn), np.sin(turn)
    x, y = truth[:, :2].mean(axis=0) - np.array([[c, -s], [s, c]]) @ trail[:, :2].mean(
        0
    )
    return np.array([x, y, turn])


def _scene(vertices: Array, faces: Sequence[Any] | Array) -> Any:
    open3d = import_open3d()
    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(
        open3d.core.Tensor(np.ascontiguousarray(vertices, dtype=np.float32)),
        open3d.core.Tensor(np.ascontiguousarray(faces, dtype=np.uint32)),
    )
    return scene


def _distance(scene: Any, points: Array) -> Array:
    tensor = import_open3d().core.Tensor(np.ascontiguousarray(points, dtype=np.float32))
    return np.asarray(scene.compute_distance(tensor).numpy(), float)


def _sampled(vertices: Array, faces: Array, rng: np.random.Generator) -> Array:
    """Points (SAMPLES, 3) spread evenly over the area of a mesh."""
    corners = vertices[faces]
    edges = corners[:, 1:] - corners[:, :1]
    areas = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
    picks = rng.choice(len(faces), SAMPLES, p=areas / areas.sum())
    u, v = rng.random((2, SAMPLES, 1))
    over = u + v > 1.0
    u, v = np.where(over, 1.0 - u, u), np.where(over, 1.0 - v, v)
    return corners[picks, 0] + u * edges[picks, 0] + v * edges[picks, 1]
