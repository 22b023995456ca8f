import gzip
import struct

import numpy as np
import pytest
from mcap.writer import Writer

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.signals import LaserScan
from neural_brain.robots.recordings import read_recording, replay
from neural_brain.robots.recordings.body import recorded_body
from neural_brain.view import messages


def thing(name, version, payload):
    return bytes([0x80 | len(name)]) + name + bytes([version]) + payload + b"\x88"


def rawlog_scan(ranges, ticks):
    count = len(ranges)
    mount = thing(b"CPose3D", 2, struct.pack("<7d", 0.2, 0, 0.3, 1, 0, 0, 0))
    payload = struct.pack("<f?f", np.pi, True, 80.0) + mount
    payload += struct.pack("<I", count) + np.asarray(ranges, "<f4").tobytes()
    payload += np.array(np.asarray(ranges) < 80.0, "u1").tobytes()
    payload += struct.pack("<fQ", 0.01, ticks)
    return thing(b"CObservation2DRangeScan", 6, payload)


def rawlog_move(x, y, yaw):
    pose = thing(b"CPose2D", 1, struct.pack("<3d", x, y, yaw))
    payload = struct.pack("<i", 0) + pose
    return thing(b"CActionRobotMovement2D", 6, payload)


@pytest.fixture
def rawlog(tmp_path):
    ranges = np.full(181, 3.0)
    ranges[90] = 81.0
    data = rawlog_scan(ranges, 0)
    for k in range(1, 4):
        data += rawlog_move(0.1, 0.0, 0.0) + rawlog_scan(ranges, 2_000_000 * k)
    path = tmp_path / "short.rawlog"
    path.write_bytes(data)
    return path


def test_odometry_adds_up_and_silence_is_infinite(rawlog):
    seen = list(read_recording(rawlog))
    assert [one.body.pose_odom_base[0] for one in seen] == pytest.approx(
        [0.0, 0.1, 0.2, 0.3]
    )
    assert [one.body.stamp for one in seen] == pytest.approx([0.0, 0.2, 0.4, 0.6])
    scan = seen[0].scan
    assert np.isposinf(scan.ranges[90])
    assert scan.angle_min == pytest.approx(-np.pi / 2)
    assert scan.pose_base_laser == pytest.approx([0.2, 0.0, 0.0])


def test_a_zipped_rawlog_reads_the_same(rawlog, tmp_path):
    zipped = tmp_path / "zipped.rawlog"
    zipped.write_bytes(gzip.compress(rawlog.read_bytes()))
    assert len(list(read_recording(zipped))) == 4


@pytest.mark.parametrize("share", [0.2, 0.5, 0.97])
def test_a_rawlog_that_breaks_off_is_told(rawlog, share):
    data = rawlog.read_bytes()
    rawlog.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(NeuralBrainError, match="breaks off or is damaged"):
        list(read_recording(rawlog))


def test_flipped_bytes_never_crash_the_reader(rawlog):
    data = rawlog.read_bytes()
    rng = np.random.default_rng(2)
    for place in rng.integers(0, len(data), 200):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        rawlog.write_bytes(damaged)
        try:
            list(read_recording(rawlog))
        except NeuralBrainError as error:
            assert str(rawlog) in str(error)


def test_a_zipped_rawlog_that_breaks_off_is_told(rawlog):
    rawlog.write_bytes(gzip.compress(rawlog.read_bytes())[:-40])
    with pytest.raises(NeuralBrainError, match="whole"):
        list(read_recording(rawlog))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.mcap", "There is no recording"),
        ("bag.db3", "known are .mcap and .rawlog"),
        ("text.mcap", "Cannot read the recording"),
        ("text.rawlog", "holds no laser scan"),
        ("empty.mcap", "Cannot read the recording"),
    ],
)
def test_what_is_no_recording_is_told(tmp_path, name, words):
    if name != "none.mcap":
        text = b"" if name == "empty.mcap" else b"a shopping list " * 10
        (tmp_path / name).write_bytes(text)
    with pytest.raises(NeuralBrainError, match=words):
        list(read_recording(tmp_path / name))


def square_room(pose):
    """Scan of a room of 4 x 3 m from a pose inside."""
    increment = 2.0 * np.pi / 360
    angle = pose[2] - np.pi + increment * np.arange(360)
    c, s = np.cos(angle), np.sin(angle)
    with np.errstate(divide="ignore"):
        x = np.where(c > 0, (2.0 - pose[0]) / c, (-2.0 - pose[0]) / c)
        y = np.where(s > 0, (1.5 - pose[1]) / s, (-1.5 - pose[1]) / s)
    return np.minimum(np.abs(x), np.abs(y))


@pytest.fixture
def mcap(tmp_path):
    """Three metres through a room, odometry 10 % too long, laser 0.2 m ahead."""
    path = tmp_path / "room.mcap"
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start(profile="ros2")
        channels = {}
        for topic, kind in (
            ("/odom", "nav_msgs/Odometry"),
            ("/scan", "sensor_msgs/LaserScan"),
            ("/tf_static", "tf2_msgs/TFMessage"),
        ):
            schema = writer.register_schema(
                name=kind.replace("/", "/msg/"),
                encoding="ros2msg",
                data=messages.definition(kind),
            )
            channels[topic] = (
                kind,
                writer.register_channel(
                    topic=topic, message_encoding="cdr", schema_id=schema
                ),
            )

        def write(topic, t, value):
            kind, channel = channels[topic]
            writer.add_message(
                channel, round(t * 1e9), messages.serialise(kind, value), round(t * 1e9)
            )

        mount = np.array([0.2, 0.0, 0.0])
        tf = messages.transform_message(
            mount, 100.0, frame_id="base_link", child_frame_id="laser"
        )
        write("/tf_static", 100.0, tf)
        for k in range(31):
            t, x = 100.0 + 0.2 * k, -1.2 + 0.06 * k
            odom = np.array([1.1 * 0.06 * k, 0.0, 0.0])
            scan = LaserScan(
                stamp=t,
                angle_min=-np.pi,
                angle_increment=2.0 * np.pi / 360,
                range_min=0.1,
                range_max=10.0,
                ranges=square_room(np.array([x + 0.2, 0.0, 0.0])),
                pose_base_laser=mount,
            )
            write("/scan", t + 0.04, messages.scan_message(scan))
            body = recorded_body(t, odom)
            write("/odom", t + 0.05, messages.odometry_message(body))
        writer.finish()
    return path


def test_an_mcap_recording_is_mapped(mcap):
    result = replay(read_recording(mcap))
    assert len(result.stamps) == 31
    assert result.trail_odom[-1][0] == pytest.approx(1.98)
    assert result.trail_map[-1][0] == pytest.approx(1.8, abs=0.03)
    assert np.mean(result.agreement) > 0.97


def test_the_laser_mount_comes_from_the_static_transform(mcap):
    scans = [one.scan for one in read_recording(mcap) if one.scan is not None]
    assert scans[0].pose_base_laser == pytest.approx([0.2, 0.0, 0.0])


def test_an_mcap_that_was_cut_off_is_told(mcap):
    mcap.write_bytes(mcap.read_bytes()[:-300])
    with pytest.raises(NeuralBrainError, match="Cannot read the recording"):
        list(read_recording(mcap))
