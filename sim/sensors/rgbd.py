"""RGB-D camera of the head: noise that grows with distance, holes at edges."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.signals import RgbdFrame
from neural_brain.sim.render import Painter
from neural_brain.sim.robots.index import RobotIndex

SELF_MARGIN_M = 0.02


@dataclass(frozen=True, kw_only=True)
class RgbdConfig:
    """Resolution, rate, range and defects of the camera (REP 118 depth)."""

    width: int = param(192, "image width [px]", low=16, high=1920)
    height: int = param(144, "image height [px]", low=16, high=1080)
    rate_hz: float = param(4.0, "frames a second", low=0.1, high=60.0)
    delay_s: float = param(0.05, "exposure to delivery", low=0.0, high=1.0)
    range_min_m: float = param(0.3, "nearest depth", low=0.0, high=2.0)
    range_max_m: float = param(5.0, "farthest depth", low=0.5, high=40.0)
    depth_noise_m: float = param(
        0.0015, "depth noise [m] at 1 m; grows with distance squared", low=0.0, high=0.1
    )
    edge_jump_m: float = param(
        0.12, "depth step between pixels that leaves a hole", low=0.01, high=5.0
    )
    hole_share: float = param(0.005, "share of lost pixels", low=0.0, high=1.0)
    colour_noise: float = param(2.0, "colour noise, of 255", low=0.0, high=100.0)
    gain_spread: float = param(0.03, "exposure change a frame", low=0.0, high=0.5)
    self_filter: bool = param(
        True, "blank the robot's own pixels in depth by its model, as drivers do"
    )
    dropout: float = param(0.0, "share of lost frames", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class RgbdCamera:
    """Draws what the head camera sees; makes its OpenGL context at the first frame."""

    def __init__(
        self,
        config: RgbdConfig,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        index: RobotIndex,
        generator: np.random.Generator,
    ) -> None:
        self.config = config
        self._model, self._data, self._index = model, data, index
        self._generator = generator
        self._painter: Painter | None = None
        self.keep_labels = False
        self.labels: dict[float, np.ndarray] = {}
        self.K = pinhole(
            float(model.cam_fovy[index.camera]), config.width, config.height
        )

    def measure(self, stamp: float) -> RgbdFrame:
        """One frame exposed now.

        Raises:
            RenderError: if no OpenGL back end works on this machine.
        """
        rgb, depth = self._draw()
        if self.config.self_filter:
            robot = self._ready().robot_depth(self._data, self._index.camera)
            depth[robot <= depth + SELF_MARGIN_M] = 0.0
        if self.keep_labels:  # for oracles and training: the truth at exposure
            self.labels = {stamp: self.segment()}
        return RgbdFrame(
            stamp=stamp,
            rgb=self._spoil_colour(rgb),
            depth=self._spoil_depth(depth),
            K=self.K,
            T_base_camera=self.T_base_camera(),
        )

    def ideal(self) -> tuple[np.ndarray, np.ndarray]:
        """Colour (h, w, 3) uint8 and depth (h, w) float32 [m] without any defect."""
        return self._draw()

    def segment(self) -> np.ndarray:
        """Geom id of every pixel (h, w), -1 = nothing; ground truth for training."""
        return self._ready().segment(self._data, self._index.camera)

    def T_base_camera(self) -> np.ndarray:
        """Pose (4, 4) of the optical frame (x right, y down, z forward)."""
        data, base = self._data, self._index.base_body
        R_base = data.xmat[base].reshape(3, 3)
        T = np.eye(4)
        camera = data.cam_xmat[self._index.camera].reshape(3, 3) * [1.0, -1.0, -1.0]
        T[:3, :3] = R_base.T @ camera
        T[:3, 3] = R_base.T @ (data.cam_xpos[self._index.camera] - data.xpos[base])
        return T

    def close(self) -> None:
        """Free the OpenGL context; safe to call twice."""
        if self._painter is not None:
            self._painter.close()
            self._painter = None

    def _ready(self) -> Painter:
        if self._painter is None:
            config = self.config
            self._painter = Painter(self._model, config.width, config.height)
        return self._painter

    def _draw(self) -> tuple[np.ndarray, np.ndarray]:
        return self._ready().draw(self._data, self._index.camera)

    def _spoil_colour(self, rgb: np.ndarray) -> np.ndarray:
        config, random = self.config, self._generator
        gain = 1.0 + config.gain_spread * random.standard_normal()
        # The same grain for the three channels keeps hue steady, as luma noise does.
        grain = random.standard_normal(rgb.shape[:2], dtype=np.float32)
        noisy = rgb * np.float32(gain) + config.colour_noise * grain[..., None]
        return np.clip(noisy, 0.0, 255.0).astype(np.uint8)

    def _spoil_depth(self, depth: np.ndarray) -> np.ndarray:
        config, random = self.config, self._generator
        grain = random.standard_normal(depth.shape, dtype=np.float32)
        noisy = depth + config.depth_noise_m * depth**2 * grain
        holes = (depth < config.range_min_m) | (depth > config.range_max_m)
        holes |= random.random(depth.shape, dtype=np.float32) < config.hole_share
        step = np.abs(np.diff(depth, axis=1)) > config.edge_jump_m
        holes[:, 1:] |= step
        noisy[holes] = 0.0
        return noisy.astype(np.float32)


def pinhole(fovy_deg: float, width: int, height: int) -> np.ndarray:
    """Matrix K (3, 3) [px] of an ideal camera, principal point in the middle."""
    focal = 0.5 * height / np.tan(0.5 * np.radians(fovy_deg))
    cx, cy = 0.5 * (width - 1), 0.5 * (height - 1)
    return np.array([[focal, 0.0, cx], [0.0, focal, cy], [0.0, 0.0, 1.0]])
