"""Options of the simulated arm on LeRobot's command lines: `--robot.NAME=VALUE`."""

from __future__ import annotations

from dataclasses import dataclass

from lerobot.robots.config import RobotConfig


@RobotConfig.register_subclass("neural_brain")
@dataclass(kw_only=True)
class SimulatedArmConfig(RobotConfig):  # type: ignore[misc, unused-ignore]
    """A simulated arm behind our reflex.

    Attributes:
        kind: "arm" (seven joints and a hand), "so101" or "ur5e".
        button: put a button in front of `arm`.
        fps: actions a second, as in the tool's own --fps [Hz]; simulated time.
        seed: where the button is, and sensor noise.
        camera: draw a picture "front".
        width, height: its size [px].
    """

    kind: str = "arm"
    button: bool = False
    fps: int = 30
    seed: int = 0
    camera: bool = True
    width: int = 160
    height: int = 120
