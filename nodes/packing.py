"""Signals as flat float64 vectors, for the shared-memory slots."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyState,
    LaserScan,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)

CAUSE_BYTES = 64
EVENT_NUMBERS = 6 + CAUSE_BYTES // 8
MODES = tuple(ArmMode)
SCAN_NUMBERS = 9

Fields = tuple[tuple[str, tuple[int, ...]], ...]


class Packer:
    """Packs a dataclass whose fields are numbers and arrays of known shape.

    Args:
        fields: (name, shape) of every field, () for a scalar.
    """

    def __init__(self, fields: Fields) -> None:
        self._places = []
        start = 0
        for name, shape in fields:
            size = math.prod(shape)
            self._places.append((name, shape, start, start + size))
            start += size
        self.size = start

    def pack(self, signal: Any, out: Array) -> None:
        """Write the fields into `out` (size,)."""
        for name, shape, start, stop in self._places:
            value = getattr(signal, name)
            out[start:stop] = value.ravel() if len(shape) > 1 else value

    def unpack(self, values: Array) -> dict[str, Any]:
        """The fields by name; arrays are views of `values`."""
        return {
            name: values[start:stop].reshape(shape) if shape else float(values[start])
            for name, shape, start, stop in self._places
        }


def body_packer(joints: int, bumper: int) -> Packer:
    """Packer of a BodyState with so many joints and bumper sectors."""
    n = (joints,)
    return Packer(
        (
            ("stamp", ()),
            ("q", n),
            ("dq", n),
            ("effort", n),
            ("twist_base", (2,)),
            ("pose_odom_base", (3,)),
            ("wrench_ee", (6,)),
            ("bumper", (bumper,)),
            ("gyro", (3,)),
            ("accel", (3,)),
            ("head", (2,)),
            ("gripper_m", ()),
            ("battery", ()),
        )
    )


def command_packer(joints: int) -> Packer:
    """Packer of a BodyCommand."""
    return Packer(
        (
            ("stamp", ()),
            ("effort", (joints,)),
            ("twist_base", (2,)),
            ("head", (2,)),
            ("gripper_m", ()),
        )
    )


def target_packer(joints: int) -> Packer:
    """Packer of a MotionTarget without its mode and contact flag."""
    return Packer(
        (
            ("stamp", ()),
            ("twist_base", (2,)),
            ("q_target", (joints,)),
            ("T_base_ee", (4, 4)),
            ("stiffness", (6, 6)),
            ("wrench_ff", (6,)),
            ("head", (2,)),
            ("gripper_m", ()),
        )
    )


def unpack_body(packer: Packer, values: Array) -> BodyState:
    """The BodyState in `values`."""
    fields = packer.unpack(values)
    fields["bumper"] = fields["bumper"] > 0.5
    return BodyState(**fields)


def unpack_command(packer: Packer, values: Array) -> BodyCommand:
    """The BodyCommand in `values`."""
    return BodyCommand(**packer.unpack(values))


def pack_target(packer: Packer, target: MotionTarget) -> Array:
    """A MotionTarget as (size + 2,): fields, mode, contact."""
    values = np.zeros(packer.size + 2)
    packer.pack(target, values)
    values[-2:] = MODES.index(target.mode), target.contact
    return values


def unpack_target(packer: Packer, values: Array) -> MotionTarget:
    """The MotionTarget in `values`; a mode out of range reads as a joint target."""
    mode = values[packer.size]
    index = int(mode) if mode in (0.0, 1.0) else 0
    return MotionTarget(
        **packer.unpack(values),
        mode=MODES[index],
        contact=bool(values[packer.size + 1] == 1.0),
    )


def pack_scan(scan: LaserScan, most: int) -> Array:
    """A scan as (9 + n,), n <= `most` beams."""
    ranges = scan.ranges[:most]
    head = (
        scan.stamp,
        scan.angle_min,
        scan.angle_increment,
        scan.range_min,
        scan.range_max,
        *scan.pose_base_laser,
        ranges.size,
    )
    return np.concatenate([head, ranges])


def unpack_scan(values: Array) -> LaserScan:
    """The scan in `values`."""
    count = int(np.clip(np.nan_to_num(values[8]), 0, values.size - SCAN_NUMBERS))
    return LaserScan(
        stamp=float(values[0]),
        angle_min=float(values[1]),
        angle_increment=float(values[2]),
        range_min=float(values[3]),
        range_max=float(values[4]),
        ranges=values[SCAN_NUMBERS : SCAN_NUMBERS + count],
        pose_base_laser=values[5:8],
    )


def pack_event(event: ReflexEvent, index: int) -> Array:
    """A reflex event as (14,): its running number, numbers, cause as bytes."""
    values = np.zeros(EVENT_NUMBERS)
    numbers = (event.stamp, event.tick, int(event.level), event.value, event.limit)
    values[:6] = index, *numbers
    text = event.cause.encode("utf-8", "replace")[:CAUSE_BYTES]
    values[6:] = np.frombuffer(text.ljust(CAUSE_BYTES, b"\0"), np.float64)
    return values


def unpack_event(values: Array) -> tuple[int, ReflexEvent]:
    """Running number and event."""
    cause = values[6:].tobytes().rstrip(b"\0").decode("utf-8", "replace")
    return int(values[0]), ReflexEvent(
        stamp=float(values[1]),
        tick=int(values[2]),
        level=ReflexLevel(int(values[3])),
        cause=cause,
        value=float(values[4]),
        limit=float(values[5]),
    )
