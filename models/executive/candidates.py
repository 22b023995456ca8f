"""Which remembered things fit a goal, best first."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import chain

import numpy as np

from neural_brain.models.categories import FURNITURE
from neural_brain.models.executive.before import EARLIER
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.directions import lies_there
from neural_brain.models.executive.lexicon import CLOSE_COLOURS
from neural_brain.models.executive.situation import Situation, fits_room
from neural_brain.models.geometry import Array
from neural_brain.models.maps.said import (
    CENTER,
    CONFIDENCE,
    COUNT,
    ID,
    LAST_SEEN,
    SIZE,
    numbers_of,
)
from neural_brain.models.maps.tracks import also_named, named
from neural_brain.models.motion import TravelField
from neural_brain.models.sensing import LONGEST_EDGE_M
from neural_brain.models.signals import Goal, Landmark, MapState

EXACT, LIKELY, CLOSE, ANY = 0, 2, 3, 100
"""Largest misfit that is accepted; with ANY weak evidence will do, too."""
OTHER_NAME = 2
_LIKELY_NAME = 0.15
_NO_EDGE = (0.0, 0.0)
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
    category = goal.category
    known = situation.state.landmarks
    beside = _beside(goal, known)
    things = named(known, category, (misfit == EXACT and goal.colour) or None)
    if misfit == EXACT and not (goal.room or goal.near or goal.side or goal.toward):
        return _plain(goal, things, situation, config, failed=failed)
    also = also_named(known, category) if misfit >= OTHER_NAME else ()
    fitting, misfits = [], []
    for thing in chain(things, also):
        name = _misfit_of_name(goal, thing)
        if name is None or thing.id in failed:
            continue
        if misfit < ANY and not _sure(thing, config):
            continue
        rest = _misfit(goal, thing, situation, config, beside=beside)
        if rest is None or name + rest > misfit:
            continue
        fitting.append(thing)
        misfits.append(name + rest)
    if not fitting:
        return []  # without a look at the ways
    kinds = np.array([LONGEST_EDGE_M.get(t.category, _NO_EDGE)[0] for t in fitting])
    numbers = numbers_of(fitting)
    first = _order(goal, fitting, numbers, kinds, situation)
    order = np.lexsort((numbers[:, ID], first, np.array(misfits)))
    return [fitting[k] for k in order.tolist()]


def _plain(
    goal: Goal,
    things: Sequence[Landmark],
    situation: Situation,
    config: ExecutiveConfig,
    *,
    failed: Collection[int],
) -> list[Landmark]:
    """The same where name and colour are all that was said: things fit, or do not.

    No thing is looked at but those that are returned, as there may be thousands.
    """
    numbers = numbers_of(things)
    good = numbers[:, CONFIDENCE] >= config.min_confidence
    good &= numbers[:, COUNT] >= config.min_views
    good &= ~np.isin(numbers[:, ID], list(failed))
    numbers, listed = numbers[good], list(things)
    fitting = [listed[k] for k in np.flatnonzero(good).tolist()]
    if not fitting:
        return []
    kinds = np.full(len(fitting), LONGEST_EDGE_M.get(goal.category, _NO_EDGE)[0])
    first = _order(goal, fitting, numbers, kinds, situation)
    return [fitting[k] for k in np.lexsort((numbers[:, ID], first)).tolist()]


def choices(
    goal: Goal, state: MapState | None, config: ExecutiveConfig
) -> list[Landmark]:
    """Sure landmarks of different colours among which a goal does not choose."""
    if state is None or goal.colour or not goal.category:
        return []
    fitting = named(state.landmarks, goal.category)
    beside = _beside(goal, state.landmarks)
    things = [
        thing
        for thing in fitting
        if _sure(thing, config) and lies_there(goal, thing, beside)
    ]
    colours = {thing.colour for thing in things}
    return things if len(colours) > 1 else []


def _beside(goal: Goal, known: Sequence[Landmark]) -> Sequence[Landmark]:
    """The things that a goal's thing may be near to, or beside.

    Large things are motley: where none has the colour that was said, any is meant.
    """
    if not goal.near:
        return ()
    found = named(known, goal.near, goal.near_colour or None)
    return found or (named(known, goal.near) if goal.near in FURNITURE else ())


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
        others = (b.center_map for b in beside if b.id != thing.id)
        apart = (float(np.hypot(*(xyz - thing.center_map)[:2])) for xyz in others)
        misfit += 0 if min(apart, default=np.inf) < config.near_m else 2
    return misfit if lies_there(goal, thing, beside) else misfit + 2


def _only_one(thing: Landmark, state: MapState) -> bool:
    return len(named(state.landmarks, thing.category)) == 1


def _order(
    goal: Goal,
    things: Sequence[Landmark],
    numbers: Array,
    kinds: Array,
    situation: Situation,
) -> Array:
    """(n,) What comes first among things that fit equally well has the smallest.

    Args:
        goal: may ask for an order of its own.
        things: to be ordered.
        numbers: `numbers_of` them.
        kinds: (n,) longest edge [m] of a whole one of their kind.
        situation: where the robot is, and the ways.
    """
    if goal.which in EARLIER:
        return -numbers[:, LAST_SEEN]
    if goal.which == "nearest":  # a ruler would measure through walls
        return _ways_m(things, numbers, situation)
    if goal.which in ("largest", "smallest"):
        sizes = np.prod(numbers[:, SIZE], axis=1)
        return sizes if goal.which == "smallest" else -sizes
    return _prices(things, numbers, kinds, situation)


def _prices(
    things: Sequence[Landmark], numbers: Array, kinds: Array, situation: Situation
) -> Array:
    """(n,) The ways [m] much longer by doubt: a wrong thing costs more than a way."""
    longest = numbers[:, SIZE].max(axis=1)
    whole = np.minimum(1.0, longest / np.maximum(kinds, 1e-6))
    views = np.minimum(1.0, numbers[:, COUNT] / MANY_VIEWS)
    sure = numbers[:, CONFIDENCE] * (0.3 + 0.7 * views) * whole
    ways = _ways_m(things, numbers, situation)
    return np.asarray((ways + NEAR_M) / np.maximum(sure, 0.05) ** 2)


def _ways_m(things: Sequence[Landmark], numbers: Array, situation: Situation) -> Array:
    """(n,) Costs of the ways to things; straight lines where no way is known."""
    straight = _straight_m(numbers, situation)
    field = situation.field
    if field is None:
        return straight
    ways = np.array([way_m(thing, field) for thing in things])
    return np.where(np.isfinite(ways), ways, straight + NO_WAY_M)


def _straight_m(numbers: Array, situation: Situation) -> Array:
    """(n,) How far [m] things are from the robot."""
    apart = numbers[:, CENTER][:, :2] - situation.pose[:2]
    return np.hypot(apart[:, 0], apart[:, 1])


def way_m(thing: Landmark, field: TravelField | None) -> float:
    """Cost of the way [m] to where one can stand beside a thing; infinite if none."""
    if field is None:
        return math.inf
    reach = BESIDE_M + 0.5 * float(thing.size[:2].max())
    return float(field.cost_near(thing.center_map[:2], reach))
