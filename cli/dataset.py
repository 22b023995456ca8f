"""`neural-brain dataset FILE.mcap --to FOLDER`: a recording as a LeRobotDataset.

Turns a recording of `neural-brain demo`, `sim` or `record` (any MCAP file with
/joint_states or /odom) into a LeRobotDataset v3 for LeRobot's training tools: state and
action in LeRobot's units, pictures, the words of each goal as task, and the true times
of capture. The word `press` instead of a file makes episodes of a simulated arm that
presses a button.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from neural_brain.cli.numbers import real, whole

if TYPE_CHECKING:
    from neural_brain.robots.lerobot_dataset import DatasetWriter

HELP = "turn a recording into a LeRobotDataset"
PRESS = "press"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where from, where to, how often."""
    parser.add_argument("source", help=".mcap file, or the word `press`")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="a new folder"
    )
    parser.add_argument(
        "--fps", type=whole(1, 100), default=10, help="frames a second (default 10)"
    )
    parser.add_argument(
        "--task", default="explore", help="task before any words were given"
    )
    parser.add_argument(
        "--oldest",
        type=real(0.05, 60.0),
        default=1.0,
        metavar="SECONDS",
        help="a value older than this ends an episode (default 1)",
    )
    parser.add_argument(
        "--videos", action="store_true", help="pictures as video, smaller and lossy"
    )
    parser.add_argument(
        "--episodes", type=whole(1, 10_000), default=20, help="how many, of `press`"
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**31), default=0, help="of the first, of `press`"
    )


def run(args: argparse.Namespace) -> int:
    """Convert and say what was written."""
    from neural_brain.models.errors import NeuralBrainError
    from neural_brain.robots.lerobot_dataset import DatasetWriter

    robot = "neural_brain"
    with DatasetWriter(
        args.to, fps=args.fps, robot=robot, videos=args.videos
    ) as writer:
        notes = _press(args, writer) if args.source == PRESS else _convert(args, writer)
    for note in notes:
        print(note)
    if not writer.frames:
        raise NeuralBrainError(
            f"{args.source} gave no frames: joint states, odometry and pictures never "
            f"came within {args.oldest:g} s of each other. Try a larger --oldest."
        )
    print(
        f"{writer.frames} frames in {writer.episodes} episodes at {args.fps} Hz "
        f"in {args.to}"
    )
    return 0


def _convert(args: argparse.Namespace, writer: DatasetWriter) -> list[str]:
    """A recording; returns what could not be used."""
    from neural_brain.robots.recordings import FrameMaker, RecordingError

    path = Path(args.source)
    if not path.is_file():
        raise RecordingError(
            f"There is no recording {path}. Give the path of an .mcap file, or the "
            f"word `{PRESS}`."
        )
    maker = FrameMaker(path, args.fps, args.task, args.oldest)
    for frame in maker.frames():
        writer.add(frame)
    return [f"{n} times {why}" for why, n in sorted(maker.skipped.items())]


def _press(args: argparse.Namespace, writer: DatasetWriter) -> list[str]:
    """Simulated episodes; returns how the presses went."""
    from neural_brain.robots.press_episodes import press_episodes

    done = press_episodes(
        args.episodes, seed=args.seed, rate_hz=args.fps, pictures=True, writer=writer
    )
    return [f"{sum(done)} of {len(done)} presses succeeded; these are in the dataset"]
