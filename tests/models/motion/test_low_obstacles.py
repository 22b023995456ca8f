"""What the lidar does not see is remembered while the base passes it."""

import numpy as np
import pytest

from neural_brain.models.geometry import inverse2, transform2
from neural_brain.models.motion import Drive, DriveConfig, ScanGuard
from neural_brain.models.motion.low_obstacles import KEEP_S, NEAR_M, LowObstacles
from neural_brain.models.signals import Percepts, SubGoal, SubGoalKind

DT, RADIUS = 0.05, 0.27
VIEW = np.array([[0.5, -0.4], [3.0, -2.0], [3.0, 2.0], [0.5, 0.4]])  # of the floor


def percepts(t, pose, points):
    """What a camera that looks ahead sees of points (n, 2) in `odom`."""
    base = transform2(inverse2(pose), np.array(points, dtype=float).reshape(-1, 2))
    ahead = (base[:, 0] > 0.5) & (np.abs(base[:, 1]) < 0.8 * base[:, 0])
    return Percepts(
        stamp=t, pose_odom_base=np.array(pose, dtype=float), obstacles=base[ahead],
        free=np.zeros((0, 2)), objects=(), view_polygon=VIEW,
    )  # fmt: skip


def test_a_point_stays_after_it_has_left_the_view(unicycle):
    robot, low = unicycle([0.0, 0.0, 0.0], []), LowObstacles()
    low.see(percepts(0.0, robot.pose, [(1.0, 0.2)]))
    robot.pose = np.array([0.7, 0.0, 0.0])
    low.see(percepts(1.0, robot.pose, [(1.0, 0.2)]))  # too near for the camera
    np.testing.assert_allclose(low.near(robot.state(1.0)), [[0.3, 0.2]])


def test_what_is_seen_to_be_gone_is_forgotten(unicycle):
    robot, low = unicycle([0.0, 0.0, 0.0], []), LowObstacles()
    low.see(percepts(0.0, robot.pose, [(1.0, 0.2)]))
    low.see(percepts(0.2, robot.pose, []))
    assert len(low.near(robot.state(0.2))) == 0


def test_a_surface_that_is_seen_again_and_again_does_not_pile_up(unicycle):
    robot, low = unicycle([0.0, 0.0, 0.0], []), LowObstacles()
    for k in range(80):  # beyond the floor that is seen free
        wall = [(0.9 + 1e-4 * k, y) for y in np.arange(-0.3, 0.3, 0.05)]
        seen = percepts(0.25 * k, robot.pose, wall)
        object.__setattr__(seen, "view_polygon", np.minimum(VIEW, [0.8, 9.0]))
        low.see(seen)
    assert 12 <= len(low.near(robot.state(20.0))) <= 24
    assert len(low.near(robot.state(39.0))) >= 12  # as new as the last look


def test_a_robot_that_is_led_by_hand_does_not_remember_the_whole_way(unicycle):
    robot, low = unicycle([0.0, 0.0, 0.0], []), LowObstacles()
    for k in range(100):  # nobody asks what is near
        robot.pose = np.array([0.5 * k, 0.0, 0.0])
        low.see(percepts(0.1 * k, robot.pose, [(0.5 * k + 1.0, 0.3)]))
    assert len(low._odom) < 10


@pytest.mark.parametrize(
    ("t", "x", "left"), [(KEEP_S - 1.0, 0.7, 1), (KEEP_S + 1.0, 0.7, 0), (1.0, -0.5, 0)]
)
def test_old_and_far_points_are_forgotten(unicycle, t, x, left):
    robot, low = unicycle([0.0, 0.0, 0.0], []), LowObstacles()
    low.see(percepts(0.0, robot.pose, [(1.0, 0.0)]))
    robot.pose = np.array([x, 0.0, 0.0])
    assert len(low.near(robot.state(t))) == left
    assert abs(1.0 - x) > NEAR_M or t > KEEP_S or left


def test_points_that_are_no_numbers_are_left_out(unicycle):
    robot, low = unicycle([0.0, 0.0, 0.0], []), LowObstacles()
    bad = percepts(0.0, robot.pose, [])
    object.__setattr__(bad, "obstacles", np.array([[np.nan, 1.0], [0.6, np.inf]]))
    low.see(bad)
    assert len(low.near(robot.state(0.0))) == 0


@pytest.mark.parametrize("camera", [True, False])
def test_the_base_keeps_off_a_ball_that_only_the_camera_sees(world, unicycle, camera):
    around = np.linspace(-np.pi, np.pi, 24, endpoint=False)
    ball = 0.11 * np.stack([np.cos(around), np.sin(around)], axis=1) + [1.2, 0.3]
    robot, guard = unicycle([0.0, 0.0, 0.0], []), ScanGuard(0.29, 0.5, RADIUS)
    drive, goal = Drive(DriveConfig(), RADIUS, guard), np.array([2.5, 0.0, 0.0])
    drive.start(SubGoal(id=1, kind=SubGoalKind.DRIVE, pose_map=goal), 0.0)
    nearest, scan = np.inf, None
    for k in range(1200):
        t, body = k * DT, robot.state(k * DT)
        scan = world.scan(t, robot.pose) if k % 2 == 0 else scan
        if camera and k % 5 == 0:
            guard.low.see(percepts(t, robot.pose, ball))
        guard.update(body, scan)
        twist, state = drive.step(t, world.grid(), body, robot.pose)
        nearest = min(nearest, np.hypot(*(ball - robot.pose[:2]).T).min())
        if state != "running":
            break
        robot.roll(robot.twist + np.clip(twist - robot.twist, -0.05, 0.05) * [1, 3], DT)
    assert state == "done"
    assert bool(nearest > RADIUS - 0.01) is camera, nearest
