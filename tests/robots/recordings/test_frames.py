"""A recording becomes frames that never know the future."""

import itertools
import zlib

import cv2
import numpy as np
import pytest

from neural_brain.robots.recordings import FrameMaker, RecordingError


def frames_of(path, fps=10.0, **changes):
    maker = FrameMaker(path, fps, "explore", **changes)
    return list(maker.frames()), maker


def test_frames_hold_the_newest_known_values_and_their_true_times(tape):
    for k in range(100):  # joints at 50 Hz, pictures at 4 Hz with jitter
        t = 100.0 + 0.02 * k
        tape.joints(t, [0.01 * k, -0.01 * k])
        if k % 12 == 3:
            tape.picture(t + 0.007, k)
    frames, maker = frames_of(tape.close())
    assert not maker.skipped
    assert len(frames) > 15
    for before, frame in itertools.pairwise(frames):
        assert frame.stamp - before.stamp == pytest.approx(0.1)
    for frame in frames:
        seen, taken = frame.captured["joints"], frame.captured["camera_color"]
        assert frame.stamp - 0.0201 <= seen <= frame.stamp
        assert frame.stamp - 0.2601 <= taken <= frame.stamp
        k = round((seen - 100.0) / 0.02)
        assert frame.names == ("a.pos", "b.pos")  # sorted, whatever the driver's order
        np.testing.assert_allclose(frame.state, np.degrees([-0.01 * k, 0.01 * k]))
        shade = round((taken - 0.007 - 100.0) / 0.02)
        assert (frame.pictures["camera_color"] == shade).all()


def test_the_action_is_what_the_joints_did_next_and_the_speed_that_was_told(tape):
    for k in range(60):
        t = 0.02 * k
        tape.odometry(t, 0.1, 0.0)
        tape.joints(t, [0.01 * k, 0.0], ("a", "b"))
        tape.told(t, 0.3, 0.5)
    frames, _ = frames_of(tape.close())
    assert frames[0].action_names == ("a.pos", "b.pos", "x.vel", "theta.vel")
    for now, then in itertools.pairwise(frames):
        np.testing.assert_allclose(now.action[:2], then.state[:2])
        np.testing.assert_allclose(now.state[2:], [0.1, 0.0])
        np.testing.assert_allclose(now.action[2:], [0.3, np.degrees(0.5)])


def test_words_and_gaps_begin_new_episodes(tape):
    for k in range(150):
        t = 0.02 * k + (5.0 if k >= 100 else 0.0)
        if k == 50:
            tape.words(t, "press the  red mug")
            tape.words(t, "I am talking to myself", source="executive")
        tape.joints(t, [0.01 * k, 0.0])
    frames, _ = frames_of(tape.close())
    tasks = {f.episode: f.task for f in frames}
    assert tasks == {
        0: "explore",
        1: "press the red mug",
        2: "press the red mug",
    }
    for episode in tasks:
        stamps = [f.stamp for f in frames if f.episode == episode]
        assert np.allclose(np.diff(stamps), 0.1) and len(stamps) >= 5


def test_a_sensor_that_falls_silent_ends_the_episode_and_is_named(tape):
    for k in range(200):
        tape.joints(0.02 * k, [0.01 * k, 0.0])
        if k < 50 and k % 5 == 0:
            tape.picture(0.02 * k, k)
    frames, maker = frames_of(tape.close())
    assert {f.episode for f in frames} == {0}
    assert frames[-1].stamp - frames[-1].captured["camera_color"] <= 1.0
    assert list(maker.skipped) == ["camera_color: silent for too long, an episode ends"]


def bomb():
    """A PNG that says it is 40000 pixels wide and high."""
    _, png = cv2.imencode(".png", np.zeros((2, 2, 3), np.uint8))
    data = bytearray(png.tobytes())
    data[16:24] = (40000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def test_bad_messages_are_skipped_and_counted(tape):
    for k in range(60):
        t = 0.02 * k
        tape.joints(t, [0.01 * k, np.nan if k == 20 else 0.0])
        if k == 30:
            tape.joints(t, [9.0, 9.0], names=("x", "y"))
        if k % 10 == 0:
            tape.picture(t, 7)
    tape.picture(0.7, 9, size=(60, 80))
    tape.raw(0.8, b"not a picture", "png")
    tape.raw(0.9, bomb(), "png")
    frames, maker = frames_of(tape.close())
    assert frames and all(np.isfinite(f.state).all() for f in frames)
    assert all(f.pictures["camera_color"].shape == (6, 8, 3) for f in frames)
    assert {why.split(": ")[1] for why in maker.skipped} == {
        "not finite",
        "other names or size than at the start",
        "neither PNG nor JPEG",
        "picture too large",
    }
    assert sum(maker.skipped.values()) == 5


def test_a_recording_without_a_robot_is_refused(tape, tmp_path):
    tape.words(0.0, "hello")
    with pytest.raises(RecordingError, match="Record /joint_states"):
        frames_of(tape.close())
    (tmp_path / "x.mcap").write_bytes(b"nonsense")
    with pytest.raises(RecordingError, match="Cannot read"):
        frames_of(tmp_path / "x.mcap")
