"""Fewer triangles by merging vertices that share a cell of a grid.

Vertex clustering (Rossignac and Borrel, 1993): crude, but it never fails on the
open, self-intersecting meshes of furniture catalogues.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Soup = list[tuple[NDArray[np.float64], NDArray[np.int64]]]
FINEST, COARSEST = 400, 8
WELD = 20000


def simplify(meshes: Soup, most: int) -> Soup:
    """Cluster all meshes on one grid, the finest that leaves at most `most` faces.

    Args:
        meshes: vertices (n, 3) and faces (m, 3) of every mesh.
        most: wanted upper bound of the faces of all meshes together.

    Returns:
        Meshes in the same order; small ones may have lost all faces.
    """
    every = np.concatenate([v for v, _ in meshes])
    extent = max(float(np.ptp(every, axis=0).max()), 1e-9)
    welded = [_cluster(v, f, extent / WELD) for v, f in meshes]
    if _count(welded) <= most:
        return welded
    meshes = welded
    low, high = COARSEST, FINEST
    best = [_cluster(v, f, extent / low) for v, f in meshes]
    while high - low > 1:
        middle = (low + high) // 2
        trial = [_cluster(v, f, extent / middle) for v, f in meshes]
        if _count(trial) <= most:
            low, best = middle, trial
        else:
            high = middle
    return best


def _cluster(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], cell: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if len(faces) == 0:
        return vertices[:0], faces
    cells = np.floor((vertices - vertices.min(axis=0)) / cell + 0.5).astype(np.int64)
    _, group = np.unique(_key(cells), return_inverse=True)
    count = np.bincount(group)
    merged = np.stack(
        [np.bincount(group, vertices[:, k]) / count for k in range(3)], axis=1
    )
    moved = group[faces]
    a, b, c = moved.T
    moved = moved[(a != b) & (b != c) & (c != a)]
    first = moved.argmin(axis=1) if len(moved) else np.zeros(0, np.int64)
    order = (first[:, None] + np.arange(3)) % 3
    moved = np.take_along_axis(moved, order, axis=1)
    _, once = np.unique(_key(moved), return_index=True)
    used, index = np.unique(moved[once], return_inverse=True)
    return merged[used], index.reshape(-1, 3)


def _key(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number per row (n, 3) of whole numbers below 2^20."""
    return np.asarray((rows[:, 0] << 42) | (rows[:, 1] << 21) | rows[:, 2])


def _count(meshes: Soup) -> int:
    return sum(len(faces) for _, faces in meshes)
