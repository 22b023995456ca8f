"""The Body contract of the simulated robots, in every physics engine."""

import numpy as np
import pytest

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import BodyCommand
from neural_brain.robots import (
    MujocoBodyConfig,
    arm_dynamics,
    body_in,
    make_room_body,
)
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.robots import STOWED
from neural_brain.sim.sensors import SensorsConfig

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))


class Driver:
    """Keeps the arm where it is with a joint impedance and drives the base."""

    def __init__(self, body, q=STOWED):
        self.body, self.q, self.arm = body, q, arm_dynamics()

    def command(self, twist=(0.0, 0.0), **changes):
        state = self.body.read()
        self.arm.update(state.q, state.dq)
        effort = self.arm.bias + 150 * (self.q - state.q) - 25 * state.dq
        values = {
            "stamp": state.stamp,
            "effort": effort,
            "twist_base": np.array(twist, dtype=float),
            "head": np.zeros(2),
            "gripper_m": 0.0,
        }
        return BodyCommand(**{**values, **changes})

    def run(self, ticks, twist=(0.0, 0.0), **changes):
        for _ in range(ticks):
            self.body.write(self.command(twist, **changes))
            self.body.advance()


@pytest.fixture
def body(engine, kind):
    """A robot in every engine; where none drives there, an arm."""
    body = engine(build_room(kind), BLIND, posture=STOWED)
    yield body
    body.close()


@pytest.fixture
def rover():
    """A robot that drives."""
    body = make_room_body(config=BLIND)
    yield body
    body.close()


def test_state_has_the_shapes_of_the_contract(body):
    state = body.read()
    assert state.q.shape == state.dq.shape == state.effort.shape == (7,)
    assert state.wrench_ee.shape == (6,)
    assert state.twist_base.shape == state.head.shape == (2,)
    assert state.pose_odom_base.shape == state.gyro.shape == state.accel.shape == (3,)
    assert state.bumper.dtype == bool
    assert state.battery == 1.0


def test_stamp_counts_ticks(body):
    body.advance()
    body.advance()
    assert body.read().stamp == pytest.approx(0.002)


def test_one_metre_forward_is_one_metre(rover):
    driver = Driver(rover)
    driver.run(2250, (0.5, 0.0))
    driver.run(500)
    true, odometry = (
        rover.simulation.truth.pose_world_base(),
        rover.read().pose_odom_base,
    )
    assert 0.95 < true[0] < 1.15
    assert np.hypot(*(true - odometry)[:2]) < 0.03 * true[0]
    assert abs(true[2] - odometry[2]) < np.radians(2.0)


def test_turning_on_the_spot_turns_left_and_stays_there(rover):
    driver = Driver(rover)
    driver.run(2000, (0.0, 0.8))
    state, pose = rover.read(), rover.simulation.truth.pose_world_base()
    assert pose[2] == pytest.approx(1.6 - 0.8 * 0.8 / 6, abs=0.1)
    assert np.hypot(pose[0], pose[1]) < 0.03
    assert state.gyro[2] == pytest.approx(0.8, abs=0.05)
    assert state.twist_base[1] == pytest.approx(0.8, abs=0.05)


def test_arm_holds_its_posture_while_driving(rover):
    Driver(rover).run(1000, (0.5, 0.5))
    np.testing.assert_allclose(rover.read().q, STOWED, atol=0.02)


def test_watchdog_holds_arm_and_stops_base_after_twenty_ticks(body):
    driver = Driver(body)
    driver.run(1200, (min(0.5, body.limits.twist_max[0]), 0.0))
    start = body.simulation.truth.pose_world_base()
    for tick in range(2, 21):  # the run above made the first tick of the command
        body.advance()
        assert not body.holding, tick
    body.advance()
    assert body.holding
    for _ in range(1000):
        body.advance()
    state = body.read()
    assert abs(state.twist_base[0]) < 0.02
    np.testing.assert_allclose(state.q, STOWED, atol=0.05)
    moved = body.simulation.truth.pose_world_base()[0] - start[0]
    assert moved < 0.5 * 0.02 + 0.5**2 / (2 * 1.5)


def test_a_body_nobody_commands_holds_itself(body):
    for _ in range(1500):
        body.advance()
    assert body.holding
    np.testing.assert_allclose(body.read().q, STOWED, atol=0.03)


def test_a_new_command_ends_the_hold(body):
    for _ in range(50):
        body.advance()
    assert body.holding
    body.write(Driver(body).command())
    assert not body.holding


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("field", ["effort", "twist_base", "head", "gripper_m"])
def test_commands_that_are_not_finite_are_refused(body, field, bad):
    driver = Driver(body)
    driver.run(5)
    before = body.simulation.data.ctrl.copy()
    good = getattr(driver.command(), field)
    values = {field: good + bad}
    with pytest.raises(BodyError, match="NaN or infinity"):
        body.write(driver.command(**values))
    np.testing.assert_array_equal(body.simulation.data.ctrl, before)
    assert body.violations["not finite"] == 1


def test_commands_of_a_wrong_shape_are_refused(body):
    with pytest.raises(BodyError, match=r"\(7,\)"):
        body.write(Driver(body).command(effort=np.zeros(6)))


def test_efforts_beyond_limit_and_rate_are_clipped_and_counted(body):
    driver = Driver(body)
    driver.run(100)
    before = body.simulation.data.ctrl[body.simulation.index.arm_ctrl].copy()
    body.write(driver.command(effort=np.full(7, 500.0)))
    after = body.simulation.data.ctrl[body.simulation.index.arm_ctrl]
    np.testing.assert_allclose(after - before, 1.0, atol=1e-9)
    assert body.violations["effort"] == 1
    assert body.violations["effort rate"] == 1


def test_good_commands_count_no_violation(body):
    Driver(body).run(300, 0.4 * body.limits.twist_max)
    assert not body.violations


def test_a_twist_beyond_the_limit_is_clipped_and_counted(rover):
    driver = Driver(rover)
    driver.run(1500, (5.0, 0.0))
    assert rover.violations["twist"] == 1500
    assert rover.read().twist_base[0] < rover.limits.twist_max[0] + 0.03


def test_speed_follows_the_acceleration_limit(rover):
    Driver(rover).run(300, (0.7, 0.0))
    assert rover.read().twist_base[0] == pytest.approx(0.3, abs=0.05)


def test_head_and_gripper_go_where_commanded(body):
    Driver(body).run(1500, head=np.array([0.6, 0.4]), gripper_m=0.06)
    state = body.read()
    np.testing.assert_allclose(state.head, [0.6, 0.4], atol=0.02)
    assert state.gripper_m == pytest.approx(0.06, abs=0.004)


def test_bumper_tells_the_side_of_a_collision():
    body = body_in(build_room(pose=(0.0, 0.0, 0.0), half_m=0.45), config=BLIND)
    Driver(body).run(900, (0.4, 0.0))
    assert body.read().bumper[0]
    assert not body.read().bumper[4]


@pytest.mark.parametrize("robot", ["base", "arm", "mobile_manipulator"])
def test_every_kind_of_robot_reads_and_runs(robot):
    body = make_room_body(robot, config=BLIND)
    n = body.limits.q_min.size
    assert n == (0 if robot == "base" else 7)
    for _ in range(50):
        assert body.read().q.shape == (n,)
        body.advance()
    assert np.isfinite(body.simulation.data.qpos).all()


def run_hash(seed, engine, kind):
    world = build_room(kind, table=True)
    body = engine(world, BLIND, seed=seed, posture=STOWED)
    driver = Driver(body)
    parts = []
    for _ in range(250):
        body.write(driver.command(0.3 * body.limits.twist_max))
        scan, _ = body.poll()
        state = body.read()
        parts += [state.q.tobytes(), state.wrench_ee.tobytes(), state.gyro.tobytes()]
        parts += [state.pose_odom_base.tobytes()]
        parts += [scan.ranges.tobytes()] if scan else []
        body.advance()
    body.close()
    return b"".join(parts)


def test_one_seed_gives_one_run_and_another_seed_another(engine, kind):
    first = run_hash(3, engine, kind)
    assert first == run_hash(3, engine, kind)
    assert first != run_hash(4, engine, kind)


def test_a_closed_body_refuses_and_closes_twice(body):
    command = Driver(body).command()
    body.close()
    body.close()
    with pytest.raises(BodyError, match="closed"):
        body.poll()
    with pytest.raises(BodyError, match="closed"):
        body.read()
    with pytest.raises(BodyError, match="closed"):
        body.write(command)


def test_limits_of_the_arm_are_the_published_ones(body):
    limits = body.limits
    assert limits.effort_max.tolist() == [87, 87, 87, 87, 12, 12, 12]
    assert limits.effort_rate_max.tolist() == [1000.0] * 7
    assert limits.radius_m == pytest.approx(0.27)
