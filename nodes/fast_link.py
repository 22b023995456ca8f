"""What the fast process and the ROS side share: state, target, scan, requests."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from neural_brain.models.signals import (
    BodyCommand,
    BodyState,
    LaserScan,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.nodes import packing
from neural_brain.nodes.slots import SharedSlots

MAX_BEAMS = 4096
EVENTS_KEPT = 32
LOOP_NUMBERS = 6
TRUTH_NUMBERS = 9


class FastLink:
    """Both ends use the same object; see the methods for who may write what.

    Args:
        name: of the link, one per robot on a machine.
        about: given by the creator: joints, bumper, nq, and plain data for others;
            None opens an existing link.

    Raises:
        BodyError: if the link cannot be made or does not exist.
    """

    def __init__(self, name: str, about: dict[str, Any] | None = None) -> None:
        sizes = None if about is None else _sizes(about)
        self.slots = SharedSlots(name, sizes, about)
        self.about = self.slots.about
        n = int(self.about["joints"])
        self._body = packing.body_packer(n, int(self.about["bumper"]))
        self._command = packing.command_packer(n)
        self._target = packing.target_packer(n)
        self._state_out = np.zeros(self.slots["state"].size)
        self._truth_out = np.zeros(self.slots["truth"].size)
        self._ring = np.zeros(self.slots["events"].size)
        self._requests = np.zeros(2)
        self._seen = {"target": 0, "scan": 0}
        self._seen_events = 0
        self._handled: np.ndarray | None = None

    def close(self) -> None:
        """Give the memory back."""
        self.slots.close()

    # --- written by the fast process ----------------------------------------------

    def write_state(
        self, body: BodyState, command: BodyCommand, loop: tuple[float, ...]
    ) -> None:
        """State, the command really sent, and loop numbers (see `read_state`)."""
        out, split = self._state_out, self._body.size
        self._body.pack(body, out[:split])
        self._command.pack(command, out[split : split + self._command.size])
        out[-LOOP_NUMBERS:] = loop
        self.slots["state"].write(out)

    def write_truth(self, numbers: tuple[float, ...], qpos: np.ndarray) -> None:
        """Ground truth of a simulation (see `read_truth`)."""
        self._truth_out[:TRUTH_NUMBERS] = numbers
        self._truth_out[TRUTH_NUMBERS:] = qpos
        self.slots["truth"].write(self._truth_out)

    def write_events(self, events: list[ReflexEvent]) -> None:
        """Append to the ring of the last events."""
        size = packing.EVENT_NUMBERS
        for event in events:
            index = int(self._ring[0])
            start = 1 + (index % EVENTS_KEPT) * size
            self._ring[start : start + size] = packing.pack_event(event, index)
            self._ring[0] = index + 1
        if events:
            self.slots["events"].write(self._ring)

    def new_target(self) -> MotionTarget | None:
        """The target, if it was written since the last call."""
        values = self._news("target")
        return None if values is None else packing.unpack_target(self._target, values)

    def new_scan(self) -> LaserScan | None:
        """The scan, if it was written since the last call."""
        values = self._news("scan")
        return None if values is None else packing.unpack_scan(values)

    def new_requests(self) -> tuple[bool, bool]:
        """Whether (e-stop, reset) were asked for since the last call."""
        found = self.slots["requests"].read()
        if found is None:
            return False, False
        counts = found[1]
        asked = counts > (0.0 if self._handled is None else self._handled)
        self._handled = counts
        return bool(asked[0]), bool(asked[1])

    # --- written by the ROS side --------------------------------------------------

    def write_target(self, target: MotionTarget) -> None:
        """What the fast loop shall do next."""
        self.slots["target"].write(packing.pack_target(self._target, target))

    def write_scan(self, scan: LaserScan) -> None:
        """The newest scan, for the reflex."""
        self.slots["scan"].write(packing.pack_scan(scan, MAX_BEAMS))

    def request(self, *, estop: bool = False, reset: bool = False) -> None:
        """Ask for an emergency stop, or for a reset of latched stops."""
        found = self.slots["requests"].read()
        if found is not None:
            self._requests = found[1]
        self._requests += (estop, reset)
        self.slots["requests"].write(self._requests)

    def read_state(self) -> tuple[BodyState, BodyCommand, dict[str, float]] | None:
        """State, last command, and level, tick, success, missed ticks, steady time."""
        found = self.slots["state"].read()
        if found is None:
            return None
        values, split = found[1], self._body.size
        names = ("level", "tick", "success", "missed", "steady_s", "realtime")
        loop = dict(zip(names, map(float, values[-LOOP_NUMBERS:]), strict=True))
        return (
            packing.unpack_body(self._body, values[:split]),
            packing.unpack_command(self._command, values[split:-LOOP_NUMBERS]),
            loop,
        )

    def read_truth(self) -> tuple[dict[str, float], np.ndarray] | None:
        """Numbers of the simulation (time, tick, pose, forces) and qpos (nq,)."""
        found = self.slots["truth"].read()
        if found is None:
            return None
        names = (
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
        values = found[1]
        numbers = dict(zip(names, map(float, values[:TRUTH_NUMBERS]), strict=True))
        return numbers, values[TRUTH_NUMBERS:]

    def new_events(self) -> list[ReflexEvent]:
        """Events since the last call, the newest 32 at most."""
        found = self.slots["events"].read()
        if found is None:
            return []
        values = found[1]
        total, size = int(values[0]), packing.EVENT_NUMBERS
        first = max(self._seen_events, total - EVENTS_KEPT)
        self._seen_events = total
        starts = [1 + (index % EVENTS_KEPT) * size for index in range(first, total)]
        return [packing.unpack_event(values[s : s + size])[1] for s in starts]

    def _news(self, name: str) -> np.ndarray | None:
        slot = self.slots[name]
        if slot.sequence == self._seen[name]:
            return None
        found = slot.read()
        if found is None:
            return None
        self._seen[name] = found[0]
        return found[1]


def loop_numbers(
    level: ReflexLevel, tick: int, success: float, missed: int, *, realtime: bool
) -> tuple[float, ...]:
    """The last argument of `write_state`."""
    return (
        float(level),
        float(tick),
        success,
        float(missed),
        time.monotonic(),
        float(realtime),
    )


def _sizes(about: dict[str, Any]) -> dict[str, int]:
    n, bumper, nq = int(about["joints"]), int(about["bumper"]), int(about["nq"])
    body = packing.body_packer(n, bumper).size
    command = packing.command_packer(n).size
    return {
        "state": body + command + LOOP_NUMBERS,
        "truth": TRUTH_NUMBERS + nq,
        "target": packing.target_packer(n).size + 2,
        "scan": packing.SCAN_NUMBERS + MAX_BEAMS,
        "requests": 2,
        "events": 1 + EVENTS_KEPT * packing.EVENT_NUMBERS,
    }
