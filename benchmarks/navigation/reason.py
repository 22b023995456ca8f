"""Why a goal was missed, from what the robot said, knew and where it really was."""

from __future__ import annotations

from collections.abc import Sequence

from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.benchmarks.navigation.referee import NEAR_M, gap
from neural_brain.models.geometry import Array, transform2
from neural_brain.models.signals import Landmark
from neural_brain.sim.homes import HomeObject

TOO_FAR = "stopped beside it, too far or hidden"
WRONG = "went to a wrong thing"
TIME = "ran out of time"
UNREACHED = "known but not reached"
UNSEEN = "never noticed"
BESIDE_M = 1.0
_KNOWN_M = 0.7


def reason_of(
    result: GoalResult,
    landmarks: Sequence[Landmark],
    pose_world_map: Array,
    right: Sequence[HomeObject],
) -> str:
    """One of the reasons above, "" for a success.

    Args:
        result: how the goal ended.
        landmarks: what the robot knew then.
        pose_world_map: where its map lies in the world (3,).
        right: the things that would have been right.
    """
    if result.success:
        return ""
    if result.claimed:
        return TOO_FAR if result.away_m < NEAR_M + BESIDE_M else WRONG
    if result.outcome.startswith(("I stopped after", "no answer")):
        return TIME
    return UNREACHED if knows(landmarks, pose_world_map, right) else UNSEEN


def knows(
    landmarks: Sequence[Landmark], pose_world_map: Array, right: Sequence[HomeObject]
) -> bool:
    """Whether one of the things is in the map under its name, about where it is."""
    for landmark in landmarks:
        at = transform2(pose_world_map, landmark.center_map[None, :2])[0]
        for thing in right:
            if landmark.category == thing.category and gap(at, thing) < _KNOWN_M:
                return True
    return False
