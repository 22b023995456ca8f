"""Which remembered things fit a goal, best first."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from neural_brain.models.categories import FURNITURE
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.directions import lies_there
from neural_brain.models.executive.lexicon import CLOSE_COLOURS
from neural_brain.models.executive.situation import Situation, fits_room
from neural_brain.models.maps.tracks import named
from neural_brain.models.sensing import LONGEST_EDGE_M
from neural_brain.models.signals import Goal, Landmark, MapState

EXACT, LIKELY, CLOSE, ANY = 0, 2, 3, 100
"""Largest misfit that is accepted; with ANY weak evidence will do, too."""
OTHER_NAME = 2
_LIKELY_NAME = 0.15
MANY_VIEWS = 30
NEAR_M = 4.0  # nearer or farther than this hardly matters
BESIDE_M = 1.0  # from the edge of a thing to where one can stand
NO_WAY_M = 20.0  # what seems out of reach comes after what is so far off


def candidates(
    goal: Goal,
    situation: Situation,
    config: ExecutiveConfig,
    *,
    failed: Collection[int] = (),
    misfit: int = EXACT,
) -> list[Landmark]:
    """Landmarks that fit a goal, in the order in which to try them.

    Args:
        goal: what is wanted.
        situation: map and costs.
        config: when a landmark counts.
        failed: landmarks that were tried in vain.
        misfit: what to accept: EXACT; LIKELY, things that some views called so, in name
            or colour, as is right before a second search; CLOSE, also those of a
            similar colour; or ANY, which also takes
            similar colours, other rooms and weak evidence, for when all was searched.
    """
    fitting = []
    category = goal.category
    beside = named(situation.state.landmarks, goal.near) if goal.near else ()
    things = situation.state.landmarks
    if misfit < OTHER_NAME:
        things = named(things, category)
    if misfit == EXACT and goal.colour:  # of many things few are left at once
        things = tuple(thing for thing in things if thing.colour == goal.colour)
    for thing in things:
        name = _misfit_of_name(goal, thing)
        if name is None or thing.id in failed:
            continue
        if misfit < ANY and not _sure(thing, config):
            continue
        rest = _misfit(goal, thing, situation, config, beside=beside)
        if rest is None or name + rest > misfit:
            continue
        fitting.append((name + rest, _order(goal, thing, situation), thing))
    fitting.sort(key=lambda item: (item[0], item[1], item[2].id))
    return [thing for _, _, thing in fitting]


def choices(
    goal: Goal, state: MapState | None, config: ExecutiveConfig
) -> list[Landmark]:
    """Sure landmarks of different colours among which a goal does not choose."""
    if state is None or goal.colour or not goal.category:
        return []
    fitting = named(state.landmarks, goal.category)
    beside = named(state.landmarks, goal.near) if goal.near else ()
    things = [
        thing
        for thing in fitting
        if _sure(thing, config) and lies_there(goal, thing, beside)
    ]
    colours = {thing.colour for thing in things}
    return things if len(colours) > 1 else []


def _sure(thing: Landmark, config: ExecutiveConfig) -> bool:
    return thing.confidence >= config.min_confidence and thing.count >= config.min_views


def _misfit_of_name(goal: Goal, thing: Landmark) -> int | None:
    if thing.category == goal.category:
        return 0
    share = dict(thing.others).get(goal.category)
    if share is None:
        return None
    return OTHER_NAME if share >= _LIKELY_NAME else OTHER_NAME + 1


def _misfit(
    goal: Goal,
    thing: Landmark,
    situation: Situation,
    config: ExecutiveConfig,
    *,
    beside: Sequence[Landmark],
) -> int | None:
    """0 = fits as said; more = fits with allowances; None = does not fit."""
    misfit = 0
    if goal.colour and thing.colour != goal.colour:
        if not thing.colour or goal.colour in dict(thing.other_colours):
            misfit += 1
        elif thing.colour in CLOSE_COLOURS.get(goal.colour, ()):
            misfit += 3
        elif thing.category in FURNITURE:  # large things are motley
            misfit += 2 if _only_one(thing, situation.state) else 6
        else:
            return None
    if goal.room:
        misfit += fits_room(thing.center_map[:2], goal.room, situation.state)
    if goal.near:
        apart = (
            float(np.hypot(*(b.center_map - thing.center_map)[:2])) for b in beside
        )
        misfit += 0 if min(apart, default=np.inf) < config.near_m else 2
    return misfit if lies_there(goal, thing, beside) else misfit + 2


def _only_one(thing: Landmark, state: MapState) -> bool:
    return len(named(state.landmarks, thing.category)) == 1


def _order(goal: Goal, thing: Landmark, situation: Situation) -> float:
    """What comes first among things that fit equally well has the smallest number."""
    if goal.which == "last":
        return -thing.last_seen
    if goal.which == "nearest":
        x, y = (thing.center_map[:2] - situation.pose[:2]).tolist()
        return math.hypot(x, y)
    return _price(thing, situation)


def _price(thing: Landmark, situation: Situation) -> float:
    """The way [m] made much longer by doubt: a wrong thing costs more than a way."""
    least_m, _ = LONGEST_EDGE_M.get(thing.category, (0.0, 0.0))
    whole = min(1.0, float(thing.size.max()) / max(least_m, 1e-6))
    views = min(1.0, thing.count / MANY_VIEWS)
    sure = thing.confidence * (0.3 + 0.7 * views) * whole
    return (_way_m(thing, situation) + NEAR_M) / max(sure, 0.05) ** 2


def _way_m(thing: Landmark, situation: Situation) -> float:
    """Cost of the way to a thing; the straight line where no way is known."""
    straight = float(np.hypot(*(thing.center_map - situation.pose)[:2]))
    if situation.field is None:
        return straight
    way = way_m(thing, situation)
    return way if np.isfinite(way) else straight + NO_WAY_M


def way_m(thing: Landmark, situation: Situation) -> float:
    """Cost of the way [m] to where one can stand beside a thing; infinite if none."""
    if situation.field is None:
        return math.inf
    reach = BESIDE_M + 0.5 * float(thing.size[:2].max())
    return float(situation.field.cost_near(thing.center_map[:2], reach))
