"""What single ROS 2 messages tell about a robot, in LeRobot's units; or why nothing."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.robots.recordings.mcap_messages import Recorded

JOINTS, ODOMETRY = "sensor_msgs/msg/JointState", "nav_msgs/msg/Odometry"
WRENCH, WORDS = "geometry_msgs/msg/WrenchStamped", "std_msgs/msg/String"
TWIST = "geometry_msgs/msg/TwistStamped"
PICTURE, PACKED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
SPEEDS = ("x.vel", "theta.vel")
_FORCES = ("force.x", "force.y", "force.z")
_PIXELS_MAX = 4096
_WORDS_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Value:
    """What one sensor told: named numbers (n,), or a picture (h, w, 3), then no names.

    `stamp` is the time of capture [s].
    """

    stamp: float
    names: tuple[str, ...] = ()
    values: Any = None


def sensor_of(topic: str, kind: str) -> str:
    """What a topic stands for; "" if for nothing here."""
    if kind in (PICTURE, PACKED):
        words = topic.strip("/").split("/")
        if "depth" in words:
            return ""
        return "_".join(w for w in words if w not in ("image_raw", "compressed"))
    return {JOINTS: "joints", ODOMETRY: "base", WRENCH: "force", TWIST: "told"}.get(
        kind, ""
    )


def stamp_of(message: Any) -> float:
    """Time in the header of a message [s]."""
    """Time in the header of a message [s]."""
    stamp = message.header.stamp
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)


def row_of(values: dict[str, Value]) -> tuple[tuple[str, ...], Array]:
    """Names and numbers of all sensors but cameras, in a fixed order."""
    known = [values[key] for key in ("joints", "base", "force") if key in values]
    names = tuple(name for value in known for name in value.names)
    return names, np.concatenate([value.values for value in known])


def words_of(item: Recorded) -> str:
    """Words given to the robot: a goal topic, or a person's line of the diary."""
    text = str(item.message.data)
    if item.topic.endswith("brain/events"):
        try:
            event = json.loads(text)
            said = event["source"] == "person" and event["kind"] == "words"
            text = str(event["text"]) if said else ""
        except (ValueError, KeyError, TypeError):
            return ""
    elif not item.topic.endswith("brain/goal"):
        return ""
    return " ".join(text.split())[:_WORDS_MAX]


def _numbers(values: Any) -> Array:
    row = np.array(values, dtype=np.float64).ravel()
    if not np.isfinite(row).all():
        raise ValueError("not finite")
    return row


def _joints(message: Any, stamp: float) -> Value:
    order = sorted(range(len(message.name)), key=lambda k: str(message.name[k]))
    if not order or len(message.position) != len(order):
        raise ValueError("names and positions differ in number")
    q = np.degrees(_numbers(message.position))[order]
    names = tuple(f"{message.name[k]}.pos" for k in order)
    return Value(stamp=stamp, names=names, values=q)


def _speed(twist: Any, stamp: float) -> Value:
    row = _numbers([twist.linear.x, math.degrees(twist.angular.z)])
    return Value(stamp=stamp, names=SPEEDS, values=row)


def _force(message: Any, stamp: float) -> Value:
    f = message.wrench.force
    return Value(stamp=stamp, names=_FORCES, values=_numbers([f.x, f.y, f.z]))


def _picture(message: Any, stamp: float) -> Value:
    height, width = int(message.height), int(message.width)
    if message.encoding not in ("rgb8", "bgr8"):
        raise ValueError(f"encoding {str(message.encoding)[:20]!r} is not rgb8 or bgr8")
    if not (0 < height <= _PIXELS_MAX and 0 < width <= _PIXELS_MAX):
        raise ValueError("picture too large")
    step = int(message.step)
    flat = np.frombuffer(bytes(message.data), np.uint8)
    if step < 3 * width or flat.size < step * height:
        raise ValueError("picture cut off")
    rows = flat[: step * height].reshape(height, step)[:, : 3 * width]
    rgb = rows.reshape(height, width, 3)
    rgb = rgb if message.encoding == "rgb8" else rgb[:, :, ::-1]
    return Value(stamp=stamp, values=np.ascontiguousarray(rgb))


def _packed(message: Any, stamp: float) -> Value:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(bytes(message.data)), formats=["PNG", "JPEG"]) as image:
            if max(image.size) > _PIXELS_MAX:  # known before anything is unpacked
                raise ValueError("picture too large")
            rgb = np.asarray(image.convert("RGB"))
    except UnidentifiedImageError as error:
        raise ValueError("neither PNG nor JPEG") from error
    except Image.DecompressionBombError as error:
        raise ValueError("picture too large") from error
    return Value(stamp=stamp, values=rgb)


READERS = {
    JOINTS: _joints,
    ODOMETRY: lambda message, stamp: _speed(message.twist.twist, stamp),
    TWIST: lambda message, stamp: _speed(message.twist, stamp),
    WRENCH: _force,
    PICTURE: _picture,
    PACKED: _packed,
}
"""How messages are read; they raise ValueError, TypeError and the like if not."""
