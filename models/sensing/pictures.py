"""Pictures that a person shows: what they look like, and the thing in their middle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import GoalError
from neural_brain.models.geometry import Array
from neural_brain.models.sensing.detector import Detector
from neural_brain.models.sensing.embedding import Embedding
from neural_brain.models.sensing.scene_views import check_picture, picture_view
from neural_brain.models.signals import Picture, RgbdFrame

HFOV_RAD = (0.2, 2.8)
MIDDLE_RAD = 0.35  # a thing farther from the middle is not what the picture is of
_AWAY_M = 1.5  # a picture has no depth; things are shown about so far away
_HEIGHT_M = 1.0


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A pinhole camera: K (3, 3) [px] for pictures of that width."""

    K: Array
    width_px: int

    @classmethod
    def of(cls, hfov_rad: float) -> Camera:
        """A camera with the centre of its pictures in the middle.

        Raises:
            GoalError: for a field of view that no camera has.
        """
        low, high = HFOV_RAD
        if not low <= hfov_rad <= high:
            raise GoalError(
                f"hfov_rad = {hfov_rad}; expected {low} to {high} rad. Give the "
                "horizontal field of view of the camera that took the picture."
            )
        f = 0.5 / np.tan(0.5 * hfov_rad)
        return cls(K=np.array([[f, 0, np.nan], [0, f, np.nan], [0, 0, 1]]), width_px=1)

    def matrix(self, shape: tuple[int, int]) -> Array:
        """K for a whole picture (h, w) of this camera in any resolution."""
        K = self.K * (shape[1] / self.width_px)
        middle = 0.5 * np.array([shape[1] - 1.0, shape[0] - 1.0])
        K[:2, 2] = np.where(np.isfinite(self.K[:2, 2]), K[:2, 2], middle)
        K[2, 2] = 1.0
        return K


DEFAULT_CAMERA = Camera.of(1.2)


def look_at_picture(
    rgb: NDArray[np.uint8],
    camera: Camera,
    embedding: Embedding,
    detector: Detector,
    want: str = "place",
) -> Picture:
    """Describe a picture.

    Args:
        rgb: (h, w, 3) uint8.
        camera: that took it.
        embedding: as that of the map.
        detector: names the thing in its middle.
        want: as in `Picture`; only for a "thing" the detector is asked.

    Raises:
        GoalError: if this is no picture.
    """
    check_picture(rgb)
    K = camera.matrix(rgb.shape[:2])
    category, colour = ("", "")
    if want == "thing":
        category, colour = thing_in_middle(rgb, K, detector)
    view = picture_view(rgb, K, embedding)
    return Picture(view=view, want=want, category=category, colour=colour)


def thing_in_middle(
    rgb: NDArray[np.uint8], K: Array, detector: Detector
) -> tuple[str, str]:
    """Category and colour of what a picture (h, w, 3) is of, "" if nothing is known.

    Of the things near its middle the surest and most central one.
    """
    T = np.eye(4)
    T[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    T[2, 3] = _HEIGHT_M
    depth = np.full(rgb.shape[:2], _AWAY_M, np.float32)
    frame = RgbdFrame(stamp=0.0, rgb=rgb, depth=depth, K=K, T_base_camera=T)
    best, found = 0.0, ("", "")
    for thing in detector.detect(frame):
        ahead, aside, up = thing.center_base - T[:3, 3]
        off = float(np.arctan2(np.hypot(aside, up), ahead))
        worth = thing.confidence * (1.0 - off / MIDDLE_RAD)
        if worth > best:
            best, found = worth, (thing.category, thing.colour)
    return found
