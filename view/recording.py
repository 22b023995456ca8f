"""MCAP recordings of a run, readable by rosbag2, Foxglove and `mcap`-based tools."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from mcap.writer import CompressionType, Writer

from neural_brain.models.brain import Brain
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.signals import (
    BodyState,
    Event,
    LaserScan,
    Observation,
    RgbdFrame,
)
from neural_brain.view import camera_messages, messages

MAP_PERIOD_S = 2.0
COLOUR = "/camera/color/image_raw/compressed"
DEPTH = "/camera/depth/image_raw/compressedDepth"
INFO = "/camera/color/camera_info"
CHUNK_BYTES = 16 * 1024  # small chunks: a killed recording loses almost nothing


class Recorder:
    """Writes what the brain saw, knew and did; call `observe` about 20 times a second.

    Args:
        path: file to write (`.mcap`).

    Raises:
        NeuralBrainError: if the file cannot be created.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        except OSError as error:
            raise NeuralBrainError(
                f"Cannot write the recording {self.path}: {error.strerror}. Choose a "
                "folder that you may write to, or free some disk space."
            ) from error
        self._writer = Writer(
            self._file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD
        )
        self._writer.start(profile="ros2", library="neural_brain")
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._grid_version = -1
        self._grid_due = 0.0
        self._path_end: tuple[float, ...] = ()

    def observe(self, brain: Brain, _body: Any, observation: Observation) -> None:
        """Record the newest sensor data, map, plan and poses."""
        body = observation.body
        t = body.stamp
        self._write("/joint_states", "sensor_msgs/JointState", t, _joints(body))
        self._write("/odom", "nav_msgs/Odometry", t, messages.odometry_message(body))
        wrench = messages.wrench_message(body)
        self._write("/ft_sensor/wrench", "geometry_msgs/WrenchStamped", t, wrench)
        self._transforms(brain, body)
        if observation.scan is not None:
            self._laser_mount(observation.scan)
            scan = messages.scan_message(observation.scan)
            self._write("/scan", "sensor_msgs/LaserScan", t, scan)
        if observation.frame is not None:
            self._camera(observation.frame, t)
        if brain.surprise is not None:
            value = messages.message("std_msgs/Float64", data=float(brain.surprise.z))
            self._write("/brain/surprise", "std_msgs/Float64", t, value)
        self._map_and_plan(brain, t)

    def record_event(self, event: Event) -> None:
        """Record one line of the diary as JSON on `/brain/events`."""
        text = json.dumps({**vars(event)}, default=_plain)
        value = messages.message("std_msgs/String", data=text)
        self._write("/brain/events", "std_msgs/String", event.stamp, value)

    def close(self) -> None:
        """Write the index and close the file; safe to call twice."""
        if not self._file.closed:
            self._writer.finish()
            self._file.close()

    def __enter__(self) -> Recorder:
        """Use the recorder in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def _transforms(self, brain: Brain, body: BodyState) -> None:
        base = messages.transform_message(
            body.pose_odom_base,
            body.stamp,
            frame_id="odom",
            child_frame_id="base_link",
        )
        self._write("/tf", "tf2_msgs/TFMessage", body.stamp, base)
        if brain.map_state is not None:
            odom = messages.transform_message(
                brain.map_state.pose_map_odom,
                body.stamp,
                frame_id="map",
                child_frame_id="odom",
            )
            self._write("/tf", "tf2_msgs/TFMessage", body.stamp, odom)

    def _laser_mount(self, scan: LaserScan) -> None:
        """Where the laser sits on the base, once a recording."""
        if "/tf_static" not in self._channels:
            mount = messages.transform_message(
                scan.pose_base_laser,
                scan.stamp,
                frame_id="base_link",
                child_frame_id="laser",
            )
            self._write("/tf_static", "tf2_msgs/TFMessage", scan.stamp, mount)

    def _camera(self, frame: RgbdFrame, t: float) -> None:
        """Colour, depth, calibration and where the camera was."""
        mount = camera_messages.camera_mount_message(frame)
        self._write("/tf", "tf2_msgs/TFMessage", t, mount)
        for topic, kind, make in (
            (INFO, "sensor_msgs/CameraInfo", camera_messages.camera_info_message),
            (COLOUR, "sensor_msgs/CompressedImage", camera_messages.colour_message),
            (DEPTH, "sensor_msgs/CompressedImage", camera_messages.depth_message),
        ):
            self._write(topic, kind, t, make(frame))

    def _map_and_plan(self, brain: Brain, t: float) -> None:
        state, status = brain.map_state, brain.status
        new = state is not None and state.grid.version != self._grid_version
        if state is not None and new and t >= self._grid_due:
            self._grid_version = state.grid.version
            self._grid_due = t + MAP_PERIOD_S
            grid = messages.grid_message(state.grid, t)
            self._write("/map", "nav_msgs/OccupancyGrid", t, grid)
        if status is not None and len(status.path_map):
            end = tuple(np.round(status.path_map[-1], 2))
            if end != self._path_end:
                self._path_end = end
                plan = messages.path_message(status.path_map, t)
                self._write("/plan", "nav_msgs/Path", t, plan)

    def _write(self, topic: str, kind: str, t: float, msg: Any) -> None:
        stamp = round(t * 1e9)
        self._writer.add_message(
            channel_id=self._channel(topic, kind),
            log_time=stamp,
            publish_time=stamp,
            data=messages.serialise(kind, msg),
        )

    def _channel(self, topic: str, kind: str) -> int:
        if topic not in self._channels:
            if kind not in self._schemas:
                package, name = kind.split("/")
                self._schemas[kind] = self._writer.register_schema(
                    name=f"{package}/msg/{name}",
                    encoding="ros2msg",
                    data=messages.definition(kind),
                )
            self._channels[topic] = self._writer.register_channel(
                topic=topic, message_encoding="cdr", schema_id=self._schemas[kind]
            )
        return self._channels[topic]


def _joints(body: BodyState) -> Any:
    return messages.joint_state_message(body)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)
