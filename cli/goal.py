"""`neural-brain goal "press the red mug"`: tell a running robot what to do.

Sends the words on /brain/goal and prints what the robot answers. The exit code is 0
if it understood, 1 if it asks back, 2 if no brain is running.
"""

from __future__ import annotations

import argparse
import json

HELP = "give a running robot a goal in words"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words, and how long to wait."""
    parser.add_argument("words", nargs="+", help="the goal, for example: find the sofa")
    parser.add_argument(
        "--timeout", type=float, default=10.0, help="time to wait for an answer [s]"
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="also wait this long for the robot to finish",
    )


def run(args: argparse.Namespace) -> int:
    """Send the goal, print the reply."""
    from std_msgs.msg import String

    from neural_brain.cli.wording import check_goal
    from neural_brain.models.errors import NeuralBrainError
    from neural_brain.nodes import qos, topics
    from neural_brain.nodes.client import client

    words = " ".join(" ".join(args.words).split())
    replies: list[dict[str, object]] = []
    states: list[dict[str, object]] = []
    with client("neural_brain_goal") as link:
        node = link.node
        publisher = node.create_publisher(String, topics.GOAL, qos.STATE)
        for topic, profile, store in (
            (topics.REPLY, qos.STATE, replies),
            (topics.STATE, qos.LATCHED, states),
        ):
            node.create_subscription(
                String, topic, lambda m, store=store: _store(m, store), profile
            )
        listening = lambda: (  # noqa: E731
            publisher.get_subscription_count() > 0
            and node.count_publishers(topics.REPLY) > 0
        )
        if not link.until(listening, args.timeout):
            check_goal(words)
            raise NeuralBrainError(
                "No brain listens on /brain/goal. Start one with `neural-brain up sim` "
                "and use the same ROS_DOMAIN_ID here."
            )
        link.until(lambda: False, 0.2)  # the reply's path is matched both ways
        publisher.publish(String(data=words))
        mine = lambda: [r for r in replies if r.get("words") == words]  # noqa: E731
        if not link.until(lambda: bool(mine()), args.timeout):
            raise NeuralBrainError(
                f"No answer within {args.timeout:g} s. `neural-brain status` shows "
                "whether the executive is alive."
            )
        reply = mine()[0]
        print(reply.get("text", ""))
        if not reply.get("accepted"):
            return 1
        if args.wait > 0.0:
            states.clear()
            began = lambda: any(s.get("goal") for s in states)  # noqa: E731
            link.until(began, min(5.0, args.wait))
            finished = lambda: bool(states) and not states[-1].get("goal")  # noqa: E731
            done = link.until(finished, args.wait)
            print("finished" if done else "still busy")
    return 0


def _store(message: object, store: list[dict[str, object]]) -> None:
    try:
        value = json.loads(message.data)  # type: ignore[attr-defined]
    except ValueError:
        return
    if isinstance(value, dict):
        store.append(value)
