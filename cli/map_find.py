"""`neural-brain map find`: where was something seen? Asked of a saved map.

find FILE "the red mug"                 all that may be meant, the likeliest first
find FILE "the mug left of the sink"    directions count from where the robot stood last
find FILE "a ball" --since 600          seen at 600 s of the robot's clock or later
find FILE "a ball" --pose 1.5 -2 90     directions and ways from there (x, y, degrees)
find FILE --near 1.5 -2 1               all that is within a metre of a spot (x, y, m)
find FILE --image kitchen.png           where a picture was taken, the surest first
                                        (--embedding: as the robot that made the map)

The order is that in which the robot would try them. Things that were found gone are
listed with the place where they had been. Exit code 1 if nothing fits.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from neural_brain.cli.memory_place import memory_place
from neural_brain.models.errors import GoalError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from neural_brain.models.executive.remembered import Remembered
    from neural_brain.models.maps import CognitiveMap
    from neural_brain.models.memory import Place
    from neural_brain.models.signals import Goal, Landmark, MapState

SUMMARY = "where was something seen?"
MOST = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("file", type=memory_place, help="memory file or address")
    parser.add_argument("words", nargs="*", help='such as: "the red mug"')
    parser.add_argument("--floor", help="name or number of a floor")
    parser.add_argument(
        "--since", type=float, default=-math.inf, metavar="S", help="seen then or later"
    )
    parser.add_argument(
        "--until", type=float, default=math.inf, metavar="S", help="last seen by then"
    )
    parser.add_argument(
        "--pose",
        type=float,
        nargs=3,
        metavar=("X", "Y", "DEG"),
        help="of the robot in the map [m, degrees] (default: where it was saved)",
    )
    parser.add_argument(
        "--near",
        type=float,
        nargs=3,
        metavar=("X", "Y", "M"),
        help="only things so near to a spot of the map [m]; needs no words",
    )
    parser.add_argument(
        "--image", type=Path, metavar="FILE", help="where was this picture taken?"
    )
    parser.add_argument(
        "--embedding",
        default="",
        metavar="MODULE:ATTRIBUTE",
        help="what made the vectors of the map's views (default: the shipped one)",
    )


def run(args: argparse.Namespace) -> int:
    """Print what is remembered; 1 = nothing fits.

    Raises:
        GoalError: if the words name no thing, numbers are not finite, or the file is
            no picture.
        MapFileError: if there is no whole map.
    """
    import numpy as np

    from neural_brain.cli.map import load

    for name in ("pose", "near"):
        values = getattr(args, name) or []
        if not all(math.isfinite(value) for value in values):
            raise GoalError(f"--{name} = {values}; expected three finite numbers.")
    cognitive = load(args.file, args.floor)
    if args.image is not None:
        return _print_places(args, cognitive)
    state, pose = cognitive.state(), cognitive.last_pose
    if args.pose is not None:
        x, y, degrees = args.pose
        pose = np.array([x, y, math.radians(degrees)])
    found = _found(args, state, pose)
    goals = [] if args.near else _goals(args, state)
    gone = [line for goal in goals for line in _gone(args.file, goal, args)]
    for item in found[:MOST]:
        print(_line(item))
    if len(found) > MOST:
        print(f"... and {len(found) - MOST} more; say more about it")
    for text in gone:
        print(text)
    if not found and not gone:
        print("nothing that fits was seen")
    return 0 if found or gone else 1


def _found(
    args: argparse.Namespace, state: MapState, pose: NDArray[np.float64]
) -> list[Remembered]:
    """What fits, in the order in which the robot would try it."""
    from neural_brain.models.executive.remembered import remembered

    since, until = args.since, args.until
    found = [
        item
        for goal in _goals(args, state)
        for item in remembered(
            replace(goal, seen_from=pose), state, pose, since_s=since, until_s=until
        )
        if args.words or item.thing.category == goal.category
    ]
    return [item for item in found if _is_near(item.thing, args.near)]


def _goals(args: argparse.Namespace, state: MapState) -> list[Goal]:
    """What is asked for: one thing, or each kind that is near a spot."""
    from neural_brain.models.signals import Goal

    if args.words or args.near is None:
        return [_goal(" ".join(args.words), state)]
    near = (thing for thing in state.landmarks if _is_near(thing, args.near))
    kinds = dict.fromkeys(thing.category for thing in near)
    return [Goal(words=kind, action="find", category=kind) for kind in kinds]


def _is_near(thing: Landmark, near: list[float] | None) -> bool:
    """Whether a thing is within a distance of a spot (x, y, distance) [m]."""
    if near is None:
        return True
    x, y = thing.center_map[:2]
    return math.hypot(x - near[0], y - near[1]) <= near[2]


def _print_places(args: argparse.Namespace, cognitive: CognitiveMap) -> int:
    """Where a picture may have been taken; 1 = nowhere that is known."""
    from neural_brain.cli.goal import picture_from
    from neural_brain.models.executive.picture import SURE_SPOTS
    from neural_brain.models.maps import place_picture
    from neural_brain.models.sensing import (
        DEFAULT_CAMERA,
        NoDetector,
        look_at_picture,
        make_embedding,
    )

    if args.words or args.near or args.pose:
        raise GoalError("Expected --image FILE alone, or words, --near and --pose.")
    rgb = picture_from(args.image)
    embedding, kept = make_embedding(args.embedding), cognitive.views.store.embedding
    if kept not in ("", embedding.name):
        raise GoalError(
            f"The views of this map are of the embedding {kept!r}, not of "
            f"{embedding.name!r}. Name the right one: --embedding MODULE:ATTRIBUTE"
        )
    seen = look_at_picture(rgb, DEFAULT_CAMERA, embedding, NoDetector())
    places = [p for p in place_picture(seen, cognitive.views).places if p.lead > 0]
    for place in places:
        x, y, yaw = place.pose_map
        fits = "surely" if place.lead >= SURE_SPOTS else "perhaps"
        print(
            f"{fits:<8} ({x:6.2f}, {y:6.2f}) m facing {math.degrees(yaw):4.0f} degrees"
            f"  {place.spots} spots agree"
        )
    if not places:
        print("the map knows no place that looks so")
    return 0 if places else 1


def _goal(words: str, state: MapState) -> Goal:
    from neural_brain.models.executive import understand
    from neural_brain.models.executive.places_known import phrases

    meant = understand(words, places=phrases(state))
    if len(meant.goals) != 1 or not meant.goals[0].category:
        question = meant.question or "Name one thing."
        raise GoalError(
            f'{question} Expected one thing, such as: "the red mug in the kitchen".'
        )
    return meant.goals[0]


def _line(item: Remembered) -> str:
    thing = item.thing
    words = f"{thing.colour} {thing.category}".strip()
    x, y, z = thing.center_map
    way = (
        f"{item.way_m:.1f} m to drive" if math.isfinite(item.way_m) else "no way known"
    )
    return (
        f"{words:<20} {item.fits:<8} ({x:6.2f}, {y:6.2f}, {z:5.2f}) m  {item.where}, "
        f"{way}  {100 * thing.confidence:3.0f} %  seen {thing.count} times, last at "
        f"{thing.last_seen:.0f} s  {item.room}".rstrip()
    )


def _gone(place: Place, goal: Goal, args: argparse.Namespace) -> list[str]:
    from neural_brain.models.memory import found_gone, read_diary

    lines: list[str] = []
    for seen in found_gone(read_diary(place), goal.category, goal.colour):
        if not args.since <= seen.last_seen <= args.until:
            continue
        x, y = seen.center_map[:2]
        words = f"{seen.colour} {seen.category}".strip()
        lines.append(
            f"{words:<20} gone     was at ({x:.2f}, {y:.2f}) m, missed at "
            f"{seen.last_seen:.0f} s"
        )
    return lines[:MOST]
