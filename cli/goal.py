"""`neural-brain goal "press the red mug"`: tell a running robot what to do.

Sends the words on /brain/goal, or a picture on /brain/goal_image, and prints what the
robot answers. The exit code is 0 if it understood, 1 if it asks back, 2 if no brain is
running.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from neural_brain.cli.numbers import real

HELP = "give a running robot a goal in words, or by a picture"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words, and how long to wait."""
    parser.add_argument("words", nargs="*", help="the goal, for example: find the sofa")
    parser.add_argument(
        "--image", type=Path, metavar="FILE", help="go to where this picture was taken"
    )
    parser.add_argument(
        "--thing", action="store_true", help="find what is in the middle of the picture"
    )
    parser.add_argument(
        "--pose",
        nargs=3,
        type=real(-1000.0, 1000.0),
        metavar=("X", "Y", "DEG"),
        help='stand there in `map` [m, m, degrees], as "go to X, Y facing DEG"',
    )
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

    words, goal_topic, message = goal_message(args)
    replies: list[dict[str, object]] = []
    states: list[dict[str, object]] = []
    with client("neural_brain_goal") as link:
        node = link.node
        publisher = node.create_publisher(type(message), goal_topic, qos.STATE)
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
            if args.image is None:
                check_goal(words)
            raise NeuralBrainError(
                f"No brain listens on /{goal_topic}. Start one with `neural-brain up "
                "sim` and use the same ROS_DOMAIN_ID here."
            )
        link.until(lambda: False, 0.2)  # the reply's path is matched both ways
        publisher.publish(message)
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
        if args.wait > 0.0 and reply.get("goals"):  # a question is answered already
            states.clear()
            began = lambda: any(s.get("goal") for s in states)  # noqa: E731
            link.until(began, min(5.0, args.wait))
            finished = lambda: bool(states) and not states[-1].get("goal")  # noqa: E731
            done = link.until(finished, args.wait)
            print("finished" if done else "still busy")
    return 0


def goal_message(args: argparse.Namespace) -> tuple[str, str, Any]:
    """What the robot will answer to, the topic, and the message.

    Raises:
        GoalError: if the options are no goal.
    """
    from std_msgs.msg import String

    from neural_brain.nodes import conversions, topics

    words = goal_words(args)
    picture = read_picture(args, words)
    if picture is None:
        return words, topics.GOAL, String(data=words)
    topic = topics.GOAL_IMAGE_THING if args.thing else topics.GOAL_IMAGE
    return "picture", topic, conversions.picture_msg(picture)


def goal_words(args: argparse.Namespace) -> str:
    """The words of the options, "" if there are none.

    Raises:
        GoalError: if a pose stands beside words or a picture.
    """
    from neural_brain.models.errors import GoalError

    words = " ".join(" ".join(args.words).split())
    if args.pose is None:
        return words
    if words or args.image is not None:
        raise GoalError(
            "--pose stands alone; expected no words and no --image beside it. For "
            "example: neural-brain goal --pose 1.5 -2 90"
        )
    x, y, heading = args.pose
    return f"go to {x:.3f}, {y:.3f} facing {heading:.2f}"


def read_picture(args: argparse.Namespace, words: str) -> Any:
    """The picture (h, w, 3) of the options, None if the goal is in words.

    Raises:
        GoalError: if there are both or neither, or the file is no picture.
    """
    from neural_brain.models.errors import GoalError

    if (args.image is None) == (not words) or (args.thing and args.image is None):
        raise GoalError(
            "Expected either words or --image FILE (and --thing only with it), or "
            '--pose. For example: neural-brain goal "find the sofa"'
        )
    return None if args.image is None else picture_from(args.image)


def picture_from(path: Path) -> Any:
    """The picture (h, w, 3) uint8 of a file.

    Raises:
        GoalError: if it is none.
    """
    import cv2

    from neural_brain.models.errors import GoalError
    from neural_brain.models.sensing import check_picture

    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise GoalError(
            f"{path} cannot be read as a picture; expected a PNG or JPEG file. "
            "Check the name."
        )
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    check_picture(rgb)
    return rgb


def _store(message: object, store: list[dict[str, object]]) -> None:
    try:
        value = json.loads(message.data)  # type: ignore[attr-defined]
    except ValueError:
        return
    if isinstance(value, dict):
        store.append(value)
