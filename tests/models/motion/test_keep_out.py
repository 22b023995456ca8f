"""Keep-out and slow areas in the planner, in the guard and in whole drives."""

import numpy as np
import pytest

from neural_brain.models.maps.outlines import disc, distance
from neural_brain.models.motion import (
    AreaGuard,
    CostmapConfig,
    Drive,
    DriveConfig,
    Follower,
    FollowerConfig,
    ScanGuard,
    make_costmap,
    travel_field,
    way_out,
)
from neural_brain.models.signals import Area, AreaKind, Route, SubGoal, SubGoalKind

RADIUS, DT = 0.27, 0.05


def box(x0, y0, x1, y1):
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def keep_out(outline):
    return Area(name="nursery", kind=AreaKind.KEEP_OUT, outline=outline)


def slow(outline, speed):
    return Area(name="hall", kind=AreaKind.SLOW, outline=outline, speed_m_s=speed)


def drive(world, robot, goal, areas, seconds=60.0):
    """The state in which a drive ends, its reason, and all poses (n, 3)."""
    guard = ScanGuard(0.30, 0.5)
    skill = Drive(DriveConfig(), RADIUS, guard)
    step = SubGoal(id=1, kind=SubGoalKind.DRIVE, pose_map=np.array(goal, float))
    skill.start(step, 0.0)
    poses, state, scan = [robot.pose.copy()], "running", None
    for k in range(int(seconds / DT)):
        t = k * DT
        if k % 2 == 0:
            scan = world.scan(t, robot.pose)
        guard.update(robot.state(t), scan)
        twist, state = skill.step(t, world.grid(), robot.state(t), robot.pose, areas)
        if state != "running":
            break
        robot.roll(robot.twist + np.clip(twist - robot.twist, -0.05, 0.05) * [1, 3], DT)
        poses.append(robot.pose.copy())
    return state, skill.reason, np.array(poses)


@pytest.mark.parametrize("outline", [box(-1, -2.5, 1, 2.5), disc(np.zeros(2), 1.5)])
def test_a_drive_goes_around_a_keep_out_area(world, unicycle, outline):
    robot = unicycle([-2.5, 0.0, 0.0], [])
    state, _, poses = drive(world, robot, (2.5, 0.2, 0.0), (keep_out(outline),))
    assert state == "done"
    assert distance(outline, poses[:, :2]).min() > RADIUS - 0.01
    # without the area the way is straight through it
    robot = unicycle([-2.5, 0.0, 0.0], [])
    _, _, poses = drive(world, robot, (2.5, 0.2, 0.0), ())
    assert distance(outline, poses[:, :2]).min() < -0.5


def test_a_goal_in_a_keep_out_area_is_refused_at_once(world, unicycle):
    robot = unicycle([-2.5, 0.0, 0.0], [])
    areas = (keep_out(box(0, -2, 3, 2)),)
    state, reason, poses = drive(world, robot, (1.5, 0.0, 0.0), areas)
    assert (state, reason) == ("failed", "I must stay out of there")
    assert len(poses) == 1


def test_a_robot_inside_leaves_by_the_door_and_never_goes_deeper(world, unicycle):
    """The nearest edge of the area is a wall; the only way out is past its middle."""
    world.box(-4.0, -0.05, 1.2, 0.05).box(2.2, -0.05, 4.0, 0.05)
    room = box(-3.9, 0.05, 3.9, 3.9)
    robot = unicycle([-3.0, 0.6, 3.0], [])
    state, _, poses = drive(world, robot, (0.0, -2.0, 0.0), (keep_out(room),), 90.0)
    assert state == "done"
    grid = world.grid()
    costmap = make_costmap(grid, CostmapConfig(), RADIUS, keep_out=(room,))
    bare = make_costmap(grid, CostmapConfig(), RADIUS)
    leaving = way_out(bare, costmap, np.array([-3.0, 0.6]))
    left = leaving.left_m(poses[:, :2])[distance(room, poses[:, :2]) < 0.0]
    rise = left - np.minimum.accumulate(left)
    assert rise.max() <= 2.0 * leaving.slack_m
    out = np.argmax(distance(room, poses[:, :2]) > RADIUS)
    assert distance(room, poses[out:, :2]).min() > RADIUS - 0.01  # and stays out


def test_no_goal_inside_moves_a_robot_that_is_inside(world, unicycle):
    robot = unicycle([-3.0, 1.0, 0.0], [])
    state, _, poses = drive(
        world, robot, (3.0, 1.0, 0.0), (keep_out(box(-3.8, -3.8, 3.8, 3.8)),)
    )
    assert state == "failed"
    assert len(poses) == 1


def test_the_guard_stops_commands_that_the_planner_never_made():
    outline = box(1.0, -1.0, 2.0, 1.0)
    guard = AreaGuard(RADIUS)
    guard.update((keep_out(outline),), np.array([0.0, 0.0, 0.0]))
    assert guard.free_way(0.5, 0.0) == pytest.approx(1.0 - RADIUS, abs=0.06)
    assert guard.free_way(-0.5, 0.0) == 1.5
    assert guard.free_way(0.5, 2.0) == 1.5  # a tight circle on the spot
    guard.update((keep_out(outline),), np.array([0.8, 0.0, 0.0]))  # overlaps
    assert guard.free_way(0.1, 0.0) <= 0.0
    assert guard.free_way(-0.1, 0.0) == 1.5
    guard.update((keep_out(outline),), np.array([1.2, 0.0, 0.0]))  # is inside
    assert guard.free_way(-0.1, 0.0) <= 0.0  # does not know the way out yet
    guard.update((keep_out(outline),), np.array([np.nan, 0.0, 0.0]))
    assert guard.free_way(-0.1, 0.0) == 0.0


def test_an_old_path_through_an_area_is_not_followed_into_it(world, unicycle):
    """As when a person forbids a place just before the robot gets there."""
    outline = box(1.0, -2.0, 2.0, 2.0)
    lidar, areas = ScanGuard(0.30, 0.5), AreaGuard(RADIUS)
    follower = Follower(FollowerConfig(), lidar, areas)
    goal = np.array([3.0, 0.0, 0.0])
    follower.start(np.linspace([0.0, 0.0], [3.0, 0.0], 31))
    robot, blocked = unicycle([0.0, 0.0, 0.0], []), ""
    for k in range(400):
        t = k * DT
        lidar.update(robot.state(t), world.scan(t, robot.pose))
        areas.update((keep_out(outline),) if robot.pose[0] > 0.1 else (), robot.pose)
        steering = follower.step(robot.pose, goal, 0.1, 0.2)
        blocked = steering.blocked
        change = np.clip(steering.twist - robot.twist, -0.05, 0.05) * [1, 3]
        robot.roll(robot.twist + change, DT)
        assert distance(outline, robot.pose[None, :2])[0] > RADIUS - 0.01
    assert robot.pose[0] > 0.5
    assert blocked == "a keep-out area is in the way"


def test_slow_areas_are_entered_slowly(world, unicycle):
    outline = box(-0.5, -4.0, 4.0, 4.0)
    robot = unicycle([-3.5, 0.0, 0.0], [])
    guard = AreaGuard(RADIUS)
    guard.update((slow(outline, 0.2),), robot.pose)
    assert guard.speed_limit(0.6) > 1.0
    guard.update((slow(outline, 0.2),), np.array([0.0, 0.0, 0.0]))
    assert guard.speed_limit(0.6) == pytest.approx(0.2)
    guard.update((slow(outline, 0.2),), np.array([-1.0, 0.0, 0.0]))
    assert guard.speed_limit(0.6) == pytest.approx(np.sqrt(0.04 + 1.2 * 0.23))


def test_frontiers_and_standoffs_are_never_in_a_keep_out_area(world):
    outline = box(0.5, -3.0, 3.0, 3.0)
    costmap = make_costmap(world.grid(), CostmapConfig(), RADIUS, keep_out=(outline,))
    field = travel_field(costmap, np.array([-2.0, 0.0]))
    reachable = costmap.coarse_xy[np.isfinite(field.cost)]
    assert distance(outline, reachable).min() > RADIUS
    assert field.nearest_reachable(np.array([1.5, 0.0]), 0.5) is None


def test_a_remembered_route_leads_no_nearer_to_a_keep_out_area(world):
    way = np.array([[-2.5, -1.0], [2.5, -1.0]])
    routes = (Route(way=way, took_s=10.0),)
    for gap in np.linspace(0.2, 0.4, 9):  # from too near to far enough
        outline = box(-1, -1.0 + gap, 1, 1)
        plain, driven = (
            make_costmap(
                world.grid(), CostmapConfig(), RADIUS, keep_out=(outline,), routes=some
            )
            for some in ((), routes)
        )
        beside = np.array([[0.0, -1.0]])
        assert (driven.clearance_at(beside) > 0) == (plain.clearance_at(beside) > 0)
