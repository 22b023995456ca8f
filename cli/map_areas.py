"""`neural-brain map areas`: named areas of a memory file, its floors, GeoJSON, masks.

list FILE                 areas of the floor that was saved last (or of --floor)
add FILE --name N ...     a room, a keep-out or slow area, a dock, a lift, or a door
                          that is driven one way only
remove FILE --name N      the area of that name (and --kind, if there are two)
import FILE GEOJSON       areas of a file; those of one kind and name are replaced
export FILE --to GEOJSON  areas as GeoJSON; --masks DIR: masks for Nav2's filters

Metres and radians in the frame `map`. Stop the robot first; a running one takes the
same in words.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neural_brain.cli.memory_place import memory_place
from neural_brain.cli.numbers import real

if TYPE_CHECKING:
    from neural_brain.models.maps.areas import Areas
    from neural_brain.models.memory import Place
    from neural_brain.models.signals import Area

SUMMARY = "named areas: list, add, remove, import, export"
KINDS = ("room", "keep-out", "slow", "dock", "lift", "one-way")
METRES = real(-1000.0, 1000.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    commands = parser.add_subparsers(dest="do", required=True, metavar="DO")
    made = {
        name: commands.add_parser(name, help=text)
        for name, text in (
            ("list", "print the areas"),
            ("add", "add one, or replace the one of its kind and name"),
            ("remove", "remove one"),
            ("import", "add those of a GeoJSON file"),
            ("export", "write them as GeoJSON, or as masks for Nav2"),
        )
    }
    for command in made.values():
        command.add_argument("file", type=memory_place, help="memory file or address")
        command.add_argument("--floor", help="name or number (default: saved last)")
    add, remove, export = made["add"], made["remove"], made["export"]
    add.add_argument("--name", required=True, help="as people say it")
    add.add_argument("--kind", required=True, choices=KINDS, help="what it is for")
    shape = add.add_mutually_exclusive_group(required=True)
    shape.add_argument(
        "--polygon", type=METRES, nargs="+", metavar="X Y", help="corners in order"
    )
    shape.add_argument("--disc", type=METRES, nargs=3, metavar=("X", "Y", "RADIUS"))
    shape.add_argument(
        "--pose",
        type=METRES,
        nargs=3,
        metavar=("X", "Y", "YAW"),
        help="of a dock or a one-way door",
    )
    add.add_argument("--speed", type=real(0.05, 2.0), help="of a slow area [m/s]")
    add.add_argument("--floors", nargs="+", default=(), help="where a lift leads")
    remove.add_argument("--name", required=True)
    remove.add_argument("--kind", choices=KINDS, help="if there are several")
    made["import"].add_argument("geojson", type=Path, help="file to read")
    where = export.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", type=Path, help="GeoJSON file to write")
    where.add_argument("--masks", type=Path, help="folder for masks of Nav2's filters")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    if args.do == "list":
        return _list(args.file, args.floor)
    if args.do == "export":
        return _export(args)
    if args.do == "remove":
        return _remove(args)
    if args.do == "add":
        return _write(args.file, args.floor, (_area(args),))
    return _write(args.file, args.floor, _read(args.geojson))


def _areas(place: Place, floor: str | None) -> Areas:
    from neural_brain.models.maps.areas import areas_from_plain
    from neural_brain.models.memory import pick_floor, read_floors

    chosen = pick_floor(read_floors(place), floor)
    return areas_from_plain(chosen.data.get("areas", []))


def _list(place: Place, floor: str | None) -> int:
    from neural_brain.models.maps.outlines import area_m2, middle

    areas = _areas(place, floor)
    for area in areas:
        x, y = middle(area.outline)
        more = f"  {area.speed_m_s:g} m/s" if area.speed_m_s else ""
        more += f"  to {', '.join(area.floors)}" if area.floors else ""
        print(
            f"{area.kind.value:<9} {area.name:<24} {area_m2(area.outline):7.1f} m2  "
            f"at ({x:.1f}, {y:.1f}){more}"
        )
    if not areas:
        print("no areas")
    return 0


def _area(args: argparse.Namespace) -> Area:
    """The area of the options."""
    import numpy as np

    from neural_brain.models.errors import MapFileError
    from neural_brain.models.maps.area_geojson import DOCK_M, RADII_M
    from neural_brain.models.maps.areas import check_area
    from neural_brain.models.maps.outlines import disc
    from neural_brain.models.signals import Area, AreaKind

    pose = None
    if args.polygon is not None:
        if len(args.polygon) % 2:
            raise MapFileError(
                f"--polygon has {len(args.polygon)} numbers; expected x and y of each "
                "corner. Add the missing one."
            )
        outline = np.array(args.polygon, dtype=np.float64).reshape(-1, 2)
    elif args.disc is not None:
        if args.disc[2] <= 0.0:
            raise MapFileError(
                f"The radius of --disc is {args.disc[2]:g} m; expected more than 0."
            )
        outline = disc(np.array(args.disc[:2]), args.disc[2])
    else:
        pose = np.array(args.pose, dtype=np.float64)
        outline = disc(pose[:2], RADII_M.get(args.kind, DOCK_M))
    return check_area(
        Area(
            name=args.name,
            kind=AreaKind(args.kind),
            outline=outline,
            pose_map=pose,
            speed_m_s=args.speed or 0.0,
            floors=tuple(args.floors),
        )
    )


def _read(path: Path) -> Areas:
    from neural_brain.models.errors import MapFileError
    from neural_brain.models.maps.area_geojson import MOST_BYTES, read_geojson

    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        return read_geojson(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MapFileError(
            f"Cannot read {path}: {error}. Give a GeoJSON file in UTF-8."
        ) from error


def _write(place: Place, floor: str | None, new: Areas) -> int:
    """Add areas, all or none of them."""
    from neural_brain.models.maps.areas import (
        area_to_plain,
        areas_from_plain,
        with_area,
    )
    from neural_brain.models.memory import edit_floor

    def change(data: dict[str, Any]) -> dict[str, Any]:
        areas = areas_from_plain(data.get("areas", []))
        stamp = max([0.0, *(area.changed for area in areas)]) + 1e-3
        for area in new:
            areas = with_area(areas, replace(area, changed=stamp))
        return {**data, "areas": [area_to_plain(area) for area in areas]}

    changed = edit_floor(place, floor, change)
    print(f"{len(new)} added; {len(changed.data['areas'])} areas now")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from neural_brain.models.errors import MapFileError
    from neural_brain.models.maps.areas import area_to_plain, areas_from_plain
    from neural_brain.models.memory import edit_floor

    def change(data: dict[str, Any]) -> dict[str, Any]:
        areas = areas_from_plain(data.get("areas", []))
        found = [
            area
            for area in areas
            if area.name.lower() == args.name.lower()
            and args.kind in (None, area.kind.value)
        ]
        if len(found) != 1:
            kinds = ", ".join(area.kind.value for area in found) or "none"
            raise MapFileError(
                f"{len(found)} areas have the name {args.name!r} ({kinds}). See them "
                "with `neural-brain map areas list`, and give --name and --kind of one."
            )
        left = [area_to_plain(area) for area in areas if area is not found[0]]
        return {**data, "areas": left}

    changed = edit_floor(args.file, args.floor, change)
    print(f"removed; {len(changed.data['areas'])} areas now")
    return 0


def _export(args: argparse.Namespace) -> int:
    from neural_brain.models.maps.area_geojson import areas_to_geojson
    from neural_brain.models.maps.areas import areas_from_plain
    from neural_brain.models.memory import load_floor

    if args.to is not None:
        areas = _areas(args.file, args.floor)
        text = json.dumps(areas_to_geojson(areas), indent=1) + "\n"
        part = args.to.with_name(f".{args.to.name}.part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, args.to)
        print(f"{len(areas)} areas: {args.to}")
        return 0
    from neural_brain.models.maps import CognitiveMap, MapsConfig
    from neural_brain.view.area_masks import export_masks

    snapshot = load_floor(args.file, args.floor)
    areas_from_plain(snapshot.data.get("areas", []))
    state = CognitiveMap.restore(MapsConfig(), snapshot).state()
    for path in export_masks(state, args.masks):
        print(path)
    return 0
