"""Truncated signed distance fusion of RGB-D frames (Open3D's voxel block grid).

Voxels near measured surfaces keep a running mean of their signed distance along the
rays and of their colour (Curless and Levoy, SIGGRAPH 1996); blocks of 8^3 voxels are
kept in a hash map (Niessner et al., SIGGRAPH Asia 2013; Dong et al., TPAMI 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import Array, inverse3
from neural_brain.models.signals import RgbdFrame
from neural_brain.models.surface.config import SurfaceConfig
from neural_brain.models.surface.open3d_extra import import_open3d

BLOCK = 8  # voxels along an edge of a block
FLOATS = 5  # distance, weight, three colours
BLOCK_MB = BLOCK**3 * FLOATS * 4 / 2**20
FIRST_BLOCKS = 4_000
HALF_PIXEL = 0.5  # the grid floors pixel coordinates; ours are of pixel middles


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Triangles in `map`, front sides towards where the camera was.

    `vertices` (n, 3) float32 [m], `faces` (m, 3) int32, `colours` (n, 3) uint8 RGB.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    colours: NDArray[np.uint8]


class Fusion:
    """A surface that grows with every frame.

    Args:
        config: voxels, ranges and limits.

    Raises:
        NeuralBrainError: if Open3D cannot be imported.
    """

    def __init__(self, config: SurfaceConfig | None = None) -> None:
        self.config = config or SurfaceConfig()
        self.frames = 0
        self._open3d = import_open3d()
        core = self._open3d.core
        self._grid = self._open3d.t.geometry.VoxelBlockGrid(
            ("tsdf", "weight", "color"),
            (core.float32, core.float32, core.float32),
            ((1), (1), (3)),
            self.config.voxel_m,
            BLOCK,
            FIRST_BLOCKS,
            core.Device("CPU:0"),
        )

    @property
    def memory_mb(self) -> float:
        """Memory of the voxels in use [MiB]."""
        return float(self._grid.hashmap().size() * BLOCK_MB)

    def add(self, frame: RgbdFrame, T_map_camera: Array) -> bool:
        """Fuse one frame; false if it shows nothing within the depth limits.

        Raises:
            NeuralBrainError: if the surface would need more memory than allowed; what
                was fused before stays.
        """
        depth = self.usable_depth(frame)
        if not np.any(depth > 0.0):
            return False
        config = self.config
        image = self._image(depth[..., None])
        ranges = (1.0, config.max_depth_m, config.truncation_ratio)
        extrinsic = self._tensor(inverse3(T_map_camera))
        blocks = self._grid.compute_unique_block_coordinates(
            image, self._tensor(frame.K), extrinsic, *ranges
        )
        self._refuse_excess(blocks)
        K = np.array(frame.K, dtype=np.float64)
        K[:2, 2] += HALF_PIXEL
        intrinsic = self._tensor(K)
        colour = self._image(frame.rgb.astype(np.float32) / 255.0)
        self._grid.integrate(
            blocks, image, colour, intrinsic, intrinsic, extrinsic, *ranges
        )
        self.frames += 1
        return True

    def points(self) -> tuple[Array, Array]:
        """Points (n, 3) [m] and unit normals (n, 3) of the surface, in `map`."""
        if not self.frames:
            return np.zeros((0, 3)), np.zeros((0, 3))
        cloud = self._grid.extract_point_cloud(self._weight())
        points = cloud.point.positions.numpy().astype(np.float64)
        normals = cloud.point.normals.numpy().astype(np.float64)
        length = np.linalg.norm(normals, axis=1)
        good = length > 0.5
        return points[good], normals[good] / length[good, None]

    def mesh(self) -> Mesh:
        """The surface as triangles, without loose parts that are too small.

        Raises:
            NeuralBrainError: if there is no surface.
        """
        raw = None
        if self.frames:
            raw = self._grid.extract_triangle_mesh(self._weight()).to_legacy()
            self._drop_small_parts(raw)
        if raw is None or len(raw.triangles) == 0:
            raise NeuralBrainError(
                f"{self.frames} frames made no surface: none shows depth between "
                f"{self.config.min_depth_m} and {self.config.max_depth_m} m that "
                f"{self.config.min_views} frames agree on. Use more frames (a smaller "
                "--every), a larger --max-depth, or --min-views 1."
            )
        colours = np.clip(np.asarray(raw.vertex_colors), 0.0, 1.0) * 255.0
        return Mesh(
            vertices=np.asarray(raw.vertices).astype(np.float32),
            faces=np.asarray(raw.triangles).astype(np.int32),
            colours=np.rint(colours).astype(np.uint8),
        )

    def usable_depth(self, frame: RgbdFrame) -> NDArray[np.float32]:
        """Depth (h, w) [m] with 0 where it is unknown or outside the limits."""
        depth = np.nan_to_num(frame.depth, nan=0.0, posinf=0.0, neginf=0.0)
        near, far = self.config.min_depth_m, self.config.max_depth_m
        within = (depth >= near) & (depth <= far)
        return np.where(within, depth, np.float32(0.0)).astype(np.float32)

    def _weight(self) -> float:
        """Weight of a voxel that enough frames have seen."""
        return min(self.config.min_views, max(self.frames, 1)) - 0.5

    def _refuse_excess(self, blocks: Any) -> None:
        known = self._grid.hashmap().size()
        limit = self.config.max_memory_mb
        if (known + blocks.shape[0]) * BLOCK_MB <= limit:
            return
        _, old = self._grid.hashmap().find(blocks)
        fresh = blocks.shape[0] - int(np.count_nonzero(old.numpy()))
        if (known + fresh) * BLOCK_MB > limit:
            raise NeuralBrainError(
                f"After {self.frames} frames the surface needs more than {limit:g} MB "
                "of voxels. Choose a larger --voxel or a smaller --max-depth, or allow "
                "more with --memory."
            )

    def _drop_small_parts(self, mesh: Any) -> None:
        labels, _, areas = mesh.cluster_connected_triangles()
        small = np.asarray(areas) < self.config.min_part_m2
        mesh.remove_triangles_by_mask(small[np.asarray(labels)])
        mesh.remove_unreferenced_vertices()

    def _image(self, pixels: NDArray[np.float32]) -> Any:
        tensor = self._open3d.core.Tensor(np.ascontiguousarray(pixels))
        return self._open3d.t.geometry.Image(tensor)

    def _tensor(self, matrix: Array) -> Any:
        return self._open3d.core.Tensor(np.ascontiguousarray(matrix, dtype=np.float64))
