"""From a seed to a home: plan, kinds of rooms, furniture, small objects, start pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.models.errors import ConfigError, SimulationError
from neural_brain.sim.homes.catalog import CATALOG, INSTANCES, PUSHABLE
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.homes.free_space import CELL, FreeSpace
from neural_brain.sim.homes.furnish import Piece, RoomSpace, furnish
from neural_brain.sim.homes.plan import IntRect, Plan, make_plan
from neural_brain.sim.homes.scatter import Item, Scatter, categories_to_place
from neural_brain.sim.homes.seeds import split_of
from neural_brain.sim.homes.spec import Door, HomeObject, HomeSpec, Rect, Room

ATTEMPTS = 400
WALL_HEIGHT_MM = 2400
KEEP_BEFORE_DOOR = 750
MOST_ROOMS = 10


def generate_home(
    seed: int,
    *,
    rooms: int | None = None,
    small: bool = False,
    free_objects: int = 6,
) -> HomeSpec:
    """The home of a seed, the same on every machine.

    Every room can be reached through open doors, and every small object can be
    touched from a place where the robot can stand.

    Args:
        seed: whole number >= 0; `seeds.yaml` says which seeds are for what.
        rooms: number of rooms, 3..10; None lets the seed decide.
        small: 3 rooms on about 40 m2 with few objects, for quick tests.
        free_objects: how many small objects can be pushed; the rest is fixed.

    Raises:
        ConfigError: for arguments out of range.
        SimulationError: if no home was found (not known to happen).
    """
    if seed < 0 or (rooms is not None and not 3 <= rooms <= MOST_ROOMS):
        raise ConfigError(
            f"Home seed {seed}, rooms {rooms}: allowed are seeds >= 0 and 3 to "
            f"{MOST_ROOMS} rooms. Choose values inside."
        )
    count = 3 if small else rooms or Draw(seed).between(3, MOST_ROOMS)
    for attempt in range(ATTEMPTS):
        draw = Draw(seed, attempt, int(small), count)
        home = _attempt(draw, seed, count, small, free_objects)
        if home is not None:
            return home
    raise SimulationError(
        f"No home was found for seed {seed} in {ATTEMPTS} attempts. Use another seed."
    )


def _attempt(
    draw: Draw, seed: int, count: int, small: bool, free_objects: int
) -> HomeSpec | None:
    if small:
        area = draw.between(37, 44)
    else:
        area = min(max(count * draw.between(14, 21), 62), 200)
    closed = 0 if small else draw.below(3)
    plan = make_plan(draw, count, area, closed=closed)
    if plan is None:
        return None
    instances = INSTANCES[split_of(seed)]
    space = FreeSpace(plan.size, _obstacles(plan))
    filled = _fill_rooms(draw, space, plan, instances)
    scatter = Scatter(draw, space, filled, instances)
    goal, kinds = (18, 8) if small else (draw.between(42, 48), 15)
    for category in categories_to_place(draw, filled, goal + goal // 8):
        if len(scatter.items) < goal:
            scatter.place(category)
    if len(scatter.items) < (15 if small else 40):
        return None
    if len({item.category for item in scatter.items}) < kinds:
        return None
    start = _start(draw, plan, scatter)
    if start is None:
        return None
    return HomeSpec(
        seed=seed,
        size=(plan.size[0] / 1000, plan.size[1] / 1000),
        wall_height=WALL_HEIGHT_MM / 1000,
        rooms=_rooms(filled),
        walls=tuple(_metres(wall) for wall in plan.walls),
        doors=_doors(plan),
        objects=_objects(draw, scatter, free_objects),
        start=start,
        instances=split_of(seed),
    )


def _obstacles(plan: Plan) -> list[IntRect]:
    return [*plan.walls, *(gap.rect for gap in plan.gaps if gap.closed)]


def _fill_rooms(
    draw: Draw, space: FreeSpace, plan: Plan, instances: tuple[int, int]
) -> list[RoomSpace]:
    kinds = _kinds(draw, list(plan.rooms))
    filled = []
    for k, rect in enumerate(plan.rooms):
        gaps = [gap for gap in plan.gaps if k in gap.rooms]
        room = RoomSpace(
            id=k,
            kind=kinds[k],
            rect=rect,
            doorways=[gap.rect for gap in gaps if not gap.closed],
            keep=[_keep(gap.rect, gap.along) for gap in gaps],
        )
        furnish(draw, space, room, instances)
        filled.append(room)
    return filled


def _kinds(draw: Draw, rects: list[IntRect]) -> list[str]:
    """Kinds of rooms: living room large, bathroom and storage small."""
    bound = {3: ("living room", "kitchen", "bedroom")}.get(
        len(rects), ("living room", "kitchen", "bedroom", "bathroom")
    )
    extra = (
        "bedroom",
        "office",
        "hall",
        "dining room",
        "storage",
        "bedroom",
        "bathroom",
    )
    more = draw.shuffled(extra)[: len(rects) - len(bound)]
    rank = (
        "living room", "bedroom", "dining room", "kitchen", "office", "hall",
        "bathroom", "storage",
    )  # fmt: skip
    kinds = sorted([*bound, *more], key=rank.index)
    order = sorted(
        range(len(rects)),
        key=lambda k: -(rects[k][2] - rects[k][0]) * (rects[k][3] - rects[k][1]),
    )
    result = [""] * len(rects)
    for kind, k in zip(kinds, order, strict=True):
        result[k] = kind
    return result


def _keep(rect: IntRect, along: str) -> IntRect:
    """Floor on both sides of a doorway that stays free."""
    x0, y0, x1, y1 = rect
    deep = KEEP_BEFORE_DOOR
    if along == "y":
        return (x0 - deep, y0 - 60, x1 + deep, y1 + 60)
    return (x0 - 60, y0 - deep, x1 + 60, y1 + deep)


def _start(draw: Draw, plan: Plan, scatter: Scatter) -> tuple[float, float, int] | None:
    """A reachable cell with reachable cells all around it."""
    drivable = scatter.drivable()
    for x0, y0, x1, y1 in (gap.rect for gap in plan.gaps if not gap.closed):
        if not drivable[(y0 + y1) // 2 // CELL, (x0 + x1) // 2 // CELL]:
            return None
    roomy = drivable.copy()
    for shift in (-3, 3):
        for axis in (0, 1):
            roomy &= np.roll(drivable, shift, axis)
    rows, columns = np.nonzero(roomy)
    if len(rows) == 0:
        return None
    k = draw.below(len(rows))
    x, y = int(columns[k]) * CELL + CELL // 2, int(rows[k]) * CELL + CELL // 2
    return (x / 1000, y / 1000, draw.below(360))


def _rooms(filled: list[RoomSpace]) -> tuple[Room, ...]:
    """Rooms with unique names: "bedroom", "bedroom 2"."""
    names: list[str] = []
    for room in filled:
        same = sum(other.kind == room.kind for other in filled[: room.id])
        names.append(room.kind if same == 0 else f"{room.kind} {same + 1}")
    return tuple(
        Room(id=room.id, kind=room.kind, name=name, rect=_metres(room.rect))
        for room, name in zip(filled, names, strict=True)
    )


def _doors(plan: Plan) -> tuple[Door, ...]:
    return tuple(
        Door(
            id=k,
            rooms=gap.rooms,
            rect=_metres(gap.rect),
            along=gap.along,
            closed=gap.closed,
        )
        for k, gap in enumerate(plan.gaps)
    )


def _objects(draw: Draw, scatter: Scatter, free_objects: int) -> tuple[HomeObject, ...]:
    colours = _Colours(draw)
    things = []
    for piece in scatter.pieces:
        place = ((piece.x, piece.y, 0), 90 * piece.turn, -1)
        things.append(_thing(len(things), piece, place, colours.of(piece.category, "")))
    for item in scatter.items:
        place = ((item.x, item.y, item.z), item.yaw_deg, item.support)
        below = things[item.support].colour if item.support >= 0 else ""
        colour = colours.of(item.category, below)
        things.append(_thing(len(things), item, place, colour))
    free = sorted(
        (thing for thing in things if thing.category in PUSHABLE),
        key=lambda thing: (PUSHABLE.index(thing.category), thing.id),
    )
    chosen = {thing.id for thing in _varied(free, free_objects)}
    return tuple(replace(thing, free=thing.id in chosen) for thing in things)


def _varied(things: list[HomeObject], count: int) -> list[HomeObject]:
    """The first of every category, then the second ones, and so on."""
    seen: dict[str, int] = {}
    order = []
    for k, thing in enumerate(things):
        seen[thing.category] = seen.get(thing.category, 0) + 1
        order.append((seen[thing.category], k))
    return [things[k] for _, k in sorted(order)[:count]]


class _Colours:
    """Deals colours so that things of one category differ as long as they can.

    A thing does not get the colour of what it stands on, if there is another.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._left: dict[str, list[str]] = {}

    def of(self, category: str, below: str) -> str:
        left = self._left.setdefault(category, [])
        if not left:
            left += self._draw.shuffled(CATALOG[category].colours)
        fitting = [colour for colour in left if colour != below]
        colour = (fitting or left)[-1]
        left.remove(colour)
        return colour


def _thing(
    number: int,
    what: Piece | Item,
    place: tuple[tuple[int, int, int], int, int],
    colour: str,
) -> HomeObject:
    (x, y, z), yaw_deg, support = place
    materials = CATALOG[what.category].materials
    return HomeObject(
        id=number,
        category=what.category,
        colour=colour,
        room=what.room,
        position=(x / 1000, y / 1000, z / 1000),
        yaw_deg=yaw_deg,
        size=(what.size[0] / 1000, what.size[1] / 1000, what.size[2] / 1000),
        support=support,
        variant=what.variant,
        material=materials[what.variant % len(materials)],
        free=False,
    )


def _metres(rect: IntRect) -> Rect:
    return (rect[0] / 1000, rect[1] / 1000, rect[2] / 1000, rect[3] / 1000)
