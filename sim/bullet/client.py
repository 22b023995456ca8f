"""One PyBullet server of its own, without a window, and the late import of PyBullet."""

from __future__ import annotations

import importlib
import weakref
from functools import partial
from typing import Any

from neural_brain.models.errors import SimulationError


def import_pybullet() -> Any:
    """The pybullet module.

    Raises:
        SimulationError: if the `[pybullet]` extra is not installed.
    """
    try:
        return importlib.import_module("pybullet")
    except ImportError as error:
        raise SimulationError(
            f"A world in Bullet needs PyBullet, which cannot be imported ({error}). "
            'Install it with `pip install "neural_brain[pybullet]"` (wheels: Python '
            "3.10 and 3.11 on x86-64 Linux); MuJoCo worlds do not need it."
        ) from error


class Client:
    """PyBullet's functions, bound to a physics server of this object.

    `client.stepSimulation()` is `pybullet.stepSimulation(physicsClientId=...)`;
    constants come through as they are.

    Raises:
        SimulationError: without PyBullet, or when it can start no further server.
    """

    def __init__(self) -> None:
        self._bullet = import_pybullet()
        self._server: int = self._bullet.connect(self._bullet.DIRECT)
        if self._server < 0:
            raise SimulationError(
                "PyBullet can start no further physics server in this process; it "
                "allows about 1000. Close the bodies that you no longer use."
            )
        self._end = weakref.finalize(
            self, self._bullet.disconnect, physicsClientId=self._server
        )

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._bullet, name)
        if callable(value):
            value = partial(value, physicsClientId=self._server)
        setattr(self, name, value)
        return value

    @property
    def running(self) -> bool:
        """Whether the server still lives."""
        return self._end.alive

    def close(self) -> None:
        """End the server, as the end of this object does; safe to call twice."""
        self._end()
