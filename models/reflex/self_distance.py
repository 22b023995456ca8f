"""How far the arm is from the rest of the robot, and its links from each other.

Balls cover the arm (`ArmShape`). A ball is compared with the shapes that rest on the
base, and with balls of links that are not its neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmShape

Ints = NDArray[np.int64]
_TINY_M = 1e-9


class BodyGaps:
    """Gaps between balls of the arm and the resting shapes of the robot.

    The signed distance of a rounded box: outside, that to its nearest point; inside,
    that to its nearest face, negative.

    Attributes:
        names: of each gap. mask: joints that change it (b, n), 1 or 0.
        balls: ball of each gap (b,).
    """

    def __init__(self, shape: ArmShape) -> None:
        balls, boxes = shape.body_pairs.T
        body = shape.body
        self.balls: Ints = balls
        self.names = tuple(
            f"self-distance {shape.name[i]}-{body.names[m]}"
            for i, m in shape.body_pairs.tolist()
        )
        self.mask = joint_mask(shape)[balls]
        self._shape = shape
        self._center, self._half = body.center[boxes], body.half[boxes]
        self._axes, self._turned = body.axes[boxes], body.turned[boxes]
        self._sizes = body.radius[boxes] + shape.radius[balls]
        self._local: Array = np.zeros((balls.size, 3))
        self._beyond: Array = np.zeros((balls.size, 3))

    def measure(self, out: Array) -> None:
        """Write all gaps (b,) [m] for the shape as it is."""
        beyond = self._beyond
        np.take(self._shape.center, self.balls, axis=0, out=beyond, mode="clip")
        beyond -= self._center
        np.einsum("bj,bji->bi", beyond, self._axes, out=self._local)
        np.abs(self._local, out=beyond)
        if self._turned.any():
            around = np.hypot(self._local[:, 0], self._local[:, 1])
            np.copyto(beyond[:, 0], around, where=self._turned)
            np.copyto(beyond[:, 1], 0.0, where=self._turned)
        beyond -= self._half
        np.maximum.reduce(beyond, axis=1, out=out)
        np.minimum(out, 0.0, out=out)
        outside = np.maximum(beyond, 0.0)
        out += np.sqrt(np.einsum("bi,bi->b", outside, outside))
        out -= self._sizes

    def directions(self, rows: Ints) -> Array:
        """Unit vectors (r, 3) along which some gaps grow, in `base_link`."""
        local, beyond = self._local[rows], self._beyond[rows]
        outside = np.maximum(beyond, 0.0)
        inside = ~outside.any(axis=1)
        if inside.any():
            face = beyond[inside].argmax(axis=1)
            outside[inside] = np.eye(3)[face]
        way = np.copysign(outside, local)
        turned = self._turned[rows]
        if turned.any():
            flat = local[turned, :2]
            size = np.maximum(np.hypot(flat[:, 0], flat[:, 1]), _TINY_M)
            way[turned, :2] = flat * (outside[turned, 0] / size)[:, None]
        way = np.einsum("bij,bj->bi", self._axes[rows], way)
        return _unit(way)


class LinkGaps:
    """Gaps between balls of two links.

    Attributes:
        names: of each gap. mask: joints between the links (p, n), minus 1 or 0.
        balls: ball of each gap (p,) that its direction is seen from.
    """

    def __init__(self, shape: ArmShape) -> None:
        self.balls, self._others = shape.link_pairs.T
        self.names = tuple(
            f"self-distance {shape.name[j]}-{shape.name[i]}"
            for i, j in shape.link_pairs.tolist()
        )
        mask = joint_mask(shape)
        self.mask = mask[self.balls] - mask[self._others]
        self._shape = shape
        self._sizes = shape.radius[self.balls] + shape.radius[self._others]
        self._way: Array = np.zeros((self.balls.size, 3))
        self._from: Array = np.zeros((self.balls.size, 3))

    def measure(self, out: Array) -> None:
        """Write all gaps (p,) [m] for the shape as it is."""
        center, way = self._shape.center, self._way
        np.take(center, self.balls, axis=0, out=way, mode="clip")
        np.take(center, self._others, axis=0, out=self._from, mode="clip")
        way -= self._from
        np.einsum("bi,bi->b", way, way, out=out)
        np.sqrt(out, out=out)
        out -= self._sizes

    def directions(self, rows: Ints) -> Array:
        """Unit vectors (r, 3) along which some gaps grow, in `base_link`."""
        return _unit(self._way[rows])


def joint_mask(shape: ArmShape) -> Array:
    """Which joints move each ball (k, n): 1 or 0."""
    joints = np.arange(shape.mass.shape[0])
    return np.asarray(shape.link[:, None] > joints, dtype=np.float64)


def _unit(vectors: Array) -> Array:
    size = np.sqrt(np.einsum("bi,bi->b", vectors, vectors))
    vectors /= np.maximum(size, _TINY_M)[:, None]
    return vectors
