"""The floor plan: recursive splits into rooms, doorways, walls. Lengths in mm.

The rectangle of the whole home is split again and again across its longest room.
Every split leaves a wall; every pair of rooms that shares enough wall may get a door.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from neural_brain.sim.homes.draw import Draw

IntRect = tuple[int, int, int, int]
OUTER_WALL = 160
DOOR_MARGIN = 160
MIN_SIDE = 2300


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A doorway: rooms it joins, its rectangle in the wall, axis of the wall."""

    rooms: tuple[int, int]
    rect: IntRect
    along: str
    closed: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Rooms, wall pieces and doorways of one floor."""

    size: tuple[int, int]
    rooms: tuple[IntRect, ...]
    walls: tuple[IntRect, ...]
    gaps: tuple[Gap, ...]


def make_plan(draw: Draw, count: int, area_m2: int, *, closed: int) -> Plan | None:
    """A floor plan, or None if this draw does not give one.

    Args:
        draw: random stream.
        count: number of rooms.
        area_m2: floor area of the whole rectangle [m2].
        closed: how many doors to close, as far as every room stays reachable.
    """
    width = math.isqrt(area_m2 * 1_000_000 * draw.between(90, 150) // 100) // 10 * 10
    depth = area_m2 * 1_000_000 // width // 10 * 10
    split = _split(draw, (0, 0, width, depth), count)
    if split is None:
        return None
    rooms, walls = split
    gaps = _join(draw, rooms, walls)
    if gaps is None:
        return None
    gaps = _close(draw, len(rooms), gaps, closed)
    pieces = _outer_walls(width, depth)
    for wall in walls:
        pieces += _cut(wall, [gap.rect for gap in gaps])
    return Plan(
        size=(width, depth), rooms=tuple(rooms), walls=tuple(pieces), gaps=tuple(gaps)
    )


def connected(count: int, pairs: list[tuple[int, int]]) -> bool:
    """Whether the pairs join all of 0 .. count-1."""
    seen, todo = {0}, [0]
    while todo:
        here = todo.pop()
        for a, b in pairs:
            for there in (b,) if a == here else (a,) if b == here else ():
                if there not in seen:
                    seen.add(there)
                    todo.append(there)
    return len(seen) == count


def _split(
    draw: Draw, whole: IntRect, count: int
) -> tuple[list[IntRect], list[IntRect]] | None:
    rooms, walls = [whole], []
    while len(rooms) < count:
        areas = [(r[2] - r[0]) * (r[3] - r[1]) for r in rooms]
        x0, y0, x1, y1 = rooms.pop(areas.index(max(areas)))
        half = draw.pick((50, 55, 60))
        upright = x1 - x0 >= y1 - y0
        low, high = (x0, x1) if upright else (y0, y1)
        at = low + (high - low) * draw.between(38, 62) // 100 // 10 * 10
        if at - half - low < MIN_SIDE or high - at - half < MIN_SIDE:
            return None
        if upright:
            rooms += [(x0, y0, at - half, y1), (at + half, y0, x1, y1)]
            walls.append((at - half, y0, at + half, y1))
        else:
            rooms += [(x0, y0, x1, at - half), (x0, at + half, x1, y1)]
            walls.append((x0, at - half, x1, at + half))
    return rooms, walls


def _join(draw: Draw, rooms: list[IntRect], walls: list[IntRect]) -> list[Gap] | None:
    """A spanning tree of doorways plus some more that close loops."""
    options = []
    for a in range(len(rooms)):
        for b in range(a + 1, len(rooms)):
            gap = _doorway(draw, (a, b), rooms, walls)
            if gap is not None:
                options.append(gap)
    group = list(range(len(rooms)))
    chosen = []
    for gap in draw.shuffled(options):
        a, b = (group[room] for room in gap.rooms)
        if a != b:
            group = [a if g == b else g for g in group]
            chosen.append(gap)
        elif draw.chance(45):
            chosen.append(gap)
    return chosen if len(set(group)) == 1 else None


def _doorway(
    draw: Draw, pair: tuple[int, int], rooms: list[IntRect], walls: list[IntRect]
) -> Gap | None:
    """A doorway in the wall that two rooms share, if they share enough of one."""
    a, b = rooms[pair[0]], rooms[pair[1]]
    for wall in walls:
        for along, i, j in (("y", 0, 1), ("x", 1, 0)):
            touch = {wall[i], wall[i + 2]} == {a[i + 2], b[i]} or (
                {wall[i], wall[i + 2]} == {b[i + 2], a[i]}
            )
            low = max(a[j], b[j], wall[j]) + DOOR_MARGIN
            high = min(a[j + 2], b[j + 2], wall[j + 2]) - DOOR_MARGIN
            width = 10 * draw.between(92, 100)
            if not touch or high - low < width:
                continue
            start = low + draw.below((high - low - width) // 10 + 1) * 10
            end = start + width
            rect = (
                (wall[0], start, wall[2], end)
                if along == "y"
                else (start, wall[1], end, wall[3])
            )
            return Gap(rooms=pair, rect=rect, along=along)
    return None


def _close(draw: Draw, count: int, gaps: list[Gap], closed: int) -> list[Gap]:
    """Close some doors whose loss leaves every room reachable."""
    result = list(gaps)
    for k in draw.shuffled(range(len(gaps))):
        if sum(gap.closed for gap in result) == closed:
            break
        trial = [*result[:k], replace(result[k], closed=True), *result[k + 1 :]]
        if connected(count, [gap.rooms for gap in trial if not gap.closed]):
            result = trial
    return result


def _outer_walls(width: int, depth: int) -> list[IntRect]:
    t = OUTER_WALL
    return [
        (-t, -t, width + t, 0),
        (-t, depth, width + t, depth + t),
        (-t, 0, 0, depth),
        (width, 0, width + t, depth),
    ]


def _cut(wall: IntRect, holes: list[IntRect]) -> list[IntRect]:
    """A wall without the doorways that lie in it."""
    upright = wall[3] - wall[1] > wall[2] - wall[0]
    i = 1 if upright else 0
    inside = sorted(
        (hole[i], hole[i + 2])
        for hole in holes
        if hole[1 - i] == wall[1 - i]
        and hole[3 - i] == wall[3 - i]
        and wall[i] <= hole[i]
        and hole[i + 2] <= wall[i + 2]
    )
    pieces, at = [], wall[i]
    for start, end in [*inside, (wall[i + 2], wall[i + 2])]:
        if start > at:
            pieces.append(
                (wall[0], at, wall[2], start)
                if upright
                else (at, wall[1], start, wall[3])
            )
        at = end
    return pieces
