"""A home in words: what stands where."""

from __future__ import annotations

from neural_brain.sim.homes.spec import HomeObject, HomeSpec, Room


def describe(home: HomeSpec) -> str:
    """The truth about a home as text, one sentence for every room.

    Doors come last; a closed door is named as such.
    """
    area = sum(room.area_m2 for room in home.rooms)
    lines = [
        f"Home {home.seed}: {len(home.rooms)} rooms, {area:.1f} m2, "
        f"{len(home.objects)} things."
    ]
    lines += [_room(home, room) for room in home.rooms]
    for door in home.doors:
        a, b = (home.rooms[room].name for room in door.rooms)
        state = "a closed door" if door.closed else "an open doorway"
        lines.append(f"Between the {a} and the {b}: {state}.")
    return "\n".join(lines) + "\n"


def _room(home: HomeSpec, room: Room) -> str:
    things = [_thing(home, thing) for thing in home.objects if thing.room == room.id]
    return f"In the {room.name} ({room.area_m2:.1f} m2): {', '.join(things)}."


def _thing(home: HomeSpec, thing: HomeObject) -> str:
    article = "an" if thing.colour[0] in "aeiou" else "a"
    words = f"{article} {thing.colour} {thing.category}"
    if thing.support >= 0:
        words += f" on the {home.objects[thing.support].category}"
    elif thing.size[2] < 0.4:
        words += " on the floor"
    return words
