"""Align a frame with the surface so far: point-to-plane ICP in the plane, with a gate.

The floor fixes height, roll and pitch of a wheeled robot, so only x, y and yaw are
sought (Chen and Medioni, ICRA 1991, reduced to a planar motion). Partners are found by
projection into a view of the model (Newcombe et al., ISMAR 2011). Tukey's biweight
leaves out what has moved. A correction is only used if enough of the frame has a
partner, the distance really drops, and it is small enough to be one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, matrix_from_pose2, transform3
from neural_brain.models.signals import RgbdFrame
from neural_brain.models.surface.fusion import Fusion, View

ROUNDS = 8
STRIDE = 2  # every second row and column takes part
MIN_POINTS = 200
EDGE_COSINE = 0.2  # surfaces seen at a flatter angle are left out
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
    """Corrects poses of frames by the model of a fusion."""

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion

    def align(self, frame: RgbdFrame, T_map_camera: Array) -> Alignment:
        """The pose of a frame, corrected if the gate allows it."""
        if self._fusion.frames == 0:
            return _kept(T_map_camera, "no model yet")
        points_camera = self._points(frame)
        if len(points_camera) < MIN_POINTS:
            return _kept(T_map_camera, "too few points")
        view = self._fusion.view(frame.K, T_map_camera, frame.depth.shape)
        reach = self._fusion.config.align_reach_m
        T, first = T_map_camera, None
        for _ in range(ROUNDS):
            pairs = _partners(points_camera, T, view, _Camera(frame.K, T_map_camera))
            gap = pairs.gap[np.abs(pairs.gap) < reach]
            overlap = len(gap) / len(points_camera)
            if len(gap) < MIN_POINTS:
                return _kept(T_map_camera, "no overlap", overlap=overlap)
            first = (overlap, float(np.mean(np.abs(gap)))) if first is None else first
            step = _step(pairs, reach)
            if step is None:
                return _kept(T_map_camera, "not held in all directions")
            T = step @ T
        pairs = _partners(points_camera, T, view, _Camera(frame.K, T_map_camera))
        gap = pairs.gap[np.abs(pairs.gap) < reach]
        after = float(np.mean(np.abs(gap))) if len(gap) else float("inf")
        return self._judge(T_map_camera, T, first, (len(gap) / len(points_camera), after))

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
class _Camera:
    """The camera from which the model was drawn."""

    K: Array
    T_map_camera: Array


@dataclass(frozen=True)
class _Pairs:
    """Points (n, 3) in `map`, normals (n, 3) of their partners, distances (n,) [m]."""

    points: Array
    normals: Array
    gap: Array


def _partners(points_camera: Array, T: Array, view: View, camera: _Camera) -> _Pairs:
    """The model's points that lie in the same pixel."""
    points = transform3(T, points_camera)
    R, t = camera.T_map_camera[:3, :3], camera.T_map_camera[:3, 3]
    seen = (points - t) @ R
    ahead = seen[:, 2] > 0.05
    z = np.where(ahead, seen[:, 2], 1.0)
    K = camera.K
    u = np.rint(K[0, 0] * seen[:, 0] / z + K[0, 2]).astype(int)
    v = np.rint(K[1, 1] * seen[:, 1] / z + K[1, 2]).astype(int)
    height, width = view.depth.shape
    inside = ahead & (u >= 0) & (u < width) & (v >= 0) & (v < height)
    u, v = np.where(inside, u, 0), np.where(inside, v, 0)
    normals = view.normals[v, u].astype(np.float64)
    length = np.linalg.norm(normals, axis=1)
    rays = points - t
    facing = np.abs(np.sum(normals * rays, axis=1))
    facing /= np.maximum(np.linalg.norm(rays, axis=1), 1e-9)
    good = inside & (view.depth[v, u] > 0.0) & (length > 0.5) & (facing > EDGE_COSINE)
    partners = view.points[v, u].astype(np.float64)
    gap = np.sum(normals * (points - partners), axis=1)
    gap[~good] = np.inf
    return _Pairs(points, normals, gap)


def _step(pairs: _Pairs, reach: float) -> Array | None:
    """A planar motion (4, 4) of the frame in `map`; None if the view is too bare."""
    near = np.abs(pairs.gap) < reach
    p, n, gap = pairs.points[near], pairs.normals[near], pairs.gap[near]
    weight: NDArray[np.float64] = (1.0 - (gap / reach) ** 2) ** 2
    middle = p.mean(axis=0)
    arm = p - middle
    J = np.stack([n[:, 0], n[:, 1], n[:, 1] * arm[:, 0] - n[:, 0] * arm[:, 1]], axis=1)
    H = (J * weight[:, None]).T @ J
    if np.linalg.eigvalsh(H)[0] < MIN_STIFFNESS * float(weight.sum()):
        return None
    dx, dy, yaw = np.linalg.solve(H, -(J * weight[:, None]).T @ gap)
    turn = matrix_from_pose2(np.array([0.0, 0.0, yaw]))
    turn[:3, 3] = middle - turn[:3, :3] @ middle + [dx, dy, 0.0]
    return turn


def _kept(T: Array, reason: str, overlap: float = 0.0) -> Alignment:
    return Alignment(T_map_camera=T, accepted=False, reason=reason, overlap=overlap)
