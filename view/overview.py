"""A picture of the simulated home and its robot, seen from above at an angle."""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.sim.render import Painter
from neural_brain.sim.simulation import Simulation

WIDTH, HEIGHT = 960, 640


def draw_overview(
    simulation: Simulation,
    *,
    lookat: tuple[float, float, float],
    distance_m: float,
    azimuth_deg: float = 90.0,
    elevation_deg: float = -58.0,
) -> np.ndarray:
    """Draw the world from a free camera.

    Args:
        simulation: the world as it is now.
        lookat: middle of the picture [m], world frame.
        distance_m: of the camera from there [m].
        azimuth_deg: direction of view about z [deg].
        elevation_deg: tilt, -90 = straight down [deg].

    Returns:
        Picture (h, w, 3) uint8.

    Raises:
        RenderError: if no OpenGL back end works on this machine.
    """
    camera = mujoco.MjvCamera()
    camera.type = int(mujoco.mjtCamera.mjCAMERA_FREE)
    camera.lookat[:] = lookat
    camera.distance = distance_m
    camera.azimuth = azimuth_deg
    camera.elevation = elevation_deg
    painter = Painter(simulation.model, WIDTH, HEIGHT)
    try:
        rgb, _ = painter.draw(simulation.data, camera)
    finally:
        painter.close()
    return rgb
