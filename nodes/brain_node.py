"""All slow modules composed in one process: the least work for small machines."""

from __future__ import annotations

import sys

from neural_brain.nodes import parameters
from neural_brain.nodes.body_node import BodyNode
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.executive_node import ExecutiveNode
from neural_brain.nodes.lifecycle import BrainNode
from neural_brain.nodes.maps_node import MapsNode
from neural_brain.nodes.motion_node import MotionNode
from neural_brain.nodes.process import run
from neural_brain.nodes.sensing_node import SensingNode
from neural_brain.nodes.world_node import WorldNode

# In the order in which one body state passes through them.
COMPOSED = (SensingNode, MapsNode, WorldNode, ExecutiveNode, MotionNode, BodyNode)


def make_nodes() -> list[BrainNode]:
    """The composed nodes around one bus.

    Raises:
        ConfigError: for a parameter that none of them has.
    """
    bus = LocalBus()
    nodes: list[BrainNode] = [kind(bus) for kind in COMPOSED]
    for node in nodes:
        parameters.refuse_unknown(node, nodes)
    return nodes


def main() -> int:
    """Run the nodes."""
    return run(make_nodes)


if __name__ == "__main__":
    sys.exit(main())
