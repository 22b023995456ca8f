"""Decoded messages of MCAP files with ROS 2 messages; nothing in them is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neural_brain.models.errors import NeuralBrainError


class RecordingError(NeuralBrainError):
    """A recording cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One message, its topic and type ("nav_msgs/msg/Odometry"), and its log time [s].

    `message` has the fields of that type.
    """

    topic: str
    kind: str
    log_time: float
    message: Any


def read_messages(path: Path, *passes: Sequence[str]) -> Iterator[Recorded]:
    """The messages of some types in order of log time.

    Args:
        path: the file.
        passes: types for a first way through the file, for a second, and so on.

    Raises:
        RecordingError: if the file is not MCAP, or is damaged.
    """
    from mcap.exceptions import McapError
    from mcap.reader import make_reader
    from mcap_ros2.decoder import DecoderFactory

    try:
        with path.open("rb") as file:
            for wanted in passes:
                file.seek(0)
                reader = make_reader(file, decoder_factories=[DecoderFactory()])
                topics = _topics(reader, wanted)
                if not topics:
                    continue
                for schema, channel, raw, message in reader.iter_decoded_messages(
                    topics
                ):
                    if schema is not None:
                        yield Recorded(
                            topic=channel.topic,
                            kind=schema.name,
                            log_time=1e-9 * raw.log_time,
                            message=message,
                        )
    except (OSError, McapError, EOFError, ValueError, AttributeError) as error:
        raise RecordingError(
            f"Cannot read the recording {path}: {error or type(error).__name__}. Give "
            "a whole MCAP file of standard ROS 2 messages; `mcap recover` of the MCAP "
            "tools mends one that was cut off."
        ) from error


def recorded_topics(path: Path) -> dict[str, str]:
    """Topics of a file and their types.

    Raises:
        RecordingError: if the file is not MCAP, or is damaged.
    """
    from mcap.exceptions import McapError
    from mcap.reader import make_reader

    try:
        with path.open("rb") as file:
            summary = _summary(make_reader(file))
    except (OSError, McapError, EOFError, ValueError) as error:
        raise RecordingError(
            f"Cannot read the recording {path}: {error or type(error).__name__}. Give "
            "a whole MCAP file of standard ROS 2 messages."
        ) from error
    return {
        channel.topic: summary.schemas[channel.schema_id].name
        for channel in summary.channels.values()
        if channel.schema_id
    }


def _topics(reader: Any, wanted: Sequence[str]) -> list[str]:
    summary = _summary(reader)
    return [
        channel.topic
        for channel in summary.channels.values()
        if channel.schema_id and summary.schemas[channel.schema_id].name in wanted
    ]


def _summary(reader: Any) -> Any:
    summary = reader.get_summary()
    if summary is None:
        raise ValueError("it has no summary, so it was cut off")
    return summary
