"""Views of a place: of camera frames now and then, and of pictures that are shown."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import GoalError
from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.sensing.corners import corners
from neural_brain.models.sensing.embedding import Embedding, embed
from neural_brain.models.sensing.obstacles import points_in_base
from neural_brain.models.signals import RgbdFrame, SceneView

EVERY_M, EVERY_RAD, EVERY_S = 0.3, 0.3, 1.0
MOST_PIXELS = 8_000_000
LEAST_SIDE_PX = 24
_NO_DEPTH_M = 1e4
_AROUND_PX = 5  # a corner has the depth of what is nearest so close to it


class Viewer:
    """Describes a frame when the camera has moved on, or a second has passed.

    Args:
        embedding: makes the vector of a picture.
    """

    def __init__(self, embedding: Embedding) -> None:
        self.embedding = embedding
        self._last: tuple[float, Array] | None = None

    def look(self, frame: RgbdFrame, pose_odom_base: Array) -> SceneView | None:
        """The view of a frame taken at pose_odom_base (3,), None if too soon."""
        at = compose2(pose_odom_base, camera_pose(frame.T_base_camera))
        if self._last is not None:
            stamp, before = self._last
            moved = compose2(inverse2(before), at)
            still = np.hypot(*moved[:2]) < EVERY_M and abs(moved[2]) < EVERY_RAD
            if still and 0.0 <= frame.stamp - stamp < EVERY_S:
                return None
        self._last = frame.stamp, at
        return frame_view(frame, self.embedding)


def frame_view(frame: RgbdFrame, embedding: Embedding) -> SceneView:
    """The view of a frame: corners that have no depth are left out."""
    at, codes = corners(frame.rgb)
    points = points_in_base(_nearest_around(frame))
    h, w = frame.depth.shape
    pixel = np.minimum((at * [w, h]).astype(int), [w - 1, h - 1])
    lifted = points[pixel[:, 1], pixel[:, 0]].reshape(-1, 3)
    seen = np.isfinite(lifted).all(axis=1)
    return SceneView(
        embedding=embedding.name,
        vector=embed(embedding, frame.rgb),
        codes=codes[seen],
        rays=_rays(at[seen], frame.K, (h, w)),
        points=lifted[seen].astype(np.float32),
        camera=camera_pose(frame.T_base_camera),
    )


def picture_view(rgb: NDArray[np.uint8], K: Array, embedding: Embedding) -> SceneView:
    """The view of a picture without depth.

    Args:
        rgb: (h, w, 3); see `check_picture`.
        K: (3, 3) pinhole matrix of the camera that took it [px].
        embedding: as that of the map.

    Raises:
        GoalError: if this is no picture.
    """
    check_picture(rgb)
    at, codes = corners(rgb)
    return SceneView(
        embedding=embedding.name,
        vector=embed(embedding, rgb),
        codes=codes,
        rays=_rays(at, K, rgb.shape[:2]),
        points=np.zeros((0, 3), np.float32),
        camera=np.zeros(3),
    )


def camera_pose(T_a_camera: Array) -> Array:
    """Place and heading of a camera (optical frame), seen from above: (3,)."""
    x, y = T_a_camera[:2, 3]
    ahead = T_a_camera[:2, 2]
    return np.array([x, y, np.arctan2(ahead[1], ahead[0])])


def check_picture(rgb: NDArray[np.uint8]) -> None:
    """Refuse what is no colour picture of reasonable size.

    Raises:
        GoalError: says what is wrong.
    """
    shape: tuple[int, ...] = getattr(rgb, "shape", ())
    dtype = getattr(rgb, "dtype", None)
    picture = len(shape) == 3 and shape[-1] == 3 and dtype == np.uint8
    if picture and min(shape[:2]) >= LEAST_SIDE_PX and rgb.size <= 3 * MOST_PIXELS:
        return
    raise GoalError(
        f"The picture has shape {shape} and type {dtype}; expected (height, width, 3) "
        f"uint8, sides from {LEAST_SIDE_PX}, at most {MOST_PIXELS} pixels. Convert it "
        "to 8-bit RGB, or make it smaller."
    )


def _rays(
    at: NDArray[np.float32], K: Array, shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Directions (n, 2) of places (n, 2) in units of the picture (h, w)."""
    pixel = at * np.array([shape[1], shape[0]]) - 0.5
    return ((pixel - K[:2, 2]) / [K[0, 0], K[1, 1]]).astype(np.float32)


def _nearest_around(frame: RgbdFrame) -> RgbdFrame:
    """The frame with the nearest depth around each pixel: corners are at edges."""
    depth = np.nan_to_num(np.asarray(frame.depth, np.float32), posinf=0.0)
    depth[depth <= 0.0] = np.inf
    depth = cv2.erode(depth, np.ones((_AROUND_PX, _AROUND_PX), np.uint8))
    depth = np.where(depth < _NO_DEPTH_M, depth, np.float32(0.0))
    return RgbdFrame(
        stamp=frame.stamp,
        rgb=frame.rgb,
        depth=depth,
        K=frame.K,
        T_base_camera=frame.T_base_camera,
    )
