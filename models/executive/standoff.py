"""Where to stand to touch a thing: free, on its side of the wall, facing it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.executive.config import StandoffConfig
from neural_brain.models.geometry import Array
from neural_brain.models.motion import TravelField, travel_field
from neural_brain.models.signals import Landmark

DIRECTIONS = 48
RINGS = 7
KEEP_M, SAME_M = 1.0, 0.3
HIDDEN_M = 2.0  # what a place is dearer from where the thing may not be seen
OTHER_SIDE_M = 1.5  # and half of what it is dearer on the other side


def standoff(
    thing: Landmark,
    field: TravelField,
    config: StandoffConfig,
    *,
    seen_from: Array | None = None,
    tried: Array | None = None,
    visit: bool = False,
    keep: Array | None = None,
) -> Array | None:
    """Best pose (3,) in `map` for touching a thing, or None.

    Args:
        thing: the landmark.
        field: cost of driving anywhere.
        config: distances.
        seen_from: a spot (2,) [m] from which the thing was seen, or None.
        tried: poses (n, 3) that failed; others are at least 35 degrees off.
        visit: just go there, touching is not intended.
        keep: pose (3,) that was best before; others must be clearly better.
    """
    center = thing.center_map[:2]
    near, best, far = distances(thing, config, visit)
    angles = np.linspace(-np.pi, np.pi, DIRECTIONS, endpoint=False)
    ring = np.linspace(near, far, RINGS)
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    spots = (center + ray[:, None, :] * ring[None, :, None]).reshape(-1, 2)
    cost = field.cost_to(spots)
    clearance = field.costmap.clearance_at(spots)
    ok = np.isfinite(cost) & (clearance > 0.0)
    away = np.repeat(angles, RINGS)
    for pose in np.zeros((0, 3)) if tried is None else tried:
        old = np.arctan2(*(pose[:2] - center)[::-1])
        off = np.abs((away - old + np.pi) % (2.0 * np.pi) - np.pi)
        ok &= off > np.radians(35.0)
    if not ok.any():
        return None
    if seen_from is not None:
        ok &= _same_side(spots, ok, field, seen_from)
        if not ok.any():
            return None
    apart = np.tile(ring, DIRECTIONS)
    if visit:
        value = cost + 6.0 * np.clip(apart - best, 0.0, None)
        beyond = best - config.visit_best_m + config.found_m  # too far to have found it
        value += 12.0 * np.clip(apart - beyond, 0.0, None)
    else:
        value = cost + 6.0 * np.abs(apart - best)
    if visit and seen_from is not None:
        side = np.arctan2(*(seen_from - center)[::-1])
        doubt = HIDDEN_M + OTHER_SIDE_M * (1.0 - np.cos(away - side))
        value += doubt * _hidden(spots, thing, field, seen_from)
    value += 3.0 * np.clip(0.45 - clearance, 0.0, None)
    value += 2.0 * (clearance < config.clearance_m)
    value += 2.0 * _unknown_on_the_way(spots, center, field)
    if keep is not None:
        value -= KEEP_M * (np.hypot(*(spots - keep[:2]).T) < SAME_M)
    k = int(np.argmin(np.where(ok, value, np.inf)))
    dx, dy = center - spots[k]
    return np.array([spots[k][0], spots[k][1], np.arctan2(dy, dx)])


def distances(
    thing: Landmark, config: StandoffConfig, visit: bool
) -> tuple[float, float, float]:
    """Nearest, best and farthest distance [m] of the base's centre to the thing's."""
    half = 0.25 * float(thing.size[0] + thing.size[1])
    top = float(thing.center_map[2] + 0.5 * thing.size[2])
    if visit:
        near, far = config.visit_m
        short = 0.5 * float(thing.size[:2].min())
        return near, max(near, config.visit_best_m + short), far + half
    if top > config.tall_m:
        gap = config.tall_gap_m + half
        return gap - 0.12, gap, gap + 0.15
    more = max(0.0, half - config.large_m)
    near, best, far = config.nearest_m, config.best_m, config.farthest_m
    if top > config.high_m:  # the hand needs room to rise before it
        near, best = max(near, 0.58), max(best, 0.64)
    if half > config.large_m:  # its near side is pressed: stand close to that
        far = max(far, half + 0.62)
    return near + more, best + more, far + 0.3 * more


def _same_side(
    spots: Array, ok: NDArray[np.bool_], field: TravelField, seen_from: Array
) -> np.ndarray:
    """Spots that are no long way round from where the thing was seen."""
    view = travel_field(field.costmap, seen_from)
    if view is None:
        return np.ones(len(spots), dtype=bool)
    way = view.cost_to(spots)
    straight = np.hypot(*(spots - view.start).T)
    return np.asarray(ok & (way < 1.8 * straight + 2.0))


def _hidden(
    spots: Array, thing: Landmark, field: TravelField, seen_from: Array
) -> NDArray[np.bool_]:
    """Spots that may not see a thing, because walls or things are between.

    What is free before the thing on the side from where it was seen shows it. A spot
    from where that is in view is on the right side of all walls.
    """
    center = thing.center_map[:2]
    way = np.asarray(seen_from) - center
    length = max(float(np.hypot(*way)), 1e-6)
    start = min(0.5 * float(thing.size[:2].min()), length)
    steps = np.arange(start, length, field.costmap.resolution)
    line = center + np.append(steps, length)[:, None] * (way / length)
    before = line[int(np.argmax(~_solid(line, field)))]
    share = np.linspace(0.0, 1.0, 24)[None, :, None]
    lines = spots[:, None, :] + share * (before - spots)[:, None, :]
    return np.asarray(_solid(lines, field).any(axis=1))


def _solid(points: Array, field: TravelField) -> NDArray[np.bool_]:
    """Which points (..., 2) [m] lie in something that blocks the way."""
    rows, columns, _ = field.costmap.fine_cells(points)
    return np.asarray(field.costmap.clearance[rows, columns] < 1e-6)


def _unknown_on_the_way(spots: Array, center: Array, field: TravelField) -> Array:
    """Length [m] of blocked cells between each spot and the thing."""
    share = np.linspace(0.0, 1.0, 16)[None, :, None]
    line = spots[:, None, :] + share * (center - spots)[:, None, :]
    length = np.hypot(*(center - spots).T)
    return np.asarray(_solid(line, field).mean(axis=1) * length)
