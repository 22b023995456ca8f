"""Where frames were over a whole recording, with poses between messages."""

from __future__ import annotations

import bisect
from array import array
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array, inverse3, matrix_from_quat_xyzw

MAX_DEPTH = 50
MAX_GAP_S = 1.0  # farther from the next message a pose is not known
MAX_M = 1e6  # no frame is farther away
ROW = 7  # position, quaternion x y z w


class FrameHistory:
    """Transforms between named frames; those that move are interpolated."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._tracks: dict[str, _Track] = {}

    def __contains__(self, frame: str) -> bool:
        """Whether the frame's pose in another one was ever told."""
        return frame in self._parents

    def parent(self, frame: str) -> str:
        """The frame in which a frame's pose was told; "" if it never was."""
        return self._parents.get(frame, "")

    def add(self, message: Any, *, static: bool) -> None:
        """Take up all transforms of a tf2_msgs/TFMessage; impossible ones are left."""
        for item in message.transforms:
            stamp = item.header.stamp
            self.set(
                item.header.frame_id.lstrip("/"),
                item.child_frame_id.lstrip("/"),
                (item.transform.translation, item.transform.rotation),
                None if static else stamp.sec + 1e-9 * stamp.nanosec,
            )

    def set(
        self, parent: str, child: str, pose: tuple[Any, Any], stamp: float | None
    ) -> None:
        """Pose (position, quaternion) of `child` in `parent`; no stamp = always."""
        p, q = pose
        row = np.array([p.x, p.y, p.z, q.x, q.y, q.z, q.w], dtype=np.float64)
        if not parent or not child or parent == child:
            return
        if not np.all(np.abs(row) < MAX_M):  # NaN, too
            return
        length = float(np.linalg.norm(row[3:]))
        if abs(length - 1.0) > 1e-2:
            return
        row[3:] /= length
        self._parents[child] = parent
        self._tracks.setdefault(child, _Track()).add(row, stamp)

    def set_planar(self, parent: str, child: str, pose: Array, stamp: float) -> None:
        """Planar pose (3,) of `child` in `parent` at `stamp` [s]."""
        x, y, yaw = (float(value) for value in pose)
        row = [x, y, 0.0, 0.0, 0.0, np.sin(0.5 * yaw), np.cos(0.5 * yaw)]
        self._parents[child] = parent
        self._tracks.setdefault(child, _Track()).add(np.array(row), stamp)

    def lookup(self, target: str, source: str, stamp: float) -> Array:
        """T_target_source (4, 4) at `stamp` [s].

        Raises:
            LookupError: if the frames are not connected, or not known at that time.
        """
        up, down = self._chain(target), self._chain(source)
        common = next((name for name in up if name in down), None)
        if common is None:
            raise LookupError(f"no transform from {source!r} to {target!r}")
        T_common_target = self._product(up[: up.index(common)], stamp)
        T_common_source = self._product(down[: down.index(common)], stamp)
        return inverse3(T_common_target) @ T_common_source

    def _chain(self, frame: str) -> list[str]:
        chain = [frame]
        while chain[-1] in self._parents and len(chain) < MAX_DEPTH:
            chain.append(self._parents[chain[-1]])
        return chain

    def _product(self, chain: list[str], stamp: float) -> Array:
        T = np.eye(4)
        for frame in chain:
            T = self._tracks[frame].at(stamp) @ T
        return T


class _Track:
    """Poses of one frame in order of time; a fixed one has no stamps."""

    def __init__(self) -> None:
        self._stamps = array("d")
        self._rows = array("d")

    def add(self, row: Array, stamp: float | None) -> None:
        if stamp is None:
            self._stamps, self._rows = array("d"), array("d", row.tolist())
            return
        if len(self._rows) > len(self._stamps) * ROW:
            return  # told to be fixed
        k = bisect.bisect_right(self._stamps, stamp)
        if k and self._stamps[k - 1] == stamp:
            return
        self._stamps.insert(k, stamp)
        self._rows[k * ROW : k * ROW] = array("d", row.tolist())

    def at(self, stamp: float) -> Array:
        if not self._stamps:
            return _matrix(np.array(self._rows[:ROW]))
        k = bisect.bisect_left(self._stamps, stamp)
        after, before = min(k, len(self._stamps) - 1), max(k - 1, 0)
        gap = max(stamp - self._stamps[before], self._stamps[after] - stamp)
        if gap > MAX_GAP_S:
            raise LookupError(f"no pose within {MAX_GAP_S:g} s of the exposure")
        first, last = self._row(before), self._row(after)
        span = self._stamps[after] - self._stamps[before]
        share = 0.0 if span <= 0.0 else (stamp - self._stamps[before]) / span
        share = min(max(share, 0.0), 1.0)
        if float(first[3:] @ last[3:]) < 0.0:
            last[3:] *= -1.0
        return _matrix((1.0 - share) * first + share * last)

    def _row(self, k: int) -> Array:
        return np.array(self._rows[k * ROW : (k + 1) * ROW])


def _matrix(row: Array) -> Array:
    """The (4, 4) matrix of position and (not normalised) quaternion."""
    T = np.eye(4)
    T[:3, :3] = matrix_from_quat_xyzw(row[3:])
    T[:3, 3] = row[:3]
    return T
