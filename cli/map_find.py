"""`neural-brain map find`: where was something seen? Asked of a saved map.

find FILE "the red mug"                 all that may be meant, the likeliest first
find FILE "the mug left of the sink"    directions count from where the robot stood last
find FILE "a ball" --since 600          seen at 600 s of the robot's clock or later
find FILE "a ball" --pose 1.5 -2 90     directions and ways from there (x, y, degrees)

The order is that in which the robot would try them. Things that were found gone are
listed with the place where they had been. Exit code 1 if nothing fits.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from neural_brain.cli.memory_place import memory_place
from neural_brain.models.errors import GoalError

if TYPE_CHECKING:
    from neural_brain.models.executive.remembered import Remembered
    from neural_brain.models.memory import Place
    from neural_brain.models.signals import Goal

SUMMARY = "where was something seen?"
MOST = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("file", type=memory_place, help="memory file or address")
    parser.add_argument("words", nargs="+", help='such as: "the red mug"')
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


def run(args: argparse.Namespace) -> int:
    """Print what is remembered; 1 = nothing fits.

    Raises:
        GoalError: if the words name no thing, or the pose is not finite.
        MapFileError: if there is no whole map.
    """
    import numpy as np

    from neural_brain.cli.map import load
    from neural_brain.models.executive.remembered import remembered

    cognitive = load(args.file, args.floor)
    state, pose = cognitive.state(), cognitive.last_pose
    if args.pose is not None:
        if not all(math.isfinite(value) for value in args.pose):
            raise GoalError(f"--pose = {args.pose}; expected three finite numbers.")
        x, y, degrees = args.pose
        pose = np.array([x, y, math.radians(degrees)])
    goal = _goal(" ".join(args.words), state)
    goal = replace(goal, seen_from=pose)
    found = remembered(goal, state, pose, since_s=args.since, until_s=args.until)
    gone = _gone(args.file, goal, args.since, args.until)
    for item in found[:MOST]:
        print(_line(item))
    if len(found) > MOST:
        print(f"... and {len(found) - MOST} more; say more about it")
    for text in gone:
        print(text)
    if not found and not gone:
        print("nothing that fits was seen")
    return 0 if found or gone else 1


def _goal(words: str, state: object) -> Goal:
    from neural_brain.models.executive import understand
    from neural_brain.models.executive.places_known import phrases

    meant = understand(words, places=phrases(state))  # type: ignore[arg-type]
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


def _gone(place: Place, goal: Goal, since_s: float, until_s: float) -> list[str]:
    from neural_brain.models.memory import found_gone, read_diary

    lines: list[str] = []
    for seen in found_gone(read_diary(place), goal.category, goal.colour):
        if not since_s <= seen.last_seen <= until_s:
            continue
        x, y = seen.center_map[:2]
        words = f"{seen.colour} {seen.category}".strip()
        lines.append(
            f"{words:<20} gone     was at ({x:.2f}, {y:.2f}) m, missed at "
            f"{seen.last_seen:.0f} s"
        )
    return lines[:MOST]
