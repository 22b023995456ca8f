"""One entry to all kinds of recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from neural_brain.models.signals import Observation
from neural_brain.robots.recordings.mcap_file import read_mcap
from neural_brain.robots.recordings.mcap_messages import RecordingError
from neural_brain.robots.recordings.rawlog import read_rawlog


def read_recording(path: str | Path) -> Iterator[Observation]:
    """Observations of a `.mcap` or `.rawlog` file, in order of time.

    Raises:
        RecordingError: if the file does not exist or is of another kind.
        RawlogError: if a rawlog is damaged.
    """
    return read_mcap(path) if is_mcap(path) else read_rawlog(path)


def is_mcap(path: str | Path) -> bool:
    """Whether a recording is an MCAP file (else it is a rawlog).

    Raises:
        RecordingError: if the file does not exist or is of another kind.
    """
    file = Path(path)
    if not file.is_file():
        raise RecordingError(
            f"There is no recording {file}. Give the path of an .mcap or .rawlog file."
        )
    if file.suffix == ".mcap":
        return True
    if file.name.endswith((".rawlog", ".rawlog.gz")):
        return False
    raise RecordingError(
        f"{file} has the ending {file.suffix!r}; known are .mcap and .rawlog. Convert "
        "ROS bags with `rosbags-convert` or `mcap convert`."
    )
