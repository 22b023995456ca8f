"""`neural-brain record`: real topics into MCAP, read back by standard readers."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from neural_brain.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
TOPICS = {"/scan", "/brain/goal", "/map"}
BLOCKED = """
import sys
sys.modules["rclpy"] = None
from neural_brain.cli.main import main
sys.exit(main())
"""


def call(*words, domain=None, code=None):
    """Run `neural-brain record WORDS` in a process of its own."""
    start = ["-c", code] if code else ["-m", "neural_brain"]
    environment = {"PYTHONPATH": str(ROOT)} | (
        {} if domain is None else {"ROS_DOMAIN_ID": str(domain)}
    )
    return subprocess.Popen(
        [sys.executable, *start, "record", *map(str, words)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_ros_the_remedy_is_named(tmp_path):
    process = call("--to", tmp_path / "a.mcap", code=BLOCKED)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "pip install 'neural_brain[ros]'" in " ".join(err.split())


def test_seconds_must_be_a_number(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["record", "--to", str(tmp_path / "a.mcap"), "--seconds", "nan"])
    assert end.value.code == 2
    assert "'nan' is not a number from 0.1 to 1e+09" in capsys.readouterr().err


@pytest.mark.ros
def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    pytest.importorskip("rclpy")
    (tmp_path / "file").write_text("")
    process = call("--to", tmp_path / "file" / "a.mcap", domain=71)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--to" in " ".join(err.split())


@pytest.mark.ros
def test_silence_is_told(tmp_path):
    pytest.importorskip("rclpy")
    path = tmp_path / "a.mcap"
    process = call("--to", path, "--seconds", "0.3", "/nobody", domain=72)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "nobody published /nobody" in " ".join(err.split())


@pytest.fixture(scope="module")
def robot():
    """A node that publishes a scan, a latched map and a goal; yields its domain."""
    rclpy = pytest.importorskip("rclpy")
    from nav_msgs.msg import OccupancyGrid
    from rclpy.signals import SignalHandlerOptions
    from sensor_msgs.msg import LaserScan
    from std_msgs.msg import String

    from neural_brain.nodes import qos

    domain = 102 + os.getpid() % 100
    context = rclpy.Context()
    rclpy.init(
        context=context,
        domain_id=domain,
        signal_handler_options=SignalHandlerOptions.NO,
    )
    node = rclpy.create_node("robot", context=context)
    scans = node.create_publisher(LaserScan, "scan", qos.SENSOR)
    goals = node.create_publisher(String, "brain/goal", qos.STATE)
    maps = node.create_publisher(OccupancyGrid, "map", qos.LATCHED)
    grid = OccupancyGrid(data=[0, 100, -1, 50])
    grid.info.width, grid.info.height, grid.info.resolution = 2, 2, 0.05
    maps.publish(grid)
    stop = threading.Event()

    def publish():
        while not stop.wait(0.05):
            scan = LaserScan(ranges=[1.0, 2.0, float("inf")], range_max=10.0)
            scan.header.frame_id = "laser"
            scans.publish(scan)
            goals.publish(String(data="find the sofa"))

    thread = threading.Thread(target=publish)
    thread.start()
    yield domain
    stop.set()
    thread.join()
    node.destroy_node()
    rclpy.shutdown(context=context)


def read(path):
    """Decoded messages of a recording by topic."""
    from mcap.reader import make_reader
    from mcap_ros2.decoder import DecoderFactory

    found = {}
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        for _, channel, record, message in reader.iter_decoded_messages():
            found.setdefault(channel.topic, []).append((record.log_time, message))
    return found


@pytest.mark.ros
def test_recorded_topics_are_read_back(robot, tmp_path):
    path = tmp_path / "new" / "run.mcap"
    began = time.time_ns()
    process = call("--to", path, domain=robot)
    assert "Recording" in process.stdout.readline()
    assert {process.stdout.readline().strip() for _ in range(3)} == TOPICS
    time.sleep(2.0)  # messages of another process come in real time
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    found = read(path)
    assert set(found) == TOPICS
    assert f"{len(found['/scan']):8d}  /scan" in out
    stamps = [stamp for stamp, _ in found["/scan"]]
    assert began < stamps[0]
    assert stamps == sorted(stamps)
    scan = found["/scan"][0][1]
    assert scan.header.frame_id == "laser"
    assert list(scan.ranges) == [1.0, 2.0, float("inf")]
    assert found["/brain/goal"][0][1].data == "find the sofa"
    assert list(found["/map"][0][1].data) == [0, 100, -1, 50]
    assert read_by_rosbags(path) == {topic: len(rows) for topic, rows in found.items()}


def read_by_rosbags(path):
    """Messages by topic as the rosbags library counts them."""
    from rosbags.highlevel import AnyReader

    with AnyReader([path]) as reader:
        counts = {topic: 0 for topic in reader.topics}
        for connection, _, data in reader.messages():
            reader.deserialize(data, connection.msgtype)
            counts[connection.topic] += 1
    return counts


@pytest.mark.ros
def test_only_the_topics_that_are_named(robot, tmp_path):
    path = tmp_path / "run.mcap"
    process = call("--to", path, "--seconds", "10", "/brain/goal", domain=robot)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert set(read(path)) == {"/brain/goal"}
