"""Frames of a box-shaped room, computed exactly."""

import numpy as np
import pytest

from neural_brain.models.geometry import matrix_from_pose2
from neural_brain.models.signals import RgbdFrame

LOW, HIGH = np.array([-2.0, -1.5, 0.0]), np.array([2.0, 1.5, 2.5])
SHADES = np.array(
    [
        [200, 40, 40],
        [40, 200, 40],
        [40, 40, 200],
        [200, 200, 40],
        [90, 60, 30],
        [9, 9, 9],
    ]
)  # walls -x, -y, floor, +x, +y, ceiling
K = np.array([[100.0, 0.0, 63.5], [0.0, 100.0, 47.5], [0.0, 0.0, 1.0]])
SHAPE = (96, 128)
OPTICAL = np.array(
    [[0, 0, 1, 0.1], [-1, 0, 0, 0], [0, -1, 0, 1.2], [0, 0, 0, 1]], float
)


def camera_pose(x, y, yaw):
    """A camera 1.2 m above the floor that looks ahead and a little down."""
    tilt = np.eye(4)
    c, s = np.cos(0.3), np.sin(0.3)
    tilt[1:3, 1:3] = [[c, s], [-s, c]]
    return matrix_from_pose2(np.array([x, y, yaw])) @ OPTICAL @ tilt


def room_frame(T_map_camera, stamp=0.0, shape=SHAPE):
    """What the camera sees of the room from a pose (4, 4)."""
    v, u = np.mgrid[0 : shape[0], 0 : shape[1]]
    rays = np.stack(
        [(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones(u.shape)]
    )
    turned = np.einsum("ij,jhw->hwi", T_map_camera[:3, :3], rays)
    start = T_map_camera[:3, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        ways = np.concatenate([(LOW - start) / turned, (HIGH - start) / turned], axis=2)
    ways[~(ways > 1e-6)] = np.inf
    side = np.argmin(ways, axis=2)
    return RgbdFrame(
        stamp=stamp,
        rgb=SHADES[side].astype(np.uint8),
        depth=ways.min(axis=2).astype(np.float32),
        K=K,
        T_base_camera=OPTICAL,
    )


def distance_to_room(points):
    """Distance (n,) of points from the nearest wall, floor or ceiling."""
    return np.min(np.abs(np.concatenate([points - LOW, points - HIGH], axis=1)), axis=1)


class Room:
    """The room, for tests that cannot import this file."""

    shades = SHADES
    pose = staticmethod(camera_pose)
    frame = staticmethod(room_frame)
    distance = staticmethod(distance_to_room)


@pytest.fixture
def room():
    return Room


@pytest.fixture
def tour():
    """Poses of the camera, turning once around in the room."""
    return [camera_pose(0.2, -0.1, yaw) for yaw in np.linspace(0.0, 6.0, 24)]
