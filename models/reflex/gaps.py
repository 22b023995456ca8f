"""All gaps that are watched, looked at only as often as it is needed.

A gap shrinks by no more than sum_j reach_j |dq_j| when the joints move by dq: that is
the longest way of any ball. So a look stays good for as long as the joints stay near,
and gaps that are wide enough by that bound are not computed. Between two looks at
close ones they are followed to first order; what is left out is at most half of
(sum_j |dq_j|) (sum_j reach_j |dq_j|), which is kept below `_BEND_M`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import WorkspaceConfig
from neural_brain.models.reflex.self_distance import BodyGaps, LinkGaps
from neural_brain.models.reflex.workspace import PlaneGaps
from neural_brain.models.signals import ArmShape

Ints = NDArray[np.int64]
_FRESH_TICKS = 5
_BEND_M = 1e-4
_ABSURD = 1e12


class Gaps:
    """Gaps of planes, body and links, margins taken off.

    Args:
        config: what is watched. shape: of the arm; owned by this object from now on.
        most: gaps that are picked at a time.

    Attributes:
        gradients: of the picked gaps (r, n) [m/rad].

    Raises:
        ConfigError: if the planes concern no link, or self-distance a part of the robot
            of which it is not known where it is solid.
    """

    def __init__(self, config: WorkspaceConfig, shape: ArmShape, most: int) -> None:
        kinds: list[PlaneGaps | BodyGaps | LinkGaps] = []
        margins: list[float] = []
        if config.planes:
            kinds.append(PlaneGaps(config, shape))
            margins.append(config.margin_m)
        if config.self_distance:
            _check_body(shape)
            kinds += [BodyGaps(shape), LinkGaps(shape)]
            margins += [config.self_margin_m] * 2
        sizes = [kind.balls.size for kind in kinds]
        ends = np.cumsum([0, *sizes]).tolist()
        self._kinds = list(zip(kinds, ends[:-1], ends[1:], strict=True))
        self._margins = np.repeat(margins, sizes)
        self._names = [name for kind in kinds for name in kind.names]
        self._mask = np.concatenate([kind.mask for kind in kinds])
        self._balls = np.concatenate([kind.balls for kind in kinds])
        self._shape, self._most = shape, most
        n = shape.mass.shape[0]
        self.gradients: Array = np.zeros((0, n))
        self._all: Array = np.full(ends[-1], -math.inf)
        self._least: Array = np.full(len(kinds), -math.inf)
        self._at: Array = np.zeros((len(kinds), n))
        self._moved: Array = np.zeros((len(kinds), n))
        self._rows: Ints = np.zeros(0, dtype=np.int64)
        self._picked: Array = np.zeros(0)
        self._q, self._step = np.zeros(n), np.zeros(n)
        self._age, self._within_m = _FRESH_TICKS, 0.0

    @property
    def count(self) -> int:
        """How many gaps are picked."""
        return int(self._rows.size)

    def least(self, q: Array) -> float:
        """What every gap surely exceeds [m] at joint positions (n,) [rad]."""
        return float(self._slack(q).min())

    def follows(self, q: Array, within_m: float) -> bool:
        """Whether the last look still tells all gaps below `within_m` [m] well.

        Call once a tick; then `values` has them.
        """
        self._age += 1
        if self._age >= _FRESH_TICKS or not within_m <= self._within_m:
            return False
        np.subtract(q, self._q, out=self._step)
        np.abs(self._step, out=self._moved[0])
        step = self._moved[0]
        return 0.5 * float(step.sum()) * float(step.dot(self._shape.reach)) < _BEND_M

    def values(self, q: Array) -> Array:
        """The picked gaps (r,) [m], followed from the last look to q (n,) [rad]."""
        np.subtract(q, self._q, out=self._step)
        return np.asarray(self._picked + self.gradients.dot(self._step))

    def place(self, q: Array) -> bool:
        """Put the shape at q (n,) [rad]; False if it is not finite then."""
        shape = self._shape
        shape.update(q)
        parts = (shape.center, shape.screws, shape.mass)
        return all(float(np.vdot(p, p)) < _ABSURD for p in parts)

    def look(self, q: Array, within_m: float) -> bool:
        """Pick the gaps below `within_m` [m]; call after `place`.

        Returns:
            False if a gap is not a number.
        """
        slack = self._slack(q)
        close = np.flatnonzero(~(slack > within_m)).tolist()
        near = [self._measure(index, q) for index in close]
        self._rows = rows = self._pick(near, within_m)
        self._picked = self._all[rows]
        self.gradients = self._gradients(rows)
        self._q[:] = q
        self._age, self._within_m = 0, within_m
        return self._least.min() == self._least.min()

    def forget(self) -> None:
        """Nothing that was looked at counts any more."""
        self._least[:] = -math.inf
        self._age = _FRESH_TICKS

    def about(self, index: int) -> tuple[str, float]:
        """Name and margin [m] of a picked gap."""
        row = int(self._rows[index])
        return self._names[row], float(self._margins[row])

    def _slack(self, q: Array) -> Array:
        """What the gaps of each kind surely exceed (k,) [m]."""
        np.subtract(self._at, q, out=self._moved)
        np.abs(self._moved, out=self._moved)
        return np.asarray(self._least - self._moved.dot(self._shape.reach))

    def _measure(self, index: int, q: Array) -> int:
        kind, start, end = self._kinds[index]
        gaps = self._all[start:end]
        kind.measure(gaps)
        gaps -= self._margins[start:end]
        self._least[index] = np.minimum.reduce(gaps, initial=math.inf)
        self._at[index] = q
        return index

    def _pick(self, near: list[int], within_m: float) -> Ints:
        """Rows of the closest gaps of some kinds, in order."""
        found = [np.zeros(0, dtype=np.int64)]
        for index in near:
            _, start, end = self._kinds[index]
            found.append(start + np.flatnonzero(self._all[start:end] < within_m))
        rows = np.concatenate(found)
        if rows.size > self._most:
            order = np.argpartition(self._all[rows], self._most)
            rows = np.sort(rows[order[: self._most]])
        return rows

    def _gradients(self, rows: Ints) -> Array:
        """Change of each gap with the joints (r, n): work of a unit force along it."""
        if not rows.size:
            return np.zeros((0, self._q.size))
        wrench: Array = np.zeros((rows.size, 6))
        way, arm = wrench[:, :3], self._shape.center[self._balls[rows]]
        for kind, start, end in self._kinds:
            first, last = np.searchsorted(rows, (start, end))
            if last > first:
                way[first:last] = kind.directions(rows[first:last] - start)
        for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
            wrench[:, 3 + i] = arm[:, j] * way[:, k] - arm[:, k] * way[:, j]
        gradients = wrench.dot(self._shape.screws.T)
        gradients *= self._mask[rows]
        return np.asarray(gradients)


def _check_body(shape: ArmShape) -> None:
    """Nothing can be kept away from what is solid nobody knows where."""
    if shape.body.bare:
        raise ConfigError(
            "WorkspaceConfig.self_distance = True, but nothing says where these parts "
            f"of the robot are solid: {', '.join(shape.body.bare)}. They have a mass; "
            "give them collision geometry, or leave self_distance out."
        )
