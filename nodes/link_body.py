"""A body at the other end of shared memory, fed by a ROS process."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np

from neural_brain.models.signals import BodyCommand, BodyLimits, BodyState
from neural_brain.nodes import packing
from neural_brain.nodes.slots import SharedSlots

SUFFIX = ".raw"


class RawLink:
    """State in, command out, between the fast process and a robot's ROS bridge.

    Args:
        name: of the link.
        about: joints, bumper, limits (given by the bridge, which makes the memory);
            None opens it.

    Raises:
        BodyError: if it cannot be made or does not exist.
    """

    def __init__(self, name: str, about: dict[str, Any] | None = None) -> None:
        sizes = None
        if about is not None:
            n, bumper = int(about["joints"]), int(about["bumper"])
            sizes = {
                "state": packing.body_packer(n, bumper).size,
                "command": packing.command_packer(n).size,
            }
        self.slots = SharedSlots(name + SUFFIX, sizes, about)
        self.about = self.slots.about
        n = int(self.about["joints"])
        self.state = packing.body_packer(n, int(self.about["bumper"]))
        self.command = packing.command_packer(n)
        self._seen = 0

    def write_state(self, body: BodyState) -> None:
        """From the bridge: what the robot says."""
        values = np.zeros(self.state.size)
        self.state.pack(body, values)
        self.slots["state"].write(values)

    def new_command(self) -> BodyCommand | None:
        """To the bridge: the command, if it is new."""
        slot = self.slots["command"]
        found = slot.read() if slot.sequence != self._seen else None
        if found is None:
            return None
        self._seen = found[0]
        return packing.unpack_command(self.command, found[1])

    def close(self) -> None:
        """Give the memory back."""
        self.slots.close()


class LinkBody:
    """The `Body` that the fast loop sees.

    Args:
        link: opened by this process.
    """

    def __init__(self, link: RawLink) -> None:
        self.link = link
        self._limits = limits_from(link.about["limits"])
        self._values = np.zeros(link.command.size)
        self._last: tuple[int, BodyState, float] | None = None

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""
        return self._limits

    @property
    def now_s(self) -> float:
        """Present time on the clock of the stamps [s], from the steady clock."""
        if self._last is None:
            return float("nan")
        _, body, arrived = self._last
        return body.stamp + time.monotonic() - arrived

    def read(self) -> BodyState:
        """The newest state; all NaN before the first."""
        found = self.link.slots["state"].read()
        if found is None:
            return self._last[1] if self._last else self._unknown()
        if self._last is None or self._last[0] != found[0]:
            body = packing.unpack_body(self.link.state, found[1])
            self._last = (found[0], body, time.monotonic())
        return self._last[1]

    def write(self, command: BodyCommand) -> None:
        """Hand a command to the bridge."""
        self.link.command.pack(command, self._values)
        self.link.slots["command"].write(self._values)

    def close(self) -> None:
        """Give the memory back."""
        self.link.close()

    def _unknown(self) -> BodyState:
        return packing.unpack_body(
            self.link.state, np.full(self.link.state.size, np.nan)
        )


def limits_to_plain(limits: BodyLimits) -> dict[str, Any]:
    """For a header."""
    plain = dataclasses.asdict(limits)
    return {
        key: value.tolist() if isinstance(value, np.ndarray) else float(value)
        for key, value in plain.items()
    }


def limits_from(plain: dict[str, Any]) -> BodyLimits:
    """Inverse of `limits_to_plain`."""
    arrays = {
        key: np.array(value, dtype=float) if isinstance(value, list) else float(value)
        for key, value in plain.items()
    }
    return BodyLimits(**arrays)
