"""Records topics as they are on the wire into MCAP, which rosbag2 tools read."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from mcap.writer import CompressionType, Writer
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from neural_brain.models.errors import NeuralBrainError
from neural_brain.nodes import qos, topics
from neural_brain.view.messages import definition

STANDARD = (
    *(topics.JOINT_STATES, topics.ODOM, topics.IMU, topics.WRENCH, topics.SCAN),
    *(topics.CMD_VEL, topics.TF, topics.TF_STATIC, topics.MAP, topics.PLAN),
    *(topics.LANDMARKS, topics.GOAL, topics.GOAL_POSE, topics.REPLY, topics.STATE),
    *(topics.EVENTS, topics.REFLEX_EVENTS, "/diagnostics"),
)
"""What is recorded when nothing else is asked for."""
IMAGES = (topics.COLOUR_IMAGE, topics.COLOUR_INFO, topics.DEPTH_IMAGE)
"""Camera topics; large, so recorded on request only."""
CHUNK_BYTES = 256 * 1024


class TopicRecorder:
    """Subscribes to topics once somebody publishes them and writes every message.

    Call `look` about twice a second: it finds publishers that came late. Stamps are
    the wall clock at arrival, as in rosbag2.

    Args:
        node: a plain node whose executor spins.
        path: file to write (`.mcap`).
        names: topics; relative names are resolved by the node.

    Raises:
        NeuralBrainError: if the file cannot be created.
    """

    def __init__(self, node: Node, path: str | Path, names: Sequence[str]) -> None:
        self.path = Path(path)
        self.counts: Counter[str] = Counter()
        self.refused: dict[str, str] = {}
        self._node = node
        self._waiting = {node.resolve_topic_name(name) for name in names}
        self._schemas: dict[str, int] = {}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        except OSError as error:
            raise NeuralBrainError(
                f"Cannot write the recording {self.path} ({error.strerror}). Choose a "
                "file in a folder that you may write to with --to."
            ) from error
        self._writer = Writer(
            self._file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD
        )
        self._writer.start(profile="ros2", library="neural_brain")

    @property
    def waiting(self) -> tuple[str, ...]:
        """Topics that nobody has published so far."""
        return tuple(sorted(self._waiting))

    def look(self) -> list[str]:
        """Subscribe to wanted topics that have a publisher now; returns their names."""
        found = [
            (name, kinds)
            for name, kinds in self._node.get_topic_names_and_types()
            if name in self._waiting and self._node.count_publishers(name) > 0
        ]
        for name, kinds in found:
            self._waiting.discard(name)
            self._subscribe(name, kinds)
        return [name for name, _ in found if name not in self.refused]

    def close(self) -> None:
        """Write the index and close the file; safe to call twice."""
        if not self._file.closed:
            self._writer.finish()
            self._file.close()

    def _subscribe(self, name: str, kinds: Sequence[str]) -> None:
        if len(kinds) != 1:
            self.refused[name] = f"has several types: {', '.join(kinds)}"
            return
        kind = kinds[0]
        package, _, word = kind.split("/")
        try:
            message_type = getattr(import_module(f"{package}.msg"), word)
            channel = self._writer.register_channel(
                topic=name, message_encoding="cdr", schema_id=self._schema(kind)
            )
        except (ImportError, AttributeError, KeyError):
            self.refused[name] = f"its type {kind} is not known here"
            return
        self._node.create_subscription(
            message_type,
            name,
            partial(self._write, name, channel),
            self._profile(name),
            raw=True,
        )

    def _profile(self, name: str) -> QoSProfile:
        """The strictest profile that all publishers of a topic offer."""
        offers = self._node.get_publishers_info_by_topic(name)
        reliable = all(
            o.qos_profile.reliability == ReliabilityPolicy.RELIABLE for o in offers
        )
        latched = all(
            o.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for o in offers
        )
        if latched:
            return qos.STATIC_TF
        return (
            qos.TF
            if reliable
            else QoSProfile(depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)
        )

    def _schema(self, kind: str) -> int:
        if kind not in self._schemas:
            package, _, word = kind.split("/")
            self._schemas[kind] = self._writer.register_schema(
                name=kind, encoding="ros2msg", data=definition(f"{package}/{word}")
            )
        return self._schemas[kind]

    def _write(self, name: str, channel: int, data: Any) -> None:
        now = time.time_ns()
        self._writer.add_message(
            channel_id=channel, log_time=now, publish_time=now, data=bytes(data)
        )
        self.counts[name] += 1
