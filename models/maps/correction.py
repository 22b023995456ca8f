"""What a closed loop moved: the pose of every keyframe before and after.

Everything else in the map hangs on a keyframe and moves with it, rigidly: a landmark on
the one from which it was seen last, other things on the nearest one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from neural_brain.models.geometry import Array, compose2, inverse2, transform2

COARSE_M = 0.4  # grids are bent on squares of this size


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Poses (n, 3) of keyframes `numbers` before and after."""

    numbers: tuple[int, ...]
    before: Array
    after: Array
    _row: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the numbers."""
        row = {number: k for k, number in enumerate(self.numbers)}
        object.__setattr__(self, "_row", row)

    @property
    def shift_m(self) -> float:
        """Farthest that a keyframe moves [m]."""
        gap = self.after[:, :2] - self.before[:, :2]
        return float(np.hypot(gap[:, 0], gap[:, 1]).max(initial=0.0))

    def change(self, row: int) -> Array:
        """Pose (3,) of the old frame in the new one, as of the keyframe in a row."""
        return compose2(self.after[row], inverse2(self.before[row]))

    def change_of(self, anchor: int, point: Array) -> Array:
        """The same for a keyframe's number, or the one nearest to a point (2,) [m]."""
        row = self._row.get(anchor)
        if row is None:
            row = int(np.argmin(np.hypot(*(self.before[:, :2] - point[:2]).T)))
        return self.change(row)

    def move(self, points: Array) -> Array:
        """Points (n, 2) [m], each moved with the keyframe that was nearest."""
        if len(points) == 0:
            return np.zeros((0, 2))
        _, rows = cKDTree(self.before[:, :2]).query(points)
        moved = np.empty((len(points), 2))
        for row in np.unique(rows):
            moved[rows == row] = transform2(self.change(int(row)), points[rows == row])
        return moved

    def bend(
        self, values: NDArray[Any], origin: Array, cell_m: float
    ) -> NDArray[np.float32]:
        """A grid (h, w) with its contents moved; origin and size stay.

        Args:
            values: whole numbers up to 2^24 in size.
            origin: lower corner (2,) [m] of cell (0, 0).
            cell_m: size of a cell.
        """
        h, w = values.shape
        rows, columns = (max(2, int(np.ceil(n * cell_m / COARSE_M))) for n in (h, w))
        y, x = np.mgrid[0:rows, 0:columns]
        size = np.array([w / columns, h / rows]) * cell_m
        centers = origin + size * (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5)
        _, nearest = cKDTree(self.after[:, :2]).query(centers)
        source = np.empty_like(centers)
        for row in np.unique(nearest):
            mine = nearest == row
            source[mine] = transform2(inverse2(self.change(int(row))), centers[mine])
        gap = ((source - centers) / cell_m).astype(np.float32).reshape(rows, columns, 2)
        gap = cv2.resize(gap, (w, h), interpolation=cv2.INTER_NEAREST)
        at = np.mgrid[0:h, 0:w].astype(np.float32)
        return np.asarray(
            cv2.remap(
                values.astype(np.float32),
                at[1] + gap[..., 0],
                at[0] + gap[..., 1],
                cv2.INTER_NEAREST,
            )
        )
