"""From raw meshes to a piece: unit box, few triangles, few parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import SMALL_OBJECTS
from neural_brain.sim.packs.obj import Rgb
from neural_brain.sim.packs.piece import Part, Piece
from neural_brain.sim.packs.simplify import simplify
from neural_brain.sim.packs.sources import Raw

Points = NDArray[np.float64]
Faces = NDArray[np.int64]

MOST_FACES = 2400
MOST_FACES_SMALL = 900
MOST_PARTS = 5
TURNED_LONGWAYS = ("mug", "kettle", "banana")
"""Things whose width is their longer side, whatever the source says."""


def convert(raw: Raw, category: str, *, name: str, split: str, licence: str) -> Piece:
    """Scale, simplify and merge the meshes of one piece."""
    groups = _merge_colours(raw)
    most = MOST_FACES_SMALL if category in SMALL_OBJECTS else MOST_FACES
    meshes = simplify([(v, f) for v, f, _ in groups], most)
    kept = [
        (v, f, rgb)
        for (v, f), (_, _, rgb) in zip(meshes, groups, strict=True)
        if len(f) > 0
    ]
    low = np.min([v.min(axis=0) for v, _, _ in kept], axis=0)
    high = np.max([v.max(axis=0) for v, _, _ in kept], axis=0)
    turn = category in TURNED_LONGWAYS and high[0] - low[0] < high[1] - low[1]
    upward = category in ("sofa", "bed")  # there the cover, not the frame, has a colour
    areas = [_area(v, f, upward=upward) for v, f, _ in kept]
    parts = tuple(
        Part(
            vertices=_unit(v, low, high, turn).astype(np.float32),
            faces=f.astype(np.int32),
            rgb=rgb,
            main=k == int(np.argmax(areas)),
        )
        for k, (v, f, rgb) in enumerate(kept)
    )
    return Piece(
        name=name,
        category=category,
        split=split,
        creator=raw.creator,
        licence=licence,
        rest=raw.rest if category in ("sofa", "bed") else -1.0,
        parts=parts,
    )


def _merge_colours(
    raw: Raw,
) -> list[tuple[Points, Faces, Rgb]]:
    """Join meshes until few remain: small ones go to the most similar colour."""
    groups = [[v, f, rgb, _area(v, f)] for (v, f), rgb in raw.meshes if len(f)]
    groups.sort(key=lambda g: -g[3])
    total = sum(g[3] for g in groups)
    while len(groups) > 1 and (
        len(groups) > MOST_PARTS or groups[-1][3] < 0.01 * total
    ):
        small = groups.pop()
        near = min(
            groups,
            key=lambda g: float(np.abs(np.subtract(g[2], small[2])).sum()),
        )
        near[1] = np.concatenate([near[1], small[1] + len(near[0])])
        near[0] = np.concatenate([near[0], small[0]])
        near[3] += small[3]
        groups.sort(key=lambda g: -g[3])
    return [(v, f, rgb) for v, f, rgb, _ in groups]


def _area(v: Points, f: Faces, *, upward: bool = False) -> float:
    """Area of all triangles, or of those that look up."""
    a, b, c = v[f[:, 0]], v[f[:, 1]], v[f[:, 2]]
    normal = 0.5 * np.cross(b - a, c - a)
    size = np.linalg.norm(normal, axis=1)
    if upward:
        size = size * (normal[:, 2] > 0.5 * size)
    return float(size.sum())


def _unit(v: Points, low: Points, high: Points, turn: bool) -> Points:
    unit = (v - low) / np.maximum(high - low, 1e-9) - np.array([0.5, 0.5, 0.0])
    if turn:
        unit = np.stack([unit[:, 1], -unit[:, 0], unit[:, 2]], axis=1)
    return unit
