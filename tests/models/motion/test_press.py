import itertools

import numpy as np
import pytest

from neural_brain.models.executive.config import StandoffConfig
from neural_brain.models.executive.touching import FAR_UP_M, SLACK_M, SLACK_RAD
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.motion import (
    InverseKinematics,
    Motion,
    MotionConfig,
    ReachConfig,
    ReachPlanner,
    ToolGoal,
)
from neural_brain.models.motion.reach import SPOTS
from neural_brain.models.signals import SubGoal, SubGoalKind
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.home_body import make_room_body

READY = np.array(MotionConfig().unfold[-1])
THING = np.array([0.10, 0.10, 0.10])


@pytest.fixture(scope="module")
def kinematics():
    return InverseKinematics(arm_dynamics(), make_limits())


def make_limits():
    from neural_brain.models.signals import BodyLimits
    from neural_brain.sim.robots import panda

    return BodyLimits(
        q_min=panda.Q_MIN, q_max=panda.Q_MAX, dq_max=panda.DQ_MAX,
        effort_max=panda.EFFORT_MAX, effort_rate_max=panda.EFFORT_RATE_MAX,
        twist_max=np.array([0.7, 1.5]), accel_max=np.array([1.0, 3.0]), radius_m=0.27,
    )  # fmt: skip


def test_solutions_of_the_inverse_kinematics_are_solutions(kinematics):
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(30):
        q = rng.uniform(kinematics.low, kinematics.high)
        T = kinematics.forward(q)
        goal = ToolGoal(position=T[:3, 3], axis=T[:3, 2])
        solution = kinematics.solve(goal, READY, READY)
        if solution is None:
            continue
        found += 1
        reached = kinematics.forward(solution)
        assert np.linalg.norm(reached[:3, 3] - T[:3, 3]) < 4e-3
        assert reached[:3, 2] @ T[:3, 2] > np.cos(0.04)
        assert np.all(solution >= kinematics.low)
        assert np.all(solution <= kinematics.high)
    assert found >= 10


@pytest.mark.parametrize("height", [0.15, 0.30, 0.50, 0.80, 0.90, 1.05])
@pytest.mark.parametrize("away", [0.52, 0.56, 0.60])
def test_things_of_a_home_can_be_reached(kinematics, height, away):
    planner = ReachPlanner(ReachConfig(), kinematics, READY)
    center = np.array([away, 0.03, height - 0.05])
    reach = planner.press(center, THING)
    assert reach is not None
    hand = np.array([kinematics.forward(q)[:3, 3] for q in reach.way])
    tip = reach.before[:3, 3] + reach.expected_m * reach.axis
    if reach.axis[2] < -0.5:
        assert np.allclose(tip, [away, 0.03, height], atol=0.01)
        beside = np.hypot(*(hand[:, :2] - center[:2]).T) > 0.12
        over = hand[:, 2] > height + 0.05
        assert np.all(beside | over)


@pytest.mark.parametrize("away", [0.80, 0.90, 1.00])
def test_tall_things_are_pressed_from_in_front(kinematics, away):
    planner = ReachPlanner(ReachConfig(), kinematics, READY)
    fridge = np.array([0.6, 0.6, 1.8])
    reach = planner.press(np.array([away, 0.0, 0.9]), fridge)
    assert reach is not None
    assert reach.axis[0] > 0.99
    hand = np.array([kinematics.forward(q)[:3, 3] for q in reach.way])
    assert np.all(hand[:, 0] < away - 0.3 - 0.04)


@pytest.mark.parametrize("height", [StandoffConfig().front_z_m[0], 1.3, 1.4])
def test_spots_in_front_are_reached_from_wherever_it_stands_well(kinematics, height):
    planner = ReachPlanner(ReachConfig(), kinematics, READY)
    best = StandoffConfig().front_m - max(0.0, height - FAR_UP_M)
    for slack, bearing, turned in itertools.product((-1, 1), repeat=3):
        away, bearing = best + slack * SLACK_M, bearing * SLACK_RAD
        spot = np.array([away * np.cos(bearing), away * np.sin(bearing), height])
        out = bearing + np.pi + 0.69 * turned
        reach = planner.touch(spot, np.array([np.cos(out), np.sin(out), 0.0]))
        tip = reach.before[:3, 3] + reach.expected_m * reach.axis
        assert np.allclose(tip, spot, atol=0.01)


def test_out_of_reach_is_said_before_anything_moves(kinematics):
    planner = ReachPlanner(ReachConfig(), kinematics, READY)
    for center in ([1.6, 0.0, 0.8], [0.55, 0.0, 2.6], [-0.8, 0.0, 0.8]):
        for spot in range(len(SPOTS)):
            assert planner.press(np.array(center), THING, spot) is None


def play(goals, world_state, seconds=50.0, body=None):
    """Run motion and fast loop on the simulated robot in a room with a table."""
    body = make_room_body(table=True) if body is None else body
    fast = FastLoop(FastConfig(), arm_dynamics(), body.limits)
    motion = Motion(MotionConfig(), body.limits, arm_dynamics())
    truth = body.simulation.truth
    scan, ended, touched = None, [], {}
    for tick in range(int(seconds * 1000)):
        state = body.read()
        new_scan, _ = body.poll()
        if new_scan is not None:
            scan = new_scan
            fast.set_scan(scan)
        if tick % 50 == 0:
            target, status = motion.step(
                state.stamp,
                goals[len(ended)],
                world_state(state.stamp),
                state,
                scan=scan,
                pose_map_base=state.pose_odom_base,
            )
            fast.set_target(target)
            if status.state != "running":
                ended.append(status)
                if len(ended) == len(goals):
                    break
        for name, force in truth.tool_contacts.items():
            touched[name] = max(touched.get(name, 0.0), force)
        body.write(fast.tick(state))
        body.advance()
    return ended, touched, body


@pytest.fixture
def blind_body():
    from neural_brain.robots.mujoco_body import MujocoBodyConfig
    from neural_brain.sim.sensors import SensorsConfig

    config = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))
    return make_room_body(table=True, config=config)


@pytest.mark.slow
def test_the_arm_presses_a_table_with_about_10_n(world, blind_body):
    press = SubGoal(
        id=1, kind=SubGoalKind.PRESS, point_map=np.array([0.68, 0.0, 0.70]), size=THING
    )
    (status,), touched, body = play([press], world.state, body=blind_body)
    assert (status.state, status.reason) == ("done", "")
    assert set(touched) == {"table"}
    assert 7.0 < touched["table"] < 16.0
    assert abs(status.peak_force_n - touched["table"]) < 3.0
    assert body.simulation.truth.peak_base_force_n == 0.0
    assert np.abs(body.read().q - MotionConfig().stowed).max() < 0.1


@pytest.mark.slow
def test_nothing_there_is_said(world, blind_body):
    press = SubGoal(
        id=1, kind=SubGoalKind.PRESS, point_map=np.array([0.6, -0.2, 1.0]),
        size=np.array([0.06, 0.06, 0.06]),
    )  # fmt: skip
    (status,), touched, _ = play([press], world.state, 100.0, body=blind_body)
    assert (status.state, status.reason) == ("failed", "felt nothing")
    assert touched == {}


@pytest.mark.parametrize(("away_m", "watches"), [(1.2, True), (2.5, False)])
def test_near_what_it_drives_to_the_head_looks_at_it(
    world, blind_body, away_m, watches
):
    body = blind_body
    motion = Motion(MotionConfig(), body.limits, arm_dynamics())
    point = np.array([0.2 * away_m, away_m, 0.9])
    goal = SubGoal(
        id=1,
        kind=SubGoalKind.DRIVE,
        pose_map=np.array([0.0, away_m, 0.0]),
        point_map=point,
    )
    state = body.read()
    pans = []
    for tick in range(80):
        target, _ = motion.step(
            0.05 * tick,
            goal,
            world.state(state.stamp),
            state,
            scan=None,
            pose_map_base=np.zeros(3),
        )
        pans.append(target.head[0])
    wanted, _ = motion.head.angles_to(point, np.zeros(3))
    assert bool(np.ptp(pans[-20:]) < 1e-3) is watches
    assert bool(abs(pans[-1] - wanted[0]) < 1e-3) is watches
