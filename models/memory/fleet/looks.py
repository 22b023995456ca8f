"""What landmarks look like, as vectors: found by words or by a photo's feature.

The vectors are those of `models/maps/patches.py`: shares of categories and of colours.
pgvector finds the nearest ones with an index; without it they are compared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.models.categories import CATEGORIES, COLOURS
from neural_brain.models.geometry import Array
from neural_brain.models.maps.patches import DIMENSION, Float32, joined
from neural_brain.models.memory.fleet.connection import Session
from neural_brain.models.memory.fleet.opening import has_vectors


@dataclass(frozen=True, kw_only=True)
class Look:
    """A landmark that looks like what was asked for.

    `center_map` (3,) [m]; `likeness` is the cosine of the two vectors, 1 = the same.
    """

    landmark: int
    category: str
    colour: str
    center_map: Array
    likeness: float


def look_of(item: dict[str, Any]) -> Float32:
    """The vector (DIMENSION,) of a landmark of a map snapshot."""
    classes = _shares(item["categories"], CATEGORIES)
    tints = _shares(item["colours"], COLOURS)
    return joined(classes[None], tints[None])[0]


def write_looks(session: Session, data: dict[str, Any]) -> None:
    """Replace the vectors by those of a map snapshot; inside a transaction."""
    vectors = has_vectors(session)
    session.execute("DELETE FROM looks")
    mark = "CAST(:feature AS vector)" if vectors else ":feature"
    session.executemany(
        f"INSERT INTO looks (landmark, feature) VALUES (:id, {mark})",  # noqa: S608
        [
            {"id": item["id"], "feature": _coded(look_of(item), vectors)}
            for item in data["landmarks"]
        ],
    )


def find_looks(session: Session, feature: Float32, limit: int) -> list[Look]:
    """The landmarks that look most like a feature (DIMENSION,), best first."""
    columns = "l.id, l.category, l.colour, l.x, l.y, l.z"
    join = "FROM looks k JOIN landmarks l ON l.id = k.landmark"
    if has_vectors(session):
        rows = session.execute(
            f"SELECT {columns}, 1 - (k.feature <=> CAST(:feature AS vector)) {join} "
            "ORDER BY k.feature <=> CAST(:feature AS vector) LIMIT :limit",
            {"feature": _coded(feature, vectors=True), "limit": limit},
        ).fetchall()
    else:
        rows = session.execute(f"SELECT {columns}, k.feature {join}").fetchall()
        rows = [(*row[:6], _cosine(row[6], feature)) for row in rows]
        rows = sorted(rows, key=lambda row: -row[6])[:limit]
    return [
        Look(
            landmark=number,
            category=category,
            colour=colour,
            center_map=np.array([x, y, z]),
            likeness=float(likeness),
        )
        for number, category, colour, x, y, z, likeness in rows
    ]


def _shares(evidence: dict[str, float], names: tuple[str, ...]) -> Float32:
    """Share of each name in the evidence (n,)."""
    found = np.array([max(0.0, evidence.get(name, 0.0)) for name in names], np.float32)
    return found / max(float(found.sum()), 1e-9)


def _coded(feature: Float32, vectors: bool) -> str | bytes:
    """A feature as pgvector reads it, or as little-endian bytes."""
    if vectors:
        return "[" + ",".join(f"{value:.6g}" for value in feature.tolist()) + "]"
    return np.asarray(feature, "<f4").tobytes()


def _cosine(raw: bytes, feature: Float32) -> float:
    if len(raw) != 4 * DIMENSION:
        return 0.0
    other = np.frombuffer(raw, "<f4")
    size = float(np.linalg.norm(other) * np.linalg.norm(feature))
    return float(other @ feature) / max(size, 1e-9)
