"""A box of a room whose walls and floor are painted, drawn exactly by ray casting."""

import numpy as np

from neural_brain.models.sensing import pixel_rays
from neural_brain.models.signals import RgbdFrame

H, W = 144, 192
K = np.array([[150.0, 0.0, 95.5], [0.0, 150.0, 71.5], [0.0, 0.0, 1.0]])
TILE_M = 0.12
HEIGHT_M = 1.0


class PaintedRoom:
    """A room from `low` to `high` (2,) [m], 2.5 m high, with its own tiles."""

    def __init__(self, low=(-4.5, -2.5), high=(4.5, 2.5), seed=0):
        self.low = np.array([*low, 0.0])
        self.high = np.array([*high, 2.5])
        rng = np.random.default_rng(seed)
        self.paint = rng.integers(20, 235, (6, 128, 128, 3)).astype(np.uint8)

    def frame(self, pose, stamp=0.0, pan=0.0):
        """What a camera over the base sees that looks `pan` [rad] aside."""
        c, s = np.cos(pan), np.sin(pan)
        T = np.eye(4)
        T[:3, :3] = [[s, 0, c], [-c, 0, s], [0, -1, 0]]
        T[2, 3] = HEIGHT_M
        yaw = pose[2]
        R = np.array(
            [[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]]
        )
        rays = pixel_rays(K, (H, W)).astype(float) @ (R @ T[:3, :3]).T
        start = np.array([pose[0], pose[1], HEIGHT_M])
        with np.errstate(divide="ignore"):
            ends = np.where(rays > 0, self.high, self.low)
            reach = np.where(rays == 0, np.inf, (ends - start) / rays)
        axis = reach.argmin(axis=2)
        depth = reach.min(axis=2)
        hit = start + rays * depth[..., None]
        side = 2 * axis + (np.take_along_axis(rays, axis[..., None], 2)[..., 0] > 0)
        u, v = np.choose(axis, [1, 0, 0]), np.choose(axis, [2, 2, 1])
        at = [np.take_along_axis(hit, i[..., None], 2)[..., 0] for i in (u, v)]
        tile = [np.floor(x / TILE_M).astype(int) % 128 for x in at]
        rgb = self.paint[side, tile[0], tile[1]]
        return RgbdFrame(
            stamp=stamp,
            rgb=rgb,
            depth=depth.astype(np.float32),
            K=K,
            T_base_camera=T,
        )
