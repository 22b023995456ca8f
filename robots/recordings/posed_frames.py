"""Camera frames of a recording with the pose that the robot believed to have.

An MCAP file needs a colour and a registered depth image (raw or compressed), the
colour camera's `camera_info`, and transforms from `odom` (or odometry messages) to the
camera. The correction of odometry is that of the recorded `map` frame; where there is
none, the recorded scans are mapped anew. A rawlog gives its frames with odometry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.geometry import (
    Array,
    compose2,
    inverse2,
    matrix_from_pose2,
)
from neural_brain.models.signals import Observation, RgbdFrame
from neural_brain.robots.recordings.camera_topics import (
    CameraTopics,
    Pairs,
    camera_matrix,
    choose_topics,
    seconds,
)
from neural_brain.robots.recordings.frame_history import FrameHistory
from neural_brain.robots.recordings.images import colour_pixels, depth_pixels
from neural_brain.robots.recordings.mcap_file import (
    BASE_NAMES,
    ODOMETRY,
    SCAN,
    TRANSFORMS,
    read_mcap,
)
from neural_brain.robots.recordings.mcap_messages import (
    RecordingError,
    count_of,
    messages_of,
    topics_of,
)
from neural_brain.robots.recordings.rawlog import read_rawlog
from neural_brain.robots.recordings.reader import is_mcap
from neural_brain.robots.recordings.replay import replay

MAP, ODOM, BASE = "map", "odom", "base_link"


@dataclass(frozen=True, kw_only=True)
class PosedFrame:
    """A frame, and where odometry and map put the robot at its exposure.

    `T_odom_base` and `T_map_odom` are (4, 4); the latter is the identity if nothing
    corrected the odometry.
    """

    frame: RgbdFrame
    T_odom_base: Array
    T_map_odom: Array

    @property
    def T_odom_camera(self) -> Array:
        """Pose (4, 4) of the optical frame by odometry alone."""
        return self.T_odom_base @ self.frame.T_base_camera

    @property
    def T_map_camera(self) -> Array:
        """Pose (4, 4) of the optical frame, odometry corrected by the map."""
        return self.T_map_odom @ self.T_odom_camera


class PosedRecording:
    """The posed camera frames of a recording; reads images only while iterating.

    Attributes:
        corrected_by: "recorded map", "scans, mapped anew" or "" (odometry alone).
        expected: number of frames with depth in the file (an upper bound for MCAP).
        skipped: frames without a pose or a damaged image so far, by reason.

    Args:
        path: `.mcap` or `.rawlog` file.
        topics: of the camera; chosen by name where they are not given.

    Raises:
        RecordingError: if it cannot be read, or has no depth, colour, calibration or
            camera pose.
    """

    def __init__(self, path: str | Path, topics: CameraTopics | None = None) -> None:
        self.path = Path(path)
        self.corrected_by = ""
        self.skipped: dict[str, int] = {}
        self._history = FrameHistory()
        self._observed: list[Observation] = []
        self._mcap = is_mcap(self.path)
        if not self._mcap:
            self._open_rawlog()
            return
        kinds = topics_of(self.path)
        self._topics = choose_topics(self.path, kinds, topics or CameraTopics())
        self._kinds = kinds
        self.expected = count_of(self.path, self._topics.depth)
        self._read_transforms()

    def frames(self, every: int = 1) -> Iterator[PosedFrame]:
        """Every n-th frame, in order of time.

        Raises:
            RecordingError: if the file is damaged or no frame can be placed.
        """
        placed = 0
        source = self._mcap_frames if self._mcap else self._log_frames
        for posed in source(every):
            placed += 1
            yield posed
        if placed == 0:
            reasons = ", ".join(self.skipped) or "colour and depth differ in time"
            raise RecordingError(
                f"{self.path} holds no camera frame that can be used: {reasons}. "
                "Record colour, depth, camera_info, /tf and /tf_static together."
            )

    def _open_rawlog(self) -> None:
        observations = list(read_rawlog(self.path))
        if any(seen.scan is not None for seen in observations):
            self._map_anew(observations)
        self._observed = [seen for seen in observations if seen.frame is not None]
        self.expected = len(self._observed)
        if not self._observed:
            raise RecordingError(
                f"{self.path} holds no depth image, so nothing can be built of it. "
                "Give a recording of a robot with an RGB-D camera."
            )

    def _log_frames(self, every: int) -> Iterator[PosedFrame]:
        for seen in self._observed[::every]:
            if seen.frame is not None:
                T = self._correction(seen.frame.stamp)
                odom = matrix_from_pose2(seen.body.pose_odom_base)
                yield PosedFrame(frame=seen.frame, T_odom_base=odom, T_map_odom=T)

    def _read_transforms(self) -> None:
        moving = [t for t, kind in self._kinds.items() if kind == TRANSFORMS]
        for item in messages_of(self.path, moving):
            static = item.topic.endswith("static")
            self._history.add(item.message, static=static)
        if not any(name in self._history for name in BASE_NAMES):
            odometry = [t for t, kind in self._kinds.items() if kind == ODOMETRY]
            for item in messages_of(self.path, odometry[:1]):
                message = item.message
                stamp = message.header.stamp
                pose = message.pose.pose
                self._history.set(
                    ODOM,
                    message.child_frame_id.lstrip("/") or BASE,
                    (pose.position, pose.orientation),
                    stamp.sec + 1e-9 * stamp.nanosec,
                )
        if ODOM in self._history and self._history.parent(ODOM) == MAP:
            self.corrected_by = "recorded map"
        elif SCAN in self._kinds.values():
            self._map_anew(read_mcap(self.path, start=0.0))

    def _map_anew(self, observations: Any) -> None:
        """Find the corrections of the odometry by mapping the scans."""
        result = replay(observations)
        for stamp, pose, odom in zip(
            result.stamps, result.trail_map, result.trail_odom, strict=True
        ):
            correction = compose2(pose, inverse2(odom))
            self._history.set_planar(MAP, ODOM, correction, stamp)
        self.corrected_by = "scans, mapped anew"

    def _correction(self, stamp: float) -> Array:
        """T_map_odom (4, 4) at a time; the identity if nothing corrects."""
        return (
            self._history.lookup(MAP, ODOM, stamp) if self.corrected_by else np.eye(4)
        )

    def _mcap_frames(self, every: int) -> Iterator[PosedFrame]:
        topics = self._topics
        wanted = (topics.colour, topics.depth, topics.info)
        K, number, pairs = self._first_matrix(), 0, Pairs()
        for item in messages_of(self.path, wanted):
            topic, kind, message = item.topic, item.kind, item.message
            if topic == topics.info:
                K = camera_matrix(message)
                continue
            pair = pairs.add("depth" if topic == topics.depth else "rgb", kind, message)
            if pair is None:
                continue
            number += 1
            if (number - 1) % every:
                continue
            try:
                yield self._place(pair, K)
            except (ValueError, LookupError) as error:
                reason = str(error)
                self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def _first_matrix(self) -> Array | None:
        for item in messages_of(self.path, [self._topics.info]):
            return camera_matrix(item.message)
        return None

    def _place(self, pair: dict[str, tuple[str, Any]], K: Array | None) -> PosedFrame:
        if K is None:
            raise ValueError("camera_info without a pinhole matrix")
        (kind, colour), (depth_kind, depth) = pair["rgb"], pair["depth"]
        stamp = seconds(depth)
        camera = depth.header.frame_id.lstrip("/")
        base = next((name for name in BASE_NAMES if name in self._history), BASE)
        T_base_camera = self._history.lookup(base, camera, stamp)
        T_odom_base = self._history.lookup(ODOM, base, stamp)
        pixels = depth_pixels(depth_kind, depth)
        rgb = colour_pixels(kind, colour)
        if rgb.shape[:2] != pixels.shape:
            raise ValueError(
                f"colour of {rgb.shape[1]} x {rgb.shape[0]} and depth of "
                f"{pixels.shape[1]} x {pixels.shape[0]} pixels are not registered"
            )
        frame = RgbdFrame(
            stamp=stamp, rgb=rgb, depth=pixels, K=K, T_base_camera=T_base_camera
        )
        return PosedFrame(
            frame=frame, T_odom_base=T_odom_base, T_map_odom=self._correction(stamp)
        )
