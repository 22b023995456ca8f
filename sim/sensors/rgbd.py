"""RGB-D camera of the head: noise that grows with distance, holes at edges.

Pictures are drawn by a thread of the camera's own, from a copy of the state at
exposure, so that the physics goes on meanwhile. The order of exposures decides the
noise, so one seed still gives one run.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import RenderError
from neural_brain.models.signals import RgbdFrame
from neural_brain.sim.render import Painter
from neural_brain.sim.robots.index import RobotIndex

SELF_MARGIN_M = 0.02
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class RgbdConfig:
    """Resolution, rate, range and defects of the camera (REP 118 depth)."""

    width: int = param(192, "image width [px]", low=16, high=1920)
    height: int = param(144, "image height [px]", low=16, high=1080)
    rate_hz: float = param(4.0, "frames a second", low=0.1, high=60.0)
    delay_s: float = param(0.08, "exposure to delivery", low=0.0, high=1.0)
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
        self._easel = _Easel(config.width, config.height)
        self._free = weakref.finalize(self, self._easel.close)
        self._free.atexit = False  # the thread is gone by then
        self._drawing: Future[RgbdFrame] | None = None
        self.keep_labels = False
        self.labels: dict[float, np.ndarray] = {}
        self.K = pinhole(
            float(model.cam_fovy[index.camera]), config.width, config.height
        )

    def expose(self, stamp: float) -> Future[RgbdFrame]:
        """Take the frame of this moment; it is drawn while the caller goes on."""
        if self._drawing is not None:
            self._drawing.exception()  # wait: its state is about to be overwritten
        self._easel.look(self._model, self._data)
        self._drawing = self._easel.ask(lambda: self._take(stamp))
        return self._drawing

    def measure(self, stamp: float) -> RgbdFrame:
        """One frame exposed now.

        Raises:
            RenderError: if no OpenGL back end works on this machine.
        """
        return self.expose(stamp).result()

    def ideal(self) -> tuple[np.ndarray, np.ndarray]:
        """Colour (h, w, 3) uint8 and depth (h, w) float32 [m] without any defect."""
        self._easel.look(self._model, self._data)
        return self._easel.ask(self._draw).result()

    def segment(self) -> np.ndarray:
        """Geom id of every pixel (h, w), -1 = nothing; ground truth for training."""
        self._easel.look(self._model, self._data)
        return self._easel.ask(self._segment).result()

    def close(self) -> None:
        """Free the OpenGL context; safe to call twice."""
        self._easel.close().result()
        self._free.detach()

    def _take(self, stamp: float) -> RgbdFrame:
        rgb, depth = self._draw()
        if self.config.self_filter:
            painter, data = self._easel.ready()
            robot = painter.robot_depth(data, self._index.camera)
            depth[robot <= depth + SELF_MARGIN_M] = 0.0
        if self.keep_labels:  # for oracles and training: the truth at exposure
            self.labels = {stamp: self._segment()}
        return RgbdFrame(
            stamp=stamp,
            rgb=self._spoil_colour(rgb),
            depth=self._spoil_depth(depth),
            K=self.K,
            T_base_camera=self._T_base_camera(),
        )

    def _draw(self) -> tuple[np.ndarray, np.ndarray]:
        painter, data = self._easel.ready()
        return painter.draw(data, self._index.camera)

    def _segment(self) -> np.ndarray:
        painter, data = self._easel.ready()
        return painter.segment(data, self._index.camera)

    def _T_base_camera(self) -> np.ndarray:
        """Pose (4, 4) of the optical frame (x right, y down, z forward)."""
        _, data = self._easel.ready()
        base = self._index.base_body
        R_base = data.xmat[base].reshape(3, 3)
        T = np.eye(4)
        camera = data.cam_xmat[self._index.camera].reshape(3, 3) * [1.0, -1.0, -1.0]
        T[:3, :3] = R_base.T @ camera
        T[:3, 3] = R_base.T @ (data.cam_xpos[self._index.camera] - data.xpos[base])
        return T

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


class _Easel:
    """A painter, the state it draws, and the one thread that may use its context."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="camera")
        self._model: mujoco.MjModel | None = None
        self._data: mujoco.MjData | None = None
        self._painter: Painter | None = None

    def look(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        """Copy the state that is to be drawn next; nothing may be drawing."""
        if self._data is None:
            self._model = copy.copy(model)  # painting hides geoms for a moment
            self._data = mujoco.MjData(self._model)
        mujoco.mj_copyData(self._data, model, data)

    def ask(self, task: Callable[[], T]) -> Future[T]:
        """Have something drawn."""
        return self._thread.submit(task)

    def ready(self) -> tuple[Painter, mujoco.MjData]:
        """The painter and what it draws; only for the camera's own thread."""
        model, data = self._model, self._data
        if model is None or data is None:
            raise RenderError("Nothing was exposed yet; call `expose` first.")
        if self._painter is None:
            self._painter = Painter(model, *self._size)
        return self._painter, data

    def close(self) -> Future[None]:
        """Free the context in its own thread; does not wait, for it may be this one."""
        done: Future[None] = Future()
        if self._painter is None:
            done.set_result(None)
        else:
            done = self._thread.submit(self._painter.close)
            self._painter = None
        self._thread.shutdown(wait=False)
        return done


def pinhole(fovy_deg: float, width: int, height: int) -> np.ndarray:
    """Matrix K (3, 3) [px] of an ideal camera, principal point in the middle."""
    focal = 0.5 * height / np.tan(0.5 * np.radians(fovy_deg))
    cx, cy = 0.5 * (width - 1), 0.5 * (height - 1)
    return np.array([[focal, 0.0, cx], [0.0, focal, cy], [0.0, 0.0, 1.0]])
