"""One saved map, read back from its rows."""

from __future__ import annotations

import sqlite3

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.codec import unpack_array, unpack_data


def read_generation(connection: sqlite3.Connection, generation: int) -> MapSnapshot:
    """The map of one generation, every checksum tested.

    Raises:
        MapFileError: if it does not exist or is damaged.
        sqlite3.Error: if the file itself cannot be read.
    """
    row = connection.execute(
        "SELECT stamp, data, sha256 FROM generations WHERE id = ?", (generation,)
    ).fetchone()
    if row is None:
        raise MapFileError(f"There is no map generation {generation}.")
    stamp, blob, digest = row
    data = unpack_data(blob, digest, "the list of landmarks, places and rooms")
    arrays = {
        name: unpack_array(dtype, shape, raw, sha256=sha256, what=f"array {name!r}")
        for name, dtype, shape, raw, sha256 in connection.execute(
            "SELECT name, dtype, shape, data, sha256 FROM arrays WHERE generation = ?",
            (generation,),
        ).fetchall()
    }
    return MapSnapshot(stamp=float(stamp), arrays=arrays, data=data)
