"""Recordings and reports of a real run open in standard readers."""

import json

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader

from neural_brain.models.errors import NeuralBrainError
from neural_brain.view.recording import Recorder
from neural_brain.view.report import write_report

pytestmark = pytest.mark.gl


@pytest.fixture
def recorded(episode, tmp_path):
    path = tmp_path / "run.mcap"
    with Recorder(path) as recorder:
        episode.observers.append(recorder.observe)
        episode.brain.say("explore", 0.0)
        episode._run(3.0, lambda: False)
        for event in episode.trace.events:
            recorder.record_event(event)
    return path, episode


def test_two_standard_readers_open_it(recorded):
    path, episode = recorded
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        decoded = list(reader.iter_decoded_messages())
    topics = {channel.topic for _, channel, _, _ in decoded}
    expected = {"/scan", "/odom", "/joint_states", "/ft_sensor/wrench", "/tf", "/map"}
    expected |= {"/camera/color/image_raw/compressed", "/brain/events"}
    expected |= {"/camera/depth/image_raw/compressedDepth", "/camera/color/camera_info"}
    assert expected <= topics
    scans = [m for _, c, _, m in decoded if c.topic == "/scan"]
    assert 25 <= len(scans) <= 31 and len(scans[0].ranges) == 360
    with AnyReader([path]) as bag:
        odometry = [c for c in bag.connections if c.topic == "/odom"]
        *_, (_, stamp, raw) = bag.messages(odometry)
        last = bag.deserialize(raw, odometry[0].msgtype)
    assert stamp == pytest.approx(3.0e9, abs=0.06e9)
    believed = last.pose.pose.position
    assert np.hypot(believed.x, believed.y) < 3.0
    words = [
        json.loads(m.data)["text"] for _, c, _, m in decoded if "events" in c.topic
    ]
    assert "explore" in words
    assert episode.audit.total == 0


def test_report_is_one_self_contained_page(recorded, tmp_path):
    _, episode = recorded
    path = write_report(
        tmp_path / "report.html",
        title="A <run>",
        lead="Lead",
        numbers=[("metres", "3")],
        state=episode.brain.map_state,
        trace=episode.trace,
        force_limit_n=65.0,
        machine="here",
    )
    html = path.read_text()
    assert "A &lt;run&gt;" in html and "<svg" in html and "data:image/png" in html
    assert "http://" not in html.replace("http://www.w3.org", "").replace(
        "http://purl.org", ""
    ).replace("http://creativecommons.org", "")
    assert "explore" in html


def test_unwritable_places_are_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(NeuralBrainError, match="Cannot write the recording"):
        Recorder(blocked / "run.mcap")
