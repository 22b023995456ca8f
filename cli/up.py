"""`neural-brain up sim|robot|reflex|viz [name:=value ...]`: start the ROS 2 nodes.

Runs the same launch files as `ros2 launch neural_brain NAME.launch.py`, also on
machines without ROS's launch system. Ctrl-C stops everything.
"""

from __future__ import annotations

import argparse

HELP = "start the ROS 2 nodes: sim, robot, reflex or viz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name of the launch file and its arguments."""
    parser.add_argument(
        "name", nargs="?", default="sim", help="launch file (default: sim)"
    )
    parser.add_argument("settings", nargs="*", metavar="name:=value")
    parser.add_argument(
        "--show-args", action="store_true", help="list the launch file's arguments"
    )


def run(args: argparse.Namespace) -> int:
    """Run the launch file until Ctrl-C; returns 0 if everything ended well."""
    from neural_brain.nodes.bringup import describe, launch_file, run_launch

    name, settings = args.name, list(args.settings)
    if ":=" in name:
        name, settings = "sim", [name, *settings]
    path = launch_file(name)
    if args.show_args:
        print(describe(path))
        return 0
    return run_launch(path, settings)
