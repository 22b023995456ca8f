import json

import numpy as np
import pytest

from neural_brain.benchmarks import nav_slam
from neural_brain.benchmarks.slam_runs import HomeResult, LogResult, loop_errors
from neural_brain.models.geometry import compose2, inverse2
from neural_brain.models.signals import LaserScan
from neural_brain.robots.recordings import trajectory_error


def home(seed, matching, mended, found=(1.0, 0.0)):
    both = {"closure": [20.0], "matching": [10.0]}
    return HomeResult(
        seed=seed,
        drift=1.0,
        way_m=50.0,
        ate={
            "odometry": 2.0,
            "matching": matching,
            "closure live": mended,
            "closure mended": mended,
        },
        walls={"odometry": 900, "matching": 500, "closure mended": 410, "truth": 400},
        found={"closure": list(found), "matching": [0.0]},
        found_s={"closure": [3.0], "matching": []},
        step_p50_ms=both,
        step_p95_ms=both,
        step_max_ms=both,
        closures=1,
        keyframes=80,
    )


def by_name(metrics):
    return {metric.name.split(": ")[-1]: metric for metric in metrics}


def test_closure_that_makes_it_worse_misses_its_goal():
    better = by_name(nav_slam.home_metrics([home(1, 0.1, 0.02), home(2, 0.2, 0.04)]))
    assert better["ATE"].value == pytest.approx(0.03)
    assert better["ATE"].baseline["matching"] == pytest.approx(0.15)
    assert better["ATE"].met
    worse = by_name(nav_slam.home_metrics([home(1, 0.02, 0.1)]))
    assert not worse["ATE"].met


def test_shares_and_times_are_means_over_all_runs():
    metrics = by_name(nav_slam.home_metrics([home(1, 0.1, 0.1), home(2, 0.1, 0.1)]))
    found = metrics["kidnapped and found"]
    assert found.value == 0.5
    assert found.baseline == {"matching": 0.0}
    assert "time until found" not in metrics  # matching never found itself
    walls = metrics["occupied cells over those with true poses"]
    assert walls.value == pytest.approx(1.025)


def test_a_log_is_compared_with_matching():
    log = LogResult(
        name="x",
        ate={},
        loop={"odometry": 9.0, "matching": 2.0, "closure mended": 0.1},
        walls={"odometry": 9, "matching": 5, "closure mended": 4},
        closures=1,
    )
    error, walls = nav_slam.log_metrics([log])
    assert error.met
    assert error.baseline == {"odometry": 9.0, "matching": 2.0}
    assert walls.baseline["matching"] == 5.0


def test_a_kept_run_is_not_run_again(tmp_path):
    kept = home(77, 0.1, 0.1)
    (tmp_path / "home_77_1.json").write_text(json.dumps(vars(kept)))
    assert nav_slam.kept_home(tmp_path, 77, 1.0) == kept


def test_the_trajectory_error_knows_no_frame():
    rng = np.random.default_rng(0)
    path = np.cumsum(rng.normal(size=(40, 2)), axis=0)
    c, s = np.cos(2.0), np.sin(2.0)
    turned = path @ np.array([[c, s], [-s, c]]) + [5.0, -3.0]
    assert trajectory_error(turned, path)[0] < 1e-9
    assert trajectory_error(1.1 * turned, path)[0] > 0.1  # scale is not given away


def room_scan(pose, stamp):
    """A scan of a room of 6 x 4 m with a niche, from a pose in it."""
    walls = [(0, 0, 6, 0), (6, 0, 6, 4), (6, 4, 2, 4), (2, 4, 2, 5), (2, 5, 0, 5)]
    walls += [(0, 5, 0, 0), (3, 1, 4, 1), (4, 1, 4, 1.5), (4, 1.5, 3, 1.5)]
    angles = -np.pi + 2 * np.pi / 360 * np.arange(360)
    ray = np.stack([np.cos(angles + pose[2]), np.sin(angles + pose[2])], axis=1)
    best = np.full(360, np.inf)
    for x0, y0, x1, y1 in walls:
        a, b = np.array([x0, y0]) - pose[:2], np.array([x1 - x0, y1 - y0], float)
        cross = ray[:, 0] * b[1] - ray[:, 1] * b[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (a[0] * b[1] - a[1] * b[0]) / cross
            u = (a[0] * ray[:, 1] - a[1] * ray[:, 0]) / cross
        best = np.minimum(best, np.where((t > 0) & (u >= 0) & (u <= 1), t, np.inf))
    return LaserScan(
        stamp=stamp,
        angle_min=-np.pi,
        angle_increment=2 * np.pi / 360,
        range_min=0.05,
        range_max=10.0,
        ranges=best,
        pose_base_laser=np.zeros(3),
    )


def test_the_ends_of_a_loop_are_compared_by_the_scans_alone():
    true = np.array([[1.0 + 0.1 * k, 2.0, 0.02 * k] for k in range(15)] * 2)
    stamps = [float(k) for k in range(15)] + [60.0 + k for k in range(15)]
    scans = [room_scan(p, t) for p, t in zip(true, stamps, strict=True)]
    start = inverse2(true[0])
    right = np.array([compose2(start, pose) for pose in true])
    bent = right.copy()
    bent[15:] += [0.5, 0.3, 0.0]
    errors = loop_errors(scans, stamps, {"matching": bent, "closure mended": right})
    assert errors["closure mended"] < 0.05
    assert errors["matching"] == pytest.approx(np.hypot(0.5, 0.3), abs=0.06)
