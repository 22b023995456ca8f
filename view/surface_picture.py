"""Pictures of a mesh, drawn by casting rays on the processor: no GPU, no display.

Parallel projection. Triangles that show the camera their back are left out, so a home
is seen like a doll's house: no ceiling from above, no near walls at an angle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.surface import Mesh, import_open3d

Image = NDArray[np.uint8]
PAPER = (248, 248, 246)
MARGIN_M = 0.3
SHARPNESS = 2  # rays per pixel along each axis
AMBIENT = 0.55
EDGE_M = 0.25  # depth steps above this are drawn as a line
INK = (60, 60, 66)


@dataclass(frozen=True, kw_only=True)
class Look:
    """From where a mesh is looked at: about z and up from the horizon [deg]."""

    azimuth_deg: float
    elevation_deg: float


ABOVE = Look(azimuth_deg=90.0, elevation_deg=90.0)
OBLIQUE_DEG = 40.0  # above the horizon


def draw_surface(mesh: Mesh, look: Look, width: int = 900) -> Image:
    """Draw a mesh; (h, w, 3) uint8, as high as its shape asks for.

    Raises:
        NeuralBrainError: if Open3D cannot be imported.
    """
    axes = _axes(look)
    low, high = _extent(mesh, axes)
    scale = SHARPNESS * width / (high[0] - low[0])  # pixels a metre
    height = int(np.clip((high[1] - low[1]) * scale, 1, 4 * SHARPNESS * width))
    hits = _cast(mesh, axes, (low, high), (height, SHARPNESS * width))
    image = _shade(mesh, hits, axes)
    _draw_steps(image, hits["t_hit"].numpy())
    size = (width, max(1, round(height / SHARPNESS)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def surface_sheet(mesh: Mesh, width: int = 900) -> Image:
    """The view from above and an oblique view, side by side, with a bar of 1 m."""
    above = draw_surface(mesh, ABOVE, width)
    oblique = draw_surface(mesh, best_oblique(mesh), width)
    _scale_bar(above, _metres_wide(mesh, ABOVE))
    height = max(len(above), len(oblique))
    return np.hstack([_padded(image, height) for image in (above, oblique)])


def best_oblique(mesh: Mesh) -> Look:
    """The oblique look, of twelve, that meets the largest area of front sides."""
    areas = _area_vectors(mesh)
    looks = [Look(azimuth_deg=a, elevation_deg=OBLIQUE_DEG) for a in range(15, 375, 30)]
    return max(
        looks, key=lambda look: float(np.sum(np.maximum(areas @ _axes(look)[2], 0)))
    )


def _area_vectors(mesh: Mesh) -> Array:
    """Normals of all triangles, as long as twice their area (m, 3) [m2]."""
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def _axes(look: Look) -> Array:
    """Rows right, up and towards the viewer (3, 3) in `map`."""
    turn, tilt = np.radians(look.azimuth_deg), np.radians(look.elevation_deg)
    away = np.array([np.cos(turn), np.sin(turn), 0.0])  # the way the viewer looks
    right = np.array([away[1], -away[0], 0.0])
    up = np.sin(tilt) * away + np.array([0.0, 0.0, np.cos(tilt)])
    return np.stack([right, up, np.cross(right, up)])


def _extent(mesh: Mesh, axes: Array) -> tuple[Array, Array]:
    seen = mesh.vertices.astype(np.float64) @ axes.T
    margin = np.array([MARGIN_M, MARGIN_M, MARGIN_M])
    return seen.min(axis=0) - margin, seen.max(axis=0) + margin


def _metres_wide(mesh: Mesh, look: Look) -> float:
    low, high = _extent(mesh, _axes(look))
    return float(high[0] - low[0])


def _cast(
    mesh: Mesh, axes: Array, extent: tuple[Array, Array], shape: tuple[int, int]
) -> dict[str, Any]:
    """First front side that each parallel ray meets."""
    open3d = import_open3d()
    front = mesh.faces[_area_vectors(mesh) @ axes[2] > 0.0]
    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(
        open3d.core.Tensor(np.ascontiguousarray(mesh.vertices)),
        open3d.core.Tensor(front.astype(np.uint32)),
    )
    low, high = extent
    u = np.linspace(low[0], high[0], shape[1])
    v = np.linspace(high[1], low[1], shape[0])
    rays = np.empty((*shape, 6), np.float32)
    rays[..., :3] = (
        u[None, :, None] * axes[0] + v[:, None, None] * axes[1] + high[2] * axes[2]
    )
    rays[..., 3:] = -axes[2]
    hits = dict(scene.cast_rays(open3d.core.Tensor(rays)))
    hits["front"] = front
    return hits


def _shade(mesh: Mesh, hits: dict[str, Any], axes: Array) -> Image:
    met = np.isfinite(hits["t_hit"].numpy())
    image = np.full((*met.shape, 3), PAPER, np.float32)
    faces = hits["front"][hits["primitive_ids"].numpy()[met]]
    uv = hits["primitive_uvs"].numpy()[met]
    share = np.stack([1.0 - uv.sum(axis=1), uv[:, 0], uv[:, 1]], axis=1)
    colour = np.einsum("nk,nkc->nc", share, mesh.colours[faces].astype(np.float32))
    normals = hits["primitive_normals"].numpy()[met]
    light = axes[2] + 0.35 * axes[0] + 0.5 * axes[1]
    lambert = np.clip(normals @ (light / np.linalg.norm(light)), 0.0, 1.0)
    image[met] = colour * (AMBIENT + (1.0 - AMBIENT) * lambert)[:, None] * 1.12
    return np.clip(image, 0.0, 255.0).astype(np.uint8)


def _draw_steps(image: Image, depth: NDArray[np.float32]) -> None:
    """A thin dark line where one thing hides another."""
    far = (
        float(depth[np.isfinite(depth)].max()) + 1.0 if np.isfinite(depth).any() else 1
    )
    filled = np.where(np.isfinite(depth), depth, far)
    step = np.zeros(depth.shape, bool)
    step[:, 1:] |= np.abs(np.diff(filled, axis=1)) > EDGE_M
    step[1:] |= np.abs(np.diff(filled, axis=0)) > EDGE_M
    image[step] = (0.45 * image[step] + 0.55 * np.array(INK)).astype(np.uint8)


def _scale_bar(image: Image, metres_wide: float) -> None:
    length = round(image.shape[1] / metres_wide)
    end = (14 + length, len(image) - 14)
    cv2.line(image, (14, len(image) - 14), end, INK, 2)
    where = (16, len(image) - 20)
    cv2.putText(
        image, "1 m", where, cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA
    )


def _padded(image: Image, height: int) -> Image:
    sheet = np.full((height, image.shape[1], 3), PAPER, np.uint8)
    top = (height - len(image)) // 2
    sheet[top : top + len(image)] = image
    return sheet
