"""`neural-brain status`: which nodes are alive, what they say, what the robot does.

Listens for two seconds to /diagnostics and /brain/state. The exit code is 0 if every
node is well, 1 if one reports an error, 2 if none is running.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

HELP = "show the nodes of a running robot and what it is doing"
WORDS = ("ok", "WARN", "ERROR", "STALE")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long to listen, and how much to print."""
    parser.add_argument("--seconds", type=float, default=2.5, help="time to listen [s]")
    parser.add_argument(
        "--all", action="store_true", help="also print every node's numbers"
    )


def run(args: argparse.Namespace) -> int:
    """Listen, print a table."""
    from diagnostic_msgs.msg import DiagnosticArray
    from std_msgs.msg import String

    from neural_brain.models.errors import NeuralBrainError
    from neural_brain.nodes import qos, topics
    from neural_brain.nodes.client import client

    found: dict[str, Any] = {}
    state: dict[str, Any] = {}

    def diagnose(message: Any) -> None:
        for status in message.status:
            if status.hardware_id == "neural_brain":
                found[status.name] = status

    def note(message: Any) -> None:
        try:
            state.update(json.loads(message.data))
        except (ValueError, TypeError):
            state["goal"] = "unreadable"

    with client("neural_brain_status") as link:
        link.node.create_subscription(
            DiagnosticArray, "/diagnostics", diagnose, qos.STATE
        )
        link.node.create_subscription(String, topics.STATE, note, qos.LATCHED)
        link.until(lambda: False, args.seconds)
    if not found:
        raise NeuralBrainError(
            "No node of neural_brain is running here. Start them with "
            "`neural-brain up sim`, and use the same ROS_DOMAIN_ID."
        )
    levels = [_level(status) for status in found.values()]
    for name, status in sorted(found.items()):
        print(f"{WORDS[_level(status)]:6} {name:24} {status.message}")
        for item in status.values:
            if args.all or item.key.endswith("rate [Hz]") or "refused" in item.key:
                print(f"         {item.key}: {item.value}")
    if state:
        goal = state.get("goal") or "none"
        print(f"goal: {goal}; step: {state.get('sub_goal')} {state.get('motion')}")
        print(f"pose in map: {state.get('pose_map_base')}")
    return 1 if max(levels) >= 2 else 0


def _level(status: Any) -> int:
    level = status.level
    number = level[0] if isinstance(level, (bytes, bytearray)) else int(level)
    return min(number, 3)
