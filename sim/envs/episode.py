"""What all environments share: worlds kept compiled, drawing, closing."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ConfigError
from neural_brain.sim.render import Painter
from neural_brain.sim.simulation import Simulation

PICTURE = (320, 240)


class Episode(gymnasium.Env[Any, NDArray[np.float32]]):
    """Base of the environments: one simulation per episode, drawn on request.

    Args:
        render_mode: "rgb_array" or None.

    Raises:
        ConfigError: for another render mode.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["rgb_array"],
        "render_fps": 10,
    }

    def __init__(self, render_mode: str | None = None) -> None:
        if render_mode not in (None, "rgb_array"):
            raise ConfigError(
                f"render_mode {render_mode!r} is not offered; allowed: None, "
                "'rgb_array'. Leave it out to run without pictures."
            )
        self.render_mode = render_mode
        self.simulation: Simulation | None = None
        self._painter: Painter | None = None
        self._drawn: mujoco.MjModel | None = None

    @property
    def world(self) -> Simulation:
        """The simulation of this episode.

        Raises:
            ConfigError: before the first reset.
        """
        if self.simulation is None:
            raise ConfigError("The environment has no episode yet; call reset() first.")
        return self.simulation

    def render(self) -> NDArray[np.uint8] | None:  # type: ignore[override]
        """A picture (240, 320, 3) from above the robot, or None without render mode."""
        if self.render_mode is None:
            return None
        world = self.world
        if self._painter is None or self._drawn is not world.model:
            self.close()
            self._painter = Painter(world.model, *PICTURE)
            self._drawn = world.model
        x, y, _ = world.truth.pose_world_base()
        camera = mujoco.MjvCamera()
        camera.lookat[:] = [x, y, 0.6]
        camera.distance, camera.elevation, camera.azimuth = 3.0, -35.0, 140.0
        return self._painter.draw(world.data, camera)[0]

    def close(self) -> None:
        """Free the OpenGL context; safe to call twice."""
        if self._painter is not None:
            self._painter.close()
        self._painter = self._drawn = None
