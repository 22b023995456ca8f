"""Keep-out and slow areas as masks for Nav2's costmap filters (PGM and YAML).

Written for `nav2_map_server` and the keepout and speed filters of Nav2: in the keepout
mask 100 is closed; in the speed mask v is `SPEED_STEP_M_S` * v, 0 = no limit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from neural_brain.models.maps.outlines import touched
from neural_brain.models.signals import AreaKind, MapState

SPEED_STEP_M_S = 0.02
_WHITE = 255


def export_masks(state: MapState, folder: Path) -> list[Path]:
    """Write both masks, their YAML files and the parameters of the filters.

    Args:
        state: the map; the masks cover its grid.
        folder: made when it does not exist.

    Returns:
        The files that were written.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, values in (("keepout", keepout(state)), ("speed", speeds(state))):
        picture, sheet = folder / f"{name}_mask.pgm", folder / f"{name}_mask.yaml"
        _write_pgm(picture, values)
        sheet.write_text(_yaml(_sheet(state, picture.name)), encoding="utf-8")
        written += [picture, sheet]
    filters = folder / "filters.yaml"
    filters.write_text(_yaml(_filters()), encoding="utf-8")
    return [*written, filters]


def keepout(state: MapState) -> NDArray[np.uint8]:
    """100 where the base must not be, else 0: (h, w) as the grid."""
    return np.where(_cells(state, AreaKind.KEEP_OUT)[0], 100, 0).astype(np.uint8)


def speeds(state: MapState) -> NDArray[np.uint8]:
    """Speed in steps of 0.02 m/s, 1 to 100; 0 = no limit: (h, w) as the grid."""
    inside, slowest = _cells(state, AreaKind.SLOW)
    steps = np.clip(np.round(slowest / SPEED_STEP_M_S), 1, 100)
    return np.where(inside, steps, 0).astype(np.uint8)


def _cells(state: MapState, kind: AreaKind) -> tuple[NDArray[np.bool_], Any]:
    """Cells of all areas of a kind, and the least speed in each [m/s]."""
    grid = state.grid
    inside = np.zeros(grid.cells.shape, bool)
    slowest = np.full(grid.cells.shape, np.inf)
    for area in state.areas:
        if area.kind is kind:
            cells = touched(area.outline, grid.origin, grid.resolution, inside.shape)
            inside |= cells
            slowest[cells] = np.minimum(slowest[cells], area.speed_m_s)
    return inside, slowest


def _write_pgm(path: Path, values: NDArray[np.uint8]) -> None:
    """Values 0 to 100 as darkness, first row = largest y, as map servers expect."""
    grey = _WHITE - np.round(values[::-1] * (_WHITE / 100.0)).astype(np.uint8)
    height, width = grey.shape
    path.write_bytes(f"P5\n{width} {height}\n255\n".encode() + grey.tobytes())


def _sheet(state: MapState, image: str) -> dict[str, Any]:
    x, y = (float(value) for value in state.grid.origin)
    return {
        "image": image,
        "mode": "scale",
        "resolution": float(state.grid.resolution),
        "origin": [x, y, 0.0],
        "negate": 0,
        "occupied_thresh": 1.0,
        "free_thresh": 0.0,
    }


def _filters() -> dict[str, Any]:
    def info(kind: int, topic: str, multiplier: float) -> dict[str, Any]:
        values = {
            "type": kind,
            "filter_info_topic": f"/{topic}_filter_info",
            "mask_topic": f"/{topic}_filter_mask",
            "base": 0.0,
            "multiplier": multiplier,
        }
        return {"ros__parameters": values}

    return {
        "keepout_costmap_filter_info_server": info(0, "keepout", 1.0),
        "speed_costmap_filter_info_server": info(2, "speed", SPEED_STEP_M_S),
    }


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, sort_keys=False)
