"""`neural-brain record --to FILE.mcap [TOPIC ...]`: record a running robot.

Writes ROS 2 topics into an MCAP file that rosbag2, Foxglove and `neural-brain replay`
read, until Ctrl-C. Without topics it takes those of the brain and its sensors.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from neural_brain.cli.numbers import real

if TYPE_CHECKING:
    from neural_brain.nodes.topic_recorder import TopicRecorder

HELP = "record topics of a running robot into an MCAP file"
LOOK_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the topics and how long."""
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="such as /scan")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="file to write (.mcap)"
    )
    parser.add_argument(
        "--seconds", type=real(0.1, 1e9), default=1e9, help="how long (until Ctrl-C)"
    )
    parser.add_argument(
        "--images", action="store_true", help="also the camera (without topics)"
    )


def run(args: argparse.Namespace) -> int:
    """Record; 0 = something was recorded, 2 = nothing was published."""
    from neural_brain.cli.terminal import Interrupt
    from neural_brain.models.errors import NeuralBrainError
    from neural_brain.nodes.client import client
    from neural_brain.nodes.topic_recorder import IMAGES, STANDARD, TopicRecorder

    names = args.topics or (*STANDARD, *(IMAGES if args.images else ()))
    with Interrupt() as interrupt, client("neural_brain_record") as link:
        recorder = TopicRecorder(link.node, args.to, names)
        print(f"Recording into {args.to}; Ctrl-C ends it.", flush=True)
        end = time.monotonic() + args.seconds
        try:
            while not interrupt.is_set and time.monotonic() < end:
                for name in recorder.look():
                    print(f"  {name}", flush=True)
                pause_s = min(LOOK_S, end - time.monotonic())
                link.until(lambda: interrupt.is_set, pause_s)
        finally:
            recorder.close()
    report(recorder)
    if not recorder.counts:
        raise NeuralBrainError(
            f"Nothing was recorded: nobody published {', '.join(names)}. Start the "
            "robot (`neural-brain up sim`), use the same ROS_DOMAIN_ID, and check the "
            "topics' names."
        )
    return 0


def report(recorder: TopicRecorder) -> None:
    """Print how many messages of which topic the file holds."""
    for name, count in sorted(recorder.counts.items()):
        print(f"{count:8d}  {name}")
    for name, reason in sorted(recorder.refused.items()):
        print(f" skipped  {name}: {reason}")
    total = sum(recorder.counts.values())
    print(f"{total:8d}  messages in {recorder.path}")
