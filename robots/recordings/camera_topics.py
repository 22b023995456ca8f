"""Which topics of a recording are the camera's, and which images belong together."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.robots.recordings.images import KINDS
from neural_brain.robots.recordings.mcap_messages import RecordingError

INFO = "sensor_msgs/msg/CameraInfo"
PAIR_S = 0.02  # colour and depth this close in time belong together
KEPT = 8  # halves of frames that wait for the other one
_OWN = "/camera/"  # where the brain's own camera is; preferred
_COLOUR_WORDS = ("color", "colour", "rgb")


@dataclass(frozen=True, kw_only=True)
class CameraTopics:
    """Topics of one camera; "" = choose by name."""

    colour: str = ""
    depth: str = ""
    info: str = ""


def choose_topics(
    path: Path, kinds: Mapping[str, str], asked: CameraTopics
) -> CameraTopics:
    """The topics of the camera: those asked for, else the likeliest by name.

    Args:
        path: of the recording, for messages.
        kinds: topics of the recording and their types.
        asked: what the user wants; "" = choose.

    Raises:
        RecordingError: if one is missing; it names those that are there.
    """
    images = [topic for topic, kind in kinds.items() if kind in KINDS]
    infos = [topic for topic, kind in kinds.items() if kind == INFO]
    depth = [topic for topic in images if "depth" in topic.lower()]
    colour = [topic for topic in images if _is_colour(topic)]
    ways = {
        "depth": (asked.depth, images, depth, "depth image (registered to colour)"),
        "colour": (asked.colour, images, colour, "colour image"),
        "info": (asked.info, infos, [t for t in infos if _is_colour(t)], "camera_info"),
    }
    found = {}
    for key, (wanted, allowed, likely, what) in ways.items():
        choice = wanted or min(likely, key=_rank, default="")
        if choice not in allowed:
            others = ", ".join(sorted(allowed)) or "none"
            missing = f" named {wanted}" if wanted else ""
            raise RecordingError(
                f"{path} holds no {what}{missing}; topics of that type: {others}. "
                f"Record one (`neural-brain record --images`, `neural-brain demo`), or "
                f"name its topic with --{key}."
            )
        found[key] = choice
    return CameraTopics(**found)


class Pairs:
    """Puts colour and depth of one time together."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[tuple[str, Any]]] = {
            key: deque(maxlen=KEPT) for key in ("rgb", "depth")
        }

    def add(
        self, key: str, kind: str, message: Any
    ) -> dict[str, tuple[str, Any]] | None:
        """Take up a half ("rgb" or "depth"); returns both if the other is there."""
        other = "depth" if key == "rgb" else "rgb"
        stamp = seconds(message)
        partners = self._waiting[other]
        best = min(partners, key=lambda p: abs(seconds(p[1]) - stamp), default=None)
        if best is None or abs(seconds(best[1]) - stamp) > PAIR_S:
            self._waiting[key].append((kind, message))
            return None
        self._waiting[other] = deque(
            (p for p in partners if p is not best), maxlen=KEPT
        )
        return {key: (kind, message), other: best}


def seconds(message: Any) -> float:
    """Stamp of a message's header [s]."""
    return float(message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec)


def camera_matrix(message: Any) -> Array | None:
    """The pinhole matrix K (3, 3) [px] of a CameraInfo; None if it is none."""
    K = np.array(message.k, dtype=np.float64).reshape(3, 3)
    usable = bool(np.all(np.isfinite(K))) and K[0, 0] > 0.0 and K[1, 1] > 0.0
    return K if usable and K[2, 2] == 1.0 else None


def _is_colour(topic: str) -> bool:
    low = topic.lower()
    return "depth" not in low and any(word in low for word in _COLOUR_WORDS)


def _rank(topic: str) -> tuple[bool, int, str]:
    return (not topic.startswith(_OWN), len(topic), topic)
