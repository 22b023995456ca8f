"""Addresses of shared maps: `postgresql://user@host/database`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory.fleet.sqlalchemy_extra import import_sqlalchemy

_SCHEME = re.compile(r"^(postgresql|postgres)(\+psycopg)?:", re.IGNORECASE)
_SHOWN = ("host", "port", "dbname", "user")
CONNECT_S = 5


def is_shared(place: str | Path) -> bool:
    """Whether a place of a memory is the address of a shared map, not a file."""
    return isinstance(place, str) and bool(_SCHEME.match(place))


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a shared map is.

    Attributes:
        url: for SQLAlchemy; may hold a password.
        shown: for people; never holds one.
        robot: name of the robot (`application_name`), "" if none was given.
    """

    url: Any
    shown: str
    robot: str


def read_address(text: str) -> Address:
    """Take an address apart.

    Raises:
        MapFileError: if it is none, or the `[fleet]` extra is not installed.
    """
    sqlalchemy = import_sqlalchemy()
    try:
        url = sqlalchemy.make_url(text)
    except (ValueError, sqlalchemy.exc.ArgumentError):
        raise MapFileError(
            "The address of the shared map cannot be read. Write it like "
            "postgresql://USER@HOST/DATABASE, and special characters as %XX."
        ) from None
    query = {key: value for key, value in url.query.items() if key != "password"}
    robot = str(query.get("application_name", ""))
    shown = sqlalchemy.URL.create(
        "postgresql",
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query={key: value for key, value in query.items() if key in _SHOWN},
    ).render_as_string()
    shown = shown.replace("%2F", "/")  # a socket's folder, to be read
    url = url.set(drivername="postgresql+psycopg")
    url = url.update_query_dict(
        {} if "connect_timeout" in url.query else {"connect_timeout": str(CONNECT_S)}
    )
    return Address(url=url, shown=shown, robot=robot)
