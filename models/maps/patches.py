"""Patches of a camera frame: where each lies, and what it looks like in one vector.

The descriptor needs no downloaded network. Its first part says which share of the
patch the detector took for each category, its second part how its pixels fall on the
colour words; both as square roots, so that the dot product of two parts is their
Bhattacharyya coefficient. Words build the same vector, so that a picture and "blue mug"
are looked for in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES, COLOURS
from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array, matrix_from_pose2, transform3
from neural_brain.models.sensing.colour import colour_indices
from neural_brain.models.sensing.obstacles import points_in_base
from neural_brain.models.signals import RgbdFrame

Float32 = NDArray[np.float32]
DIMENSION = len(CATEGORIES) + len(COLOURS)
SIDE = 8  # cells of the half-size image along one side of a patch
FEWEST = 4  # pixels with depth, of 16 looked at, without which a patch has no place


@dataclass(frozen=True, kw_only=True)
class Patches:
    """What one frame shows: `xyz` (n, 3) [m] in `map`, `features` (n, DIMENSION).

    `index` (n,) numbers the patches row by row, for those who know more of the image.
    """

    stamp: float
    xyz: Array
    features: Float32
    index: NDArray[np.intp]


def frame_patches(
    frame: RgbdFrame,
    classes: NDArray[np.integer],
    probability: Float32,
    pose_map_base: Array,
    max_range_m: float = 5.0,
) -> Patches:
    """Cut a frame into square patches and describe those that have depth.

    Args:
        frame: colour and depth (h, w).
        classes: index into `CATEGORIES` (h // 2, w // 2), as detectors give it.
        probability: how sure the detector is of it (h // 2, w // 2).
        pose_map_base: (3,) at the frame's stamp.
        max_range_m: patches farther away are left out.
    """
    rows, columns = (size // SIDE for size in classes.shape)
    place = _places(frame, rows, columns)
    shares = _shares(classes, rows, columns, len(CATEGORIES), probability)
    rgb = frame.rgb[1::2, 1::2][: rows * SIDE, : columns * SIDE]
    words = colour_indices(rgb.reshape(-1, 3)).reshape(rgb.shape[:2])
    tints = _shares(words, rows, columns, len(COLOURS))
    camera = frame.T_base_camera[:3, 3]
    with np.errstate(invalid="ignore"):
        near = np.linalg.norm(place - camera, axis=1) < max_range_m
    index = np.flatnonzero(near)
    return Patches(
        stamp=frame.stamp,
        xyz=transform3(matrix_from_pose2(pose_map_base), place[index]),
        features=joined(shares[index], tints[index]),
        index=index,
    )


def region_feature(
    frame: RgbdFrame,
    classes: NDArray[np.integer],
    probability: Float32,
    mask: NDArray[np.bool_],
) -> Float32:
    """The vector (DIMENSION,) of a part of a frame, as of a photo of one thing.

    Args:
        frame: colour (h, w).
        classes: index into `CATEGORIES` (h // 2, w // 2).
        probability: how sure the detector is of it (h // 2, w // 2).
        mask: the part (h // 2, w // 2); must not be empty.
    """
    shares = np.bincount(classes[mask], probability[mask], minlength=len(CATEGORIES))
    words = colour_indices(frame.rgb[1::2, 1::2][mask])
    tints = np.bincount(words, minlength=len(COLOURS))
    parts = (shares.astype(np.float32)[None], tints.astype(np.float32)[None])
    return joined(*parts)[0]


def joined(shares: Float32, tints: Float32) -> Float32:
    """Feature vectors (n, DIMENSION) of unit length from shares of classes, colours."""
    parts = [np.sqrt(part / _total(part)) for part in (shares, tints)]
    return np.concatenate(parts, axis=1) * np.float32(np.sqrt(0.5))


def word_feature(category: str = "", colour: str = "") -> Float32:
    """The vector (DIMENSION,) of words; an empty word leaves its part zero.

    Raises:
        ConfigError: for a word that is not known, or no word at all.
    """
    vector = np.zeros(DIMENSION, np.float32)
    for word, known, first in (
        (category, CATEGORIES, 0),
        (colour, COLOURS, len(CATEGORIES)),
    ):
        if word and word not in known:
            raise ConfigError(
                f"{word!r} is not a known word; expected one of {', '.join(known)}. "
                "Use one of these."
            )
        if word:
            vector[first + known.index(word)] = np.sqrt(0.5)
    if not vector.any():
        raise ConfigError(
            "Neither category nor colour was given; expected at least one word. Say "
            "what to look for."
        )
    return vector


def _places(frame: RgbdFrame, rows: int, columns: int) -> Array:
    """Median point (rows * columns, 3) [m] of each patch in `base_link`; NaN = none."""
    side = 2 * SIDE
    points = points_in_base(frame)[: rows * side, : columns * side]
    few = points[side // 8 :: side // 4, side // 8 :: side // 4]
    grouped = few.reshape(rows, 4, columns, 4, 3).transpose(0, 2, 1, 3, 4)
    flat = np.sort(grouped.reshape(rows * columns, 16, 3).astype(np.float64), axis=1)
    count = np.isfinite(flat[:, :, 0]).sum(axis=1)  # NaN is sorted to the end
    middle = np.take_along_axis(flat, (count // 2)[:, None, None], axis=1)[:, 0]
    middle[count < FEWEST] = np.nan
    return middle


def _shares(
    labels: NDArray[np.integer],
    rows: int,
    columns: int,
    kinds: int,
    weight: Float32 | None = None,
) -> Float32:
    """How much of each patch every label has, (rows * columns, kinds)."""
    h, w = rows * SIDE, columns * SIDE
    patch = np.arange(h)[:, None] // SIDE * columns + np.arange(w) // SIDE
    flat = (patch * kinds + labels[:h, :w]).ravel()
    mass = None if weight is None else weight[:h, :w].ravel()
    sums = np.bincount(flat, mass, minlength=rows * columns * kinds)
    return sums.reshape(rows * columns, kinds).astype(np.float32)


def _total(shares: Float32) -> Float32:
    return np.maximum(shares.sum(axis=1, keepdims=True), np.float32(1e-9))
