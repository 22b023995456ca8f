"""Where to stand to touch a spot that was seen on the surface of a large thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neural_brain.models.executive.config import StandoffConfig
from neural_brain.models.geometry import LEVEL, Array, wrap
from neural_brain.models.motion import TravelField
from neural_brain.models.signals import Landmark

AROUND = np.linspace(-np.pi, np.pi, 24, endpoint=False)
BEFORE = np.radians([0.0, -25.0, 25.0])
SLACK_M, SLACK_RAD = 0.06, 0.25  # from here the arm reaches it without driving
FAR_UP_M = 1.3  # for what is higher it stands nearer by as much
HAND_M = 0.11  # around a spot, for the hand
LONG_AGO_M = 3.0  # spots farther off the landmark belong to something else


@dataclass(frozen=True, kw_only=True)
class Touch:
    """A pose (3,) in `map` to stand at, and the spots (k, 6) to press from there.

    `drive` tells whether the robot must move to stand there.
    """

    pose: Array
    spots: Array
    drive: bool


def touch_from(
    spots: Array,
    pose: Array,
    field: TravelField,
    config: StandoffConfig,
    *,
    tried: Array,
) -> Touch | None:
    """The cheapest way to touch one of the spots, or None.

    Args:
        spots: points and normals (k, 6) in `map`.
        pose: where the robot is (3,).
        field: cost of driving anywhere.
        config: distances and heights that the arm reaches.
        tried: poses (n, 3) from which it failed.
    """
    good = spots[_within_reach(spots, config)]
    best: tuple[float, Touch] | None = None
    for spot in good:
        found = _pose_before(spot, pose, field, config, tried)
        if found is None or (best is not None and found[0] >= best[0]):
            continue
        near = np.linalg.norm(good[:, :3] - spot[:3], axis=1)
        order = np.argsort(near, kind="stable")
        cost, at, drive = found
        best = cost, Touch(pose=at, spots=good[order], drive=drive)
    return None if best is None else best[1]


def of_thing(spots: Array | None, thing: Landmark) -> Array:
    """The spots (k, 6) that lie near a thing."""
    if spots is None:
        return np.zeros((0, 6))
    away = np.hypot(*(spots[:, :2] - thing.center_map[:2]).T)
    return spots[away < min(LONG_AGO_M, 0.3 + float(thing.size[:2].max()))]


def clear_of(spots: Array, others: Sequence[Landmark]) -> Array:
    """The spots (k, 6) beside which the hand has room for itself."""
    free = np.ones(len(spots), dtype=bool)
    for other in others:
        half = 0.5 * other.size + HAND_M
        beside = np.abs(spots[:, :2] - other.center_map[:2]) < half[:2]
        top = float(other.center_map[2] + 0.5 * other.size[2])
        free &= ~(beside.all(axis=1) & (spots[:, 2] < top + 0.02))
    return spots[free]


def _within_reach(spots: Array, config: StandoffConfig) -> Array:
    z, level = spots[:, 2], spots[:, 5] > LEVEL
    low, high = config.level_z_m
    above = level & (z > low) & (z < high)
    low, high = config.front_z_m
    upright = np.abs(spots[:, 5]) <= LEVEL  # a shelf's underside is no front
    return np.asarray(above | (upright & (z > low) & (z < high)))


def _pose_before(
    spot: Array, pose: Array, field: TravelField, config: StandoffConfig, tried: Array
) -> tuple[float, Array, bool] | None:
    """Cost, pose (3,) and whether to drive, for touching one spot."""
    level = bool(spot[5] > LEVEL)
    away = config.level_m if level else config.front_m - max(0.0, spot[2] - FAR_UP_M)
    out = float(np.arctan2(spot[4], spot[3]))
    if _stands_well(spot, pose, away, None if level else out) and _is_new(pose, tried):
        return 0.0, pose, False
    angles = AROUND if level else out + BEFORE
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    places = spot[:2] + away * ray
    clearance = field.costmap.clearance_at(places)
    cost = field.cost_to(places) + 0.5 + 2.0 * (clearance < config.clearance_m)
    if level:  # the way to it was seen to be free from where the robot stands
        seen = np.arctan2(*(pose[:2] - spot[:2])[::-1])
        cost = cost + 0.5 * np.abs(np.angle(np.exp(1j * (angles - seen))))
    else:
        cost = cost + 0.5 * np.abs(BEFORE)
    cost = np.where(clearance > 0.0, cost, np.inf)
    poses = np.column_stack([places, angles + np.pi])
    cost[[not _is_new(at, tried) for at in poses]] = np.inf
    k = int(np.argmin(cost))
    if not np.isfinite(cost[k]):
        return None
    poses[k, 2] = wrap(poses[k, 2])
    return float(cost[k]), poses[k], True


def _stands_well(spot: Array, pose: Array, away: float, out: float | None) -> bool:
    """Whether the spot can be touched from a pose; `out` = heading of its normal."""
    way = spot[:2] - pose[:2]
    heading = float(np.arctan2(way[1], way[0]))
    good = abs(float(np.hypot(*way)) - away) < SLACK_M
    good &= abs(wrap(heading - pose[2])) < SLACK_RAD
    return good and (out is None or abs(wrap(heading + np.pi - out)) < 0.7)


def _is_new(pose: Array, tried: Array) -> bool:
    return not any(np.hypot(*(pose[:2] - old[:2])) < 0.15 for old in tried)
