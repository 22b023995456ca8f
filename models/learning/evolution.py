"""The cross-entropy method: a Gaussian over parameters moves to the best of its draws.

R. Rubinstein, "The cross-entropy method for combinatorial and continuous optimization",
Methodology and Computing in Applied Probability 1, 1999; with noise that fades, after
I. Szita, A. Lorincz, "Learning Tetris using the noisy cross-entropy method", 2006.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array


class CrossEntropy:
    """Ask for candidates, tell their scores; higher is better.

    Args:
        mean: where to begin (n,).
        spread: standard deviation at the start (n,).
        rng: source of the draws.
        elite: share of the candidates that the next Gaussian is fitted to.
        noise: least spread, share of the first one; halves every 20 rounds.

    Attributes:
        mean: the present best guess (n,).
    """

    def __init__(
        self,
        mean: Array,
        spread: Array,
        rng: np.random.Generator,
        *,
        elite: float = 0.2,
        noise: float = 0.5,
    ) -> None:
        self.mean = mean.copy()
        self._first, self._spread = spread.copy(), spread.copy()
        self._rng, self._elite, self._noise = rng, elite, noise
        self._rounds = 0

    def ask(self, count: int) -> Array:
        """Candidates (count, n); the first is the mean itself."""
        draws = self._rng.standard_normal((count, self.mean.size))
        draws[0] = 0.0
        return np.asarray(self.mean + draws * self._spread)

    def tell(self, candidates: Array, scores: Array) -> None:
        """Fit to the best of the candidates (count, n) by their scores (count,)."""
        best = np.argsort(scores)[::-1][: max(2, round(self._elite * len(scores)))]
        chosen = candidates[best]
        self._rounds += 1
        floor = self._noise * 0.5 ** (self._rounds / 20.0) * self._first
        self.mean += 0.7 * (chosen.mean(axis=0) - self.mean)
        self._spread += 0.7 * (np.maximum(chosen.std(axis=0), floor) - self._spread)
