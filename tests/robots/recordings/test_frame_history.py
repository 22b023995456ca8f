from types import SimpleNamespace

import numpy as np
import pytest

from neural_brain.models.geometry import inverse3, matrix_from_pose2
from neural_brain.robots.recordings.frame_history import FrameHistory


def pose(x=0.0, y=0.0, z=0.0, quat_xyzw=(0.0, 0.0, 0.0, 1.0)):
    names = dict(zip("xyzw", quat_xyzw, strict=True))
    return SimpleNamespace(x=x, y=y, z=z), SimpleNamespace(**names)


@pytest.fixture
def history():
    made = FrameHistory()
    for k in range(11):
        t = 0.1 * k
        made.set_planar("odom", "base", np.array([t, 0.0, 6.0 * t]), t)
    made.set("base", "camera", pose(z=1.2), None)
    return made


def test_poses_between_messages_are_interpolated(history):
    T = history.lookup("odom", "camera", 0.42)
    true = matrix_from_pose2(np.array([0.42, 0.0, 6.0 * 0.42]), z=1.2)
    assert np.allclose(T, true, atol=2e-2)
    assert T[0, 3] == pytest.approx(0.42)


def test_turns_over_half_a_circle_take_the_short_way(history):
    made = FrameHistory()
    made.set_planar("odom", "base", np.array([0.0, 0.0, 3.1]), 0.0)
    made.set_planar("odom", "base", np.array([0.0, 0.0, -3.1]), 0.1)
    T = made.lookup("odom", "base", 0.05)
    assert np.arctan2(T[1, 0], T[0, 0]) == pytest.approx(np.pi, abs=1e-6)


def test_the_other_direction_is_the_inverse(history):
    there, back = history.lookup("odom", "camera", 0.3), None
    back = history.lookup("camera", "odom", 0.3)
    assert np.allclose(back, inverse3(there))


def test_messages_out_of_order_are_sorted():
    made = FrameHistory()
    for t in (0.4, 0.0, 0.2, 0.2):
        made.set_planar("odom", "base", np.array([t, 0.0, 0.0]), t)
    assert made.lookup("odom", "base", 0.3)[0, 3] == pytest.approx(0.3)


def test_times_without_messages_are_refused(history):
    assert history.lookup("odom", "base", 1.5)[0, 3] == pytest.approx(1.0)
    with pytest.raises(LookupError, match="no pose within 1 s"):
        history.lookup("odom", "base", 2.5)
    with pytest.raises(LookupError, match="no pose within 1 s"):
        history.lookup("odom", "base", -1.5)


def test_a_gap_in_the_messages_is_not_bridged(history):
    history.set_planar("odom", "base", np.array([9.0, 0.0, 0.0]), 9.0)
    with pytest.raises(LookupError, match="no pose"):
        history.lookup("odom", "base", 5.0)


def test_frames_that_are_not_connected_are_named(history):
    with pytest.raises(LookupError, match="'lidar' to 'odom'"):
        history.lookup("odom", "lidar", 0.1)


@pytest.mark.parametrize(
    "bad",
    [
        pose(x=float("nan")),
        pose(x=1e300),
        pose(quat_xyzw=(0.0, 0.0, 0.0, 0.0)),
        pose(quat_xyzw=(0.0, float("inf"), 0.0, 1.0)),
        pose(quat_xyzw=(0.0, 0.0, 0.0, 2.0)),
    ],
)
def test_impossible_transforms_are_left_out(bad):
    made = FrameHistory()
    made.set("base", "camera", bad, 0.0)
    assert "camera" not in made


def test_a_loop_of_frames_ends():
    made = FrameHistory()
    made.set("a", "b", pose(), None)
    made.set("b", "a", pose(), None)
    with pytest.raises(LookupError):
        made.lookup("c", "a", 0.0)
