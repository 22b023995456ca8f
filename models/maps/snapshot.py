"""A map at rest: plain arrays and plain data, ready to be written anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import MapFileError

VERSION = 3  # 2: with keyframes; 3: with areas, which no release may drop unseen
READABLE = (1, 2, 3)
KINDS = {"lidar": "i", "depth": "i", "hit_count": "u", "hit_mean": "f", "origin": "f"}


@dataclass(frozen=True, kw_only=True)
class MapSnapshot:
    """Everything that a CognitiveMap needs to continue.

    Attributes:
        stamp: time it was taken [s].
        arrays: named arrays of integers and floats.
        data: JSON-able values (numbers, strings, lists, dictionaries).
    """

    stamp: float
    arrays: dict[str, NDArray[Any]]
    data: dict[str, Any]


def check_snapshot(snapshot: MapSnapshot) -> None:
    """Refuse a snapshot that cannot be continued.

    Raises:
        MapFileError: says which part is wrong.
    """
    arrays, data = snapshot.arrays, snapshot.data
    version = data.get("version")
    if version not in READABLE:
        raise MapFileError(
            f"The map has version {version!r}; this release reads versions 1 to "
            f"{VERSION}. "
            "Open it with the release that wrote it, or begin a new map."
        )
    for name, kind in KINDS.items():
        if name not in arrays or arrays[name].dtype.kind != kind:
            raise MapFileError(
                f"The map lacks a usable array {name!r}; expected numbers of kind "
                f"{kind!r}. Restore an earlier generation, or begin a new map."
            )
    h, w = arrays["lidar"].shape
    shapes = {"depth": (h, w), "hit_count": (h, w), "hit_mean": (h, w, 2)}
    for name, shape in {**shapes, "origin": (2,)}.items():
        if arrays[name].shape != shape:
            raise MapFileError(
                f"Array {name!r} of the map has shape {arrays[name].shape}; expected "
                f"{shape}. Restore an earlier generation, or begin a new map."
            )
    if not all(np.all(np.isfinite(arrays[name])) for name in ("hit_mean", "origin")):
        raise MapFileError(
            "The map holds numbers that are not finite. Restore an earlier "
            "generation, or begin a new map."
        )
