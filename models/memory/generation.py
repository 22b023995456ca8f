"""One saved map as rows: written, and read back."""

from __future__ import annotations

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.codec import (
    pack_array,
    pack_data,
    unpack_array,
    unpack_data,
)
from neural_brain.models.memory.schema import Connection, fill_readable


def write_generation(
    connection: Connection, snapshot: MapSnapshot, t: float, place: int
) -> int:
    """Add a generation to the map of a place; while nobody else can write.

    Returns:
        Its number.
    """
    blob, digest = pack_data(snapshot.data)
    connection.execute(
        "INSERT INTO generations (map, stamp, data, sha256) "
        "VALUES (:map, :stamp, :data, :sha256)",
        {"map": place, "stamp": float(t), "data": blob, "sha256": digest},
    )
    newest = connection.execute("SELECT max(id) FROM generations")
    generation = int(newest.fetchone()[0])
    names = ("dtype", "shape", "data", "sha256")
    connection.executemany(
        "INSERT INTO arrays (generation, name, dtype, shape, data, sha256) "
        "VALUES (:generation, :name, :dtype, :shape, :data, :sha256)",
        [
            {
                "generation": generation,
                "name": name,
                **dict(zip(names, pack_array(array), strict=True)),
            }
            for name, array in snapshot.arrays.items()
        ],
    )
    fill_readable(connection, snapshot.data)
    return generation


def keep_newest(connection: Connection, place: int, count: int) -> None:
    """Drop all but the newest generations of a place."""
    connection.execute(
        "DELETE FROM generations WHERE map = :map AND id NOT IN (SELECT id "
        "FROM generations WHERE map = :map ORDER BY id DESC LIMIT :count)",
        {"map": place, "count": count},
    )


def read_generation(connection: Connection, generation: int) -> MapSnapshot:
    """The map of one generation, every checksum tested.

    Raises:
        MapFileError: if it does not exist or is damaged.
        sqlite3.Error: if the file itself cannot be read.
    """
    values = {"generation": generation}
    row = connection.execute(
        "SELECT stamp, data, sha256 FROM generations WHERE id = :generation", values
    ).fetchone()
    if row is None:
        raise MapFileError(f"There is no map generation {generation}.")
    stamp, blob, digest = row
    data = unpack_data(blob, digest, "the list of landmarks, places and rooms")
    arrays = {
        name: unpack_array(dtype, shape, raw, sha256=sha256, what=f"array {name!r}")
        for name, dtype, shape, raw, sha256 in connection.execute(
            "SELECT name, dtype, shape, data, sha256 FROM arrays "
            "WHERE generation = :generation",
            values,
        ).fetchall()
    }
    return MapSnapshot(stamp=float(stamp), arrays=arrays, data=data)
