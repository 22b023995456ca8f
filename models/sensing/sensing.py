"""Sensing: scan, camera frame and body state to one set of percepts."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array, compose2
from neural_brain.models.sensing.choice import make_embedding
from neural_brain.models.sensing.config import SensingConfig
from neural_brain.models.sensing.detector import Detector
from neural_brain.models.sensing.embedding import Embedding
from neural_brain.models.sensing.obstacles import DepthProjector
from neural_brain.models.sensing.scene_views import Viewer
from neural_brain.models.signals import BodyState, LaserScan, Percepts, RgbdFrame


class Sensing:
    """Turns what the sensors sent into what the robot sees.

    `confidence` says how far each modality can be trusted now: "lidar", "depth" and
    "colour", each 0 (blind, silent or stale) to 1; it falls with the share of beams
    and pixels that measured nothing (REP 117, REP 118).

    Args:
        config: ranges and limits.
        detector: finds objects in camera frames.
        embedding: turns pictures into vectors; None = as the configuration
            says.
    """

    def __init__(
        self,
        config: SensingConfig,
        detector: Detector,
        embedding: Embedding | None = None,
    ) -> None:
        self.config = config
        self.embedding = embedding or make_embedding(config.embedding)
        self._viewer = Viewer(self.embedding) if config.views else None
        self.detector = detector
        self.confidence = {"lidar": 0.0, "depth": 0.0, "colour": 0.0}
        self._projector = DepthProjector(config)
        self._seen_at = {"lidar": -np.inf, "camera": -np.inf}

    def step(
        self, scan: LaserScan | None, frame: RgbdFrame | None, body: BodyState
    ) -> Percepts:
        """Percepts of the newest frame; without one only the confidences change.

        Args:
            scan: a lidar scan, or None.
            frame: a camera frame, or None; dropped when stale or malformed.
            body: state when they arrived, at or after their stamps.
        """
        now = body.stamp
        if scan is not None and self._fresh(scan.stamp, now):
            self._seen_at["lidar"] = scan.stamp
            self.confidence["lidar"] = beam_confidence(scan)
        percepts = None
        if frame is not None and self._fresh(frame.stamp, now) and sound(frame):
            percepts = self._look(frame, body)
        self._forget(now)
        return percepts or empty_percepts(now, body.pose_odom_base)

    def _look(self, frame: RgbdFrame, body: BodyState) -> Percepts:
        view = self._projector.project(frame)
        self._seen_at["camera"] = frame.stamp
        self.confidence["depth"] = view.valid
        self.confidence["colour"] = exposure_confidence(frame)
        pose = pose_at(frame.stamp, body)
        return Percepts(
            stamp=frame.stamp,
            pose_odom_base=pose,
            obstacles=view.obstacles,
            free=view.free,
            objects=self.detector.detect(frame),
            view_polygon=view.view_polygon,
            view=None if self._viewer is None else self._viewer.look(frame, pose),
        )

    def _fresh(self, stamp: float, now: float) -> bool:
        return bool(-1e-3 <= now - stamp <= self.config.stale_s)

    def _forget(self, now: float) -> None:
        """A modality that went silent is no longer trusted."""
        if now - self._seen_at["lidar"] > self.config.stale_s:
            self.confidence["lidar"] = 0.0
        if now - self._seen_at["camera"] > 2.0 * self.config.stale_s:
            self.confidence["depth"] = self.confidence["colour"] = 0.0


def sound(frame: RgbdFrame) -> bool:
    """Whether shapes agree and calibration and pose are finite numbers."""
    shape = frame.depth.shape
    shapes = frame.rgb.shape == (*shape, 3) and frame.K.shape == (3, 3)
    posed = frame.T_base_camera.shape == (4, 4)
    if len(shape) != 2 or 0 in shape or not (shapes and posed):
        return False
    finite = np.isfinite(frame.K).all() and np.isfinite(frame.T_base_camera).all()
    return bool(finite and frame.K[0, 0] > 0.0 and frame.K[1, 1] > 0.0)


def beam_confidence(scan: LaserScan) -> float:
    """Share of beams that measured; +inf (clear) and -inf (close) count."""
    if scan.ranges.size == 0:
        return 0.0
    return float(1.0 - np.isnan(scan.ranges).mean())


def exposure_confidence(frame: RgbdFrame) -> float:
    """Share of pixels that are neither black nor burnt out."""
    brightness = frame.rgb[::4, ::4].max(axis=2)
    return float(((brightness > 8) & (brightness < 254)).mean())


def pose_at(stamp: float, body: BodyState) -> Array:
    """Odometry (3,) at an earlier time, following the measured twist backwards.

    Exact for constant forward speed v and turning speed w (unicycle on an arc).
    """
    dt = stamp - body.stamp
    v, w = (float(x) if np.isfinite(x) else 0.0 for x in body.twist_base)
    turn = w * dt
    if abs(turn) < 1e-6:
        moved = np.array([v * dt, 0.5 * v * dt * turn, turn])
    else:
        moved = np.array([v / w * np.sin(turn), v / w * (1.0 - np.cos(turn)), turn])
    return compose2(body.pose_odom_base, moved)


def empty_percepts(stamp: float, pose_odom_base: Array) -> Percepts:
    """Percepts of an instant in which the camera showed nothing."""
    nothing = np.zeros((0, 2))
    return Percepts(
        stamp=stamp,
        pose_odom_base=pose_odom_base,
        obstacles=nothing,
        free=nothing,
        objects=(),
        view_polygon=nothing,
    )
