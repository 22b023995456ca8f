"""What another robot found since both knew the same map.

Two robots that continue one saved map (the base) work in one frame. What the other one
found is the difference between its map and the base, and only that is added, so that no
evidence counts twice: a merge of three, as of texts under version control.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps import former
from neural_brain.models.maps.areas import joined
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.landmarks import HIGHEST, LandmarkMap
from neural_brain.models.maps.occupancy import UNIT, OccupancyGrid
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.maps.track import Track

SAME_PLACE_M = 0.6  # places of two graphs this near are one


def take_news(
    ours: CognitiveMap, theirs: CognitiveMap, base: CognitiveMap, elapsed_s: float
) -> None:
    """Add to our map what the other robot changed since the base.

    Args:
        ours: gets it; its rooms and places keep their numbers.
        theirs: not changed.
        base: the map that both were continued from; not changed.
        elapsed_s: time [s] from the base to theirs, for what fades.

    Raises:
        MapFileError: if the maps are not of one frame or become too large; ours is
            then as it was.
    """
    areas = joined(ours.areas, theirs.areas, base.areas)
    news = grid_news(theirs.grid, base.grid, elapsed_s)
    if not ours.grid.absorb(news, np.zeros(3)):
        raise MapFileError(
            f"Together the maps exceed {ours.config.grid.max_size_m:g} m "
            "(maps.grid.max_size_m). Allow more, or keep the maps apart."
        )
    take_landmarks(ours.landmarks, theirs.landmarks, base.landmarks)
    ours.areas = areas
    if theirs.floor != base.floor:
        ours.floor = theirs.floor
    ours.refresh()
    _take_travels(ours.graph, theirs.graph)
    ours.experience.absorb(theirs.experience, np.zeros(3))
    ours.views.store.take_news(theirs.views.store, base.views.store)
    ours.views.looked.take(theirs.views.looked)


def adopt(ours: CognitiveMap, snapshot: MapSnapshot) -> None:
    """Go on with a map that holds ours and what others found, in the same frame.

    Where the robot is, what it has told and the numbers of rooms stay.

    Raises:
        MapFileError: if the snapshot cannot be used; ours is then as it was.
    """
    fresh = CognitiveMap.restore(ours.config, snapshot)
    ours.grid.restore(snapshot.arrays)  # the same grid, so that its version goes on
    ours.landmarks.tracks = fresh.landmarks.tracks
    ours.landmarks.next_id = fresh.landmarks.next_id
    ours.landmarks.former = fresh.landmarks.former
    ours.rooms, ours.graph = fresh.rooms, fresh.graph
    ours.experience.adopt(fresh.experience)
    ours.views.store.views = fresh.views.store.views
    ours.areas, ours.floor = fresh.areas, fresh.floor
    ours.lineage = fresh.lineage
    ours.refresh()


def grid_news(
    now: OccupancyGrid, before: OccupancyGrid, elapsed_s: float
) -> OccupancyGrid:
    """A grid that holds only the evidence that came after an earlier state.

    Raises:
        MapFileError: if the earlier state is not of the same grid.
    """
    window = _place_of(before, now)
    lidar, depth, count = (
        np.zeros(now.shape, np.int16) for _ in ("lidar", "depth", "hits")
    )
    fade = float(np.exp(-max(elapsed_s, 0.0) / now.config.depth_fade_s))
    lidar[window] = before.lidar
    depth[window] = np.round(before.depth * fade)
    count[window] = before.hit_count
    news = OccupancyGrid(replace(now.config, resolution_m=now.resolution))
    news.restore(
        {
            "origin": now.origin,
            "lidar": np.zeros(now.shape, np.int16),
            "depth": np.zeros(now.shape, np.int16),
            "hit_count": np.maximum(now.hit_count - count, 0),
            "hit_mean": now.hit_mean,
        }
    )
    news.lidar = now.lidar - lidar
    seen = now.depth - depth
    noise = 0.5 * UNIT * min(now.config.depth_hit, now.config.depth_miss)
    news.depth = np.where(np.abs(seen) > noise, seen, 0).astype(np.int16)  # not fading
    return news


def take_landmarks(ours: LandmarkMap, theirs: LandmarkMap, base: LandmarkMap) -> None:
    """Add, change and remove landmarks as the other robot did since the base.

    What one robot has seen since and the other has given up stays.
    """
    for key, track in theirs.tracks.items():
        known, own = base.tracks.get(key), ours.tracks.get(key)
        if known is None:
            _add(ours, track)
        elif _same(track, known):
            continue
        elif own is None or _same(own, known):
            if own is not None or track.count > known.count:
                ours.tracks[key] = _copy(track, key)
        else:
            _join(own, track, known)
    for key, known in base.tracks.items():
        own = None if key in theirs.tracks else ours.tracks.get(key)
        if own is not None and own.count <= known.count:
            del ours.tracks[key]
    ours.merge_duplicates()
    ours.former = former.joined(ours.former, theirs.former)


def _place_of(before: OccupancyGrid, now: OccupancyGrid) -> tuple[slice, slice]:
    """Where an earlier state of a grid lies in the present one."""
    offset = (before.origin - now.origin) / now.resolution
    column, row = np.round(offset).astype(int).tolist()
    h, w = before.shape
    inside = 0 <= row <= now.shape[0] - h and 0 <= column <= now.shape[1] - w
    fits = np.allclose(offset, [column, row], atol=1e-3)
    if not (inside and fits and abs(before.resolution - now.resolution) < 1e-9):
        raise MapFileError(
            "The maps do not continue one map: their grids differ. Use one value of "
            "maps.grid.resolution_m for all robots that share a map."
        )
    return slice(row, row + h), slice(column, column + w)


def _add(ours: LandmarkMap, track: Track) -> None:
    """Take over a landmark; with a new number if ours has given it to another one."""
    key = track.id
    if key in ours.tracks:
        key = ours.new_id()
    ours.tracks[key] = _copy(track, key)


def _same(a: Track, b: Track) -> bool:
    """Whether nothing happened to a landmark."""
    alike = (a.count, a.last_seen, a.log_odds) == (b.count, b.last_seen, b.log_odds)
    return alike and np.array_equal(a.center, b.center)


def _join(own: Track, track: Track, known: Track) -> None:
    """Fuse what two robots saw of one thing since the base.

    Both contain the views of the base, so the place is their mean by certainty and the
    covariance is not made smaller than the better one's (as in covariance
    intersection, Julier and Uhlmann 1997).
    """
    a, b = np.linalg.inv(own.covariance), np.linalg.inv(track.covariance)
    both = np.linalg.inv(a + b)
    own.center = both @ (a @ own.center + b @ track.center)
    if np.trace(track.covariance) < np.trace(own.covariance):
        own.covariance = track.covariance.copy()
    for mine, theirs, old in (
        (own.categories, track.categories, known.categories),
        (own.colours, track.colours, known.colours),
    ):
        for name, score in theirs.items():
            gained = max(0.0, score - old.get(name, 0.0))
            mine[name] = mine.get(name, 0.0) + gained
    log_odds = own.log_odds + track.log_odds - known.log_odds
    own.log_odds = float(np.clip(log_odds, min(own.log_odds, track.log_odds), HIGHEST))
    own.count += max(0, track.count - known.count)
    if track.last_seen > own.last_seen and track.seen_from is not None:
        own.seen_from = track.seen_from.copy()
    own.first_seen = min(own.first_seen, track.first_seen)
    own.last_seen = max(own.last_seen, track.last_seen)
    own.near, own.far = min(own.near, track.near), max(own.far, track.far)
    own.told = own.told or track.told
    for key, count in track.rivals.items():
        own.rivals[key] = max(count, own.rivals.get(key, 0))


def _copy(track: Track, key: int) -> Track:
    return replace(
        track,
        id=key,
        center=track.center.copy(),
        covariance=track.covariance.copy(),
        size=track.size.copy(),
        categories=dict(track.categories),
        colours=dict(track.colours),
        rivals=dict(track.rivals),
    )


def _take_travels(ours: PlaceGraph, theirs: PlaceGraph) -> None:
    """Take over driven passages between places that both know."""
    numbers = _same_places(ours, theirs)
    for (a, b), length in theirs.travelled.items():
        if numbers.get(a) != numbers.get(b) and {a, b} <= set(numbers):
            ours.travelled.setdefault((numbers[a], numbers[b]), length)


def _same_places(ours: PlaceGraph, theirs: PlaceGraph) -> dict[int, int]:
    """Our number of each of their places that lies on one of ours."""
    found: dict[int, int] = {}
    for key, xy in theirs.xy.items():
        near = ours.nearest(xy)
        if near is not None and np.hypot(*(ours.xy[near] - xy)) < SAME_PLACE_M:
            found[key] = near
    return found
