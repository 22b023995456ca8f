"""`neural-brain map floors`: the floors that a memory file holds, and their names.

list FILE                number, name, rooms, things and areas of every floor
rename FILE FLOOR NAME   give a floor, by name or number, another name
"""

from __future__ import annotations

import argparse

from neural_brain.cli.memory_place import memory_place

SUMMARY = "floors: list, rename"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    commands = parser.add_subparsers(dest="do", required=True, metavar="DO")
    for name, text in (("list", "print the floors"), ("rename", "name one anew")):
        command = commands.add_parser(name, help=text)
        command.add_argument("file", type=memory_place, help="memory file or address")
        if name == "rename":
            command.add_argument("floor", help="its name or number")
            command.add_argument("name", help="such as: first")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    from neural_brain.models.memory import pick_floor, read_floors, rename_floor

    if args.do == "rename":
        floor = rename_floor(args.file, args.floor, args.name)
        print(f"map {floor.place} is the {floor.name} floor now")
        return 0
    floors = read_floors(args.file)
    newest = pick_floor(floors, None)
    for floor in floors:
        counts = {
            name: len(floor.data.get(name, []))
            for name in ("rooms", "landmarks", "areas")
        }
        mark = "  (saved last)" if floor is newest else ""
        print(
            f"{floor.place:3d}  {floor.name or '(no name)':<16} "
            + ", ".join(f"{count} {name}" for name, count in counts.items())
            + f", saved at {floor.stamp:.0f} s{mark}"
        )
    return 0
