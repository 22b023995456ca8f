"""A body at the other end of shared memory, fed by a ROS process."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

import numpy as np

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import BodyCommand, BodyLimits, BodyState
from neural_brain.nodes.fast_link import ABOUT, header, read_about
from neural_brain.robots.shm import SlotReader, SlotWriter
from neural_brain.robots.shm_layout import (
    command_layout,
    pack,
    state_layout,
    unpack_command,
    unpack_state,
)

SUFFIX = ".raw"
PATIENCE_S = 60.0


class BridgeEnd:
    """The end of the robot's ROS bridge: writes states, reads commands.

    Args:
        name: of the link.
        about: joints, bumper, limits.

    Raises:
        BodyError: if another bridge has a link of this name.
    """

    def __init__(self, name: str, about: dict[str, Any]) -> None:
        raw = name + SUFFIX
        n, bumper = int(about["joints"]), int(about["bumper"])
        self._state = SlotWriter(f"{raw}.state", state_layout(n, bumper))
        self._command = SlotReader(f"{raw}.command", command_layout(n))
        self._about = SlotWriter(f"{raw}.about", ABOUT)
        self._about.record["text"] = header(about)
        self._about.publish()

    def write_state(self, body: BodyState) -> None:
        """What the robot says."""
        pack(self._state.record, body)
        self._state.publish()

    def new_command(self) -> BodyCommand | None:
        """The command, if it is new."""
        if self._command.read():
            return unpack_command(self._command.record)
        if self._command.age_s() > 0.5:
            self._command.refresh()
        return None

    def close(self) -> None:
        """Delete the own slots; safe to call twice."""
        for part in (self._about, self._state, self._command):
            part.close()


class LinkBody:
    """The `Body` that the fast loop of a real robot sees.

    Args:
        name: of the link.

    Raises:
        BodyError: if no bridge runs under this name.
    """

    def __init__(self, name: str) -> None:
        raw = name + SUFFIX
        self.about = read_about(raw)
        n, bumper = int(self.about["joints"]), int(self.about["bumper"])
        self._limits = limits_from(self.about["limits"])
        self._state = SlotReader(f"{raw}.state", state_layout(n, bumper))
        self._command = SlotWriter(f"{raw}.command", command_layout(n))
        self._body: BodyState | None = None

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""
        return self._limits

    @property
    def now_s(self) -> float:
        """Present time on the clock of the stamps [s], by the steady clock."""
        if self._body is None:
            return math.nan
        return self._body.stamp + self._state.age_s()

    def read(self) -> BodyState:
        """The newest state.

        Raises:
            BodyError: before the first one.
        """
        if self._state.read():
            self._body = unpack_state(self._state.record)
        elif self._state.age_s() > 0.5:
            self._state.refresh()  # the bridge may have been started anew
        if self._body is None:
            raise BodyError(
                "The robot's bridge has sent no state yet. Start the robot's driver; "
                "`neural-brain status` says what is missing."
            )
        return self._body

    def write(self, command: BodyCommand) -> None:
        """Hand a command to the bridge."""
        pack(self._command.record, command)
        self._command.publish()

    def close(self) -> None:
        """Let go; safe to call twice."""
        self._state.close()
        self._command.close()


def open_body(name: str, stopped: Any, patience_s: float = PATIENCE_S) -> LinkBody:
    """Wait for a bridge and its first state.

    Args:
        name: of the link.
        stopped: asked again and again whether to give up.
        patience_s: longest wait for the bridge (the robot itself may take longer).

    Raises:
        BodyError: if there is no bridge in time, or `stopped()` became true.
    """
    deadline = time.monotonic() + patience_s
    body = None
    while True:
        try:
            body = body or LinkBody(name)
            body.read()
            return body
        except BodyError:
            if stopped() or (body is None and time.monotonic() > deadline):
                if body is not None:
                    body.close()
                raise
        time.sleep(0.05)


def limits_to_plain(limits: BodyLimits) -> dict[str, Any]:
    """For a header."""
    return {
        key: value.tolist() if isinstance(value, np.ndarray) else float(value)
        for key, value in dataclasses.asdict(limits).items()
    }


def limits_from(plain: dict[str, Any]) -> BodyLimits:
    """Inverse of `limits_to_plain`."""
    values = {
        key: np.array(value, dtype=float) if isinstance(value, list) else float(value)
        for key, value in plain.items()
    }
    return BodyLimits(**values)
