"""Shapes of the arrays in the signals, as the codec checks them.

A number is a fixed length; a letter is any length, the same wherever it stands in one
message. The meaning of each field is documented in `neural_brain.models.signals`.
"""

from __future__ import annotations

Shape = tuple[int | str, ...]

SHAPES: dict[str, dict[str, Shape]] = {
    "BodyState": {
        "q": ("n",),
        "dq": ("n",),
        "effort": ("n",),
        "twist_base": (2,),
        "pose_odom_base": (3,),
        "wrench_ee": (6,),
        "bumper": ("k",),
        "gyro": (3,),
        "accel": (3,),
        "head": (2,),
    },
    "BodyCommand": {"effort": ("n",), "twist_base": (2,), "head": (2,)},
    "ObjectPercept": {
        "center_base": (3,),
        "size": (3,),
        "touch": ("k", 6),
        "near": (2,),
    },
    "Percepts": {
        "pose_odom_base": (3,),
        "obstacles": ("n", 2),
        "free": ("m", 2),
        "view_polygon": ("k", 2),
    },
    "SceneView": {
        "vector": ("d",),
        "codes": ("n", 32),
        "rays": ("n", 2),
        "points": ("m", 3),
        "camera": (3,),
    },
    "PicturePlace": {"pose_map": (3,)},
    "GridView": {"cells": ("h", "w"), "origin": (2,)},
    "Landmark": {"center_map": (3,), "covariance": (3, 3), "size": (3,)},
    "Place": {"xy": (2,)},
    "Room": {"center": (2,)},
    "Route": {"way": ("n", 2)},
    "Area": {"outline": ("k", 2), "pose_map": (3,)},
    "MapMove": {"before": ("n", 3), "after": ("n", 3)},
    "LookedGrid": {"cells": ("h", "w"), "origin": (2,)},
    "MapState": {"pose_map_odom": (3,), "covariance": (3, 3)},
    "SubGoal": {
        "pose_map": (3,),
        "point_map": (3,),
        "size": (3,),
        "touch": ("k", 6),
    },
    "MotionStatus": {"path_map": ("n", 2), "stuck_at": (3,)},
    "MotionTarget": {
        "twist_base": (2,),
        "q_target": ("n",),
        "T_base_ee": (4, 4),
        "stiffness": (6, 6),
        "wrench_ff": (6,),
        "head": (2,),
    },
}


def fits(shape: tuple[int, ...], wanted: Shape, lengths: dict[str, int]) -> bool:
    """Whether `shape` is of the wanted form; `lengths` remembers the letters."""
    if len(shape) != len(wanted):
        return False
    for size, want in zip(shape, wanted, strict=True):
        if size != (want if isinstance(want, int) else lengths.setdefault(want, size)):
            return False
    return True
