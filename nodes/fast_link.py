"""What the fast process and the ROS side share: state, target, scan, requests.

Each slot has one writer. The fast process writes `about`, `state`, `truth` and
`events`; the body node writes `target` (with counts of requests) and a `scan` for each
lidar.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import numpy as np

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.signals import (
    BodyCommand,
    BodyState,
    LaserScan,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.robots.shm import SlotReader, SlotWriter, remove_abandoned
from neural_brain.robots.shm_layout import (
    command_layout,
    pack,
    scan_layout,
    state_layout,
    target_layout,
    unpack_command,
    unpack_scan,
    unpack_state,
    unpack_target,
)

MAX_BEAMS = 4096
EVENTS_KEPT = 32
CAUSE_BYTES = 64
ABOUT = np.dtype([("text", "S4000")])
LOOP = ("tick", "success", "missed", "realtime")
TRUTH = (
    "time_s",
    "tick",
    "x",
    "y",
    "yaw",
    "arm_force_n",
    "base_force_n",
    "peak_arm_force_n",
    "peak_base_force_n",
)
_EVENT = np.dtype(
    [
        ("stamp", "<f8"),
        ("tick", "<i8"),
        ("level", "<i8"),
        ("value", "<f8"),
        ("limit", "<f8"),
        ("cause", f"S{CAUSE_BYTES}"),
    ]
)


class Layouts:
    """The records of one robot.

    Args:
        about: joints, bumper and nq (0 for a real robot).
    """

    def __init__(self, about: dict[str, Any]) -> None:
        n, bumper, nq = (int(about[key]) for key in ("joints", "bumper", "nq"))
        loop = [(name, "<f8") for name in LOOP]
        self.state = np.dtype(
            [("body", state_layout(n, bumper)), ("command", command_layout(n)), *loop]
        )
        self.truth = np.dtype(
            [*((name, "<f8") for name in TRUTH), ("qpos", "<f8", (nq,))]
        )
        self.events = np.dtype([("count", "<i8"), ("ring", _EVENT, (EVENTS_KEPT,))])
        self.target = np.dtype([("session", "<i8"), ("target", target_layout(n))])
        self.scan = np.dtype([("count", "<i8"), ("scan", scan_layout(MAX_BEAMS))])


class FastEnd:
    """The fast process's end.

    Args:
        name: of the link, one per robot on a machine.
        about: joints, bumper, nq, lidars (1 if not said), and plain data for others
            (world, names, ...).

    Raises:
        BodyError: if another process has a link of this name.
    """

    def __init__(self, name: str, about: dict[str, Any]) -> None:
        layouts = Layouts(about)
        remove_abandoned(f"{name}.")
        self._about = SlotWriter(f"{name}.about", ABOUT)
        self._state = SlotWriter(f"{name}.state", layouts.state)
        self._truth = SlotWriter(f"{name}.truth", layouts.truth)
        self._events = SlotWriter(f"{name}.events", layouts.events)
        self._target = SlotReader(f"{name}.target", layouts.target)
        self._scans = [
            SlotReader(slot, layouts.scan) for slot in _scan_slots(name, about)
        ]
        self._handled = (0, 0, 0)
        self._about.record["text"] = header(about)
        self._about.publish()

    def write_state(
        self,
        body: BodyState,
        command: BodyCommand,
        level: ReflexLevel,
        loop: tuple[float, ...],
    ) -> None:
        """State, the command really sent, reflex level, and the numbers of `LOOP`."""
        record = self._state.record
        pack(record["body"], body)
        record["body"]["level"] = int(level)
        pack(record["command"], command)
        for name, value in zip(LOOP, loop, strict=True):
            record[name] = value
        self._state.publish()

    def write_truth(self, numbers: tuple[float, ...], qpos: np.ndarray) -> None:
        """The numbers of `TRUTH` and the positions of everything (nq,)."""
        record = self._truth.record
        for name, value in zip(TRUTH, numbers, strict=True):
            record[name] = value
        record["qpos"] = qpos
        self._truth.publish()

    def write_events(self, events: list[ReflexEvent]) -> None:
        """Append to the ring of the last events."""
        record = self._events.record
        for event in events:
            cause = event.cause.encode("utf-8", "replace")[:CAUSE_BYTES]
            numbers = (
                event.stamp,
                event.tick,
                int(event.level),
                event.value,
                event.limit,
            )
            record["ring"][int(record["count"]) % EVENTS_KEPT] = (*numbers, cause)
            record["count"] += 1
        if events:
            self._events.publish()

    def new_target(self) -> tuple[MotionTarget | None, bool, bool]:
        """The target if it is new, and whether e-stop and reset were asked for.

        Requests are counted within a session of the writer, so that none is lost and
        none is invented when the writer is started anew.
        """
        if not self._target.read():
            return None, False, False
        session, record = (
            int(self._target.record["session"]),
            self._target.record["target"],
        )
        estops, resets = int(record["estop"]), int(record["reset"])
        _, before_estops, before_resets = self._handled
        if session != self._handled[0]:
            before_estops = before_resets = 0
        self._handled = (session, estops, resets)
        target = unpack_target(record) if np.isfinite(record["stamp"]) else None
        return target, estops > before_estops, resets > before_resets

    def new_scans(self) -> list[tuple[int, LaserScan]]:
        """The number of each lidar whose scan is new, and that scan."""
        return [
            (lidar, _scan_of(slot.record))
            for lidar, slot in enumerate(self._scans)
            if slot.read()
        ]

    def refresh(self) -> None:
        """Look for a restarted writer when targets or scans have stopped coming."""
        for reader in (self._target, *self._scans):
            if reader.age_s() > 0.5:
                reader.refresh()

    def close(self) -> None:
        """Delete the own slots; safe to call twice."""
        for part in (self._about, self._state, self._truth, self._events):
            part.close()
        for reader in (self._target, *self._scans):
            reader.close()


class RosEnd:
    """The reading end of the ROS side; with `writes`, also the one that commands.

    Args:
        name: of the link.
        writes: whether this process sends targets and scans (one per link).

    Raises:
        BodyError: if no fast process runs under this name.
    """

    def __init__(self, name: str, *, writes: bool) -> None:
        self.about = read_about(name)
        layouts = Layouts(self.about)
        self._state = SlotReader(f"{name}.state", layouts.state)
        self._truth = SlotReader(f"{name}.truth", layouts.truth)
        self._events = SlotReader(f"{name}.events", layouts.events)
        self._seen_events = 0
        self._target: SlotWriter | None = None
        self._scans: list[SlotWriter] = []
        if writes:
            self._target = SlotWriter(f"{name}.target", layouts.target)
            self._scans = [
                SlotWriter(slot, layouts.scan) for slot in _scan_slots(name, self.about)
            ]
            self._target.record["session"] = time.monotonic_ns()
            self._target.record["target"]["stamp"] = np.nan  # no target yet
            self._target.publish()

    @property
    def alive(self) -> bool:
        """Whether the fast process still runs."""
        return _runs(int(self.about["pid"]))

    @property
    def age_s(self) -> float:
        """Time since the last state was written [s]."""
        return self._state.age_s()

    def write_target(self, target: MotionTarget) -> None:
        """What the fast loop shall do next."""
        pack(self._target.record["target"], target)
        self._target.publish()

    def request(self, *, estop: bool = False, reset: bool = False) -> None:
        """Ask for an emergency stop, or for a reset of latched stops."""
        self._target.record["target"]["estop"] += estop
        self._target.record["target"]["reset"] += reset
        self._target.publish()

    def write_scan(self, scan: LaserScan, lidar: int = 0) -> None:
        """The newest scan of a lidar, for the reflex."""
        slot = self._scans[lidar]
        record = slot.record
        ranges = scan.ranges[:MAX_BEAMS]
        for name in record["scan"].dtype.names:
            if name != "ranges":
                record["scan"][name] = getattr(scan, name)
        record["scan"]["ranges"][: ranges.size] = ranges
        record["count"] = ranges.size
        slot.publish()

    def read_state(self) -> tuple[BodyState, BodyCommand, dict[str, float]] | None:
        """The state if it is new, the command sent then, `level` and `LOOP` numbers."""
        if not self._state.read():
            return None
        record = self._state.record
        loop = {name: float(record[name]) for name in LOOP}
        loop["level"] = float(record["body"]["level"])
        body = unpack_state(record["body"])
        return body, unpack_command(record["command"]), loop

    def read_truth(self) -> tuple[dict[str, float], np.ndarray] | None:
        """The numbers of `TRUTH` and qpos (nq,), if they are new."""
        if not self._truth.read():
            return None
        record = self._truth.record
        return {name: float(record[name]) for name in TRUTH}, record["qpos"].copy()

    def new_events(self) -> list[ReflexEvent]:
        """Events since the last call, the newest 32 at most."""
        if not self._events.read():
            return []
        total = int(self._events.record["count"])
        first = max(self._seen_events, total - EVENTS_KEPT)
        self._seen_events = total
        ring = self._events.record["ring"]
        return [_event_of(ring[i % EVENTS_KEPT]) for i in range(first, total)]

    def close(self) -> None:
        """Let go; the writing end's slots are deleted. Safe to call twice."""
        readers = (self._state, self._truth, self._events)
        for part in (*readers, self._target, *self._scans):
            if part is not None:
                part.close()


def header(about: dict[str, Any]) -> str:
    """The text of an `about` slot of this process.

    Raises:
        ConfigError: if it does not fit; half of it would be unreadable.
    """
    text, room = json.dumps({**about, "pid": os.getpid()}), ABOUT["text"].itemsize
    if len(text) > room:
        raise ConfigError(
            f"The header of the shared memory takes {len(text)} bytes; it has room for "
            f"{room}. Shorten the names of joints and the path of arm_file."
        )
    return text


def read_about(name: str) -> dict[str, Any]:
    """What a running fast process says of its robot.

    Raises:
        BodyError: if none runs under this name.
    """
    with SlotReader(f"{name}.about", ABOUT) as reader:
        if reader.read():
            about = json.loads(reader.record["text"].item())
            if _runs(int(about["pid"])):
                return about
    raise BodyError(
        f"There is no running fast process of the name {name!r}. Start it first: "
        "neural-brain up sim."
    )


def open_link(name: str, patience_s: float, *, writes: bool) -> RosEnd:
    """Open a link, waiting for the fast process to come up.

    Raises:
        BodyError: if there is none after `patience_s`, or another process commands it.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return RosEnd(name, writes=writes)
        except BodyError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _scan_slots(name: str, about: dict[str, Any]) -> list[str]:
    """Names of the slots of all lidars."""
    more = range(1, int(about.get("lidars", 1)))
    return [f"{name}.scan", *(f"{name}.scan{lidar}" for lidar in more)]


def _scan_of(record: Any) -> LaserScan:
    scan = unpack_scan(record["scan"])
    count = min(max(int(record["count"]), 0), MAX_BEAMS)
    return LaserScan(**{**vars(scan), "ranges": scan.ranges[:count]})


def _event_of(record: Any) -> ReflexEvent:
    return ReflexEvent(
        stamp=float(record["stamp"]),
        tick=int(record["tick"]),
        level=ReflexLevel(int(record["level"])),
        cause=bytes(record["cause"]).decode("utf-8", "replace"),
        value=float(record["value"]),
        limit=float(record["limit"]),
    )


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
