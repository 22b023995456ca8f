"""What the camera has looked at in all runs: where nothing was found is known, too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, transform2
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.seen import CELL_M, SeenGrid
from neural_brain.models.signals import LookedGrid, Percepts

VIEW_M = 2.8  # objects are seen up to
VIEWS = 3  # frames until a spot counts as looked at
MOST_CELLS = 4_000_000  # of a grid that is believed
FAR_CELLS = 100_000
THINNED = 2  # cells along a side of one that is told


class Looked:
    """Looked-at cells of a map, which are saved with it.

    Attributes:
        earlier: those of the runs before this one, None if there were none.
    """

    def __init__(self) -> None:
        self._all = SeenGrid(VIEW_M)
        self._before: SeenGrid | None = None
        self.earlier: LookedGrid | None = None

    def note(self, percepts: Percepts, pose_map_base: Array) -> None:
        """Take in what one frame showed from a pose (3,)."""
        if len(percepts.view_polygon) >= 3:
            outline = transform2(pose_map_base, percepts.view_polygon)
            self._all.add_view(outline, pose_map_base[:2])

    def take(self, other: Looked) -> None:
        """Add what another robot has looked at, in the same frame."""
        self._all.fill(*other._all.cells(VIEWS), VIEWS)

    def move(self, correction: Correction) -> None:
        """Carry all along when the map was mended."""
        self._all.move(correction)
        if self._before is not None:
            self._before.move(correction)
            self.earlier = _told(self._before)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Cells and their lower corner as arrays of whole numbers; none if none."""
        cells, corner = self._all.cells(VIEWS)
        if not cells.size:
            return {}
        return {"looked": cells.astype(np.uint8), "looked_corner": corner}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Continue from `arrays()`; what is missing or unsound was not looked at."""
        cells, corner = arrays.get("looked"), arrays.get("looked_corner")
        if cells is None or corner is None or not _sound(cells, corner):
            return
        self._before = SeenGrid(VIEW_M)
        for grid in (self._all, self._before):
            grid.fill(cells > 0, corner, VIEWS)
        self.earlier = _told(self._before)


def _sound(cells: NDArray[Any], corner: NDArray[Any]) -> bool:
    kinds = (cells.dtype.kind, corner.dtype.kind) == ("u", "i")
    shapes = cells.ndim == 2 and 0 < cells.size <= MOST_CELLS and corner.shape == (2,)
    return kinds and shapes and bool(np.all(np.abs(corner) < FAR_CELLS))


def _told(grid: SeenGrid) -> LookedGrid | None:
    cells, corner = grid.cells(VIEWS)
    if not cells.size:
        return None
    thinned = np.ascontiguousarray(cells[::THINNED, ::THINNED]).astype(np.uint8)
    origin = np.asarray(corner * CELL_M, np.float64)
    return LookedGrid(cells=thinned, origin=origin, cell_m=THINNED * CELL_M)
