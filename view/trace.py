"""What a run looked like over time: poses, forces, reflexes, surprise, events."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.brain import Brain
from neural_brain.models.geometry import Array
from neural_brain.models.signals import Event, Observation
from neural_brain.robots.mujoco_body import MujocoBody


@dataclass
class Trace:
    """Samples (20 a second) and events of one run; use `observe` as an observer."""

    t: list[float] = field(default_factory=list)
    pose: list[Array] = field(default_factory=list)
    force_n: list[float] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    surprise_z: list[float] = field(default_factory=list)
    explored_m2: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def observe(
        self, brain: Brain, _body: MujocoBody, observation: Observation
    ) -> None:
        """Take one sample."""
        body = observation.body
        self.t.append(body.stamp)
        self.pose.append(brain.pose_map_base(body))
        self.force_n.append(float(np.linalg.norm(body.wrench_ee[:3])))
        self.level.append(int(brain.fast.level))
        self.surprise_z.append(0.0 if brain.surprise is None else brain.surprise.z)
        self.explored_m2.append(self._explored(brain))
        self.events += brain.pop_events()

    def path(self) -> Array:
        """Where the robot believed to be: (n, 2) [m] in `map`."""
        if not self.pose:
            return np.zeros((0, 2))
        return np.array(self.pose)[:, :2]

    def _explored(self, brain: Brain) -> float:
        state = brain.map_state
        if state is None:
            return 0.0
        if len(self.t) % 20 != 1:  # counting cells once a second is enough
            return self.explored_m2[-1] if self.explored_m2 else 0.0
        free = np.count_nonzero((state.grid.cells >= 0) & (state.grid.cells < 50))
        return float(free) * state.grid.resolution**2
