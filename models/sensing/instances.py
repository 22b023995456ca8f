"""From labelled pixels to objects with place, size, colour and confidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import (
    BY_SURFACE,
    CATEGORIES,
    COLOURLESS,
    RIMMED,
    SMALL_OBJECTS,
)
from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.sensing.colour import colour_word
from neural_brain.models.sensing.obstacles import points_in_base
from neural_brain.models.sensing.sizes import size_factor
from neural_brain.models.sensing.touch import rim_spots, touch_spots, within_reach
from neural_brain.models.signals import ObjectPercept, RgbdFrame

_CASE_SHARE = 0.35  # of a laptop's pixels, from below: keyboard part and lower edge
_SHADE_Z_M, _SHADE_M, _WIDE_M = 0.3, 0.35, 0.12  # least height, extent and width of one


@dataclass(frozen=True, kw_only=True)
class InstanceConfig:
    """When a patch of pixels counts as an object."""

    min_pixels: int = param(24, "fewest pixels of a full-size frame", low=1, high=5000)
    full_pixels: int = param(
        120, "patches of this size get full confidence", low=1, high=20000
    )
    min_confidence: float = param(0.3, "less sure is not told", low=0.0, high=1.0)
    max_range_m: float = param(5.0, "farthest object", low=0.5, high=20.0)
    merge_gap_m: float = param(
        0.25, "patches of one class nearer than this are one object", low=0.0, high=1.0
    )
    small_gap_m: float = param(
        0.03, "the same for small things, which often stand together", low=0.0, high=1.0
    )
    cut_factor: float = param(
        0.8, "confidence left to things cut off by the image border", low=0.0, high=1.0
    )
    trim: float = param(
        0.04, "share of points cut off at each end of an extent", low=0.0, high=0.3
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class _Patch:
    """Pixels of one class that belong together; `cut` by the image border or not."""

    label: int
    points: Array
    pixels: NDArray[np.uint8]
    score: float
    low: Array
    high: Array
    cut: bool


def describe_instances(
    frame: RgbdFrame,
    classes: NDArray[np.integer],
    pieces: NDArray[np.integer],
    score: NDArray[np.float32],
    config: InstanceConfig,
    *,
    merge: bool = False,
    whole: bool = False,
) -> tuple[ObjectPercept, ...]:
    """Objects from images of the frame's size or of an integer fraction of it.

    Args:
        frame: gives colour and depth.
        classes: category index (h, w) of every pixel.
        pieces: piece number (h, w), 0 = no object; one class per piece.
        score: probability (h, w) of the pixel's class.
        config: limits.
        merge: the labels are guesses: join pieces of one class that lie close
            together, and trust those of unusual size less.
        whole: each piece is one thing already: trust as with `merge`, join nothing.
    """
    step = frame.depth.shape[0] // pieces.shape[0]
    points = points_in_base(frame)[step // 2 :: step, step // 2 :: step].reshape(-1, 3)
    patches = _collect(frame, points, classes, pieces, score, config=config)
    if merge:
        patches = _merge(patches, config)
    view = _View(
        camera=frame.T_base_camera[:3, 3],
        scene=within_reach(points[np.isfinite(points[:, 2])].astype(float)),
        pixel_area=step * step,
    )
    seen = [_describe(patch, view, config) for patch in patches]
    if merge or whole:
        seen = [_doubt(p, q.cut) for p, q in zip(seen, patches, strict=True)]
    sure = [percept for percept in seen if percept.confidence >= config.min_confidence]
    return tuple(sorted(sure, key=lambda percept: -percept.confidence))


def _collect(
    frame: RgbdFrame,
    points: NDArray[np.floating],
    classes: NDArray[np.integer],
    pieces: NDArray[np.integer],
    score: NDArray[np.float32],
    *,
    config: InstanceConfig,
) -> list[_Patch]:
    """Split the image into one patch per piece, dropping pixels without depth."""
    step = frame.depth.shape[0] // pieces.shape[0]
    half = step // 2
    depth = frame.depth[half::step, half::step]
    with np.errstate(invalid="ignore"):
        good = (pieces > 0) & (depth > 0.0) & (depth < config.max_range_m)
    index = np.flatnonzero(good)
    if index.size == 0:
        return []
    index = index[np.argsort(pieces.ravel()[index], kind="stable")]
    numbers = pieces.ravel()[index]
    pixels = frame.rgb[half::step, half::step].reshape(-1, 3)
    bounds = np.flatnonzero(np.diff(numbers)) + 1
    patches = []
    for part in np.split(index, bounds):
        if part.size * step * step < config.min_pixels:
            continue
        patches.append(
            _patch(
                int(classes.ravel()[part[0]]),
                points[part].astype(float),
                pixels[part],
                float(score.ravel()[part].mean()),
                cut=_cut(part, pieces.shape),
                trim=config.trim,
            )
        )
    return patches


def _cut(index: NDArray[np.intp], shape: tuple[int, ...]) -> bool:
    """Whether flat pixel indices touch the border of an image."""
    rows, columns = np.divmod(index, shape[1])
    at_edge = (rows == 0) | (rows == shape[0] - 1)
    at_edge |= (columns == 0) | (columns == shape[1] - 1)
    return bool(at_edge.any())


def _patch(
    label: int,
    points: Array,
    pixels: NDArray[np.uint8],
    score: float,
    *,
    cut: bool,
    trim: float,
) -> _Patch:
    low, high = np.quantile(points, [trim, 1.0 - trim], axis=0)
    return _Patch(
        label=label,
        points=points,
        pixels=pixels,
        score=score,
        low=low,
        high=high,
        cut=cut,
    )


def _merge(patches: list[_Patch], config: InstanceConfig) -> list[_Patch]:
    """Join patches of one class whose boxes nearly touch, largest first.

    Of a lamp also those above one another: its thin pole was taken for something else.
    """
    merged: list[_Patch] = []
    for patch in sorted(patches, key=lambda p: -len(p.points)):
        category = CATEGORIES[patch.label]
        small = category in SMALL_OBJECTS
        gap = config.small_gap_m if small else config.merge_gap_m
        axes = 2 if category == "lamp" else 3
        for i, other in enumerate(merged):
            apart = np.maximum(other.low - patch.high, patch.low - other.high)[:axes]
            if other.label == patch.label and np.max(apart) < gap:
                n, m = len(other.points), len(patch.points)
                merged[i] = _patch(
                    other.label,
                    np.concatenate((other.points, patch.points)),
                    np.concatenate((other.pixels, patch.pixels)),
                    (n * other.score + m * patch.score) / (n + m),
                    cut=other.cut or patch.cut,
                    trim=config.trim,
                )
                break
        else:
            merged.append(patch)
    return merged


@dataclass(frozen=True, kw_only=True)
class _View:
    """Camera (3,) and everything within reach (m, 3) [m]; area of a pixel."""

    camera: Array
    scene: Array
    pixel_area: int


def _describe(patch: _Patch, view: _View, config: InstanceConfig) -> ObjectPercept:
    category = CATEGORIES[patch.label]
    center = 0.5 * (patch.low + patch.high)
    size = np.maximum(patch.high - patch.low, 0.01)
    touch = np.zeros((0, 6))
    if category in SMALL_OBJECTS:
        center, size = _complete(center, size, view.camera)
    if category in RIMMED:
        touch = rim_spots(patch.points, view.camera, view.scene)
    elif category in BY_SURFACE:
        touch = touch_spots(patch.points, view.camera, view.scene)
    share = min(1.0, len(patch.points) * view.pixel_area / config.full_pixels)
    whole = config.cut_factor if patch.cut else 1.0
    return ObjectPercept(
        category=category,
        colour=_colour(category, patch),
        confidence=float(patch.score * whole * (0.5 + 0.5 * share)),
        center_base=center,
        size=size,
        touch=touch,
        near=_nearest(patch.points, config.trim),
    )


def _colour(category: str, patch: _Patch) -> str:
    """Its colour word; what a screen shows is not the colour of what it is part of."""
    if category in COLOURLESS:
        return ""
    if category == "lamp":
        return _colour_of_shade(patch)
    if category != "laptop":
        return colour_word(patch.pixels)
    heights = patch.points[:, 2]
    case = heights <= np.quantile(heights, _CASE_SHARE)
    return colour_word(patch.pixels[case], even=True)


def _colour_of_shade(patch: _Patch) -> str:
    """The colour of a lamp's wide upper part; none if only pole and foot are seen."""
    heights, high = patch.points[:, 2], float(patch.high[2])  # without what is beyond
    top = (heights > max(_SHADE_Z_M, high - _SHADE_M)) & (heights <= high)
    if not top.any():
        return ""
    low, high = np.quantile(patch.points[top, :2], (0.05, 0.95), axis=0)
    return colour_word(patch.pixels[top]) if np.hypot(*(high - low)) > _WIDE_M else ""


def _nearest(points: Array, trim: float) -> Array:
    """The point (2,) of (n, 3) nearest to the origin over ground, but for outliers."""
    apart = np.hypot(points[:, 0], points[:, 1])
    k = int(trim * (len(points) - 1))
    return points[np.argpartition(apart, k)[k], :2].copy()


def _doubt(percept: ObjectPercept, cut: bool) -> ObjectPercept:
    factor = size_factor(percept.category, percept.size, cut=cut)
    return replace(percept, confidence=percept.confidence * factor)


def _complete(center: Array, size: Array, camera: Array) -> tuple[Array, Array]:
    """Add the hidden back of a small thing, taken to be about as deep as wide."""
    ray = center[:2] - camera[:2]
    distance = float(np.linalg.norm(ray))
    if distance < 1e-6:
        return center, size
    ray = ray / distance
    depth = float(np.abs(ray) @ size[:2])
    width = float(np.abs(np.array([-ray[1], ray[0]])) @ size[:2])
    hidden = min(max(width - depth, 0.0), 0.3)
    center = center + np.array([*(0.5 * hidden * ray), 0.0])
    size = size + np.array([*(hidden * np.abs(ray)), 0.0])
    return center, size
