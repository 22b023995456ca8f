"""The newest time in a memory, after which a clock that begins anew has to begin.

Stamps are those of the robot's clock. Simulated clocks begin at 0: a second run on the
same memory would seem to be before the first one, and last sightings, the diary and
all questions by time would mix both days.
"""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory.contract import Memory
from neural_brain.models.memory.fleet import is_shared
from neural_brain.models.memory.fleet.reading import NEWEST, newest_shared_stamp
from neural_brain.models.memory.opening import open_read_only


def newest_stamp(memory: Memory) -> float:
    """The newest stamp of maps and diary [s]; minus infinity if there is none."""
    return _number(memory.query(NEWEST)[0][0])


def next_stamp(memory: Memory) -> float:
    """Where a clock begins so that all is after what is remembered [s]; 0 = nothing."""
    return _after(newest_stamp(memory))


def next_stamp_at(place: str | Path) -> float:
    """The same for a file or server that is only looked at; 0 if there is no file.

    Raises:
        MapFileError: if it cannot be read.
    """
    if is_shared(place):
        return _after(_number(newest_shared_stamp(str(place))))
    file = Path(place).expanduser()
    if not file.exists() or file.stat().st_size == 0:
        return 0.0
    connection = open_read_only(file)
    try:
        return _after(_number(connection.execute(NEWEST).fetchone()[0]))
    except sqlite3.Error as error:
        raise MapFileError(
            f"Cannot read the stamps of {file}: {error}. Run `neural-brain map check "
            f"{file}` to see what is left."
        ) from error
    finally:
        connection.close()


def _number(stamp: object) -> float:
    return -math.inf if stamp is None else float(stamp)  # type: ignore[arg-type]


def _after(newest: float) -> float:
    """The next whole second but one: nothing seems to go on from the run before."""
    return max(0.0, math.floor(newest) + 2.0) if math.isfinite(newest) else 0.0
