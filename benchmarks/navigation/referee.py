"""Who says whether the robot is there: near the thing, and able to see it.

ObjectNav Revisited (arXiv 2006.13171): within 1 m of the surface of a right thing, from
where it can be seen by turning. Seen means that a ray from camera height over the
base's centre to one of fifteen points of its bounding box meets the thing first, so
being near it behind a wall is no success.
"""

from __future__ import annotations

from collections.abc import Iterable

import mujoco
import numpy as np

from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.models.geometry import Array
from neural_brain.sim.homes import HomeObject, HomeSpec
from neural_brain.sim.physics import ROBOT_GROUP, SKIN_GROUP
from neural_brain.sim.robots.head import CAMERA_HEIGHT_M
from neural_brain.sim.scene import object_of_geom

NEAR_M = 1.0
_INSIDE = 0.7  # where in the bounding box the points lie, share of the half sizes


class Referee:
    """Judges places in one home.

    Args:
        home: the truth about it.
        model: its compiled world, with or without a robot.
        space: where the base fits.
    """

    def __init__(self, home: HomeSpec, model: mujoco.MjModel, space: TrueSpace) -> None:
        self.home, self.space = home, space
        self._model, self._data = model, mujoco.MjData(model)
        mujoco.mj_kinematics(model, self._data)
        self._thing_of_geom = np.append(object_of_geom(model), -1)
        self._groups = np.ones(6, np.uint8)
        self._groups[[ROBOT_GROUP, SKIN_GROUP]] = 0
        self._spots: dict[int, Array] = {}

    def arrived(self, point: Array, things: Iterable[int]) -> bool:
        """Whether a place (2,) [m] is a success for any of the things (ids)."""
        for thing in (self.home.objects[number] for number in things):
            if gap(point, thing) <= NEAR_M and self.sees(point, thing):
                return True
        return False

    def away_m(self, point: Array, things: Iterable[int]) -> float:
        """Straight distance [m] to the edge of the nearest of the things."""
        return min(gap(point, self.home.objects[number]) for number in things)

    def success_cells(self, things: Iterable[int]) -> Array:
        """Cells (h, w) of the true space, as booleans, where `arrived` holds."""
        cells = np.zeros(self.space.free.shape, bool)
        for number in things:
            if number not in self._spots:
                self._spots[number] = self._cells_of(self.home.objects[number])
            cells |= self._spots[number]
        return cells

    def sees(self, point: Array, thing: HomeObject) -> bool:
        """Whether a thing can be seen from camera height at a place (2,) [m]."""
        eye = np.array([point[0], point[1], CAMERA_HEIGHT_M])
        ways = box_points(thing) - eye
        length = np.linalg.norm(ways, axis=1)
        hit = np.full(len(ways), -1, np.int32)
        reach = np.zeros(len(ways))
        mujoco.mj_multiRay(
            self._model,
            self._data,
            eye,
            (ways / length[:, None]).ravel(),
            self._groups,
            True,
            -1,
            hit,
            reach,
            None,
            len(ways),
            float(length.max()) + 1.0,
        )
        return bool((self._thing_of_geom[hit] == thing.id).any())

    def _cells_of(self, thing: HomeObject) -> Array:
        xy = self.space.xy.reshape(-1, 2)
        near = self.space.free.ravel() & (gaps(xy, thing) <= NEAR_M)
        cells = np.zeros(len(xy), bool)
        for k in np.flatnonzero(near):
            cells[k] = self.sees(xy[k], thing)
        return cells.reshape(self.space.free.shape)


def gap(point: Array, thing: HomeObject) -> float:
    """Distance [m] from a place (2,) to a thing's bounding box, seen from above."""
    return float(gaps(np.asarray(point, dtype=float)[None, :2], thing)[0])


def gaps(points: Array, thing: HomeObject) -> Array:
    """The same for places (n, 2)."""
    turn = np.radians(thing.yaw_deg)
    c, s = np.cos(turn), np.sin(turn)
    own = (points - thing.position[:2]) @ np.array([[c, -s], [s, c]])
    outside = np.abs(own) - 0.5 * np.array(thing.size[:2])
    return np.asarray(np.hypot(*np.maximum(outside, 0.0).T))


def box_points(thing: HomeObject) -> Array:
    """Fifteen points (15, 3) [m] in a thing's bounding box: middle, sides, corners."""
    steps = np.array(np.meshgrid(*[[-1, 0, 1]] * 3)).reshape(3, -1).T
    count = np.abs(steps).sum(axis=1)
    steps = steps[(count == 0) | (count == 1) | (count == 3)]
    own = steps * 0.5 * _INSIDE * np.array(thing.size)
    turn = np.radians(thing.yaw_deg)
    c, s = np.cos(turn), np.sin(turn)
    own[:, :2] = own[:, :2] @ np.array([[c, s], [-s, c]])
    return np.asarray(own + np.array(thing.center))
