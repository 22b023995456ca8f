"""Align a frame with the surface so far: point-to-plane ICP in the plane, with a gate.

The floor fixes height, roll and pitch of a wheeled robot, so only x, y and yaw are
sought (Chen and Medioni, ICRA 1991, reduced to a planar motion). Tukey's biweight
leaves out what has moved. A correction is only used if enough of the frame has a
partner in the model, the distance really drops, and it is small enough to be one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from neural_brain.models.geometry import Array, inverse3, matrix_from_pose2, transform3
from neural_brain.models.signals import RgbdFrame
from neural_brain.models.surface.fusion import Fusion

ROUNDS = 8
STRIDE = 3  # every third row and column takes part
REFRESH = 20  # frames after which the model is taken anew
MIN_POINTS = 200
SAME_M = 1e-4  # steps below this end the search
MIN_STIFFNESS = 0.02  # share of points that must hold the weakest direction


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """A pose and why it was or was not changed.

    `T_map_camera` (4, 4); `overlap` is the share of points with a partner; `before` and
    `after` are mean distances to the model [m], NaN without a model.
    """

    T_map_camera: Array
    accepted: bool
    reason: str
    overlap: float = 0.0
    before: float = float("nan")
    after: float = float("nan")


class Registration:
    """Corrects poses of frames by the model of a fusion.

    Args:
        fusion: the model; frames are added to it by the caller.
        carry: start from the correction of the frame before, for poses that drift.
    """

    def __init__(self, fusion: Fusion, *, carry: bool = False) -> None:
        self._fusion = fusion
        self._carry = carry
        self._correction = np.eye(4)
        self._model: tuple[cKDTree, Array] | None = None
        self._taken = -REFRESH

    def align(self, frame: RgbdFrame, T_map_camera: Array) -> Alignment:
        """The pose of a frame, corrected if the gate allows it."""
        start = self._correction @ T_map_camera
        result = self._search(frame, start)
        if self._carry:
            self._correction = result.T_map_camera @ inverse3(T_map_camera)
        return result

    def _search(self, frame: RgbdFrame, start: Array) -> Alignment:
        points_camera = self._points(frame)
        self._refresh()
        if self._model is None:
            return _kept(start, "no model yet")
        if len(points_camera) < MIN_POINTS:
            return _kept(start, "too few points")
        reach = self._fusion.config.align_reach_m
        T, first = start, None
        for _ in range(ROUNDS):
            pairs = _partners(transform3(T, points_camera), self._model, reach)
            quality = pairs.quality(len(points_camera))
            first = first or quality
            if len(pairs.gap) < MIN_POINTS:
                return _kept(start, "no overlap")
            step = _step(pairs, reach)
            if step is None:
                return _kept(start, "not held in all directions")
            T = step @ T
            if np.linalg.norm(step - np.eye(4)) < SAME_M:
                break
        pairs = _partners(transform3(T, points_camera), self._model, reach)
        return self._judge(start, T, first, pairs.quality(len(points_camera)))

    def _judge(
        self,
        T_old: Array,
        T_new: Array,
        first: tuple[float, float] | None,
        last: tuple[float, float],
    ) -> Alignment:
        config = self._fusion.config
        overlap, before = first or (0.0, float("nan"))
        shift = float(np.linalg.norm(T_new[:3, 3] - T_old[:3, 3]))
        turn = T_new[:3, :3] @ T_old[:3, :3].T
        angle_deg = float(np.degrees(abs(np.arctan2(turn[1, 0], turn[0, 0]))))
        reason = ""
        if last[0] < config.align_min_overlap or last[0] < 0.95 * overlap:
            reason = "too little overlap"
        elif last[1] > (1.0 - config.align_min_gain) * before:
            reason = "no gain"
        elif shift > config.align_max_shift_m or angle_deg > config.align_max_turn_deg:
            reason = "correction too large"
        return Alignment(
            T_map_camera=T_old if reason else T_new,
            accepted=not reason,
            reason=reason or "aligned",
            overlap=last[0],
            before=before,
            after=last[1],
        )

    def _refresh(self) -> None:
        if self._fusion.frames < self._taken + REFRESH:
            return
        self._taken = self._fusion.frames
        points, normals = self._fusion.points()
        self._model = (cKDTree(points), normals) if len(points) else None

    def _points(self, frame: RgbdFrame) -> Array:
        """Points (n, 3) of a frame in its optical frame."""
        depth = self._fusion.usable_depth(frame)[::STRIDE, ::STRIDE]
        v, u = np.nonzero(depth > 0.0)
        z = depth[v, u].astype(np.float64)
        K = frame.K
        x = (STRIDE * u - K[0, 2]) / K[0, 0] * z
        y = (STRIDE * v - K[1, 2]) / K[1, 1] * z
        return np.stack([x, y, z], axis=1)


@dataclass(frozen=True)
class _Pairs:
    """Points (n, 3) in `map`, normals (n, 3) of their partners, distances (n,) [m]."""

    points: Array
    normals: Array
    gap: Array

    def quality(self, count: int) -> tuple[float, float]:
        """Share of `count` points that have a partner, and their mean distance [m]."""
        mean = float(np.mean(np.abs(self.gap))) if len(self.gap) else float("inf")
        return len(self.gap) / count, mean


def _partners(points: Array, model: tuple[cKDTree, Array], reach: float) -> _Pairs:
    """The nearest points of the model, and the distances along their normals."""
    tree, normals = model
    distance, index = tree.query(points, distance_upper_bound=reach)
    near = np.isfinite(distance)
    points, index = points[near], index[near]
    gap = np.sum(normals[index] * (points - tree.data[index]), axis=1)
    return _Pairs(points, normals[index], gap)


def _step(pairs: _Pairs, reach: float) -> Array | None:
    """A planar motion (4, 4) of the frame in `map`; None if the view is too bare."""
    p, n, gap = pairs.points, pairs.normals, pairs.gap
    weight: NDArray[np.float64] = (1.0 - (gap / reach) ** 2) ** 2
    middle = p.mean(axis=0)
    arm = p - middle
    J = np.stack([n[:, 0], n[:, 1], n[:, 1] * arm[:, 0] - n[:, 0] * arm[:, 1]], axis=1)
    H = (J * weight[:, None]).T @ J
    if np.linalg.eigvalsh(H)[0] < MIN_STIFFNESS * float(weight.sum()):
        return None
    dx, dy, yaw = np.linalg.solve(H, -(J * weight[:, None]).T @ gap)
    step = matrix_from_pose2(np.array([0.0, 0.0, yaw]))
    step[:3, 3] = middle - step[:3, :3] @ middle + [dx, dy, 0.0]
    return step


def _kept(T: Array, reason: str) -> Alignment:
    return Alignment(T_map_camera=T, accepted=False, reason=reason)
