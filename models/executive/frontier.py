"""Where to look next: view points ranked by what they would show and how far they are.

Next-best-view exploration (Gonzalez-Banos and Latombe 2002) on a grid, for two kinds
of ignorance at once: unknown space (frontiers, Yamauchi 1997) and space that the
lidar knows but the camera has not looked at from close by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.executive.config import SearchConfig
from neural_brain.models.geometry import Array
from neural_brain.models.maps.seen import SeenGrid
from neural_brain.models.motion import TravelField
from neural_brain.models.signals import GridView

ANGLES = 64
THROUGH = 6  # blocked cells that a look still covers: the top of the thing itself
LITTLE_M2 = 0.1  # less is not worth a look even where a way may begin
ISLAND_M2 = 0.5  # of space to stand in without a known way there, looked for from here
BEYOND = 10  # unknown cells that a look would uncover
NEAR_M = 0.9  # around reachable space, what is not known matters
_RANDOM_M = 0.4  # spots nearer than this are alike to chance


@dataclass(frozen=True, kw_only=True)
class Ignorance:
    """Coarse layers (h', w') on the plan grid, or on a part of it.

    `blocked` hides what is behind it, `unknown` was never measured, `unseen` is known
    but the camera has not looked at it. `centers` (h', w', 2) [m]. `corner` is the row
    and column (2,) of the plan grid at which the layers begin.
    """

    origin: Array
    size: float
    blocked: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    unseen: NDArray[np.bool_]
    centers: Array
    corner: NDArray[np.int64]

    def cells(self, points: Array) -> NDArray[np.int64]:
        """Row and column (..., 2) of points (..., 2) [m], clipped."""
        cell = np.floor((points - self.origin) / self.size).astype(np.int64)
        cell = cell[..., ::-1] - self.corner
        return np.clip(cell, 0, np.array(self.blocked.shape) - 1)


@dataclass(frozen=True, kw_only=True)
class ViewPoint:
    """A spot (2,) [m] to look from, the area it would show [m2] and its value.

    `hoped_m2` is the same area, weighted by what a look there is worth.
    """

    xy: Array
    gain_m2: float
    hoped_m2: float
    value: float


def ignorance(
    grid: GridView,
    field: TravelField,
    seen: SeenGrid,
    config: SearchConfig,
    *,
    around: Array | None = None,
) -> Ignorance:
    """What is not known yet around the reachable space.

    Args:
        grid: the map.
        field: cost of driving anywhere.
        seen: what was looked at.
        config: rules.
        around: a spot (2,) [m], if only what a look from there may show is asked for.
    """
    step = field.costmap.step
    size = grid.resolution * step
    low, high = np.zeros(2, np.int64), np.array(field.cost.shape)
    if around is not None:
        cell = np.floor((around - grid.origin) / size).astype(np.int64)[::-1]
        cell = np.clip(cell, 0, high - 1)
        reach = int(np.ceil(config.view_m / size)) + 1
        low, high = np.maximum(cell - reach, 0), np.minimum(cell + reach + 1, high)
    h, w = high - low
    rows, columns = (slice(a * step, b * step) for a, b in zip(low, high, strict=True))
    highest = grid.cells[rows, columns].reshape(h, step, w, step).max(axis=(1, 3))
    row, column = (np.arange(a, b) for a, b in zip(low, high, strict=True))
    centers = (np.stack(np.meshgrid(column, row), axis=2) + 0.5) * size + grid.origin
    known, near = highest >= 0, _near_reachable(field, low, high, round(NEAR_M / size))
    looked = seen.seen(centers, config.seen_views)
    return Ignorance(
        origin=np.asarray(grid.origin, dtype=np.float64),
        size=size,
        blocked=highest >= 55,
        unknown=~known & near & ~looked,
        unseen=known & near & ~looked,
        centers=centers,
        corner=low,
    )


def _near_reachable(
    field: TravelField, low: NDArray[np.int64], high: NDArray[np.int64], edge: int
) -> NDArray[np.bool_]:
    """Which cells from `low` to `high` are so many or fewer from a reachable one."""
    first = np.maximum(low - edge, 0)
    (top, left), (bottom, right) = first, high + edge
    reachable = np.isfinite(field.cost[top:bottom, left:right])
    (top, left), (bottom, right) = low - first, high - first
    return _grown(reachable, edge)[top:bottom, left:right]


def _grown(mask: NDArray[np.bool_], cells: int) -> NDArray[np.bool_]:
    """What is so many or fewer cells from one of a mask."""
    width = 2 * cells + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def view_gain(
    points: Array, layers: Ignorance, config: SearchConfig
) -> tuple[Array, list[Array]]:
    """Area [m2] that looking around from points (n, 2) [m] would show.

    Returns:
        Areas (n,), and for each point the cells' centres (m, 2) [m] that make them up.
    """
    shown = _shown(points, layers, config)
    gain = (shown.useful * shown.area).sum(axis=(1, 2))
    cells = [shown.cells[k][shown.useful[k]] for k in range(len(points))]
    return gain, [layers.centers[cell[:, 0], cell[:, 1]] for cell in cells]


def hoped_gain(
    points: Array,
    layers: Ignorance,
    config: SearchConfig,
    weight: NDArray[np.float64] | None,
) -> tuple[Array, Array]:
    """Area (n,) [m2] as `view_gain`, and the same weighted by `weight` (h', w')."""
    shown = _shown(points, layers, config)
    area = shown.useful * shown.area
    gain = area.sum(axis=(1, 2))
    if weight is None:
        return gain, gain
    there = weight[shown.cells[..., 0], shown.cells[..., 1]]
    return gain, np.asarray((area * there).sum(axis=(1, 2)))


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """Rays (n, ANGLES, r) from n points: where they lead and what is useful of them.

    `cells` (n, ANGLES, r, 2) row and column, `useful` (n, ANGLES, r) booleans, `area`
    (r,) of each [m2].
    """

    cells: NDArray[np.int64]
    useful: NDArray[np.bool_]
    area: Array


def _shown(points: Array, layers: Ignorance, config: SearchConfig) -> _Shown:
    angles = np.linspace(-np.pi, np.pi, ANGLES, endpoint=False)
    radii = np.arange(0.35, config.view_m, layers.size)
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    offsets = ray[:, None, :] * radii[None, :, None]
    spots = points[:, None, None, :] + offsets[None]
    cell = layers.cells(spots)
    row, column = cell[..., 0], cell[..., 1]
    blocked = layers.blocked[row, column]
    unknown = layers.unknown[row, column]
    hits = np.cumsum(blocked, axis=2)
    left = (hits > 0) & ~blocked  # behind the first thing
    open_way = np.cumsum(left, axis=2) == 0
    shown = layers.unseen[row, column] & open_way & (hits <= THROUGH)
    passed = np.cumsum(unknown, axis=2)
    fresh = unknown & (hits == 0) & (passed <= BEYOND)
    useful = shown | fresh
    area = radii * layers.size * (2.0 * np.pi / ANGLES)
    return _Shown(cells=cell, useful=useful, area=area)


def best_view(
    layers: Ignorance,
    field: TravelField,
    config: SearchConfig,
    banned: Array,
    weight: NDArray[np.float64] | None = None,
) -> ViewPoint | None:
    """The view point with the best value, or None when nothing is worth a look.

    Args:
        layers: what is not known.
        field: cost of driving anywhere.
        config: rules.
        banned: spots (n, 2) [m] that could not be reached.
        weight: (h', w') what a look at every cell of the plan grid is worth, or None.
    """
    spots, cost, promise = _candidates(layers, field, config, banned, weight)
    best: ViewPoint | None = None
    for k in range(0, len(spots), config.candidates):
        if best is not None and best.value > promise[k]:
            break
        part = slice(k, k + config.candidates)
        gain, hoped = hoped_gain(spots[part], layers, config, weight)
        value = worth(hoped, cost[part], spots[part], config)
        value = np.where(gain >= config.min_gain_m2, value, -1.0)
        top = int(np.argmax(value))
        if value[top] > max(0.0, -1.0 if best is None else best.value):
            best = ViewPoint(
                xy=spots[k + top],
                gain_m2=float(gain[top]),
                hoped_m2=float(hoped[top]),
                value=float(value[top]),
            )
    return best


def view_of_a_way(
    layers: Ignorance,
    field: TravelField,
    config: SearchConfig,
    banned: Array,
    weight: NDArray[np.float64] | None = None,
) -> ViewPoint | None:
    """A view point that shows a little, but where a way to other rooms may begin.

    A few cells in the shadow of a bed are little to see, and all that is missing of the
    way to a door behind it. Looked at are those beside free space that was seen, in
    which the base could stand, and that cannot be reached on what is known.

    Args:
        layers: what is not known, of the whole plan grid.
        field: cost of driving anywhere.
        config: rules; a gain of `LITTLE_M2` is enough here.
        banned: spots (n, 2) [m] that could not be reached.
        weight: see `best_view`.
    """
    island = np.isfinite(field.costmap.coarse_cost) & ~np.isfinite(field.cost)
    number, label, stats, _ = cv2.connectedComponentsWithStats(island.astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] * layers.size**2 >= ISLAND_M2
    large[0] = False  # what is no island
    if number < 2 or not large.any():
        return None
    beside = _grown(large[label], round(NEAR_M / layers.size))
    there = replace(
        layers, unknown=layers.unknown & beside, unseen=layers.unseen & beside
    )
    rules = replace(config, min_gain_m2=LITTLE_M2)
    return best_view(there, field, rules, banned, weight)


def worth(gain: Array, cost: Array, spots: Array, config: SearchConfig) -> Array:
    """What looking from spots is worth, by the chosen order of the search.

    Args:
        gain: area (...) that would be shown [m2].
        cost: of the way (...) [m].
        spots: (..., 2) [m].
        config: "value" weighs gain against the way, "nearest" counts the way alone
            (Yamauchi 1997), "random" neither; the last two serve as baselines.
    """
    if config.order == "nearest":
        return np.exp(-cost)
    if config.order == "random":
        cell = np.floor(spots / _RANDOM_M)
        mixed = np.sin(cell[..., 0] * 12.9898 + cell[..., 1] * 78.233) * 43758.5453
        return 0.01 + np.asarray(mixed - np.floor(mixed))
    return gain * np.exp(-config.discount_per_m * cost)


def _candidates(
    layers: Ignorance,
    field: TravelField,
    config: SearchConfig,
    banned: Array,
    weight: NDArray[np.float64] | None,
) -> tuple[Array, Array, Array]:
    """Reachable spots, cost of driving there, and ignorance around them, best first.

    The last is what a look would be worth if nothing were hidden from it.
    """
    target = (layers.unseen | layers.unknown).astype(np.float32)
    if weight is not None:
        target *= weight.astype(np.float32)
    width = 2 * round(0.85 * config.view_m / layers.size) + 1
    around = cv2.boxFilter(target, -1, (width, width), normalize=False)
    around *= np.float32(layers.size**2)
    xy = field.costmap.coarse_xy
    value = worth(around, field.cost, xy, config)
    value = np.where(np.isfinite(field.cost) & (around > 1e-3), value, 0.0)
    for spot in banned:
        apart = np.hypot(xy[:, :, 0] - spot[0], xy[:, :, 1] - spot[1])
        value = np.where(apart < config.blacklist_m, 0.0, value)
    block = max(1, round(0.4 / layers.size))
    h, w = (n // block for n in value.shape)
    tiles = value[: h * block, : w * block].reshape(h, block, w, block)
    flat = tiles.transpose(0, 2, 1, 3).reshape(h * w, block * block)
    inner = np.argmax(flat, axis=1)
    top = flat[np.arange(h * w), inner]
    order = np.argsort(-top, kind="stable")
    order = order[top[order] > 0.0]
    rows = (order // w) * block + inner[order] // block
    columns = (order % w) * block + inner[order] % block
    return xy[rows, columns], field.cost[rows, columns], top[order]
