"""A small tree of coordinate frames, filled from `/tf` and `/tf_static`.

Keeps the last seconds of every moving frame so that a sensor message can be placed
where its sensor was when it measured (REP 105 frames).
"""

from __future__ import annotations

import bisect
from collections import deque
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array, inverse3, matrix_from_quat_xyzw
from neural_brain.nodes.gate import Refusal, finite

MAX_FRAMES = 500
MAX_DEPTH = 50
KEPT = 200


class FrameTree:
    """Transforms between named frames over the last `KEPT` messages of each."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._moving: dict[str, deque[tuple[float, Array]]] = {}
        self._static: dict[str, Array] = {}

    def add(self, message: Any, *, static: bool) -> None:
        """Store all transforms of a tf2_msgs/TFMessage; bad ones are skipped."""
        for item in message.transforms[:MAX_FRAMES]:
            try:
                T = matrix_from_transform(item.transform)
            except Refusal:
                continue
            stamp = item.header.stamp
            self.set(
                item.header.frame_id.lstrip("/"),
                item.child_frame_id.lstrip("/"),
                T,
                None if static else stamp.sec + stamp.nanosec * 1e-9,
            )

    def set(self, parent: str, child: str, T: Array, stamp: float | None) -> None:
        """Pose of `child` in `parent` at `stamp` [s]; None = always."""
        if child not in self._parents and len(self._parents) >= MAX_FRAMES:
            return
        if not parent or not child or parent == child:
            return
        self._parents[child] = parent
        if stamp is None:
            self._static[child] = T
            return
        history = self._moving.setdefault(child, deque(maxlen=KEPT))
        if history and stamp < history[-1][0]:
            if history[-1][0] - stamp < 1.0:
                return  # out of order
            history.clear()  # the clock was set back
        history.append((stamp, T))

    def lookup(self, target: str, source: str, stamp: float) -> Array:
        """T_target_source (4, 4) nearest in time to `stamp` [s].

        Raises:
            LookupError: names the frames if they are not connected yet.
        """
        chain_target = self._chain(target)
        chain_source = self._chain(source)
        common = next((name for name in chain_target if name in chain_source), None)
        if common is None:
            raise LookupError(
                f"No transform from {source!r} to {target!r}: is its publisher up?"
            )
        T_common_target = self._product(chain_target, common, stamp)
        T_common_source = self._product(chain_source, common, stamp)
        return inverse3(T_common_target) @ T_common_source

    def _chain(self, frame: str) -> list[str]:
        chain = [frame]
        while chain[-1] in self._parents and len(chain) < MAX_DEPTH:
            chain.append(self._parents[chain[-1]])
        return chain

    def _product(self, chain: list[str], until: str, stamp: float) -> Array:
        T = np.eye(4)
        for frame in chain[: chain.index(until)]:
            T = self._at(frame, stamp) @ T
        return T

    def _at(self, frame: str, stamp: float) -> Array:
        if frame in self._static:
            return self._static[frame]
        history = self._moving[frame]
        i = bisect.bisect_left(history, stamp, key=lambda item: item[0])
        near = list(history)[max(0, i - 1) : i + 1] or [history[-1]]
        return min(near, key=lambda item: abs(item[0] - stamp))[1]


def matrix_from_transform(message: Any) -> Array:
    """The (4, 4) matrix of a geometry_msgs/Transform.

    Raises:
        Refusal: if it is not finite or its quaternion is no rotation.
    """
    p, q = message.translation, message.rotation
    x, y, z, qx, qy, qz, qw = finite(p.x, p.y, p.z, q.x, q.y, q.z, q.w)
    quat_xyzw = np.array([qx, qy, qz, qw])
    if abs(float(np.linalg.norm(quat_xyzw)) - 1.0) > 1e-2:
        raise Refusal("quaternion not of unit length")
    T = np.eye(4)
    T[:3, :3] = matrix_from_quat_xyzw(quat_xyzw)
    T[:3, 3] = [x, y, z]
    return T
