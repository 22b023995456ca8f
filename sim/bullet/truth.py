"""Ground truth of a Bullet world: contact forces from Bullet's own contact points."""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.sim.bullet.world import Touch
from neural_brain.sim.robots.index import RobotIndex
from neural_brain.sim.truth import GroundTruth


class BulletTruth(GroundTruth):
    """`GroundTruth` that reads touches, which are set by `show` before `update`."""

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, index: RobotIndex
    ) -> None:
        super().__init__(model, data, index)
        self._touches: list[Touch] = []

    def show(self, touches: list[Touch]) -> None:
        """Hand over the touches of the tick that just ended."""
        self._touches = touches

    def update(self) -> None:
        """Look at the touches."""
        if self._touching:
            self._clear()
        sums: dict[tuple[str, int], np.ndarray] = {}
        for one, other, force in self._touches:
            mine = [self._weight[part.geoms[0]] for part in (one, other)]
            if sum(mine) != 1:  # itself, two other things, or a wheel
                continue
            part, thing = (one, other) if mine[0] else (other, one)
            key = self._part[part.geoms[0]], int(self._owner[thing.geoms[0]])
            sums[key] = sums.get(key, 0.0) + (force if mine[0] else -force)
        if sums:
            self._touching = True
            self._record(sums)
