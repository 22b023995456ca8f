"""Real robots' logs of Debian's `mrpt-common`, through the same mapping modules."""

import numpy as np
import pytest

from neural_brain.models.sensing import NoDetector, Sensing, SensingConfig
from neural_brain.robots.recordings import (
    DatasetError,
    blur,
    known_area_m2,
    mrpt_datasets,
    read_rawlog,
    replay,
    trajectory_error,
    wall_cells,
)

SENA = "2006-01ENE-21-SENA_Telecom Faculty_one_loop_only.rawlog"


@pytest.fixture(scope="module")
def logs():
    try:
        return mrpt_datasets()
    except DatasetError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def office(logs):
    """A SICK laser on a wheelchair robot, three times around an office, 108 m."""
    return replay(read_rawlog(logs / "uwb_ro-localization_demo.rawlog"))


def test_the_log_of_a_faculty_is_read_whole(logs):
    seen = list(read_rawlog(logs / SENA))
    assert len(seen) == 225
    assert all(len(one.scan.ranges) == 361 for one in seen)
    assert seen[0].scan.angle_increment == pytest.approx(np.radians(0.5), abs=1e-6)
    assert seen[-1].body.stamp == pytest.approx(59.1, abs=0.1)
    poses = np.array([one.body.pose_odom_base for one in seen])
    way = np.hypot(*np.diff(poses[:, :2], axis=0).T).sum()
    assert way == pytest.approx(76.35, abs=0.05)
    assert np.hypot(*poses[-1, :2]) == pytest.approx(21.7, abs=0.05)
    stamps = [one.body.stamp for one in seen]
    assert np.all(np.diff(stamps) > 0.0)


@pytest.mark.slow
def test_the_faculty_loop_is_mapped(logs):
    result = replay(read_rawlog(logs / SENA))
    assert result.state.localised
    assert np.mean(result.agreement) > 0.9
    assert known_area_m2(result.state.grid) > 600.0
    walls = wall_cells(result.state.grid), wall_cells(result.by_odometry.view())
    assert walls[0] < 0.85 * walls[1]
    assert not [event for event in result.events if event.kind == "lost"]
    closed = [event.data for event in result.events if event.kind == "loop closed"]
    assert closed
    assert 1.5 < closed[0]["shift_m"] < 4.0
    assert walls[0] < 0.65 * walls[1]  # 0.74 without


def test_scan_matching_makes_one_wall_of_many(office):
    matched, bare = office.state.grid, office.by_odometry.view()
    assert office.state.localised
    assert np.mean(office.agreement) > 0.95
    assert wall_cells(matched) < 0.6 * wall_cells(bare)
    assert blur(matched) < blur(bare)


def test_scan_matching_is_nearer_to_the_published_path(office, logs):
    truth = np.loadtxt(logs / "uwb_ro-localization_demo_GT.txt")[:, 1:3]
    matched = np.array(office.trail_map)[: len(truth), :2]
    odometry = np.array(office.trail_odom)[: len(truth), :2]
    error, _ = trajectory_error(matched, truth)
    assert error < 0.8 * trajectory_error(odometry, truth)[0]
    assert error < 0.45


def test_a_short_drive_is_mapped(logs):
    result = replay(read_rawlog(logs / "localization_demo.rawlog"))
    assert len(result.stamps) == 37
    assert result.way_m == pytest.approx(12.76, abs=0.05)
    assert np.mean(result.agreement) > 0.95
    assert wall_cells(result.state.grid) < 0.75 * wall_cells(result.by_odometry.view())


def test_a_kinect_frame_becomes_obstacles(logs):
    (observation,) = read_rawlog(logs / "tests_rgbd.rawlog")
    frame = observation.frame
    assert frame.rgb.shape == (480, 640, 3)
    known = frame.depth > 0.0
    assert np.count_nonzero(known) == 273_225
    assert 1.6 < frame.depth[known].min() < frame.depth[known].max() < 2.6
    assert frame.K[0, 0] == pytest.approx(572.9, abs=0.1)
    assert frame.K[1, 1] == pytest.approx(542.7, abs=0.1)
    sensing = Sensing(SensingConfig(), NoDetector())
    percepts = sensing.step(None, frame, observation.body)
    assert len(percepts.obstacles) > 200
    assert percepts.obstacles[:, 0].min() > 1.5
    assert percepts.obstacles[:, 0].max() < 2.7


def test_a_flat_path_error_is_zero_after_turning_it():
    rng = np.random.default_rng(0)
    path = rng.normal(size=(50, 2))
    turned = path @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + [3.0, -2.0]
    assert trajectory_error(turned, path)[0] < 1e-12
    noisy = path + rng.normal(0.0, 0.1, path.shape)
    assert 0.08 < trajectory_error(noisy, path)[0] < 0.2
