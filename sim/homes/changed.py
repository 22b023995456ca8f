"""The same home on another day: things have changed places, a door is closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from neural_brain.models.categories import SMALL_OBJECTS
from neural_brain.models.errors import ConfigError, SimulationError
from neural_brain.sim.homes.plan import connected
from neural_brain.sim.homes.spec import Door, HomeObject, HomeSpec


def moved_things(
    home: HomeSpec,
    share: float,
    generator: np.random.Generator,
    kinds: Collection[str] = SMALL_OBJECTS,
) -> tuple[HomeSpec, frozenset[int]]:
    """Let a share of the small things go where others of them were.

    Every chosen thing takes the place of the next one, so all places are plausible and
    none is taken twice.

    Args:
        home: as it was.
        share: of the small things, 0..1.
        generator: for the choice.
        kinds: categories that may move, if not all small things.

    Returns:
        The changed home and the ids of the things that are elsewhere.

    Raises:
        ConfigError: for a share out of range.
    """
    if not 0.0 <= share <= 1.0:
        raise ConfigError(f"share = {share}; expected 0 to 1. Choose a value inside.")
    movable = [thing.id for thing in home.objects if thing.category in kinds]
    count = round(share * len(movable))
    if count < 2:
        return home, frozenset()
    chosen = generator.permutation(movable)[:count].tolist()
    places = dict(zip(chosen, chosen[1:] + chosen[:1], strict=True))
    objects = tuple(
        _at(thing, home.objects[places[thing.id]]) if thing.id in places else thing
        for thing in home.objects
    )
    return replace(home, objects=objects), frozenset(chosen)


def spare_doors(home: HomeSpec) -> list[Door]:
    """Open doors without which every room can still be reached."""
    open_doors = [door for door in home.doors if not door.closed]
    return [
        door
        for door in open_doors
        if connected(len(home.rooms), [d.rooms for d in open_doors if d.id != door.id])
    ]


def close_a_door(
    home: HomeSpec, generator: np.random.Generator
) -> tuple[HomeSpec, int]:
    """Close one of the spare doors.

    Args:
        home: as it was.
        generator: for the choice.

    Returns:
        The changed home and the id of the door.

    Raises:
        SimulationError: if every open door is needed.
    """
    spare = [door.id for door in spare_doors(home)]
    if not spare:
        raise SimulationError(
            f"Home {home.seed}: no open door can be closed, every one of them is "
            "needed. Leave it out."
        )
    shut = int(generator.choice(spare))
    doors = tuple(
        replace(door, closed=True) if door.id == shut else door for door in home.doors
    )
    return replace(home, doors=doors), shut


def _at(thing: HomeObject, other: HomeObject) -> HomeObject:
    return replace(
        thing, position=other.position, room=other.room, support=other.support
    )
