"""A gliding body drives as the full physics does, and stops at what is in its way."""

import numpy as np
import pytest

from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.geometry import compose2, inverse2
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import BodyCommand
from neural_brain.robots import MujocoBody, MujocoBodyConfig, arm_dynamics
from neural_brain.robots.gliding_body import TICKS, GlidingBody, coarse
from neural_brain.robots.loop import run
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))
WAY = ((0.4, 0.0), (0.4, 0.8), (0.0, -1.0), (0.3, -0.3), (-0.2, 0.0), (0.0, 0.0))


def command(body, twist, head=(0.0, 0.4)):
    """Hold the arm as it is and drive."""
    state = body.read()
    arm = arm_dynamics()
    arm.update(state.q, state.dq)
    stowed = body.simulation.data.qpos[body.simulation.index.arm_q]
    effort = arm.bias + 150.0 * (stowed - state.q) - 25.0 * state.dq
    return BodyCommand(
        stamp=state.stamp, effort=effort, twist_base=np.array(twist),
        head=np.array(head), gripper_m=0.0,
    )  # fmt: skip


def drive(body, twists, seconds=1.5):
    """True poses (k, 3) after each of the twists, and the measured ones."""
    true, odometry = [], []
    for twist in twists:
        for tick in range(round(seconds / body.tick_s)):
            if tick % max(1, round(0.01 / body.tick_s)) == 0:
                body.write(command(body, twist))
            else:
                body.read()
            body.advance()
        true.append(body.simulation.truth.pose_world_base())
        odometry.append(body.read().pose_odom_base)
    return np.array(true), np.array(odometry)


@pytest.fixture(scope="module")
def model():
    return build_room("mobile_manipulator")


def glider(model, seed=1):
    return GlidingBody(Simulation(model), BLIND, seed=seed)


def test_it_drives_where_the_full_physics_drives(model):
    real = MujocoBody(Simulation(model), BLIND, seed=1)
    real.simulation.place_arm(
        glider(model).simulation.data.qpos[real.simulation.index.arm_q]
    )
    full, _ = drive(real, WAY)
    glide, _ = drive(glider(model), WAY)
    assert np.abs(full - glide)[:, :2].max() < 0.05
    turns = np.angle(np.exp(1j * (full - glide)[:, 2]))
    assert np.abs(turns).max() < 0.05


def test_odometry_errs_as_wheels_do(model):
    body = glider(model)
    start = body.simulation.truth.pose_world_base()
    true, odometry = drive(body, WAY)
    moved = np.array([compose2(inverse2(start), pose) for pose in true])
    error = np.abs(moved - odometry)[:, :2].max()
    assert 1e-4 < error < 0.1


def test_time_and_sensors_go_on(model):
    body = glider(model)
    scans = 0
    for _ in range(100):
        scans += body.poll()[0] is not None
        body.write(command(body, (0.0, 0.5)))
        body.advance()
    assert body.simulation.time_s == pytest.approx(100 * body.tick_s)
    assert scans == 10
    state = body.read()
    assert state.gyro[2] == pytest.approx(0.5, abs=0.05)
    assert state.twist_base[1] == pytest.approx(0.5, abs=0.05)
    assert np.linalg.norm(state.wrench_ee[:3]) < 5.0
    assert state.head[1] == pytest.approx(0.4, abs=0.05)


def test_a_wall_stops_it_and_presses_the_bumper(model):
    body = glider(model)
    pressed = False
    for _ in range(1200):
        body.write(command(body, (0.5, 0.0)))
        body.advance()
        pressed |= bool(body.read().bumper.any())
    assert pressed
    assert body.bumps > 0
    depth = body.simulation.truth.overlap()[1]
    assert depth < 0.001
    before = body.simulation.truth.pose_world_base()
    for _ in range(200):
        body.write(command(body, (-0.3, 0.0)))
        body.advance()
    after = body.simulation.truth.pose_world_base()
    assert np.hypot(*(after - before)[:2]) > 0.3  # it can drive away again


def test_without_commands_it_stands_still(model):
    body = glider(model)
    for _ in range(100):
        body.write(command(body, (0.5, 0.0)))
        body.advance()
    for _ in range(100):
        body.advance()
    before = body.simulation.truth.pose_world_base()
    body.advance()
    assert body.holding
    assert np.allclose(before, body.simulation.truth.pose_world_base())


def test_the_whole_brain_runs_in_it(model):
    body = glider(model)
    config = coarse(BrainConfig())
    brain = Brain(config, body.limits, arm_dynamics, NoDetector())
    run(brain, body, duration_s=3.0)
    assert brain.fast.counters["ticks"] == round(3.0 / body.tick_s) + 1
    assert brain.fast.counters["faults"] == 0
    assert brain.fast.level == 0
    assert config.fast.reflex.ladder.dwell_ticks * TICKS == 50
