"""A third-party shape, made ready: coloured parts in a box of unit size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vertices = NDArray[np.float32]
Faces = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Triangles of one colour.

    `vertices` (n, 3) lie in [-0.5, 0.5] x [-0.5, 0.5] x [0, 1]; `faces` (m, 3) index
    them. `main` marks the part that takes the colour of the thing.
    """

    vertices: Vertices
    faces: Faces
    rgb: tuple[float, float, float]
    main: bool


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One shape with its origin.

    `rest` is the height of the seat or mattress as a share of the total height, -1
    where nothing rests inside the shape.
    """

    name: str
    category: str
    split: str
    creator: str
    licence: str
    rest: float
    parts: tuple[Part, ...]

    @property
    def face_count(self) -> int:
        """Triangles of all parts."""
        return sum(len(part.faces) for part in self.parts)
