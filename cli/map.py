"""`neural-brain map`: look at, export, check, repair and merge maps; 3-D models.

show FILE              text summary and a picture
find FILE "the red mug"   where it was seen, the likeliest first
diary FILE             what happened, and the seconds around what mattered
export FILE --to DIR   map.yaml + map.pgm for ROS map servers, GeoJSON, a picture
check FILE             structure, checksums and versions; exit code 1 if damaged
repair FILE            save what can be read; exit code 1 if something is lost
merge A B --to FILE    two maps of one home as one
areas DO FILE          named areas: list, add, remove, import, export
floors DO FILE         floors: list, rename
mesh RECORDING --to home.ply   a coloured 3-D model from a recording with depth

Instead of a FILE, all but `repair` and `mesh` take the address of a shared map, such as
postgresql://user@host/database.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from neural_brain.cli import map_areas, map_diary, map_find, map_floors, map_mesh
from neural_brain.cli.memory_place import memory_place

if TYPE_CHECKING:
    from neural_brain.models.maps import CognitiveMap
    from neural_brain.models.memory import Place

HELP = "look at, export, check, repair or merge saved maps; build 3-D models"
PLACE = "memory file, or postgresql://... of a shared map"
FLOOR = "name or number of a floor (default: saved last)"
FURTHER = {
    "find": map_find,
    "diary": map_diary,
    "areas": map_areas,
    "floors": map_floors,
    "mesh": map_mesh,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    show = commands.add_parser("show", help="print a summary and draw a picture")
    show.add_argument("file", type=memory_place, help=PLACE)
    show.add_argument("--floor", help=FLOOR)
    show.add_argument("--png", type=Path, help="picture (default: FILE.png)")
    export = commands.add_parser("export", help="write ROS map, GeoJSON and picture")
    export.add_argument("file", type=memory_place, help=PLACE)
    export.add_argument("--floor", help=FLOOR)
    export.add_argument("--to", type=Path, required=True, help="folder to write to")
    check = commands.add_parser("check", help="is the file whole?")
    check.add_argument("file", type=memory_place, help=PLACE)
    repair = commands.add_parser("repair", help="save what can be read of a file")
    repair.add_argument("file", type=memory_place, help="damaged memory file")
    repair.add_argument("--to", type=Path, help="new file (default: take its place)")
    merge = commands.add_parser("merge", help="two maps of one home as one")
    merge.add_argument("file", type=memory_place, help=f"{PLACE} whose frame is kept")
    merge.add_argument("other", type=memory_place, help=f"{PLACE} of the same home")
    merge.add_argument(
        "--to",
        type=memory_place,
        required=True,
        help="new file, or address of an empty database or of the first map",
    )
    for name, module in FURTHER.items():
        further = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(further)


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0 = done, 1 = the file is or was damaged."""
    if args.what in FURTHER:
        return int(FURTHER[args.what].run(args))
    if args.what == "check":
        return _check(args.file)
    if args.what == "repair":
        return _repair(args.file, args.to)
    if args.what == "merge":
        return _merge(args.file, args.other, args.to)
    cognitive = load(args.file, args.floor)
    if args.what == "show":
        return _show(args.file, cognitive, args.png)
    return _export(cognitive, args.to)


def load(path: Place, floor: str | None = None) -> CognitiveMap:
    """The newest whole map of a memory (of a floor), which is not changed.

    Raises:
        MapFileError: if there is none.
    """
    from neural_brain.models.maps import CognitiveMap, MapsConfig
    from neural_brain.models.memory import load_floor, load_newest

    if floor is None:
        return load_newest(path, MapsConfig())
    return CognitiveMap.restore(MapsConfig(), load_floor(path, floor))


def _show(place: Place, cognitive: CognitiveMap, png: Path | None) -> int:
    from neural_brain.models.memory import shown
    from neural_brain.view.map_picture import draw_map, save_picture

    state = cognitive.state()
    names = {room.id: room.name or f"room {room.id}" for room in state.rooms}
    print(
        f"{shown(place)}: {f'{state.floor} floor, ' if state.floor else ''}"
        f"{len(state.rooms)} rooms, {len(state.places)} places, "
        f"{len(state.passages)} passages, {len(state.landmarks)} landmarks"
    )
    for room in sorted(state.rooms, key=lambda room: -room.area_m2):
        x, y = room.center
        print(f"  {names[room.id]:<16} {room.area_m2:6.1f} m2  at ({x:.1f}, {y:.1f})")
    for area in state.areas:
        print(f"  {area.kind.value:<16} {area.name}")
    rooms = cognitive.rooms_of(state.landmarks)
    for mark, room in sorted(
        zip(state.landmarks, rooms, strict=True), key=lambda pair: pair[0].category
    ):
        words = f"{mark.colour} {mark.category}".strip()
        x, y, z = mark.center_map
        print(
            f"  {words:<24} ({x:6.2f}, {y:6.2f}, {z:5.2f}) m  "
            f"{100 * mark.confidence:3.0f} %  seen {mark.count} times, "
            f"last at {mark.last_seen:.0f} s  {names.get(int(room), '')}".rstrip()
        )
    beside = Path("map.png" if isinstance(place, str) else f"{place}.png")
    target = png or beside
    pose = cognitive.last_pose
    save_picture(str(target), draw_map(state, pose_map_base=pose))
    print(f"picture: {target}")
    return 0


def _export(cognitive: CognitiveMap, folder: Path) -> int:
    from neural_brain.view.map_export import export_map

    for path in export_map(cognitive.state(), folder):
        print(path)
    return 0


def _check(place: Place) -> int:
    from neural_brain.models.memory import check_memory

    report = check_memory(place)
    print(
        f"{report.path}: {report.size_bytes / 1024:.0f} KiB, {len(report.whole)} of "
        f"{len(report.generations)} map generations whole"
    )
    for table, count in report.counts.items():
        print(f"  {table}: {count}")
    for problem in report.problems:
        print(f"  PROBLEM: {problem}")
    print("damaged" if report.problems else "whole")
    return 1 if report.problems else 0


def _repair(place: Place, to: Path | None) -> int:
    from neural_brain.models.errors import MapFileError
    from neural_brain.models.memory import repair_file, shown

    if isinstance(place, str):
        raise MapFileError(
            f"{shown(place)} is on a server, which repairs itself after a crash; "
            "generations that are damaged all the same are passed over. If `neural-"
            "brain map check` finds some, restore a backup that pg_dump made."
        )
    report = repair_file(place, to)
    print(
        f"{report.path}: {report.generations} map generations and "
        f"{report.events} events saved"
    )
    if report.aside is not None:
        print(f"the damaged file is now {report.aside}")
    for loss in report.lost:
        print(f"  LOST: {loss}")
    return 1 if report.lost else 0


def _merge(first: Place, second: Place, to: Place) -> int:
    from math import degrees

    from neural_brain.models.memory import merge_files

    report = merge_files(first, second, to)
    way = report.alignment
    x, y, yaw = way.pose_a_b
    a, b, both = report.landmarks
    print(
        f"{report.path}: {both} landmarks (from {a} and {b}), {report.events} events\n"
        f"the second map lies at x {x:.2f} m, y {y:.2f} m, turned {degrees(yaw):.1f} "
        f"deg; {way.overlap_m2:.0f} m2 in common, {100 * way.agreement:.0f} % of the "
        "walls there agree"
    )
    return 0
