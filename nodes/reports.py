"""Plain JSON objects in std_msgs/String: the brain's state and its replies."""

from __future__ import annotations

import json
from typing import Any

from std_msgs.msg import String

from neural_brain.nodes.gate import Refusal

BUDGET = 20_000
MAX_WORDS = 500


def report_msg(**values: Any) -> String:
    """The values as one JSON object."""
    return String(data=json.dumps(values, allow_nan=False))


def state_from_msg(message: String) -> dict[str, Any]:
    """The object in a report.

    Raises:
        Refusal: if it is too long or not a JSON object.
    """
    if len(message.data) > BUDGET:
        raise Refusal("too large")
    try:
        values = json.loads(message.data)
    except (ValueError, RecursionError):
        raise Refusal("no JSON") from None
    if not isinstance(values, dict):
        raise Refusal("no object")
    return values


def words_from_msg(message: String) -> str:
    """Words of a person: printable, not empty, not endless.

    Raises:
        Refusal: if they are not.
    """
    words = " ".join(message.data.split())
    if not words or len(words) > MAX_WORDS:
        raise Refusal("no words" if not words else "too many words")
    if not words.isprintable():
        raise Refusal("unprintable")
    return words
