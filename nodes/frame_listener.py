"""Keeps a node's frame tree up to date from `/tf` and `/tf_static`."""

from __future__ import annotations

from typing import Any

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import Array
from neural_brain.nodes import qos, topics
from neural_brain.nodes.gate import Refusal
from neural_brain.nodes.lifecycle import BrainNode
from neural_brain.nodes.transforms import FrameTree

try:
    from tf2_msgs.msg import TFMessage
except ImportError as error:
    raise NeuralBrainError(
        f"The ROS package tf2_msgs is missing ({error}). Build it with "
        "scripts/build_tf2_msgs.sh, or source a ROS 2 installation."
    ) from error

BASE = "base_link"


class FrameListener:
    """Looks up where a sensor is mounted.

    Args:
        node: the node whose gates and life cycle are used.
        moving: also listen to `/tf`; without it only fixed frames are known.
    """

    def __init__(self, node: BrainNode, *, moving: bool) -> None:
        self.tree = FrameTree()
        self._listen(node, topics.TF_STATIC, qos.STATIC_TF, static=True)
        if moving:
            self._listen(node, topics.TF, qos.TF, static=False)

    def T_base(self, frame: str, stamp: float) -> Array:
        """Pose (4, 4) of a sensor's frame in `base_link` at `stamp` [s].

        Raises:
            Refusal: if it is not connected to `base_link` (yet).
        """
        try:
            return self.tree.lookup(BASE, frame.lstrip("/"), stamp)
        except LookupError:
            raise Refusal("frame not connected to base_link") from None

    def _listen(
        self, node: BrainNode, topic: str, profile: Any, *, static: bool
    ) -> None:
        node.listen(
            TFMessage,
            topic,
            lambda message: message,
            profile=profile,
            stamped=False,
            then=lambda message: self.tree.add(message, static=static),
        )
