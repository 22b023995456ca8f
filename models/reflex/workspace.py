"""Half-spaces that the arm may not leave: a table top, a wall, a sheet of glass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import WorkspaceConfig
from neural_brain.models.reflex.self_distance import joint_mask
from neural_brain.models.signals import ArmShape

Ints = NDArray[np.int64]


class PlaneGaps:
    """Gaps between balls of the arm and planes n . x >= d of `base_link`.

    Attributes:
        names: of each gap. mask: joints that change it (r, n), 1 or 0.
        balls: ball of each gap (r,).

    Raises:
        ConfigError: if there are planes, but no ball that is watched.
    """

    def __init__(self, config: WorkspaceConfig, shape: ArmShape) -> None:
        watched = np.flatnonzero(shape.link >= config.first_link)
        if config.planes and not watched.size:
            raise ConfigError(
                f"WorkspaceConfig.first_link = {config.first_link} for an arm of "
                f"{shape.mass.shape[0]} joints; allowed: up to {shape.link.max()}. "
                "Choose the first link that shall obey the planes."
            )
        planes = np.array(config.planes, dtype=np.float64).reshape(-1, 4)
        planes = planes / np.linalg.norm(planes[:, :3], axis=1, keepdims=True)
        count = len(planes)
        self.balls: Ints = np.repeat(watched, count)
        self.names = tuple(f"workspace plane {i + 1}" for i in range(count)) * len(
            watched
        )
        self.mask = joint_mask(shape)[self.balls]
        self._shape = shape
        self._watched = watched
        self._normals = np.tile(planes[:, :3], (watched.size, 1))
        self._planes = np.ascontiguousarray(planes[:, :3].T)
        self._sizes = planes[:, 3] + shape.radius[watched][:, None]
        self._points: Array = np.zeros((watched.size, 3))

    def measure(self, out: Array) -> None:
        """Write all gaps (r,) [m] for the shape as it is."""
        points, table = self._points, out.reshape(self._sizes.shape)
        np.take(self._shape.center, self._watched, axis=0, out=points, mode="clip")
        np.matmul(points, self._planes, out=table)
        table -= self._sizes

    def directions(self, rows: Ints) -> Array:
        """Unit vectors (r, 3) along which some gaps grow, in `base_link`."""
        return self._normals[rows]
