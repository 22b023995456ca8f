"""Camera frames of a recording come back with pixels and poses as they were."""

import struct
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mcap.writer import Writer

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import compose2, matrix_from_pose2, rotation_from_rpy
from neural_brain.models.signals import LaserScan, RgbdFrame
from neural_brain.robots.recordings import CameraTopics, PosedRecording
from neural_brain.robots.recordings.body import recorded_body
from neural_brain.robots.recordings.images import colour_pixels, depth_pixels
from neural_brain.view import camera_messages, messages

COLOUR = "/camera/color/image_raw/compressed"
DEPTH = "/camera/depth/image_raw/compressedDepth"
INFO = "/camera/color/camera_info"
START = 1000.0
K = np.array([[60.0, 0.0, 31.5], [0.0, 60.0, 23.5], [0.0, 0.0, 1.0]])


def frame_at(t):
    """A frame whose head turns with time; its pixels tell the time, too."""
    T = np.eye(4)
    T[:3, :3] = rotation_from_rpy(-1.8, 0.0, -1.5 + 0.1 * t)
    T[:3, 3] = [0.1, 0.0, 1.2]
    rgb = np.full((48, 64, 3), (40, 160, int(50 + 20 * t)), np.uint8)
    depth = np.linspace(0.5, 4.0, 48 * 64, dtype=np.float32).reshape(48, 64)
    depth[:4] = 0.0
    return RgbdFrame(stamp=START + t, rgb=rgb, depth=depth, K=K, T_base_camera=T)


def odometry_at(t):
    return np.array([0.3 * t, 0.1 * t, 0.2 * t])


def correction_at(t):
    return np.array([0.05, -0.02, 0.01 * t])


class Tape:
    """Writes messages into an MCAP file."""

    def __init__(self, path):
        self._file = path.open("wb")
        self._writer = Writer(self._file)
        self._writer.start(profile="ros2")
        self._channels = {}

    def write(self, topic, kind, t, value):
        if topic not in self._channels:
            schema = self._writer.register_schema(
                name=kind.replace("/", "/msg/"),
                encoding="ros2msg",
                data=messages.definition(kind),
            )
            self._channels[topic] = self._writer.register_channel(topic, "cdr", schema)
        stamp = round((START + t) * 1e9)
        data = messages.serialise(kind, value)
        self._writer.add_message(self._channels[topic], stamp, data, stamp)

    def camera(self, frame, *, colour=True, depth=True, info=True, mount=True):
        t = frame.stamp - START + 0.08  # frames arrive later than they were taken
        if mount:
            value = camera_messages.camera_mount_message(frame)
            self.write("/tf", "tf2_msgs/TFMessage", t, value)
        if colour:
            value = camera_messages.colour_message(frame)
            self.write(COLOUR, "sensor_msgs/CompressedImage", t, value)
        if depth:
            value = camera_messages.depth_message(frame)
            self.write(DEPTH, "sensor_msgs/CompressedImage", t, value)
        if info:
            value = camera_messages.camera_info_message(frame)
            self.write(INFO, "sensor_msgs/CameraInfo", t, value)

    def transform(self, parent, child, pose, t):
        value = messages.transform_message(
            pose, START + t, frame_id=parent, child_frame_id=child
        )
        self.write("/tf", "tf2_msgs/TFMessage", t, value)

    def close(self):
        self._writer.finish()
        self._file.close()


def record(path, *, mapped=True, transforms=True, scans=False, seconds=2.0, **camera):
    """A drive with a frame every 0.25 s and odometry every 0.1 s."""
    tape = Tape(path)
    for k in range(round(seconds / 0.05) + 1):
        t = 0.05 * k
        if k % 2 == 0:
            body = recorded_body(START + t, odometry_at(t))
            tape.write("/odom", "nav_msgs/Odometry", t, messages.odometry_message(body))
            if transforms:
                tape.transform("odom", "base_link", odometry_at(t), t)
            if mapped:
                tape.transform("map", "odom", correction_at(t), t)
            if scans:
                scan = messages.scan_message(round_scan(t))
                tape.write("/scan", "sensor_msgs/LaserScan", t, scan)
        if k % 5 == 3:
            tape.camera(frame_at(t), **camera)
    tape.close()
    return path


def round_scan(t):
    """A scan in a room of 4 x 3 m, the robot as odometry says."""
    x, y, yaw = odometry_at(t)
    angle = yaw + np.linspace(-np.pi, np.pi, 360, endpoint=False)
    with np.errstate(divide="ignore"):
        dx = np.where(np.cos(angle) > 0, 2.0 - x, -2.0 - x) / np.cos(angle)
        dy = np.where(np.sin(angle) > 0, 1.5 - y, -1.5 - y) / np.sin(angle)
    return LaserScan(
        stamp=START + t,
        angle_min=-np.pi,
        angle_increment=2.0 * np.pi / 360,
        range_min=0.1,
        range_max=10.0,
        ranges=np.minimum(np.abs(dx), np.abs(dy)),
        pose_base_laser=np.zeros(3),
    )


def test_pixels_come_back(tmp_path):
    recording = PosedRecording(record(tmp_path / "run.mcap"))
    frames = list(recording.frames())
    assert len(frames) == recording.expected == 8
    true = frame_at(0.65)
    got = frames[2].frame
    assert got.stamp == pytest.approx(START + 0.65, abs=1e-6)
    assert np.abs(got.depth - true.depth).max() <= 0.00051
    assert np.array_equal(got.depth == 0.0, true.depth == 0.0)
    assert np.abs(got.rgb.astype(int) - true.rgb).max() <= 3
    assert np.array_equal(got.K, K)


def test_poses_are_those_of_the_exposure(tmp_path):
    """Between messages, and not of the later time at which the frame arrived."""
    recording = PosedRecording(record(tmp_path / "run.mcap"))
    assert recording.corrected_by == "recorded map"
    for posed in recording.frames():
        t = posed.frame.stamp - START
        base = matrix_from_pose2(odometry_at(t))
        mount = frame_at(t).T_base_camera
        assert np.allclose(posed.frame.T_base_camera, mount, atol=1e-6)
        assert np.allclose(posed.T_odom_camera, base @ mount, atol=1e-4)
        whole = matrix_from_pose2(compose2(correction_at(t), odometry_at(t))) @ mount
        assert np.allclose(posed.T_map_camera, whole, atol=1e-4)


def test_every_third_frame_can_be_taken(tmp_path):
    recording = PosedRecording(record(tmp_path / "run.mcap"))
    stamps = [posed.frame.stamp - START for posed in recording.frames(every=3)]
    assert stamps == pytest.approx([0.15, 0.9, 1.65])


def test_odometry_messages_do_without_transforms(tmp_path):
    path = record(tmp_path / "run.mcap", mapped=False, transforms=False)
    recording = PosedRecording(path)
    assert recording.corrected_by == ""
    posed = next(recording.frames())
    assert np.allclose(
        posed.T_odom_base, matrix_from_pose2(odometry_at(0.15)), atol=1e-4
    )
    assert np.array_equal(posed.T_map_odom, np.eye(4))


def test_without_a_map_the_scans_are_mapped(tmp_path):
    path = record(tmp_path / "run.mcap", mapped=False, scans=True)
    recording = PosedRecording(path)
    assert recording.corrected_by == "scans, mapped anew"
    for posed in recording.frames():  # the odometry was exact: little to correct
        assert np.abs(posed.T_map_odom - np.eye(4)).max() < 0.03


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"depth": False}, r"holds no depth image.*--images"),
        ({"colour": False}, "holds no colour image"),
        ({"info": False}, "holds no camera_info"),
        ({"mount": False}, "no transform from 'camera_color_optical_frame'"),
    ],
)
def test_what_is_missing_is_named(tmp_path, missing, told):
    path = record(tmp_path / "run.mcap", **missing)
    with pytest.raises(NeuralBrainError, match=told):
        list(PosedRecording(path).frames())


def test_topics_can_be_named_and_wrong_names_are_told(tmp_path):
    path = record(tmp_path / "run.mcap")
    assert list(PosedRecording(path, CameraTopics(depth=DEPTH)).frames())
    with pytest.raises(NeuralBrainError, match=f"topics of that type.*{DEPTH}"):
        PosedRecording(path, CameraTopics(depth="/other/depth"))


def test_a_damaged_image_costs_one_frame(tmp_path):
    tape = Tape(tmp_path / "run.mcap")
    for k in range(4):
        tape.transform("odom", "base_link", np.zeros(3), 0.1 * k)
        frame = frame_at(0.1 * k)
        tape.camera(frame, depth=k != 1)
        if k == 1:
            bad = camera_messages.depth_message(frame)
            bad.data = bad.data[:200]
            tape.write(DEPTH, "sensor_msgs/CompressedImage", 0.18, bad)
    tape.close()
    recording = PosedRecording(tmp_path / "run.mcap")
    assert len(list(recording.frames())) == 3
    assert recording.skipped == {"a compressed image is damaged": 1}


def test_a_file_that_was_cut_off_is_told(tmp_path):
    path = record(tmp_path / "run.mcap")
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(NeuralBrainError, match="Cannot read the recording"):
        PosedRecording(path)


def test_flipped_bytes_never_crash_the_reader(tmp_path):
    path = record(tmp_path / "run.mcap", seconds=0.5)
    data = path.read_bytes()
    rng = np.random.default_rng(4)
    outcomes = set()
    for place in rng.integers(0, len(data), 150):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            outcomes.add(len(list(PosedRecording(path).frames())))
        except NeuralBrainError:
            outcomes.add("told")
    assert "told" in outcomes and 2 in outcomes


def compressed(words, data):
    return SimpleNamespace(format=words, data=bytes(data))


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


COMPRESSED, RAW = "sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/Image"


def test_quantised_depth_is_undone():
    """32FC1 of compressed_depth_image_transport: value = A / depth + B."""
    a, b = 100.0, 2.0
    true = np.array([[1.0, 2.0], [4.0, 0.0]])
    with np.errstate(divide="ignore"):
        values = np.where(true > 0.0, a * 100 / true + b, 0.0).astype(np.uint16)
    header = struct.pack("<i2f", 0, a * 100, b)
    words = "32FC1; compressedDepth png"
    depth = depth_pixels(COMPRESSED, compressed(words, header + png(values)))
    assert depth == pytest.approx(true, abs=1e-3)


def test_a_plain_png_is_depth_in_millimetres():
    pixels = np.array([[0, 1500], [65535, 20]], np.uint16)
    depth = depth_pixels(COMPRESSED, compressed("16UC1; png compressed ", png(pixels)))
    assert depth == pytest.approx(pixels * 1e-3)


@pytest.mark.parametrize("encoding", ["rgb8", "bgr8", "rgba8", "bgra8"])
def test_raw_colour_of_every_order(encoding):
    rgb = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    stored = rgb if encoding.startswith("rgb") else rgb[..., ::-1]
    if "a" in encoding:
        stored = np.dstack([stored, np.full((2, 4), 255, np.uint8)])
    image = SimpleNamespace(
        encoding=encoding,
        height=2,
        width=4,
        step=4 * stored.shape[2],
        is_bigendian=0,
        data=stored.tobytes(),
    )
    assert np.array_equal(colour_pixels(RAW, image), rgb)


@pytest.mark.parametrize(("encoding", "scale"), [("32FC1", 1.0), ("16UC1", 1e-3)])
@pytest.mark.parametrize("big", [0, 1])
def test_raw_depth_of_both_byte_orders(encoding, scale, big):
    dtype = np.dtype(np.float32 if encoding == "32FC1" else np.uint16)
    true = np.array([[1.0, 2.5], [0.0, 3.0]])
    stored = (true / scale).astype(dtype.newbyteorder(">" if big else "<"))
    image = SimpleNamespace(
        encoding=encoding,
        height=2,
        width=2,
        step=2 * dtype.itemsize,
        is_bigendian=big,
        data=stored.tobytes(),
    )
    assert depth_pixels(RAW, image) == pytest.approx(true)


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("16UC1; compressedDepth png", b"short"),
        ("16UC1; compressedDepth rvl", bytes(100)),
        ("16UC1; compressedDepth png", bytes(100)),
        ("png", png(np.zeros((2, 2), np.uint8))),
        ("png", b""),
    ],
)
def test_depth_of_another_kind_is_refused(words, data):
    with pytest.raises(ValueError, match=r"depth|image"):
        depth_pixels(COMPRESSED, compressed(words, data))
