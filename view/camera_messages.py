"""Camera frames as small standard messages: JPEG colour, 16-bit PNG depth.

Depth follows REP 118 (16UC1, millimetres, 0 = unknown) in the layout of the ROS package
`compressed_depth_image_transport`: 12 bytes of header, then a PNG.
"""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np

from neural_brain.models.geometry import quat_xyzw_from_matrix
from neural_brain.models.signals import RgbdFrame
from neural_brain.view.messages import header, message, vector

OPTICAL = "camera_color_optical_frame"
JPEG_QUALITY = 90
MILLIMETRE = 1e-3
_NO_QUANTISATION = struct.pack("<i2f", 0, 0.0, 0.0)  # 16UC1 needs none


def colour_message(frame: RgbdFrame) -> Any:
    """sensor_msgs/CompressedImage (JPEG) of the colour image."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    bgr = np.ascontiguousarray(frame.rgb[:, :, ::-1])
    _, jpeg = cv2.imencode(".jpg", bgr, quality)
    return _compressed(frame, "rgb8; jpeg compressed bgr8", jpeg.tobytes())


def depth_message(frame: RgbdFrame) -> Any:
    """sensor_msgs/CompressedImage (`compressedDepth png`) of the depth image [mm]."""
    known = np.isfinite(frame.depth) & (frame.depth > 0.0)
    millimetres = np.rint(np.where(known, frame.depth, 0.0) / MILLIMETRE)
    millimetres[millimetres > np.iinfo(np.uint16).max] = 0
    _, png = cv2.imencode(".png", millimetres.astype(np.uint16))
    data = _NO_QUANTISATION + png.tobytes()
    return _compressed(frame, "16UC1; compressedDepth png", data)


def camera_info_message(frame: RgbdFrame) -> Any:
    """sensor_msgs/CameraInfo of a rectified pinhole camera."""
    height, width = frame.depth.shape
    roi = message(
        "sensor_msgs/RegionOfInterest",
        x_offset=0,
        y_offset=0,
        height=0,
        width=0,
        do_rectify=False,
    )
    return message(
        "sensor_msgs/CameraInfo",
        header=header(frame.stamp, OPTICAL),
        height=int(height),
        width=int(width),
        distortion_model="plumb_bob",
        d=np.zeros(5),
        k=np.asarray(frame.K, float).ravel(),
        r=np.eye(3).ravel(),
        p=np.hstack([frame.K, np.zeros((3, 1))]).ravel(),
        binning_x=0,
        binning_y=0,
        roi=roi,
    )


def camera_mount_message(frame: RgbdFrame) -> Any:
    """tf2_msgs/TFMessage: the optical frame in `base_link` at the exposure."""
    T = frame.T_base_camera
    x, y, z, w = (float(value) for value in quat_xyzw_from_matrix(T[:3, :3]))
    moved = message(
        "geometry_msgs/TransformStamped",
        header=header(frame.stamp, "base_link"),
        child_frame_id=OPTICAL,
        transform=message(
            "geometry_msgs/Transform",
            translation=vector(T[:3, 3]),
            rotation=message("geometry_msgs/Quaternion", x=x, y=y, z=z, w=w),
        ),
    )
    return message("tf2_msgs/TFMessage", transforms=[moved])


def _compressed(frame: RgbdFrame, kind: str, data: bytes) -> Any:
    return message(
        "sensor_msgs/CompressedImage",
        header=header(frame.stamp, OPTICAL),
        format=kind,
        data=np.frombuffer(data, np.uint8),
    )
