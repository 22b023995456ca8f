"""Subscribe to laser scans, placed on the robot by the laser's frame."""

from __future__ import annotations

from typing import Any

from sensor_msgs.msg import LaserScan as LaserScanMsg

from neural_brain.models.geometry import pose2_from_matrix
from neural_brain.models.signals import LaserScan
from neural_brain.nodes import conversions, topics
from neural_brain.nodes.conversions.sensors import MAX_BEAMS
from neural_brain.nodes.frame_listener import FrameListener
from neural_brain.nodes.gate import GateConfig, Refusal, stamp_seconds
from neural_brain.nodes.inbox import Inbox
from neural_brain.nodes.lifecycle import BrainNode


def listen_scan(
    node: BrainNode,
    frames: FrameListener,
    gate: GateConfig,
    *,
    topic: str = topics.SCAN,
    most_beams: int = MAX_BEAMS,
    **options: Any,
) -> Inbox[LaserScan]:
    """An inbox of checked scans whose mount is taken from tf.

    Args:
        node: whose inbox it is.
        frames: the robot's frames.
        gate: what is accepted.
        topic: where scans come from.
        most_beams: a scan of more is refused.
        options: see `BrainNode.listen`.
    """

    def convert(message: LaserScanMsg) -> LaserScan:
        if len(message.ranges) > most_beams:
            raise Refusal("too many beams")
        stamp = stamp_seconds(message.header.stamp)
        T = frames.T_base(message.header.frame_id, stamp)
        return conversions.scan_from_msg(message, pose2_from_matrix(T))

    return node.listen(LaserScanMsg, topic, convert, gate=gate, **options)
