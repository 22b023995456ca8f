"""Where a goal lies: here, where the robot must not go, or on another floor.

The robot cannot ride a lift itself. It drives to one, says where it must be taken, and
goes on when somebody has told it that it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from neural_brain.models.executive.lexicon import ASKED_FOR
from neural_brain.models.executive.places_known import (
    areas_called,
    floor_words,
    keep_out_called,
    rooms_called,
    the,
)
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import inside
from neural_brain.models.maps.tracks import named
from neural_brain.models.signals import (
    AreaKind,
    Floor,
    Goal,
    MapOrder,
    MapRequest,
    MapState,
)

BEGUN = ("explore", "stop", "leave", "back")


@dataclass(frozen=True, kw_only=True)
class Ride:
    """A goal on another floor.

    Attributes:
        goal: go to a lift.
        then: what to do on the other floor.
        text: both in words.
    """

    goal: Goal
    then: Goal
    text: str

    @property
    def ends_there(self) -> bool:
        """Whether nothing is left to do on the other floor."""
        return self.then.action == "go" and not (self.then.category or self.then.room)


def places_of(
    goals: Sequence[Goal], state: MapState | None
) -> tuple[tuple[Goal, ...], tuple[Ride, ...]] | str:
    """Goals to pursue on this floor, rides to another one, or why it cannot be."""
    placed = [place_of(goal, state) for goal in goals]
    for place in placed:
        if isinstance(place, str):
            return place
    rides = tuple(place for place in placed if isinstance(place, Ride))
    if len({ride.then.floor for ride in rides}) > 1:
        return "These lie on several floors. Say the goals of one floor at a time."
    return tuple(place for place in placed if isinstance(place, Goal)), rides


def place_of(goal: Goal, state: MapState | None) -> Goal | Ride | str:
    """The goal as it can be pursued here, a ride, or a sentence why it cannot be."""
    if state is None or goal.action in ("stop", "leave"):
        return goal
    closed = keep_out_called(goal.room, state.areas) if goal.room else None
    if closed is not None:
        where = the(closed.name)
        return f"I must stay out of {where}. Say 'you may enter {where}' to change it."
    floor = _floor_of(goal, state)
    if isinstance(floor, str):
        return floor
    if floor is not None:
        return _ride(goal, floor, state)
    here = replace(goal, floor="")
    alone = not goal.category and not goal.room
    if goal.floor and alone and goal.action not in BEGUN:
        return f"I am on the {floor_words(state.floor)} already."
    known = not goal.room or _room_here(goal.room, state)
    if not known and goal.room in ASKED_FOR:
        where = the(goal.room)
        return (
            f"I do not know where {where} is. Bring me there and say 'this is {where}'."
        )
    return here


def _floor_of(goal: Goal, state: MapState) -> Floor | str | None:
    """The other floor on which a goal lies; None for this one; or why it is unclear."""
    if goal.floor:
        if goal.floor.lower() == state.floor.lower():
            return None
        for floor in state.other_floors:
            if floor.name.lower() == goal.floor.lower():
                return floor
        words = floor_words(goal.floor)
        return (
            f"I do not know the {words}. Take me there and say 'you are on the {words} "
            "now'."
        )
    shown = goal.picture is not None or goal.pose_map is not None
    begun = goal.action in BEGUN or shown
    if begun or _known_here(goal, state):
        return None
    fitting = [floor for floor in state.other_floors if known_on(goal, floor)]
    if len(fitting) > 1:
        names = " or ".join(f"on the {floor_words(floor.name)}" for floor in fitting)
        return f"Do you mean {names}? Say it with the floor."
    return fitting[0] if fitting else None


def _ride(goal: Goal, floor: Floor, state: MapState) -> Ride | str:
    target = floor_words(floor.name)
    known = known_on(goal, floor) and (goal.category or goal.room)
    what = f"the {goal.colour} {goal.category}".replace("  ", " ")
    what = what if goal.category else the(goal.room)
    said = f"I remember {what} on the {target}. " if known else ""
    lifts = [
        area
        for area in state.areas
        if area.kind is AreaKind.LIFT
        and (not area.floors or floor.name.lower() in [f.lower() for f in area.floors])
    ]
    asks = f"say 'you are on the {target} now'"
    if not lifts:
        return (
            f"{said}I know no lift that leads there. Take me to the {target} and {asks}"
            "; or bring me to a lift and say 'this is the lift'."
        )
    name = lifts[0].name
    return Ride(
        goal=Goal(
            words=f"go to {the(name)} for the {target}",
            action="go",
            room=name,
            ride=floor.name,
        ),
        then=replace(goal, floor=floor.name),
        text=f"{said}I go to {the(name)}; take me from there to the {target} and "
        f"{asks}.",
    )


def _known_here(goal: Goal, state: MapState) -> bool:
    if goal.category:
        things = named(state.landmarks, goal.category)
        if any(not goal.colour or thing.colour == goal.colour for thing in things):
            return True
        return bool(goal.room) and _room_here(goal.room, state)
    return not goal.room or _room_here(goal.room, state)


def _room_here(name: str, state: MapState) -> bool:
    return bool(areas_called(name, state.areas) or rooms_called(name, state))


def known_on(goal: Goal, floor: Floor) -> bool:
    """Whether another floor has what a goal names, as far as is remembered."""
    rooms = {name.lower() for name in floor.rooms}
    if goal.room and goal.room.lower() not in rooms:
        return False
    if not goal.category:
        return True
    if goal.colour:
        return f"{goal.colour} {goal.category}" in floor.things
    return any(
        thing == goal.category or thing.endswith(f" {goal.category}")
        for thing in floor.things
    )


def closes(request: MapRequest, pose: Array) -> bool:
    """Whether the robot must not be any more where it is."""
    area = request.area
    if area is None or request.order is not MapOrder.ADD:
        return False
    here = pose[None, :2]
    return area.kind is AreaKind.KEEP_OUT and bool(inside(area.outline, here)[0])
