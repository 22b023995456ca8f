"""Carrying everything in the map along when closed loops have moved its keyframes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from neural_brain.models.geometry import matrix_from_pose2, transform2
from neural_brain.models.maps import areas as named
from neural_brain.models.maps import former
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.maps.rooms import RoomMap

if TYPE_CHECKING:
    from neural_brain.models.maps.cognitive_map import CognitiveMap
    from neural_brain.models.maps.loop_closer import Closure

TWINS = 0.4  # places nearer than this share of their spacing are one


def take_over(ours: CognitiveMap, closure: Closure) -> None:
    """Put a mended grid in the place of the old one and move everything along."""
    correction = closure.correction
    here = ours.last_pose[:2]
    ours.localiser.move(correction.change_of(ours.closer.anchor, here))
    move_depth(ours.grid, closure.grid, correction)
    ours.grid = closure.grid
    move_all(ours.landmarks, ours.graph, ours.rooms, correction)
    ours.experience.move(correction)
    ours.consolidation.sightings.move(correction.move)
    ours.areas = named.moved(ours.areas, correction)
    ours.views.store.move(correction)
    ours.views.looked.move(correction)
    ours.closer.take_over(closure)


def move_all(
    landmarks: LandmarkMap, graph: PlaceGraph, rooms: RoomMap, correction: Correction
) -> None:
    """Move what hangs on keyframes; grids are moved by `move_depth`."""
    move_landmarks(landmarks, correction)
    move_places(graph, correction)
    move_rooms(rooms, correction)


def move_landmarks(landmarks: LandmarkMap, correction: Correction) -> None:
    """Each with the keyframe from which it was seen last; twins are joined."""
    for track in list(landmarks.tracks.values()):
        change = correction.change_of(track.anchor, track.center[:2])
        center = track.center.copy()
        center[:2] = transform2(change, center[None, :2])[0]
        R = matrix_from_pose2(change)[:3, :3]
        track.center, track.covariance = center, R @ track.covariance @ R.T
        if track.seen_from is not None:
            track.seen_from = transform2(change, track.seen_from[None])[0]
    landmarks.merge_duplicates()
    landmarks.former = former.moved(landmarks.former, correction)


def move_places(graph: PlaceGraph, correction: Correction) -> None:
    """Each with its nearest keyframe; of two that now coincide the older one stays.

    Driven ways and penalties hang on the places, so they move along.
    """
    if not graph.xy:
        return
    numbers = list(graph.xy)
    moved = correction.move(np.array([graph.xy[k] for k in numbers]))
    into: dict[int, int] = {}
    kept: dict[int, np.ndarray] = {}
    for number, xy in zip(numbers, moved, strict=True):
        twin = next(
            (
                k
                for k, other in kept.items()
                if np.hypot(*(other - xy)) < TWINS * graph.config.spacing_m
                and np.hypot(*(graph.xy[k] - graph.xy[number]))
                > np.hypot(*(other - xy))
            ),
            None,
        )
        if twin is None:
            kept[number] = xy
        into[number] = number if twin is None else twin
    graph.rename(kept, into)


def move_rooms(rooms: RoomMap, correction: Correction) -> None:
    """Labels follow the map, so that rooms keep their numbers."""
    labels = correction.bend(rooms.labels, rooms.origin, rooms.cell_m)
    rooms.labels = labels.astype(np.int32)
    rooms.doors = tuple(
        replace(door, xy=correction.move(door.xy[None])[0]) for door in rooms.doors
    )
    rooms.forget_measures()


def move_depth(old: OccupancyGrid, new: OccupancyGrid, correction: Correction) -> None:
    """The camera's layer is bent along; the lidar's was drawn anew."""
    bent = correction.bend(old.depth, old.origin, old.resolution)
    new.take_depth(bent.astype(np.int16), old)
