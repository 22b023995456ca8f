"""Walls and targets in a 64 x 64 picture, by geometry and a few measured colours.

Walls: sky is above them and floor below; where these end in a pixel column gives the
distance twice (height of the camera, height of the wall). Targets: hemispheres in the
middle of cells; each visible middle is compared with how a target there must look,
colour by colour and shade by shade, because walls have the same paints.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.memory_maze import optics
from neural_brain.benchmarks.memory_maze.client import PIXELS
from neural_brain.benchmarks.memory_maze.sight import (
    AHEAD_M,
    ANGLES,
    CELL_M,
    COLOURS,
    RANGE_M,
    Sight,
    Sighting,
    camera,
)
from neural_brain.models.geometry import Array, inverse2, transform2

PAINT = 255.0 / 220.0 * np.array([
    [170, 38, 30], [99, 170, 88], [39, 140, 217],
    [93, 105, 199], [220, 193, 59], [220, 128, 107],
])  # fmt: skip
BORDER_SHADE = 0.7
TOO_CLOSE_M = 0.45  # told for a wall that fills the column: it is nearer than 0.95 m
TWO_EDGES_PX = 0.8  # foot and top of a wall may contradict each other by
TARGET_RANGE_M = 7.5  # farther ones compete, but are not told
RIVAL_RANGE_M = 11.0
MATCH = 16.0  # a pixel agrees with a target within this, of 255
ALIKE = 0.75  # share of pixels that must agree
FEWEST_PX = 4
CHROMA = 0.03

Mask = NDArray[np.bool_]


def target_colour(image: NDArray[np.uint8]) -> str:
    """The colour word of the border: the target that counts now."""
    gap = np.abs(PAINT * BORDER_SHADE - image[0, 0].astype(float)).sum(axis=1)
    return COLOURS[int(np.argmin(gap))]


def look(image: NDArray[np.uint8], pose: Array, colours: tuple[str, ...]) -> Sight:
    """Beams and targets of a picture.

    Args:
        image: (64, 64, 3).
        pose: believed pose (3,) [m, m, rad]; says where the middles of cells are.
        colours: of the targets that this maze has.
    """
    ranges = wall_ranges(image)
    return Sight(ranges=ranges, targets=find_targets(image, pose, ranges, colours))


def wall_ranges(image: NDArray[np.uint8]) -> Array:
    """Distances (76,) [m] along `ANGLES` from the camera; +inf beyond `RANGE_M`."""
    bearing, distance = column_walls(image)
    nearest = np.argmin(np.abs(ANGLES[:, None] - bearing), axis=1)
    ranges = distance[nearest]
    return np.where(ranges > RANGE_M, np.inf, ranges)


def column_walls(image: NDArray[np.uint8]) -> tuple[Array, Array]:
    """Bearing [rad] and distance [m] of the wall in each of the 60 pixel columns."""
    inner = slice(optics.BORDER, PIXELS - optics.BORDER)
    picture = image[inner, inner].astype(np.float64)
    sky, floor = sky_and_floor(picture)
    top = np.cumprod(sky, axis=0).sum(axis=0)
    bottom = len(floor) - np.cumprod(floor[::-1], axis=0).sum(axis=0)
    top_row = optics.BORDER + top - _share(picture, top, -1)
    bottom_row = optics.BORDER + bottom + _share(picture, bottom - 1, 1)
    column = np.arange(PIXELS)[inner] + 0.5
    forward, left, up = optics.ray(column, bottom_row)
    low = np.where(bottom < len(floor), -up / np.hypot(forward, left), np.nan)
    bearing = np.arctan2(left, forward)
    forward, left, up = optics.ray(column, top_row)
    high = np.where(top > 0, up / np.hypot(forward, left), np.nan)
    bearing = np.where(np.isnan(low), np.arctan2(left, forward), bearing)
    return bearing, _distance(low, high)


def _distance(low: Array, high: Array) -> Array:
    """Distance [m] from the slopes down to the foot and up to the top of a wall.

    Where they contradict each other, a target stands before the wall if the foot seems
    nearer: then the top counts. Otherwise the column says nothing (NaN).
    """
    foot_m, top_m = optics.HEIGHT_M, optics.WALL_M - optics.HEIGHT_M
    foot, top = low / foot_m, high / top_m  # inverse distances
    both = (foot * foot_m**2 + top * top_m**2) / (foot_m**2 + top_m**2)
    limit = TWO_EDGES_PX / optics.FOCAL_PX * (1.0 / foot_m + 1.0 / top_m)
    agree = np.abs(foot - top) < limit + 0.1 * both
    both = np.where(agree, both, np.where(foot > top, top, np.nan))
    inverse = np.where(np.isnan(low), top, np.where(np.isnan(high), foot, both))
    distance = 1.0 / np.maximum(inverse, 1e-3)
    return np.where(np.isnan(low) & np.isnan(high), TOO_CLOSE_M, distance)


def sky_and_floor(picture: Array) -> tuple[Mask, Mask]:
    """Which pixels have the tint of the sky, and that of one of the two floors."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    green = np.maximum(green, 1.0)
    warm, cold = red / green, blue / green
    sky = (np.abs(warm - 0.665) < 0.035) & (np.abs(cold - 1.33) < 0.045) & (green > 68)
    floor = (warm > 0.54) & (warm < 0.92) & (cold > 1.05) & (cold < 1.27)
    return sky, floor & (green > 22) & (green < 74)


def _share(picture: Array, row: NDArray[np.int64], way: int) -> Array:
    """Part [px] of the first wall pixel that still belongs to the other side.

    `row` is that pixel in each column, `way` the direction (-1 or 1) of the other side;
    the pixel's colour lies between its two neighbours'. The result has the sign of
    moving the edge: negative of what the neighbour covers.
    """
    h, w = picture.shape[:2]
    columns = np.arange(w)
    outer = np.clip(row + way, 0, h - 1)
    inner = np.clip(row - way, 0, h - 1)
    here = picture[np.clip(row, 0, h - 1), columns]
    other, wall = picture[outer, columns], picture[inner, columns]
    span = ((other - wall) ** 2).sum(axis=1)
    part = ((here - wall) * (other - wall)).sum(axis=1) / np.maximum(span, 1.0)
    return -np.where(span > 300.0, np.clip(part, 0.0, 1.0), 0.0)


def find_targets(
    image: NDArray[np.uint8], pose: Array, ranges: Array, colours: tuple[str, ...]
) -> tuple[Sighting, ...]:
    """Targets that look as they must, in the middles of cells before the walls.

    There is one target of a colour: the middle with the most agreeing pixels is it.
    """
    picture = image.astype(np.float64)
    best: dict[str, tuple[int, Sighting]] = {}
    for middle in _middles(pose, ranges):
        before = middle - [AHEAD_M, 0.0]
        colour = _paint_at(picture, before, colours)
        count = _agreeing(picture, before, colour) if colour else 0
        if count > best.get(colour, (0,))[0]:
            best[colour] = count, Sighting(colour=colour, center=middle)
    return tuple(
        item
        for _, item in best.values()
        if np.hypot(*(item.center - [AHEAD_M, 0.0])) < TARGET_RANGE_M
    )


def _middles(pose: Array, ranges: Array) -> Array:
    """Middles (n, 2) [m] of cells, in the ball's frame, that the camera may see."""
    home = np.floor(camera(pose) / CELL_M)
    reach = int(np.ceil(RIVAL_RANGE_M / CELL_M))
    steps = np.arange(-reach, reach + 1)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    middles = transform2(inverse2(pose), (home + grid + 0.5) * CELL_M)
    offset = middles - [AHEAD_M, 0.0]
    way = np.hypot(offset[:, 0], offset[:, 1])
    bearing = np.arctan2(offset[:, 1], offset[:, 0])
    beam = np.argmin(np.abs(bearing[:, None] - ANGLES), axis=1)
    wall = np.nan_to_num(ranges[beam], nan=np.inf, posinf=np.inf)
    near = (np.abs(bearing) < ANGLES[-1]) & (way < 0.5 + 1.1 * wall)
    return middles[near & (way < RIVAL_RANGE_M) & (way > 0.7)]


def _paint_at(picture: Array, before: Array, colours: tuple[str, ...]) -> str:
    """The colour whose paint the brightest part of a target there would show."""
    column, row = optics.pixel(np.array([*(before * (1.0 - 0.5 / np.hypot(*before))),
                                         0.3]))  # fmt: skip
    row_px, column_px = int(np.floor(row)), int(np.floor(column))
    if not (2 <= row_px < 62 and 2 <= column_px < 62):
        return ""
    value = picture[row_px, column_px]
    tint = value / max(value.sum(), 1.0)
    for colour in colours:
        paint = PAINT[COLOURS.index(colour)]
        if np.abs(tint - paint / paint.sum()).max() < CHROMA:
            return colour
    return ""


def _agreeing(picture: Array, before: Array, colour: str) -> int:
    """Pixels of a target there that look as they must; 0 if too few of all do."""
    shown, shade = optics.ball(before)
    frame = np.zeros_like(shown)
    inside = slice(optics.BORDER, PIXELS - optics.BORDER)
    frame[inside, inside] = shown[inside, inside]
    inner = frame.copy()
    inner[1:-1, 1:-1] &= (
        shown[:-2, 1:-1] & shown[2:, 1:-1] & shown[1:-1, :-2] & shown[1:-1, 2:]
    )
    use = inner if inner.sum() >= FEWEST_PX else frame
    if use.sum() < FEWEST_PX:
        return 0
    expected = shade[use][:, None] * PAINT[COLOURS.index(colour)]
    good = np.abs(picture[use] - expected).max(axis=1) < MATCH
    return int(good.sum()) if good.mean() >= ALIKE else 0
