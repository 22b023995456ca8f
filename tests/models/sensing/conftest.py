"""Analytic scenes: a pinhole camera that looks at a floor, walls and boxes."""

import numpy as np
import pytest

from neural_brain.models.geometry import rotation_from_rpy
from neural_brain.models.sensing import pixel_rays
from neural_brain.models.signals import BodyState, LaserScan, RgbdFrame

HEIGHT, WIDTH = 144, 192
FOCAL = WIDTH / 2 / np.tan(np.radians(69.0) / 2)
K = np.array([[FOCAL, 0, WIDTH / 2 - 0.5], [0, FOCAL, HEIGHT / 2 - 0.5], [0, 0, 1]])
OPTICAL = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])


def camera_pose(tilt=0.4, pan=0.0, xyz=(-0.16, -0.1, 1.15)):
    T = np.eye(4)
    T[:3, :3] = rotation_from_rpy(0.0, tilt, pan) @ OPTICAL
    T[:3, 3] = xyz
    return T


def box_hit(origin, rays, low, high):
    """Depth along each ray (n,) to an axis-aligned box; inf where it misses."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (low - origin) / rays, (high - origin) / rays
    near = np.nanmax(np.minimum(a, b), axis=1)
    far = np.nanmin(np.maximum(a, b), axis=1)
    return np.where((near <= far) & (near > 0), near, np.inf)


def render(T, boxes=(), wall_x=None, colours=(), stamp=0.0):
    """Frame and labels (0 = background, i + 1 = box i) of floor, boxes and wall."""
    rays = pixel_rays(K, (HEIGHT, WIDTH)).reshape(-1, 3).astype(float)
    rays = rays @ T[:3, :3].T
    origin = T[:3, 3]
    with np.errstate(divide="ignore"):
        depth = np.where(rays[:, 2] < -1e-6, -origin[2] / rays[:, 2], np.inf)
        if wall_x is not None:
            wall = (wall_x - origin[0]) / rays[:, 0]
            depth = np.where((wall > 0) & (wall < depth), wall, depth)
    labels = np.zeros(len(rays), np.int32)
    rgb = np.full((len(rays), 3), 120, np.uint8)
    for i, (low, high) in enumerate(boxes):
        hit = box_hit(origin, rays, np.asarray(low, float), np.asarray(high, float))
        labels[hit < depth] = i + 1
        if i < len(colours):
            rgb[hit < depth] = colours[i]
        depth = np.minimum(depth, hit)
    frame = RgbdFrame(
        stamp=stamp,
        rgb=rgb.reshape(HEIGHT, WIDTH, 3),
        depth=np.where(np.isfinite(depth), depth, 0.0)
        .astype(np.float32)
        .reshape(HEIGHT, WIDTH),
        K=K,
        T_base_camera=T,
    )
    return frame, labels.reshape(HEIGHT, WIDTH)


@pytest.fixture
def body():
    return make_body()


def make_body(stamp=0.0, twist=(0.0, 0.0), pose=(0.0, 0.0, 0.0)):
    return BodyState(
        stamp=stamp,
        q=np.zeros(7),
        dq=np.zeros(7),
        effort=np.zeros(7),
        twist_base=np.array(twist, float),
        pose_odom_base=np.array(pose, float),
        wrench_ee=np.zeros(6),
        bumper=np.zeros(4, bool),
        gyro=np.zeros(3),
        accel=np.zeros(3),
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )


def make_scan(ranges, stamp=0.0):
    return LaserScan(
        stamp=stamp,
        angle_min=-np.pi,
        angle_increment=2 * np.pi / len(ranges),
        range_min=0.1,
        range_max=10.0,
        ranges=np.asarray(ranges, float),
        pose_base_laser=np.zeros(3),
    )


@pytest.fixture
def scene():
    """The scene builders as one object."""

    class Scene:
        pass

    Scene.camera_pose = staticmethod(camera_pose)
    Scene.render = staticmethod(render)
    Scene.make_body = staticmethod(make_body)
    Scene.make_scan = staticmethod(make_scan)
    return Scene
