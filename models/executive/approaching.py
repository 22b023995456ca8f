"""On the way to a thing: where to stand before it, and whether one is there already."""

from __future__ import annotations

import numpy as np

from neural_brain.models.executive.attempt import Attempt, is_other
from neural_brain.models.executive.config import StandoffConfig
from neural_brain.models.executive.sightings import Sightings
from neural_brain.models.executive.situation import Situation
from neural_brain.models.executive.standoff import standoff
from neural_brain.models.geometry import Array
from neural_brain.models.signals import Goal, Landmark

REVIEW_S = 2.0  # between looks at whether another place to stand is better by now
OTHER_M = 0.6  # places nearer than this to each other are no different
SLACK_M = 0.1  # farther than it should be by so little does no harm
JUST_S = 1.0  # a thing seen so long ago is in view
THERE_M = 0.6  # to the near side of a thing: one need not go nearer to be there


def place_to_stand(
    situation: Situation,
    attempt: Attempt,
    views: Sightings,
    config: StandoffConfig,
    *,
    visit: bool,
    keep: Array | None = None,
) -> Array | None:
    """Pose (3,) before the thing of an attempt, or None if there is none.

    Args:
        situation: map and costs.
        attempt: the thing, and poses that failed.
        views: from where things were seen.
        config: distances.
        visit: the thing shall only be found, not touched.
        keep: the pose that is driven to now.
    """
    if situation.field is None:
        return None
    thing = attempt.thing
    return standoff(
        thing,
        situation.field,
        config,
        seen_from=views.seen_from.get(thing.id, thing.seen_from),
        tried=np.array(attempt.poses).reshape(-1, 3),
        visit=visit,
        keep=keep,
    )


def better_place(
    situation: Situation,
    attempt: Attempt,
    views: Sightings,
    config: StandoffConfig,
) -> Array | None:
    """A pose (3,) to visit the thing from that is clearly better than the one aimed at.

    The map grows while the robot drives: what seemed to be beside the thing may turn
    out to lie behind a wall. None if the pose is still good.
    """
    aim = attempt.pose
    if aim is None or situation.t - attempt.reviewed_s < REVIEW_S:
        return None
    attempt.reviewed_s = situation.t
    pose = place_to_stand(situation, attempt, views, config, visit=True, keep=aim)
    if pose is None or np.hypot(*(pose - aim)[:2]) < OTHER_M:
        return None
    return pose


def nearer_place(
    situation: Situation,
    attempt: Attempt,
    views: Sightings,
    config: StandoffConfig,
) -> Array | None:
    """A pose (3,) nearer to a thing that is in view but too far off to be found.

    None if the robot is near enough, or there is no nearer place than here.
    """
    near = views.near.get(attempt.thing.id)
    if near is None or attempt.pose is None:
        return None
    away = float(np.hypot(*(near - situation.pose[:2])))
    if away < config.found_m + SLACK_M:
        return None
    pose = place_to_stand(situation, attempt, views, config, visit=True)
    if pose is None or np.hypot(*(near - pose[:2])) > away - SLACK_M:
        return None
    return pose


def is_there(
    situation: Situation,
    attempt: Attempt,
    goal: Goal,
    views: Sightings,
    config: StandoffConfig,
) -> bool:
    """Whether the robot already is where it drives to: near the thing, seeing it.

    Only for finding; driving nearer to what is in view would bring nothing.
    """
    thing = attempt.thing
    if is_other(attempt, goal, thing):
        return False
    if not views.looks.agree_since(situation.t - JUST_S):
        return False
    find = goal.action == "find"
    return near_enough(thing, situation.pose, views, config, find=find)


def near_enough(
    thing: Landmark,
    pose: Array,
    views: Sightings,
    config: StandoffConfig,
    *,
    find: bool,
) -> bool:
    """Whether a robot at a pose (3,) that sees a thing need not go nearer.

    To find it, it is enough that the nearest part of it that was seen is within
    `found_m`, and that where the map has it agrees: what was seen may have been a
    neighbour's. To go to it, its near side must be 0.6 m away.
    """
    near = views.near.get(thing.id)
    away = float(np.hypot(*(thing.center_map - pose)[:2]))
    if find and near is not None:
        agrees = away < 0.5 * float(thing.size[:2].max()) + config.found_m
        return agrees and bool(np.hypot(*(near - pose[:2])) < config.found_m)
    return away < 0.5 * float(thing.size[:2].min()) + THERE_M
