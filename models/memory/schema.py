"""Tables of a memory file, and how a map fills the ones that people read."""

from __future__ import annotations

import json
import sqlite3
import zlib
from typing import Any

APPLICATION_ID = 0x6E62724E  # "nbrN", so that no other SQLite file is taken for ours
SCHEMA_VERSION = 1

TABLES = """
CREATE TABLE generations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    map INTEGER NOT NULL,          -- which place; a robot may know several
    stamp REAL NOT NULL,           -- time of the brain [s]
    data BLOB NOT NULL,            -- zlib JSON
    sha256 TEXT NOT NULL           -- of the uncompressed data
);
CREATE TABLE arrays (
    generation INTEGER NOT NULL REFERENCES generations(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    dtype TEXT NOT NULL,           -- numpy type, little endian
    shape TEXT NOT NULL,           -- JSON list
    data BLOB NOT NULL,            -- zlib, row by row
    sha256 TEXT NOT NULL,          -- of the uncompressed data
    PRIMARY KEY (generation, name)
);
CREATE TABLE landmarks (           -- of the newest generation; metres, frame map
    id INTEGER PRIMARY KEY,
    category TEXT NOT NULL, colour TEXT NOT NULL,
    x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL,
    size_x REAL NOT NULL, size_y REAL NOT NULL, size_z REAL NOT NULL,
    confidence REAL NOT NULL, count INTEGER NOT NULL,
    first_seen REAL NOT NULL, last_seen REAL NOT NULL,
    room INTEGER NOT NULL          -- 0 = none
);
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL,
    x REAL NOT NULL, y REAL NOT NULL, area_m2 REAL NOT NULL
);
CREATE TABLE places (
    id INTEGER PRIMARY KEY, x REAL NOT NULL, y REAL NOT NULL, room INTEGER NOT NULL
);
CREATE TABLE passages (
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    cost REAL NOT NULL, door INTEGER NOT NULL,
    PRIMARY KEY (start, "end")
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stamp REAL NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, data TEXT NOT NULL, -- JSON
    crc32 INTEGER NOT NULL         -- of the other columns
);
CREATE INDEX events_by_kind ON events (kind, stamp);
CREATE INDEX landmarks_by_name ON landmarks (category, colour);
"""

INSERT = {
    "landmarks": "INSERT INTO landmarks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "rooms": "INSERT INTO rooms VALUES (?,?,?,?,?)",
    "places": "INSERT INTO places VALUES (?,?,?,?)",
    "passages": "INSERT INTO passages VALUES (?,?,?,?)",
}


def create(connection: sqlite3.Connection) -> None:
    """Write the tables into an empty file, in one transaction."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {TABLES}"
        f"PRAGMA application_id = {APPLICATION_ID};"
        f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def fill_readable(connection: sqlite3.Connection, data: dict[str, Any]) -> None:
    """Replace the readable tables by what a map snapshot says; inside a transaction."""
    rows = {
        "landmarks": [_landmark_row(item) for item in data["landmarks"]],
        "rooms": [
            (item["id"], item["name"], *item["center"], item["area_m2"])
            for item in data["rooms"]
        ],
        "places": [(item["id"], *item["xy"], item["room"]) for item in data["places"]],
        "passages": [
            (item["start"], item["end"], item["cost"], int(item["door"]))
            for item in data["passages"]
        ],
    }
    for table, values in rows.items():
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names
        connection.executemany(INSERT[table], values)


def event_crc(values: tuple[float, str, str, str, str]) -> int:
    """Checksum of an event's columns."""
    return zlib.crc32(json.dumps(values).encode())


def _landmark_row(item: dict[str, Any]) -> tuple[Any, ...]:
    return (
        item["id"],
        item["category"],
        item["colour"],
        *item["center"],
        *item["size"],
        item["confidence"],
        item["count"],
        item["first_seen"],
        item["last_seen"],
        item.get("room", 0),
    )
