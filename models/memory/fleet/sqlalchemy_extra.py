"""Late import of SQLAlchemy: only a shared map needs it."""

from __future__ import annotations

import importlib
from typing import Any

from neural_brain.models.errors import MapFileError


def import_sqlalchemy() -> Any:
    """The sqlalchemy module, if its PostgreSQL driver is there, too.

    Raises:
        MapFileError: if the `[fleet]` extra is not installed.
    """
    try:
        importlib.import_module("psycopg")
        return importlib.import_module("sqlalchemy")
    except ImportError as error:
        raise MapFileError(
            f"A shared map needs SQLAlchemy and psycopg, of which one cannot be "
            f'imported ({error}). Install them with `pip install "neural_brain[fleet]"`'
            "; a memory file needs neither."
        ) from error
