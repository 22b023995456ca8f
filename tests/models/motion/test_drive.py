import numpy as np
import pytest

from neural_brain.models.maps.tolls import TollBook, TollConfig
from neural_brain.models.motion import Drive, DriveConfig, ScanGuard
from neural_brain.models.motion.head import Head, HeadConfig
from neural_brain.models.motion.motion import MotionConfig
from neural_brain.models.signals import SubGoal, SubGoalKind

DT = 0.05


def drive_to(
    world, robot, goal, *, seconds=60.0, tolerance=(0.05, 0.05), hook=None, book=None
):
    """Simulate a drive; returns the final state, the time and the least gap [m]."""
    guard = ScanGuard(0.30, 0.5)
    drive = Drive(DriveConfig(), 0.27, guard)
    pose = np.array(goal, dtype=float)
    step = SubGoal(
        id=1, kind=SubGoalKind.DRIVE, pose_map=pose,
        tolerance_m=tolerance[0], tolerance_rad=tolerance[1],
    )  # fmt: skip
    drive.start(step, 0.0)
    gap, scan, state, stuck = np.inf, None, "running", None
    for k in range(int(seconds / DT)):
        t = k * DT
        if hook is not None:
            hook(t)
        if k % 2 == 0:
            scan = world.scan(t, robot.pose)
        guard.update(robot.state(t), scan)
        gap = min(gap, float(scan.ranges.min()) - 0.27)
        tolls = () if book is None else book.messages()
        body = robot.state(t)
        twist, state = drive.step(t, world.grid(), body, robot.pose, tolls=tolls)
        if book is not None and drive.stuck_at is not stuck:
            stuck = drive.stuck_at
            book.fail(stuck)
        if state != "running":
            return state, t, gap, drive
        robot.roll(robot.twist + np.clip(twist - robot.twist, -0.05, 0.05) * [1, 3], DT)
    return state, t, gap, drive


@pytest.mark.parametrize(
    "goal", [(2.0, 1.5, 1.0), (-2.5, 0.3, 3.0), (0.3, 0.0, -2.0), (-1.0, -2.8, 0.0)]
)
def test_it_arrives_within_5_cm_and_3_degrees(world, unicycle, goal):
    robot = unicycle([0.0, 0.0, 0.4], [])
    state, _, gap, _ = drive_to(world, robot, goal)
    assert state == "done"
    assert np.hypot(*(robot.pose[:2] - goal[:2])) < 0.09
    assert abs((robot.pose[2] - goal[2] + np.pi) % (2 * np.pi) - np.pi) < 0.06
    assert gap > 0.0


def test_it_drives_through_a_door_without_touching(world, unicycle):
    world.box(-4.0, -0.08, -0.425, 0.08).box(0.425, -0.08, 4.0, 0.08)
    robot = unicycle([1.5, -2.0, 0.0], [])
    state, seconds, gap, _ = drive_to(world, robot, (-1.0, 2.0, 0.0))
    assert state == "done"
    assert gap > 0.05
    assert seconds < 30.0


def test_an_obstacle_that_is_not_on_the_map_is_driven_around(world, unicycle):
    world.box(-0.2, -0.3, 0.2, 0.3, known=False)
    robot = unicycle([-2.5, 0.0, 0.0], [])
    state, _, gap, _ = drive_to(world, robot, (2.5, 0.0, 0.0), seconds=90.0)
    assert state == "done"
    assert gap > 0.0


@pytest.mark.parametrize("at", [(0.0, -2.6, 0.4), (0.5, 2.8, -0.4), (-0.5, 2.0, -0.3)])
def test_someone_who_walks_across_the_way_is_not_run_into(world, unicycle, at):
    """Who does not give way walks into a base that stands; then it drives on."""
    empty, (x, y, speed) = world.cells.copy(), at
    robot, pushing = unicycle([-2.5, 0.0, 0.0], []), []

    def walk(t):
        world.cells = empty.copy()
        here = y + speed * t
        if abs(here) < 3.4:
            world.box(x - 0.2, here - 0.2, x + 0.2, here + 0.2, known=False)
        touching = float(world.scan(t, robot.pose).ranges.min()) < 0.27
        pushing.append(abs(robot.twist[0]) * DT * touching)

    state, seconds, _, _ = drive_to(
        world, robot, (2.5, 0.0, 0.0), seconds=90.0, hook=walk
    )
    assert state == "done"
    assert sum(pushing) < 0.05  # metres
    assert seconds > 11.0


def test_what_the_bumper_feels_is_backed_away_from(world, unicycle):
    """The lidar sees nothing; the base goes back 0.1 m or more, then on."""
    reached, at = [], []

    class Felt(unicycle):
        def state(self, t):
            body = super().state(t)
            if self.pose[0] > -1.0 and not reached:
                reached.append(t)
            body.bumper[0] = bool(reached) and t - reached[0] < 0.12
            return body

    robot = Felt([-2.5, 0.0, 0.0], [])
    state, *_ = drive_to(
        world,
        robot,
        (2.5, 0.0, 0.0),
        seconds=90.0,
        hook=lambda t: at.append(robot.pose[0]),
    )
    after = np.array(at[round(reached[0] / DT) :][: round(6.0 / DT)])
    backed = np.maximum.accumulate(after) - after  # it needs a moment to stop
    assert backed.max() > 0.1
    assert state == "done"


def test_a_goal_without_a_way_fails_with_the_reason(world, unicycle):
    world.box(-4.0, -0.1, 4.0, 0.1)
    robot = unicycle([0.0, -2.0, 0.0], [])
    state, seconds, _, drive = drive_to(world, robot, (0.0, 2.0, 0.0))
    assert (state, drive.reason) == ("failed", "no way there")
    assert seconds < 1.0


def test_a_robot_that_is_walled_in_gives_up_as_stuck(world, unicycle):
    robot = unicycle([0.0, 0.0, 0.0], [])
    world.box(0.36, -0.5, 0.5, 0.5, known=False)
    world.box(-0.5, -0.5, -0.36, 0.5, known=False)
    world.box(-0.5, 0.36, 0.5, 0.5, known=False)
    world.box(-0.5, -0.5, 0.5, -0.36, known=False)
    state, seconds, gap, drive = drive_to(world, robot, (2.5, 0.0, 0.0))
    assert state == "failed"
    assert drive.reason
    assert gap > 0.0
    assert seconds < 40.0


def test_without_a_fresh_scan_the_base_stands(world, unicycle):
    robot = unicycle([0.0, 0.0, 0.0], [])
    blind = world.scan(0.0, robot.pose)
    world.scan = lambda t, pose: blind
    drive_to(world, robot, (3.0, 0.0, 0.0), seconds=3.0)
    assert robot.pose[0] < 0.35


def test_the_goal_moves_to_a_free_spot_nearby(world, unicycle):
    robot = unicycle([0.0, 0.0, 0.0], [])
    state, _, gap, _ = drive_to(world, robot, (3.8, 0.0, 0.0), tolerance=(0.1, 3.2))
    assert state == "done"
    assert 3.3 < robot.pose[0] < 3.65
    assert gap > 0.0


def test_looking_around_shows_all_directions():
    head = Head(HeadConfig())
    head.start_around()
    seen = np.zeros(72, bool)
    for _ in range(400):
        over = head.around(DT, head.command)
        view = head.command[0] + np.linspace(-0.55, 0.55, 30)
        seen[(np.degrees(view) // 5).astype(int) % 72] = True
        if over:
            break
    assert over
    assert seen.all()


def test_the_head_looks_at_a_point():
    head = Head(HeadConfig())
    point = np.array([1.0, 1.0, 0.5])
    pose = np.array([0.5, -0.5, 1.0])
    for _ in range(100):
        head.look_at(point, pose, DT)
    c, s = np.cos(pose[2]), np.sin(pose[2])
    dx, dy = point[:2] - pose[:2]
    base = np.array([c * dx + s * dy, -s * dx + c * dy]) - [-0.19, -0.10]
    assert head.command[0] == pytest.approx(np.arctan2(base[1], base[0]))
    assert head.command[1] == pytest.approx(np.arctan2(0.65, np.hypot(*base)))


def test_defaults_agree_with_the_simulated_robot():
    from neural_brain.sim.robots.head import CAMERA_HEIGHT_M, MAST_XY
    from neural_brain.sim.robots.postures import STOWED

    config = MotionConfig()
    assert np.allclose(config.stowed, STOWED)
    assert np.allclose(config.head.camera_xyz_m, [*MAST_XY, CAMERA_HEIGHT_M])


def test_when_the_map_moves_around_the_robot_it_plans_anew_at_once(world, unicycle):
    robot = unicycle([0.0, 0.0, 0.0], [])
    guard = ScanGuard(0.30, 0.5)
    drive = Drive(DriveConfig(), 0.27, guard)
    goal = np.array([2.5, 0.0, 0.0])
    drive.start(SubGoal(id=1, kind=SubGoalKind.DRIVE, pose_map=goal), 0.0)
    guard.update(robot.state(0.0), world.scan(0.0, robot.pose))
    drive.step(0.0, world.grid(), robot.state(0.0), robot.pose)
    before = drive.follower.path.copy()
    moved = robot.pose + np.array([0.3, 1.5, 0.2])  # a loop was closed
    twist, state = drive.step(DT, world.grid(), robot.state(DT), moved)
    assert state == "running"
    assert np.hypot(*(before[0] - moved[:2])) > 1.0
    assert np.hypot(*(drive.follower.path[0] - moved[:2])) < 0.15
    assert np.hypot(*(drive.follower.path[-1] - goal[:2])) < 0.1
    assert np.all(np.abs(twist) <= 2.0)


@pytest.fixture
def glass(flat_world):
    """A door with a pane that the lidar does not see, and another door farther off."""

    world = flat_world()
    world.box(-4.0, -0.08, -3.4, 0.08).box(-2.5, -0.08, -0.45, 0.08)
    return world.box(0.45, -0.08, 4.0, 0.08)


@pytest.mark.parametrize(("learns", "state"), [(True, "done"), (False, "failed")])
def test_after_getting_stuck_it_tries_another_door(unicycle, glass, learns, state):
    class Stopped(unicycle):
        def roll(self, twist, dt):
            before = self.pose.copy()
            super().roll(twist, dt)
            if abs(self.pose[0]) < 0.5 and before[1] < -0.3 <= self.pose[1]:
                self.pose = before  # the pane

    robot = Stopped([1.0, -2.0, 1.5], [])
    book = TollBook(TollConfig()) if learns else None
    goal = (1.0, 2.0, 0.0)
    ended, *_ = drive_to(glass, robot, goal, seconds=120.0, book=book)
    assert ended == state
