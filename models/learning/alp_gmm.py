"""ALP-GMM: a curriculum that draws tasks where the learner's score is changing.

The absolute learning progress of a task is how much its score differs from that of the
nearest earlier task. A Gaussian mixture is fitted to tasks and progress; components are
drawn in proportion to their progress (Portelas et al. 2019, arXiv:1910.07224). A share
of tasks stays random, so that nothing is forgotten.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array

_FLOOR = 1e-3


class AlpGmm:
    """Draws tasks and is told how they went.

    Args:
        low: smallest parameters (d,). high: largest ones.
        rng: source of all choices.
        refit: tasks between two fits; until the first fit all tasks are random.
        random_share: of tasks that are drawn uniformly ever after.
        components: most components that are tried.
    """

    def __init__(
        self,
        low: Array,
        high: Array,
        rng: np.random.Generator,
        *,
        refit: int = 25,
        random_share: float = 0.2,
        components: int = 4,
    ) -> None:
        self._low, self._span = low, high - low
        self._rng = rng
        self._refit, self._random_share = refit, random_share
        self._components = components
        self._tasks: list[Array] = []
        self._scores: list[float] = []
        self._progress: list[float] = []
        self._mixture: Mixture | None = None

    def draw(self) -> Array:
        """The next task (d,)."""
        rng, mixture = self._rng, self._mixture
        if mixture is None or rng.random() < self._random_share:
            return np.asarray(self._low + rng.random(self._low.size) * self._span)
        worth = np.maximum(mixture.mean[:, -1], 1e-9)
        k = rng.choice(len(worth), p=worth / worth.sum())
        drawn = rng.normal(mixture.mean[k, :-1], np.sqrt(mixture.variance[k, :-1]))
        return np.asarray(self._low + np.clip(drawn, 0.0, 1.0) * self._span)

    def tell(self, task: Array, score: float) -> None:
        """The score (any scale) that was reached on a task (d,)."""
        place = (task - self._low) / self._span
        progress = 0.0
        if self._tasks:
            far = ((np.array(self._tasks) - place) ** 2).sum(axis=1)
            progress = abs(score - self._scores[int(far.argmin())])
        self._tasks.append(place)
        self._scores.append(score)
        self._progress.append(progress)
        if len(self._tasks) % self._refit == 0:
            recent = slice(-10 * self._refit, None)
            points = np.column_stack((self._tasks, self._progress))[recent]
            tries = [fit(points, k, self._rng) for k in range(2, self._components + 1)]
            self._mixture = min(tries, key=lambda mixture: mixture.aic)


class Mixture:
    """Gaussian mixture with diagonal covariances.

    Attributes:
        share: of the points (k,). mean, variance: (k, d). aic: Akaike's criterion.
    """

    def __init__(self, share: Array, mean: Array, variance: Array) -> None:
        self.share, self.mean, self.variance = share, mean, variance
        self.aic = np.inf

    def log_density(self, points: Array) -> Array:
        """Of every component at every point (n, k), its share included."""
        gap = (points[:, None] - self.mean) ** 2 / self.variance
        norm = np.log(2.0 * np.pi * self.variance).sum(axis=1)
        return np.asarray(np.log(self.share) - 0.5 * (gap.sum(axis=2) + norm))


def fit(points: Array, components: int, rng: np.random.Generator) -> Mixture:
    """Fit a mixture to points (n, d) by thirty rounds of expectation-maximisation."""
    n, d = points.shape
    mean = points[rng.choice(n, components, replace=False)]
    spread = np.maximum(points.var(axis=0), _FLOOR)
    mixture = Mixture(
        np.full(components, 1.0 / components), mean, np.tile(spread, (components, 1))
    )
    for _ in range(30):
        density = mixture.log_density(points)
        total = np.logaddexp.reduce(density, axis=1)
        weight = np.exp(density - total[:, None])
        size = weight.sum(axis=0) + 1e-9
        mean = weight.T.dot(points) / size[:, None]
        square = weight.T.dot(points**2) / size[:, None]
        variance = np.maximum(square - mean**2, _FLOOR)
        mixture = Mixture(size / size.sum(), mean, variance)
    likelihood = np.logaddexp.reduce(mixture.log_density(points), axis=1).sum()
    mixture.aic = 2.0 * (2 * d * components + components - 1) - 2.0 * float(likelihood)
    return mixture
