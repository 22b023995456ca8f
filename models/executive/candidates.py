"""Which remembered things fit a goal, best first."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.lexicon import CLOSE_COLOURS
from neural_brain.models.executive.situation import Situation
from neural_brain.models.signals import Goal, Landmark, MapState


def candidates(
    goal: Goal,
    situation: Situation,
    config: ExecutiveConfig,
    *,
    failed: Collection[int] = (),
    tolerant: bool = False,
) -> list[Landmark]:
    """Landmarks that fit a goal, in the order in which to try them.

    Args:
        goal: what is wanted.
        situation: map and costs.
        config: when a landmark counts.
        failed: landmarks that were tried in vain.
        tolerant: accept unknown or similar colours, other rooms, weaker evidence and
            things that only some views called so, as is right when everything was
            searched.
    """
    fitting = []
    for thing in situation.state.landmarks:
        other_name = thing.category != goal.category
        if thing.id in failed or (other_name and not tolerant):
            continue
        if other_name and goal.category not in dict(thing.others):
            continue
        if not tolerant and not _sure(thing, config):
            continue
        rank = _misfit(goal, thing, situation, config)
        if rank is None or (rank > 0 and not tolerant):
            continue
        rank += 2 * other_name
        fitting.append((rank, _price(thing, situation), thing))
    fitting.sort(key=lambda item: (item[0], item[1], item[2].id))
    return [thing for _, _, thing in fitting]


def choices(
    goal: Goal, state: MapState | None, config: ExecutiveConfig
) -> list[Landmark]:
    """Sure landmarks of different colours among which a goal does not choose."""
    if state is None or goal.colour or not goal.category:
        return []
    things = [
        thing
        for thing in state.landmarks
        if thing.category == goal.category and _sure(thing, config)
    ]
    colours = {thing.colour for thing in things}
    return things if len(colours) > 1 else []


def _sure(thing: Landmark, config: ExecutiveConfig) -> bool:
    return thing.confidence >= config.min_confidence and thing.count >= config.min_views


def _misfit(
    goal: Goal, thing: Landmark, situation: Situation, config: ExecutiveConfig
) -> int | None:
    """0 = fits as said; more = fits with allowances; None = does not fit."""
    misfit = 0
    if goal.colour and thing.colour != goal.colour:
        if not thing.colour:
            misfit += 1
        elif thing.colour in CLOSE_COLOURS.get(goal.colour, ()):
            misfit += 2
        else:
            return None
    if goal.room:
        room = situation.room_of(thing.center_map[:2])
        misfit += 0 if room == goal.room else 1 if not room else 3
    if goal.near:
        others = [
            other.center_map[:2]
            for other in situation.state.landmarks
            if other.category == goal.near
        ]
        apart = [float(np.hypot(*(xy - thing.center_map[:2]))) for xy in others]
        misfit += 0 if apart and min(apart) < config.near_m else 2
    return misfit


def _price(thing: Landmark, situation: Situation) -> float:
    """Distance [m] made longer by doubt."""
    away = float(np.hypot(*(thing.center_map[:2] - situation.pose[:2])))
    return (away + 1.0) / max(thing.confidence, 0.05)
