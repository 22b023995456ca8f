"""`neural-brain map diary`: what happened, and the seconds around what mattered.

diary FILE                        the last 30 lines of the diary
diary FILE --source executive     only what one module told
diary FILE --kind lost --last 0   all lines of a kind
diary FILE --since 600            from 600 s of the robot's clock on
diary FILE --episodes             what opened each episode, with its number
diary FILE --episode 3            its steps as a table (CSV)

An episode holds the steps around a surprise, a touch, a goal or words: time, pose in
the map, speed, force at the hand, and surprise z. Exit code 1 if nothing fits.
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from neural_brain.cli.memory_place import memory_place
from neural_brain.cli.numbers import whole
from neural_brain.models.errors import MapFileError

if TYPE_CHECKING:
    from neural_brain.models.signals import Event

SUMMARY = "what happened, and the seconds around what mattered"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("file", type=memory_place, help="memory file or address")
    parser.add_argument("--source", help="only of a module, such as executive or maps")
    parser.add_argument("--kind", help="only of a kind, such as lost or reached")
    for name in ("since", "until"):
        parser.add_argument(f"--{name}", type=float, metavar="S", help="time [s]")
    parser.add_argument(
        "--last", type=whole(0, 10**9), default=30, metavar="N", help="0 = all"
    )
    parser.add_argument("--episodes", action="store_true", help="list the episodes")
    parser.add_argument(
        "--episode", type=whole(1, 10**9), metavar="N", help="steps of one episode"
    )


def run(args: argparse.Namespace) -> int:
    """Print what was asked for; 1 = nothing fits.

    Raises:
        MapFileError: if there is no memory, or no such episode.
    """
    from neural_brain.cli.terminal import diary_line
    from neural_brain.models.memory import read_diary
    from neural_brain.models.memory.diary import EPISODE

    diary = read_diary(args.file)
    episodes = [event for event in diary if event.kind == EPISODE]
    if args.episode is not None:
        return _print_steps(episodes, args.episode)
    if args.episodes:
        number = {id(event): k for k, event in enumerate(episodes, start=1)}
        lines = [
            f"{number[id(event)]:4d}  {_about(event)}"
            for event in _fitting(args, episodes)
        ]
    else:
        others = [event for event in diary if event.kind != EPISODE]
        lines = [diary_line(event) for event in _fitting(args, others)]
    shown = lines[-args.last :]
    if len(shown) < len(lines):
        print(f"... {len(lines) - len(shown)} before these (--last 0 shows all)")
    for line in shown:
        print(line)
    if not lines:
        print("nothing that fits was noted")
    return 0 if lines else 1


def _fitting(args: argparse.Namespace, events: list[Event]) -> list[Event]:
    since = -math.inf if args.since is None else args.since
    until = math.inf if args.until is None else args.until
    return [
        event
        for event in events
        if since <= event.stamp <= until
        and args.source in (None, event.source)
        and args.kind in (None, event.kind)
    ]


def _about(event: Event) -> str:
    from neural_brain.models.memory import steps_of

    steps = steps_of(event)
    x, y = steps[0, 1:3]
    lasted = steps[-1, 0] - steps[0, 0]
    return (
        f"{event.stamp:7.1f} s  {lasted:4.1f} s from ({x:.1f}, {y:.1f})  {event.text}"
    )


def _print_steps(episodes: list[Event], number: int) -> int:
    from neural_brain.models.memory import steps_of

    if number > len(episodes):
        there = f"a number from 1 to {len(episodes)}" if episodes else "none, there are"
        there += ", as --episodes lists them" if episodes else " no episodes in it"
        raise MapFileError(f"--episode = {number}; expected {there}.")
    episode = episodes[number - 1]
    print(",".join(episode.data["columns"]))
    for row in steps_of(episode):
        print(",".join(f"{value:g}" for value in row))
    return 0
