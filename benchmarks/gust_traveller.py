"""The imitated learner of the navigation tasks, the same for every kind of reflex.

Its actions are a mixture of a slow random walk and of the straight way (around the
block, through the middle of the passage); the share of the latter is its skill.
"""

from __future__ import annotations

import numpy as np

from neural_brain.benchmarks.gust_tasks import GOAL, Task
from neural_brain.models.geometry import Array


class Traveller:
    """The imitated learner: heads for the goal the better the later.

    Args:
        task: decides whether there is a block to go around, or a passage.
        shape: runs and episodes.
        rng: source of its choices.
    """

    def __init__(
        self, task: Task, shape: tuple[int, ...], rng: np.random.Generator
    ) -> None:
        self._rng, self._shape = rng, shape
        self._block = task.boxes[0] if task.name == "navigation2" else None
        self._wall = task.boxes[0] if task.passage else None
        self._walk = rng.normal(size=(*shape, 2))
        self._side = rng.choice([-1.0, 1.0], shape)
        self._berth = rng.uniform(0.0, 3.0, shape)

    def wish(self, at: Array, skill: float | Array) -> Array:
        """The action of this decision (..., 2), with a skill of 0 to 1 (..., 1)."""
        fresh = self._rng.normal(size=(*self._shape, 2))
        self._walk = 0.9 * self._walk + np.sqrt(1.0 - 0.9**2) * fresh
        way = np.clip(self._next(at) - at, -1.0, 1.0)
        return np.asarray(np.clip(skill * way + (1.0 - skill) * self._walk, -1.0, 1.0))

    def _next(self, at: Array) -> Array:
        """The next corner of the way, or the goal (..., 2)."""
        if self._wall is not None:
            x0, y0 = self._wall[[0, 2]]
            aside = (at[..., 0] < x0) & (np.abs(at[..., 1]) > y0 / 2.0)
            return np.where(aside[..., None], [x0 - 2.0, 0.0], GOAL)
        if self._block is None:
            return np.broadcast_to(GOAL, at.shape)
        x0, x1, _, y1 = self._block
        beside = self._side * (y1 + self._berth)
        before = np.stack((np.full(self._shape, x0 - 2.0), beside), axis=-1)
        behind = np.stack((np.full(self._shape, x1 + 2.0), beside), axis=-1)
        x, y = at[..., 0], at[..., 1]
        clear = self._side * y > np.abs(beside) - 1.0
        goes_up = (x < x0 - 0.5) & ~clear
        along = (x < x1 + 1.0) & ~goes_up
        found = np.where(along[..., None], behind, np.broadcast_to(GOAL, at.shape))
        return np.where(goes_up[..., None], before, found)
