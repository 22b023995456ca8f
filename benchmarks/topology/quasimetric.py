"""Learned quasimetrics: distances that keep the triangle inequality, but have a way.

A place is a vector, and a head turns two of them into a way length d(x, y) >= 0 with
d(x, x) = 0 and d(x, z) <= d(x, y) + d(y, z), but d(x, y) != d(y, x). Two heads:

- IQE, interval quasimetric embeddings (Wang and Isola 2022, arXiv 2211.15120): the
  numbers are cut into parts; of each part the union of the intervals
  [x_j, max(x_j, y_j)] is measured, then mean and largest are mixed;
- MRN, metric residual network (Liu et al. 2023, arXiv 2208.08133): a Euclidean part,
  and the largest max(x_j - y_j, 0) of the rest. With x_j the way from a place to a
  landmark, the second part is the lower bound of ALT (Goldberg and Harrelson 2005).

Vectors are fitted by Adam to known ways, by the square of the relative error
(Steccanella et al. 2025, arXiv 2506.09276). All in numpy, with written-out derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array

PART = 8  # numbers of a part of IQE
MIX = 0.5  # share of the largest part of IQE, the rest is the mean
TINY = 1e-9

Head = Callable[[Array, Array], tuple[Array, Array, Array]]
"""From vectors x, y (b, dims) to d (b,) and its derivatives (b, dims) by x and y."""
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], Array]
"""Rows of starts and ends (b,), and the way [m] between them (b,)."""


def iqe(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Interval quasimetric of vectors (b, dims), dims a multiple of 8."""
    b = len(x)
    left, other = x.reshape(b, -1, PART), y.reshape(b, -1, PART)
    right = np.maximum(left, other)
    order = np.argsort(left, axis=-1)
    low, high = (np.take_along_axis(a, order, axis=-1) for a in (left, right))
    top = np.maximum.accumulate(high, axis=-1)
    begins = np.ones(low.shape, bool)
    begins[..., 1:] = low[..., 1:] > top[..., :-1]
    ends = np.ones(low.shape, bool)
    ends[..., :-1] = begins[..., 1:]
    length = np.sum(np.where(ends, top, 0.0) - np.where(begins, low, 0.0), axis=-1)
    number = np.where(high == top, np.arange(PART), 0)
    number = np.maximum.accumulate(number, axis=-1)  # whose end is the top
    to_right = np.zeros(low.shape)
    at = np.nonzero(ends)
    to_right[at[0], at[1], number[at]] = 1.0
    slopes = []
    for sorted_slope in (-begins.astype(float), to_right):
        slope = np.empty(low.shape)
        np.put_along_axis(slope, order, sorted_slope, axis=-1)
        slopes.append(slope)
    parts = length.shape[1]
    weight = np.full(length.shape, (1.0 - MIX) / parts)
    weight[np.arange(b), np.argmax(length, axis=1)] += MIX
    longer = other > left
    by_x = weight[..., None] * (slopes[0] + np.where(longer, 0.0, slopes[1]))
    by_y = weight[..., None] * np.where(longer, slopes[1], 0.0)
    return np.sum(weight * length, axis=1), by_x.reshape(b, -1), by_y.reshape(b, -1)


def mrn(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Metric residual network of vectors (b, dims): Euclidean half, one-way half."""
    half = x.shape[1] // 2
    off = x - y
    around = np.sqrt(np.sum(off[:, :half] ** 2, axis=1))
    row = np.arange(len(x))
    most = half + np.argmax(off[:, half:], axis=1)
    ahead = off[row, most]
    by_x = np.zeros(x.shape)
    by_x[:, :half] = off[:, :half] / np.maximum(around, TINY)[:, None]
    by_x[row, most] = ahead > 0.0
    return around + np.maximum(ahead, 0.0), by_x, -by_x


def one_way(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """The one-way half of MRN alone: what ALT is made of."""
    off = x - y
    row, most = np.arange(len(x)), np.argmax(off, axis=1)
    ahead = off[row, most]
    by_x = np.zeros(x.shape)
    by_x[row, most] = ahead > 0.0
    return np.maximum(ahead, 0.0), by_x, -by_x


@dataclass(kw_only=True)
class Adam:
    """Kingma and Ba 2015, over a list of arrays that it changes in place."""

    arrays: list[Array]
    rate: float
    count: int = 0
    first: list[Array] = field(default_factory=list)
    second: list[Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin at rest."""
        self.first = [np.zeros_like(a) for a in self.arrays]
        self.second = [np.zeros_like(a) for a in self.arrays]

    def step(self, slopes: list[Array], share: float = 1.0) -> None:
        """One step down, by a share of the rate."""
        self.count += 1
        rate = self.rate * share
        rate *= np.sqrt(1.0 - 0.999**self.count) / (1.0 - 0.9**self.count)
        for a, g, m, v in zip(
            self.arrays, slopes, self.first, self.second, strict=True
        ):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            a -= rate * m / (np.sqrt(v) + 1e-8)


def fit_table(
    vectors: Array,
    head: Head,
    draw: Callable[[int], Pairs],
    *,
    steps: int,
    rate: float,
    batch: int = 1024,
) -> Array:
    """Vectors (n, dims) of places that tell the ways which `draw(batch)` gives."""
    vectors = vectors.copy()
    adam = Adam(arrays=[vectors], rate=rate)
    for k in range(steps):
        start, end, way = draw(batch)
        _, by_x, by_y = relative_error(head, vectors[start], vectors[end], way)
        slope = np.zeros_like(vectors)
        np.add.at(slope, start, by_x)
        np.add.at(slope, end, by_y)
        adam.step([slope], 1.0 - k / steps)
    return vectors


def relative_error(
    head: Head, x: Array, y: Array, way: Array
) -> tuple[float, Array, Array]:
    """Mean square of d / way - 1, and its derivatives by x and y (b, dims)."""
    d, by_x, by_y = head(x, y)
    error = d / way - 1.0
    slope = (2.0 * error / way / len(way))[:, None]
    return float(np.mean(error * error)), slope * by_x, slope * by_y


def to_goal(head: Head, vectors: Array, goal: int) -> Array:
    """Told ways of all places (n,) to one."""
    return head(vectors, np.broadcast_to(vectors[goal], vectors.shape))[0]
