"""Adding one map of a home to another one whose frame is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, matrix_from_pose2, transform2
from neural_brain.models.maps.areas import absorbed
from neural_brain.models.maps.former import joined, turned
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.track import Track

if TYPE_CHECKING:
    from neural_brain.models.maps.cognitive_map import CognitiveMap


def lay(ours: CognitiveMap, other: CognitiveMap, pose_map_other: Array) -> None:
    """Add everything that another map of the same place knows.

    Args:
        ours: gets it.
        other: is not changed.
        pose_map_other: pose (3,) of the other map's frame.

    Raises:
        MapFileError: if together they are too large; ours is then as it was.
    """
    if not ours.grid.absorb(other.grid, pose_map_other):
        raise MapFileError(
            f"Together the maps exceed {ours.config.grid.max_size_m:g} m "
            "(maps.grid.max_size_m). Keep them apart, or allow more."
        )
    first = ours.closer.keys.absorb(other.closer.keys, pose_map_other)
    absorb_landmarks(ours.landmarks, other.landmarks, pose_map_other, first)
    ours.experience.absorb(other.experience, pose_map_other)
    ours.areas = absorbed(ours.areas, other.areas, pose_map_other)
    ours.views.store.absorb(other.views.store, pose_map_other, first)
    ours.refresh()


def rejoin(ours: CognitiveMap, old: CognitiveMap, pose_old_map: Array) -> None:
    """Go on with another map of the same place, to which the one in use is added.

    Args:
        ours: the map in use.
        old: a restored map; it belongs to ours afterwards.
        pose_old_map: pose (3,) of the frame in use in the other one.

    Raises:
        MapFileError: if together they are too large; ours is then as it was.
    """
    lay(old, ours, pose_old_map)
    ours.exchange(old)
    ours.localiser.move(pose_old_map)


def absorb_landmarks(
    landmarks: LandmarkMap,
    other: LandmarkMap,
    pose_map_other: Array,
    first_key: int = 0,
) -> None:
    """Take over the landmarks of another map; those of one thing are joined.

    Args:
        landmarks: gets them, with new numbers.
        other: is not changed.
        pose_map_other: pose (3,) of the other map's frame.
        first_key: what is added to the numbers of the other map's keyframes.
    """
    first = landmarks.next_id - 1
    for track in other.tracks.values():
        moved = _moved(track, pose_map_other, first, first_key)
        landmarks.tracks[moved.id] = moved
    landmarks.next_id = first + other.next_id
    landmarks.merge_duplicates()
    theirs = turned(other.former, pose_map_other, first)
    landmarks.former = joined(landmarks.former, theirs)


def _moved(track: Track, pose: Array, first: int, first_key: int) -> Track:
    center = track.center.copy()
    center[:2] = transform2(pose, center[None, :2])[0]
    R = matrix_from_pose2(pose)[:3, :3]
    seen_from = track.seen_from
    if seen_from is not None:
        seen_from = transform2(pose, seen_from[None])[0]
    return replace(
        track,
        id=track.id + first,
        center=center,
        covariance=R @ track.covariance @ R.T,
        size=np.array(_turned(track.size, float(pose[2]))),
        categories=dict(track.categories),
        colours=dict(track.colours),
        seen_from=seen_from,
        rivals={key + first: count for key, count in track.rivals.items()},
        anchor=track.anchor + first_key if track.anchor else 0,
    )


def _turned(size: Array, yaw: float) -> tuple[float, float, float]:
    """Extent of a box along the axes of a turned frame, at quarter turns exact."""
    if abs(np.sin(yaw)) > abs(np.cos(yaw)):
        return float(size[1]), float(size[0]), float(size[2])
    return float(size[0]), float(size[1]), float(size[2])
