"""Real pictures with what is on them: one Kinect frame, and photographs without things.

They are few, so what is measured on them is a smoke test and no benchmark.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import inverse3, transform3
from neural_brain.models.signals import ObjectPercept, RgbdFrame
from neural_brain.robots.recordings import mrpt_datasets, read_rawlog

KINECT = "tests_rgbd.rawlog"


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where a thing, or a row of them, is in a picture: `area` left top right bottom.

    `doubtful` ones need not be found, and finding them is no mistake.
    """

    category: str
    area: tuple[int, int, int, int]
    doubtful: bool = False


REGIONS = (
    Region(category="bookcase", area=(60, 200, 605, 480)),
    Region(category="book", area=(330, 233, 562, 322)),
    Region(category="book", area=(88, 288, 156, 390)),
    Region(category="book", area=(157, 310, 315, 402)),
    Region(category="book", area=(326, 328, 460, 422)),
    Region(category="book", area=(138, 420, 222, 473)),
    # Cases of discs, and stacks of magazines and papers.
    Region(category="book", area=(168, 235, 320, 280), doubtful=True),
    Region(category="book", area=(458, 400, 575, 432), doubtful=True),
    Region(category="book", area=(324, 448, 580, 480), doubtful=True),
    Region(category="box", area=(132, 152, 287, 208), doubtful=True),
)
"""What a person sees in the Kinect frame."""
PICTURES = ("chelsea", "astronaut", "camera", "coins", "rocket", "brick")
"""Photographs of scikit-image that show nothing of the 36 things."""


def kinect_frame() -> RgbdFrame:
    """A shelf at 1.6 m to 2.6 m, 640 x 480, of Debian's mrpt-common.

    Raises:
        NeuralBrainError: if the package cannot be had.
    """
    for one in read_rawlog(mrpt_datasets() / KINECT):
        if one.frame is not None:
            return one.frame
    raise NeuralBrainError(f"{KINECT} holds no camera frame. Fetch it again.")


def photographs() -> list[NDArray[np.uint8]]:
    """Pictures (h, w, 3) without known things; empty if scikit-image is absent."""
    try:
        data = importlib.import_module("skimage.data")
    except ImportError:
        return []
    pictures = [np.asarray(getattr(data, name)()) for name in PICTURES]
    return [
        np.ascontiguousarray(p[..., :3] if p.ndim == 3 else np.dstack([p] * 3))
        for p in pictures
    ]


@dataclass(frozen=True, kw_only=True)
class SceneScore:
    """Of every percept whether it is right, of every region whether it was found."""

    right: list[float]
    found: list[float]


def judge(frame: RgbdFrame, percepts: Sequence[ObjectPercept]) -> SceneScore:
    """Compare what was seen in the Kinect frame with `REGIONS`.

    A percept is right where its middle, drawn into the picture, lies in a region of its
    category; in doubtful regions it does not count.
    """
    right: list[float] = []
    hit: set[int] = set()
    for percept in percepts:
        u, v = pixel(frame, percept)
        at = [
            k
            for k, region in enumerate(REGIONS)
            if region.category == percept.category
            and region.area[0] <= u <= region.area[2]
            and region.area[1] <= v <= region.area[3]
        ]
        if any(REGIONS[k].doubtful for k in at):
            continue
        right.append(float(bool(at)))
        hit.update(at)
    found = [float(k in hit) for k, region in enumerate(REGIONS) if not region.doubtful]
    return SceneScore(right=right, found=found)


def pixel(frame: RgbdFrame, percept: ObjectPercept) -> tuple[float, float]:
    """Where the middle of a percept is in the picture: column and row."""
    T_camera_base = inverse3(frame.T_base_camera)
    x, y, z = transform3(T_camera_base, percept.center_base[None])[0]
    u, v, w = frame.K @ np.array([x, y, z])
    return float(u / w), float(v / w)
