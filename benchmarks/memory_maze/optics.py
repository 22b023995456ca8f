"""The camera of Memory Maze: rays of its pixels, heights, and how lamps shade a ball.

Measured in the compiled model and in rendered frames (declared prior knowledge): 64 x
64 pixels, vertical field of view 80 degrees, 0.9 m high, looking 5.7 degrees down;
walls are 1.5 m high; a lamp that moves with the camera shines along its axis.
"""

from __future__ import annotations

import numpy as np

from neural_brain.benchmarks.memory_maze.client import PIXELS
from neural_brain.benchmarks.memory_maze.sight import TARGET_M
from neural_brain.models.geometry import Array

BORDER = 2  # pixels, painted in the colour of the wanted target
HEIGHT_M, WALL_M = 0.9, 1.5
FOCAL_PX = 0.5 * PIXELS / np.tan(np.deg2rad(40.0))
PITCH_RAD = np.arcsin(0.0998)
AMBIENT, LAMP = 0.30, 0.596  # measured shading: AMBIENT + LAMP max(0, n . l)

_ROW, _COLUMN = np.mgrid[0:PIXELS, 0:PIXELS] + 0.5


def ray(column: Array, row: Array) -> tuple[Array, Array, Array]:
    """Forward, left and up parts of the rays of pixel positions [px], level with z."""
    across = (np.asarray(column) - 0.5 * PIXELS) / FOCAL_PX
    down = (np.asarray(row) - 0.5 * PIXELS) / FOCAL_PX
    c, s = np.cos(PITCH_RAD), np.sin(PITCH_RAD)
    return c - s * down, -across, -s - c * down


FORWARD, LEFT, UP = ray(_COLUMN, _ROW)
_LENGTH = np.sqrt(FORWARD**2 + LEFT**2 + UP**2)
RAYS = np.stack([FORWARD, LEFT, UP], axis=2) / _LENGTH[:, :, None]
_LIGHT = -np.array([np.cos(PITCH_RAD), 0.0, -np.sin(PITCH_RAD)])


def pixel(spot: Array) -> tuple[float, float]:
    """Column and row [px] of a spot (3,) [m]: forward, left of the camera, height."""
    c, s = np.cos(PITCH_RAD), np.sin(PITCH_RAD)
    up = spot[2] - HEIGHT_M
    depth = c * spot[0] - s * up
    if depth <= 0.05:
        return -1.0, -1.0
    down = -(s * spot[0] + c * up)
    return (
        0.5 * PIXELS - FOCAL_PX * spot[1] / depth,
        0.5 * PIXELS + FOCAL_PX * down / depth,
    )


def ball(center: Array) -> tuple[Array, Array]:
    """How a target with its centre in the floor at (2,) [m] before the camera looks.

    Returns:
        Which pixels (64, 64) show it if nothing hides it, and their shading (64, 64).
    """
    offset = np.array([-center[0], -center[1], HEIGHT_M])
    along = RAYS @ offset
    inside = along**2 - (offset @ offset - TARGET_M**2)
    way = -along - np.sqrt(np.maximum(inside, 0.0))
    height = HEIGHT_M + way * RAYS[:, :, 2]
    shown = (inside > 0.0) & (way > 0.0) & (height > 0.0)
    normal = (offset + way[:, :, None] * RAYS) / TARGET_M
    shade = AMBIENT + LAMP * np.maximum(normal @ _LIGHT, 0.0)
    return shown, shade
