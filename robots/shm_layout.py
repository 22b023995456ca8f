"""Fixed layouts of the messages that cross into and out of the fast process."""

from __future__ import annotations

from typing import Any

import numpy as np

from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyState,
    LaserScan,
    MotionTarget,
)

Record = np.ndarray[Any, Any]
_STATE = {"twist_base": 2, "pose_odom_base": 3, "wrench_ee": 6, "gyro": 3, "accel": 3}
_OPTIONAL = ("q", "dq")  # of a command
_MODES = (ArmMode.JOINT, ArmMode.CARTESIAN)


def state_layout(joints: int, bumpers: int = 8) -> np.dtype[Any]:
    """Body state with `joints` arm joints, and the reflex level."""
    fields: list[Any] = [("stamp", "<f8"), ("level", "<i8")]
    fields += [(name, "<f8", (joints,)) for name in ("q", "dq", "effort")]
    fields += [(name, "<f8", (size,)) for name, size in _STATE.items()]
    fields += [("head", "<f8", (2,)), ("gripper_m", "<f8"), ("battery", "<f8")]
    return np.dtype([*fields, ("bumper", "u1", (bumpers,))])


def command_layout(joints: int) -> np.dtype[Any]:
    """Body command with `joints` arm joints; `q`, `dq` of NaN mean there are none."""
    return np.dtype(
        [
            ("stamp", "<f8"),
            ("effort", "<f8", (joints,)),
            ("q", "<f8", (joints,)),
            ("dq", "<f8", (joints,)),
            ("twist_base", "<f8", (2,)),
            ("head", "<f8", (2,)),
            ("gripper_m", "<f8"),
        ]
    )


def target_layout(joints: int) -> np.dtype[Any]:
    """Motion target with `joints` arm joints; `estop` and `reset` count requests."""
    return np.dtype(
        [
            ("stamp", "<f8"),
            ("mode", "<i8"),
            ("contact", "<i8"),
            ("estop", "<i8"),
            ("reset", "<i8"),
            ("twist_base", "<f8", (2,)),
            ("q_target", "<f8", (joints,)),
            ("T_base_ee", "<f8", (4, 4)),
            ("stiffness", "<f8", (6, 6)),
            ("wrench_ff", "<f8", (6,)),
            ("head", "<f8", (2,)),
            ("gripper_m", "<f8"),
        ]
    )


def scan_layout(beams: int) -> np.dtype[Any]:
    """Lidar scan with `beams` ranges."""
    names = ("stamp", "angle_min", "angle_increment", "range_min", "range_max")
    fields: list[Any] = [(name, "<f8") for name in names]
    fields += [("pose_base_laser", "<f8", (3,)), ("ranges", "<f8", (beams,))]
    return np.dtype(fields)


def pack(record: Record, message: object) -> None:
    """Copy the equally named fields of a message into a record."""
    for name in record.dtype.names or ():
        value = getattr(message, name, None)
        if name == "mode":
            record["mode"] = 0 if value is None else _MODES.index(ArmMode(value))
        elif value is not None:
            record[name] = value
        elif name in _OPTIONAL:
            record[name] = np.nan


def unpack_state(record: Record) -> BodyState:
    """A body state with its own arrays."""
    values = _arrays(record, skip=("level",))
    values["bumper"] = values["bumper"].astype(bool)
    return BodyState(**values)


def unpack_command(record: Record) -> BodyCommand:
    """A body command with its own arrays."""
    values = _arrays(record)
    for name in _OPTIONAL:
        if np.isnan(values[name]).all():
            values[name] = None
    return BodyCommand(**values)


def unpack_target(record: Record) -> MotionTarget:
    """A motion target with its own arrays; an unknown mode means JOINT."""
    values = _arrays(record, skip=("mode", "contact", "estop", "reset"))
    mode = _MODES[1] if int(record["mode"]) == 1 else _MODES[0]
    return MotionTarget(mode=mode, contact=bool(record["contact"]), **values)


def unpack_scan(record: Record) -> LaserScan:
    """A lidar scan with its own arrays."""
    return LaserScan(**_arrays(record))


def _arrays(record: Record, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Scalars as float, arrays as copies."""
    values = {}
    for name in record.dtype.names or ():
        if name not in skip:
            field = record[name]
            values[name] = field.copy() if field.ndim else float(field)
    return values
