"""The world model as a node: body and command in, surprise out."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from typing import Any

from neural_brain.models.config import param, validate
from neural_brain.models.signals import BodyCommand, BodyState, Event, Surprise
from neural_brain.models.world import WorldConfig, WorldModel
from neural_brain.nodes import qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.due import Due
from neural_brain.nodes.lifecycle import OK, BrainNode, Health
from neural_brain.nodes.process import run

STEP_HZ = 20.0


@dataclass(frozen=True, kw_only=True)
class WorldNodeConfig:
    """Parameters of the world node."""

    surprise_z: float = param(4.0, "surprise that is told", low=1.0, high=100.0)
    world: WorldConfig = field(default_factory=WorldConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class WorldNode(BrainNode):
    """Predicts the next body state and tells how unexpected the real one is."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("world_node", WorldNodeConfig(), bus=bus, **options)

    def setup(self) -> None:
        """Load the weights and subscribe."""
        self.module = WorldModel(self.config.world)
        self._due = Due(STEP_HZ)
        self._told_at = -math.inf
        self._z = 0.0
        self.out = self.signal_out(topics.SURPRISE)
        self.tell = self.signal_out(topics.EVENTS)
        self.command = self.signal_in(BodyCommand, topics.COMMAND, profile=qos.NEWEST)
        self.signal_in(BodyState, topics.BODY, profile=qos.NEWEST, then=self._think)

    def health(self) -> Health:
        """The present surprise."""
        return OK, "predicting", {"surprise z": f"{self._z:.2f}"}

    def _think(self, body: BodyState) -> None:
        if not self._due.at(body.stamp):
            return
        surprise = self.module.step(body.stamp, body, self.command.latest)
        if surprise is None:
            return
        self._z = surprise.z
        self.out(surprise)
        if surprise.z >= self.config.surprise_z:
            self._tell(surprise)

    def _tell(self, surprise: Surprise) -> None:
        """One sentence for one incident."""
        if surprise.stamp - self._told_at > 1.0:
            self.get_logger().info(f"surprise: {surprise.text} (z = {surprise.z:.1f})")
            self.tell(
                Event(
                    stamp=surprise.stamp,
                    source="world",
                    kind="surprise",
                    text=surprise.text,
                    data={"z": surprise.z, "channel": surprise.channel},
                )
            )
        self._told_at = surprise.stamp


def main() -> int:
    """Run the node."""
    return run(lambda: [WorldNode()])


if __name__ == "__main__":
    sys.exit(main())
