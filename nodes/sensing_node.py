"""Sensing as a node: camera and scan in, percepts out."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sensor_msgs.msg import CameraInfo, Image

from neural_brain.models.config import param, validate
from neural_brain.models.errors import GoalError
from neural_brain.models.sensing import (
    DEFAULT_CAMERA,
    DETECTORS,
    Camera,
    Detector,
    SegmentationDetector,
    Sensing,
    SensingConfig,
    check_picture,
    look_at_picture,
    make_detector,
)
from neural_brain.models.signals import BodyState, RgbdFrame
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.frame_listener import FrameListener
from neural_brain.nodes.gate import GateConfig, Refusal
from neural_brain.nodes.lifecycle import OK, WARN, BrainNode, Health
from neural_brain.nodes.process import run
from neural_brain.nodes.scans import listen_scan

PAIRS_KEPT = 4


@dataclass(frozen=True, kw_only=True)
class SensingNodeConfig:
    """Parameters of the sensing node."""

    detector: str = param(
        "network",
        "what finds objects: the simulator's own network, one for real cameras "
        "(coco, openimages), both, the simulator's labels, or nothing",
        choices=(*DETECTORS, "oracle"),
    )
    weights: str = param("", "weights file of the network; empty = shipped")
    gate: GateConfig = field(default_factory=GateConfig)
    sensing: SensingConfig = field(default_factory=SensingConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class SensingNode(BrainNode):
    """Pairs colour and depth by stamp, places the camera by tf, looks for objects."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("sensing_node", SensingNodeConfig(), bus=bus, **options)

    def setup(self) -> None:
        """Load the detector and subscribe."""
        self._labels: dict[float, Any] = {}
        self.module = Sensing(self.config.sensing, self._make_detector())
        self.frames = FrameListener(self, moving=True)
        self._halves: dict[float, dict[str, Any]] = {}
        self._frame: RgbdFrame | None = None
        self.out = self.signal_out(topics.PERCEPTS)
        gate = self.config.gate
        self.scan = listen_scan(self, self.frames, gate)
        self.info = self.listen(
            CameraInfo,
            topics.COLOUR_INFO,
            lambda message: (
                message.header.frame_id,
                conversions.camera_matrix(message),
            ),
            profile=qos.IMAGE,
            gate=gate,
        )
        for key, topic in (("rgb", topics.COLOUR_IMAGE), ("depth", topics.DEPTH_IMAGE)):
            self.listen(
                Image,
                topic,
                conversions.image_from_msg,
                profile=qos.IMAGE,
                gate=gate,
                then=lambda half, key=key: self._pair(key, *half),
            )
        self.signal_in(BodyState, topics.BODY, profile=qos.NEWEST, then=self._think)
        self._camera = DEFAULT_CAMERA
        self.picture = self.signal_out(topics.PICTURE)
        for want, topic in (
            ("place", topics.GOAL_IMAGE),
            ("thing", topics.GOAL_IMAGE_THING),
        ):
            self.listen(
                Image,
                topic,
                picture_from_msg,
                profile=qos.STATE,
                gate=gate,
                stamped=False,
                then=lambda rgb, want=want: self._look_at_picture(rgb, want),
            )

    def health(self) -> Health:
        """How far each modality can be trusted."""
        trust = {
            f"confidence {k}": f"{v:.2f}" for k, v in self.module.confidence.items()
        }
        blind = self.module.confidence.get("depth", 0.0) == 0.0
        return (WARN, "no camera", trust) if blind else (OK, "seeing", trust)

    def _make_detector(self) -> Detector:
        if self.config.detector == "oracle":
            self._listen_to_labels()
            return SegmentationDetector(lambda frame: self._labels.get(frame.stamp))
        return make_detector(self.config.detector, self.config.weights or None)

    def _listen_to_labels(self) -> None:
        def keep(labelled: tuple[float, Any]) -> None:
            self._labels[labelled[0]] = labelled[1]
            while len(self._labels) > PAIRS_KEPT:
                del self._labels[min(self._labels)]

        self.listen(
            Image,
            topics.SIM_LABELS,
            conversions.labels_from_msg,
            profile=qos.IMAGE,
            gate=self.config.gate,
            then=keep,
        )

    def _pair(self, key: str, stamp: float, pixels: Any) -> None:
        halves = self._halves.setdefault(stamp, {})
        halves[key] = pixels
        if len(halves) == 2 and self.info.latest is not None:
            del self._halves[stamp]
            self._assemble(stamp, halves)
        while len(self._halves) > PAIRS_KEPT:
            del self._halves[min(self._halves)]

    def _assemble(self, stamp: float, halves: dict[str, Any]) -> None:
        name, K = self.info.latest
        shapes_agree = halves["rgb"].shape[:2] == halves["depth"].shape[:2]
        try:
            T = self.frames.tree.lookup("base_link", name, stamp)
        except LookupError:
            return  # the transform comes with one of the next frames
        if shapes_agree and halves["rgb"].ndim == 3 and halves["depth"].ndim == 2:
            self._camera = Camera(K=K, width_px=halves["rgb"].shape[1])
            self._frame = RgbdFrame(
                stamp=stamp,
                rgb=halves["rgb"],
                depth=halves["depth"],
                K=K,
                T_base_camera=T,
            )

    def _look_at_picture(self, rgb: Any, want: str) -> None:
        module = self.module
        seen = look_at_picture(
            rgb, self._camera, module.embedding, module.detector, want
        )
        self.picture(seen)

    def _think(self, body: BodyState) -> None:
        scan, frame = self.scan.take(body.stamp), self._frame
        if frame is not None and frame.stamp > body.stamp:
            frame = None  # wait for the body state that belongs to it
        if scan is None and frame is None:
            return
        percepts = self.module.step(scan, frame, body)
        if frame is not None:
            self._frame = None
            self.out(percepts)


def picture_from_msg(message: Image) -> Any:
    """Pixels (h, w, 3) uint8 of a picture that is shown as a goal.

    Raises:
        Refusal: if it is no colour picture of reasonable size.
    """
    pixels = np.ascontiguousarray(conversions.pixels_from_msg(message))
    try:
        check_picture(pixels)
    except GoalError as error:
        raise Refusal("no colour picture") from error
    return pixels


def main() -> int:
    """Run the node."""
    return run(lambda: [SensingNode()])


if __name__ == "__main__":
    sys.exit(main())
