"""Decoded messages of MCAP files with ROS 2 messages; nothing in them is trusted."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
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


def topics_of(path: Path) -> dict[str, str]:
    """Topics of a file and their types, such as "sensor_msgs/msg/Image".

    Raises:
        RecordingError: if the file is not MCAP or is damaged.
    """
    with _told(path), path.open("rb") as file:
        return _topics(_reader(file))


def count_of(path: Path, topic: str) -> int:
    """How many messages of a topic a file holds, by its own word; 0 = it does not say.

    Raises:
        RecordingError: if the file is not MCAP or is damaged.
    """
    with _told(path), path.open("rb") as file:
        summary = _reader(file).get_summary()
        if summary is None or summary.statistics is None:
            return 0
        counts = summary.statistics.channel_message_counts
        return sum(
            count
            for channel, count in counts.items()
            if summary.channels[channel].topic == topic
        )


def messages_of(path: Path, topics: Collection[str]) -> Iterator[Recorded]:
    """The messages of some topics in order of log time.

    Raises:
        RecordingError: if the file is not MCAP or is damaged.
    """
    with _told(path), path.open("rb") as file:
        reader = _reader(file)
        wanted = [topic for topic in _topics(reader) if topic in topics]
        if not wanted:
            return
        decoded = reader.iter_decoded_messages(wanted)
        for schema, channel, raw, message in decoded:
            if schema is not None:
                yield Recorded(
                    topic=channel.topic,
                    kind=schema.name,
                    log_time=1e-9 * raw.log_time,
                    message=message,
                )


def messages_of_types(path: Path, types: Collection[str]) -> Iterator[Recorded]:
    """The messages of some types in order of log time; errors as `messages_of`."""
    kinds = topics_of(path).items()
    return messages_of(path, [topic for topic, kind in kinds if kind in types])


def _reader(file: Any) -> Any:
    from mcap.reader import make_reader
    from mcap_ros2.decoder import DecoderFactory

    return make_reader(file, validate_crcs=True, decoder_factories=[DecoderFactory()])


def _topics(reader: Any) -> dict[str, str]:
    summary = reader.get_summary()
    if summary is None:
        raise ValueError("it has no summary, so it was cut off")
    return {
        channel.topic: summary.schemas[channel.schema_id].name
        for channel in summary.channels.values()
        if channel.schema_id
    }


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # parsers and decompressors raise many unrelated types
        raise RecordingError(
            f"Cannot read the recording {path}: {error or type(error).__name__}. Give "
            "a whole MCAP file of standard ROS 2 messages; `mcap recover` of the MCAP "
            "tools mends one that was cut off."
        ) from error
