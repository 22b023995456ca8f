"""Puts small objects on furniture and floors, each where the robot can touch it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neural_brain.models.categories import ROOM_PRIOR, SMALL_OBJECTS
from neural_brain.sim.homes.catalog import CATALOG, FLOOR, dimensions, surface
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.homes.free_space import REACH, FreeSpace, Mask
from neural_brain.sim.homes.furnish import RoomSpace, Size, overlap, turned
from neural_brain.sim.homes.plan import IntRect

TRIES = 25
EDGE_REACH = 260
"""Objects lie at most this far from the edge of what they stand on [mm]."""
ANYWHERE = 10
"""Objects that are in an unusual room [%]."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One placed small object, in mm and degrees; `support` indexes the pieces."""

    category: str
    room: int
    x: int
    y: int
    z: int
    yaw_deg: int
    size: Size
    variant: int
    support: int

    @property
    def radius(self) -> int:
        """Radius of the circle around its footprint, rounded up."""
        return math.isqrt(self.size[0] ** 2 + self.size[1] ** 2) // 2 + 1


class Scatter:
    """Places small objects one after the other.

    Args:
        draw: random stream.
        space: free cells; objects on the floor are added to it.
        rooms: furnished rooms.
        instances: half-open range of shape variants.
    """

    def __init__(
        self,
        draw: Draw,
        space: FreeSpace,
        rooms: list[RoomSpace],
        instances: tuple[int, int],
    ) -> None:
        self._draw, self._space, self._rooms = draw, space, rooms
        self._instances = instances
        self.pieces = [piece for room in rooms for piece in room.pieces]
        self.items: list[Item] = []

    def place(self, category: str) -> bool:
        """Try to place one object; false if no fitting spot was found."""
        variant = self._draw.between(self._instances[0], self._instances[1] - 1)
        size = dimensions(category, variant)
        for _ in range(TRIES):
            room = self._room_for(category)
            support = self._draw.pick(CATALOG[category].supports)
            item = (
                self._on_floor(room, category, size, variant)
                if support == FLOOR
                else self._on_top(room, support, category, size, variant)
            )
            if item is not None:
                self.items.append(item)
                return True
        return False

    def drivable(self) -> Mask:
        """The cells that can be reached from the first doorway (or the first room)."""
        x0, y0, x1, y1 = self._rooms[0].doorways[0]
        return self._space.joined_to((x0 + x1) // 2, (y0 + y1) // 2)

    def touchable(self, item: Item, drivable: Mask) -> bool:
        """Whether the robot can stand near enough to an object."""
        window, near = self._space.near(item.x, item.y, REACH)
        return bool((near & drivable[window]).any())

    def _room_for(self, category: str) -> RoomSpace:
        weights = [
            round(100 * ROOM_PRIOR[room.kind].get(category, 0.0))
            for room in self._rooms
        ]
        if sum(weights) == 0 or self._draw.chance(ANYWHERE):
            weights = [1] * len(self._rooms)
        return self._draw.weighted(self._rooms, weights)

    def _on_top(
        self, room: RoomSpace, support: str, category: str, size: Size, variant: int
    ) -> Item | None:
        options = [
            k
            for k, piece in enumerate(self.pieces)
            if piece.room == room.id
            and piece.category == support
            and surface(support, piece.size) is not None
        ]
        if not options:
            return None
        k = self._draw.pick(options)
        piece = self.pieces[k]
        top = surface(support, piece.size)
        spot = None if top is None else self._near_edge(top, size)
        if top is None or spot is None:
            return None
        dx, dy = turned(spot[0], spot[1], piece.turn)
        item = Item(
            category=category,
            room=room.id,
            x=piece.x + dx,
            y=piece.y + dy,
            z=top[4],
            yaw_deg=(90 * piece.turn + self._twist(category)) % 360,
            size=size,
            variant=variant,
            support=k,
        )
        taken = any(self._too_near(item, other) for other in self.items)
        return item if not taken and self.touchable(item, self.drivable()) else None

    def _near_edge(self, top: tuple[int, ...], size: Size) -> tuple[int, int] | None:
        """A spot whose centre is near an edge of a surface, in the piece's frame."""
        x0, y0, x1, y1, _ = top
        half = max(size[0], size[1]) // 2 + 15
        if x1 - x0 < 2 * half or y1 - y0 < 2 * half:
            return None
        x = self._draw.between(x0 + half, x1 - half)
        y = self._draw.between(y0 + half, y1 - half)
        inset = self._draw.between(half, max(half, EDGE_REACH - 20))
        side = self._draw.below(4)
        if side == 0:
            y = min(y0 + inset, y1 - half)
        elif side == 1:
            x = max(x1 - inset, x0 + half)
        elif side == 2:
            y = max(y1 - inset, y0 + half)
        else:
            x = min(x0 + inset, x1 - half)
        return x, y

    def _on_floor(
        self, room: RoomSpace, category: str, size: Size, variant: int
    ) -> Item | None:
        """Near a wall or a piece of furniture, out of the way."""
        x0, y0, x1, y1 = room.rect
        half = math.isqrt(size[0] ** 2 + size[1] ** 2) // 2 + 30
        if x1 - x0 < 2 * half or y1 - y0 < 2 * half:
            return None
        x = self._draw.between(x0 + half, x1 - half)
        y = self._draw.between(y0 + half, y1 - half)
        side, off = self._draw.below(4), self._draw.below(150)
        x = (x, x1 - half - off, x, x0 + half + off)[side]
        y = (y0 + half + off, y, y1 - half - off, y)[side]
        item = Item(
            category=category,
            room=room.id,
            x=x,
            y=y,
            z=0,
            yaw_deg=self._draw.below(360),
            size=size,
            variant=variant,
            support=-1,
        )
        return item if self._floor_is_free(room, item) else None

    def _floor_is_free(self, room: RoomSpace, item: Item) -> bool:
        rect = square(item)
        if any(overlap(rect, keep) for keep in room.keep):
            return False
        if any(overlap(rect, piece.rect, 20) for piece in room.pieces):
            return False
        if any(self._too_near(item, other) for other in self.items if other.z == 0):
            return False
        if not self._space.keeps_joined(room.rect, rect, room.doorways):
            return False
        before = self._space.blocked.copy()
        self._space.add(rect)
        drivable = self.drivable()
        if all(self.touchable(other, drivable) for other in [*self.items, item]):
            return True
        self._space.blocked[:] = before
        return False

    def _too_near(self, item: Item, other: Item) -> bool:
        if item.support != other.support:
            return False
        apart = item.radius + other.radius + 20
        return (item.x - other.x) ** 2 + (item.y - other.y) ** 2 < apart**2

    def _twist(self, category: str) -> int:
        """Things with a front face the user; others lie as they fell."""
        if category in ("laptop", "clock", "cushion"):
            return self._draw.between(-12, 12)
        return self._draw.below(360)


def square(item: Item) -> IntRect:
    """The square around an object's footprint."""
    r = item.radius
    return (item.x - r, item.y - r, item.x + r, item.y + r)


def categories_to_place(draw: Draw, rooms: list[RoomSpace], count: int) -> list[str]:
    """What to put out: every category once, then by what the rooms suggest."""
    wanted = draw.shuffled(SMALL_OBJECTS)
    weights = [
        10 + sum(round(100 * ROOM_PRIOR[room.kind].get(c, 0.0)) for room in rooms)
        for c in SMALL_OBJECTS
    ]
    while len(wanted) < count:
        wanted.append(draw.weighted(SMALL_OBJECTS, weights))
    return wanted
