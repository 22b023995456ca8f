"""Puts furniture into rooms: what a room usually has, where it can stand.

Every piece keeps the doorways free and joined, and some room before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from neural_brain.models.categories import FURNITURE, ROOM_PRIOR
from neural_brain.sim.homes.catalog import CATALOG, dimensions
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.homes.free_space import FreeSpace
from neural_brain.sim.homes.plan import IntRect

TRIES = 40
WALL_GAP = 20
MOST_FILLED = 38
"""Furniture covers at most this share of a room's floor [%]."""
LEAST_FILLED = 12
"""Rooms emptier than this are furnished once more [%]."""
ROUNDS = 3
MOST_OF = {"chair": 4, "cabinet": 3, "bookcase": 3, "plant": 3, "nightstand": 2,
           "lamp": 2, "sofa": 2, "table": 2, "desk": 2}  # fmt: skip
"""How many pieces of a category a room may have; one of all others."""

Size = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One placed piece of furniture, in mm and quarter turns."""

    category: str
    room: int
    x: int
    y: int
    turn: int
    size: Size
    variant: int

    @property
    def rect(self) -> IntRect:
        """Its footprint."""
        return footprint(self.x, self.y, self.size, self.turn)


@dataclass
class RoomSpace:
    """One room while it is being filled."""

    id: int
    kind: str
    rect: IntRect
    doorways: list[IntRect]
    keep: list[IntRect]
    pieces: list[Piece] = field(default_factory=list)
    fronts: list[IntRect] = field(default_factory=list)

    @property
    def filled(self) -> int:
        """Share of the floor under furniture [%]."""
        x0, y0, x1, y1 = self.rect
        used = sum(piece.size[0] * piece.size[1] for piece in self.pieces)
        return 100 * used // ((x1 - x0) * (y1 - y0))

    def tables(self) -> list[Piece]:
        """Tables and desks: the pieces that chairs stand at."""
        return [p for p in self.pieces if p.category in ("table", "desk")]


def furnish(
    draw: Draw, space: FreeSpace, room: RoomSpace, instances: tuple[int, int]
) -> None:
    """Fill a room with what rooms of its kind have; changes `room` and `space`."""
    for round_ in range(ROUNDS):
        if round_ and room.filled >= LEAST_FILLED:
            return
        for category in _wanted(draw, room.kind):
            _place(draw, space, room, category, instances)


def _place(
    draw: Draw,
    space: FreeSpace,
    room: RoomSpace,
    category: str,
    instances: tuple[int, int],
) -> None:
    """Put one piece into the room if it fits somewhere."""
    variant = draw.between(instances[0], instances[1] - 1)
    size = dimensions(category, variant)
    x0, y0, x1, y1 = room.rect
    share = 100 * size[0] * size[1] // ((x1 - x0) * (y1 - y0))
    usual = sum(piece.category == category for piece in room.pieces)
    if room.filled + share > MOST_FILLED or usual >= MOST_OF.get(category, 1):
        return
    for _ in range(TRIES):
        piece = _propose(draw, room, category, size, variant)
        if _fits(space, room, piece):
            room.pieces.append(piece)
            room.fronts.append(_front(piece))
            space.add(piece.rect)
            return


def footprint(x: int, y: int, size: Size, turn: int) -> IntRect:
    """The rectangle that a piece covers after `turn` quarter turns."""
    w, d = (size[0], size[1]) if turn % 2 == 0 else (size[1], size[0])
    return (x - w // 2, y - d // 2, x - w // 2 + w, y - d // 2 + d)


def overlap(a: IntRect, b: IntRect, gap: int = 0) -> bool:
    """Whether two rectangles come nearer than `gap` along both axes."""
    return (
        a[0] < b[2] + gap
        and b[0] < a[2] + gap
        and a[1] < b[3] + gap
        and b[1] < a[3] + gap
    )


def _wanted(draw: Draw, kind: str) -> list[str]:
    """Categories to place, the most typical first; chairs after what they stand at."""
    prior = {c: p for c, p in ROOM_PRIOR[kind].items() if c in FURNITURE}
    first, later = [], []
    for category in sorted(prior, key=lambda c: (-prior[c], c)):
        percent = round(100 * prior[category])
        if percent < 90 and not draw.chance(percent):
            continue
        if category == "chair":
            later += [category] * draw.between(1, 4 if kind != "office" else 2)
        elif category == "cabinet" and kind == "kitchen":
            later += [category] * draw.between(1, 3)
        elif category == "nightstand":
            later += [category] * draw.between(1, 2)
        else:
            first.append(category)
    return first + later


def _propose(
    draw: Draw, room: RoomSpace, category: str, size: Size, variant: int
) -> Piece:
    if category == "chair" and room.tables():
        x, y, turn = _at_table(draw, draw.pick(room.tables()), size)
    elif category == "table" and draw.chance(60):
        x, y, turn = _in_the_middle(draw, room.rect)
    elif category == "nightstand" and draw.chance(80):
        x, y, turn = _beside_bed(draw, room, size)
    else:
        x, y, turn = _at_wall(draw, room.rect, size)
    return Piece(
        category=category,
        room=room.id,
        x=x,
        y=y,
        turn=turn,
        size=size,
        variant=variant,
    )


def _at_wall(draw: Draw, rect: IntRect, size: Size) -> tuple[int, int, int]:
    """Its back to a wall; turn 0 has the back at the upper wall (+y)."""
    x0, y0, x1, y1 = rect
    turn = draw.below(4)
    w, half_depth = size[0], size[1] // 2 + WALL_GAP
    low, high = (x0, x1) if turn % 2 == 0 else (y0, y1)
    spare = max(high - low - w - 2 * WALL_GAP, 0)
    along = low + WALL_GAP + w // 2 + draw.below(spare // 10 + 1) * 10
    across = {
        0: y1 - half_depth,
        1: x0 + half_depth,
        2: y0 + half_depth,
        3: x1 - half_depth,
    }[turn]
    return (along, across, turn) if turn % 2 == 0 else (across, along, turn)


def _in_the_middle(draw: Draw, rect: IntRect) -> tuple[int, int, int]:
    x0, y0, x1, y1 = rect
    x = (x0 + x1) // 2 + draw.between(-60, 60) * 10
    y = (y0 + y1) // 2 + draw.between(-60, 60) * 10
    return x, y, draw.below(2)


def _at_table(draw: Draw, table: Piece, size: Size) -> tuple[int, int, int]:
    """Half under the table's edge, looking at it."""
    side = (table.turn + (draw.below(4) if table.category == "table" else 0)) % 4
    x0, y0, x1, y1 = table.rect
    tucked = size[1] // 2 - 150
    if side % 2 == 0:
        x = draw.between(x0 + size[0] // 2 + 60, max(x1 - size[0] // 2 - 60, x0 + 300))
        return (x, y0 - tucked, 2) if side == 0 else (x, y1 + tucked, 0)
    y = draw.between(y0 + size[0] // 2 + 60, max(y1 - size[0] // 2 - 60, y0 + 300))
    return (x1 + tucked, y, 3) if side == 1 else (x0 - tucked, y, 1)


def _beside_bed(draw: Draw, room: RoomSpace, size: Size) -> tuple[int, int, int]:
    beds = [p for p in room.pieces if p.category == "bed"]
    if not beds:
        return _at_wall(draw, room.rect, size)
    bed = beds[0]
    dx = draw.pick((-1, 1)) * (bed.size[0] + size[0] + 60) // 2
    dy = (bed.size[1] - size[1]) // 2
    x, y = turned(dx, dy, bed.turn)
    return bed.x + x, bed.y + y, bed.turn


def turned(x: int, y: int, turn: int) -> tuple[int, int]:
    """A vector after quarter turns to the left."""
    for _ in range(turn % 4):
        x, y = -y, x
    return x, y


def _front(piece: Piece) -> IntRect:
    """Floor that stays free before a piece, so that people and robots can use it."""
    deep = CATALOG[piece.category].front
    dx, dy = turned(0, -(piece.size[1] + deep) // 2, piece.turn)
    return footprint(
        piece.x + dx, piece.y + dy, (piece.size[0] - 40, deep, 0), piece.turn
    )


def _fits(space: FreeSpace, room: RoomSpace, piece: Piece) -> bool:
    rect, front = piece.rect, _front(piece)
    x0, y0, x1, y1 = room.rect
    if rect[0] < x0 or rect[1] < y0 or rect[2] > x1 or rect[3] > y1:
        return False
    if any(overlap(rect, keep) for keep in room.keep):
        return False
    seat = piece.category == "chair"
    for other, zone in zip(room.pieces, room.fronts, strict=True):
        under = seat and other.category in ("table", "desk")
        if not under and overlap(rect, other.rect, WALL_GAP):
            return False
        if not under and overlap(rect, zone):
            return False
        if overlap(front, other.rect) and CATALOG[piece.category].front:
            return False
    return space.keeps_joined(room.rect, rect, room.doorways)
