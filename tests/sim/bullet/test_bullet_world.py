"""A Bullet world moves as its MuJoCo model says, and refuses what it cannot."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import SimulationError
from neural_brain.sim.robots import READY, add_robot
from neural_brain.sim.simulation import Simulation

pytest.importorskip(
    "pybullet", reason="pybullet is absent: pip install neural_brain[pybullet]"
)

from neural_brain.sim.bullet import BulletConfig, BulletSimulation
from neural_brain.sim.bullet.client import Client
from neural_brain.sim.bullet.tree import build_tree, push_state

BALL = '<body name="ball" pos="0.9 0 1"><freejoint/><geom size=".05" mass=".2"/></body>'


def arm_model(world="", kind="arm"):
    """An arm beside what the MJCF text puts into the world."""
    spec = mujoco.MjSpec.from_string(f"<mujoco><worldbody>{world}</worldbody></mujoco>")
    add_robot(spec, kind)
    return spec.compile()


@pytest.fixture
def simulation(tmp_path):
    made = BulletSimulation(arm_model(), dump_dir=tmp_path)
    made.place_arm(READY)
    yield made
    made.close()


def random_state(model, data, rng):
    low, high = model.jnt_range.T
    data.qpos[:] = rng.uniform(low, high)
    data.qvel[:] = 0.5 * rng.standard_normal(model.nv)
    mujoco.mj_forward(model, data)


@pytest.mark.parametrize("seed", range(3))
def test_kinematics_mass_and_bias_are_those_of_the_model(seed):
    model = arm_model()
    data, client = mujoco.MjData(model), Client()
    tree = build_tree(client, model, 1)
    random_state(model, data, np.random.default_rng(seed))
    push_state(client, model, data, tree)
    for body, link in tree.bodies.items():
        if link < 0:
            continue
        state = client.getLinkState(tree.unique, link, computeForwardKinematics=1)
        np.testing.assert_allclose(state[0], data.xipos[body], atol=1e-9)
    mass = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, mass)
    q, v = data.qpos.tolist(), data.qvel.tolist()
    bullet_mass = np.array(client.calculateMassMatrix(tree.unique, q))
    np.testing.assert_allclose(
        bullet_mass + np.diag(model.dof_armature), mass, atol=1e-9
    )
    client.setGravity(*model.opt.gravity.tolist())
    bias = client.calculateInverseDynamics(tree.unique, q, v, [0.0] * model.nv)
    np.testing.assert_allclose(bias, data.qfrc_bias, atol=1e-9)
    client.close()


def drive(simulation, ticks=300):
    """Random torques, servos and outside forces; the states after every tick."""
    rng = np.random.default_rng(0)
    data, index = simulation.data, simulation.index
    states = []
    for tick in range(ticks):
        data.ctrl[index.arm_ctrl] = data.qfrc_bias[index.arm_dof] + rng.normal(0, 2, 7)
        data.ctrl[index.finger_ctrl] = 0.02
        data.ctrl[index.head_ctrl] = [0.3, -0.2]
        data.xfrc_applied[index.hand_body] = 0.0
        if tick > 100:
            data.xfrc_applied[index.hand_body] = [5.0, -8.0, 3.0, 0.3, -0.2, 0.1]
        simulation.step()
        wrist = data.sensordata[index.force : index.force + 6]
        states.append(np.concatenate([data.qpos, data.qvel, wrist]))
    return np.array(states)


@pytest.mark.parametrize("substeps", [1, 4])
def test_free_motion_is_that_of_mujoco(substeps):
    model = arm_model()
    known = Simulation(model)
    known.place_arm(READY)
    other = BulletSimulation(model, config=BulletConfig(substeps=substeps))
    other.place_arm(READY)
    one, two = drive(known), drive(other)
    other.close()
    n = 2 * model.nv
    assert np.abs(one[:, : model.nv] - one[0, : model.nv]).max() > 0.05  # it moved
    np.testing.assert_allclose(two[:, :n], one[:, :n], atol=2e-3 * substeps)
    felt = np.abs(two[:, n:] - one[:, n:]).max(axis=0)
    assert felt[:3].max() < 0.2 and felt[3:].max() < 0.05


def test_without_rotor_inertia_it_is_not():
    model = arm_model()
    known = Simulation(model)
    known.place_arm(READY)
    other = BulletSimulation(model, config=BulletConfig(rotor_inertia=False))
    other.place_arm(READY)
    one, two = drive(known), drive(other)
    other.close()
    assert np.abs(one - two)[:, : model.nv].max() > 0.05


def test_a_free_body_falls_rests_and_keeps_its_pose_in_the_mirror():
    floor = '<geom type="plane" size="0 0 .1"/>'
    simulation = BulletSimulation(arm_model(floor + BALL))
    start = simulation.truth.object_position("ball")
    for _ in range(200):
        simulation.step()
    fallen = start[2] - simulation.truth.object_position("ball")[2]
    assert fallen == pytest.approx(0.5 * 9.81 * 0.2**2, rel=0.02)
    for _ in range(1500):
        simulation.step()
    assert simulation.truth.object_position("ball")[2] == pytest.approx(0.05, abs=2e-3)
    simulation.close()


def test_a_state_that_is_written_into_the_mirror_is_taken_over(simulation):
    simulation.step()
    joint = simulation.index.arm_q[3]
    simulation.data.qpos[joint] = -1.0
    simulation.step()
    assert simulation.data.qpos[joint] == pytest.approx(-1.0, abs=0.01)


def test_joints_stop_at_their_limits(simulation):
    index, model = simulation.index, simulation.model
    for _ in range(1500):
        bias = simulation.data.qfrc_bias[index.arm_dof]
        simulation.data.ctrl[index.arm_ctrl] = bias
        simulation.data.ctrl[index.arm_ctrl[6]] += 5.0
        simulation.step()
    top = model.jnt_range[model.dof_jntid[index.arm_dof[6]], 1]
    assert simulation.data.qpos[index.arm_q[6]] == pytest.approx(top, abs=0.01)


@pytest.mark.parametrize("field", ["qpos", "qvel", "ctrl"])
def test_nan_is_caught_in_the_same_step_with_a_dump(simulation, tmp_path, field):
    simulation.step()
    getattr(simulation.data, field)[3] = np.nan
    with pytest.raises(SimulationError, match=r"diverged at tick 2 .*\.npz"):
        simulation.step()
    assert (tmp_path / "diverged_tick_2.npz").is_file()


def test_nan_in_the_server_is_caught(simulation):
    simulation.step()
    tree = simulation.world.trees[0]
    simulation.world.client.resetJointState(tree.unique, tree.joints[4], np.nan, 0.0)
    with pytest.raises(SimulationError, match="diverged"):
        simulation.step()
        simulation.step()


def test_a_speed_that_bullet_would_hide_is_caught(simulation):
    simulation.data.xfrc_applied[simulation.index.hand_body, :3] = 1e6
    with pytest.raises(SimulationError, match="diverged"):
        for _ in range(50):
            simulation.step()


def test_two_runs_are_equal_to_the_last_bit():
    runs = []
    for _ in range(2):
        simulation = BulletSimulation(arm_model(BALL))
        simulation.place_arm(READY)
        runs.append(drive(simulation, 200).tobytes())
        simulation.close()
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("world", "words"),
    [
        ('<geom type="ellipsoid" size=".1 .1 .2"/>', "ELLIPSOID"),
        (
            '<body><joint axis="1 0 0"/><joint axis="0 1 0"/><geom size=".1"/></body>',
            "one hinge or slide",
        ),
        (
            '<body><joint pos=".1 0 0"/><geom size=".1"/></body>',
            "not at the body's origin",
        ),
    ],
)
def test_what_has_no_counterpart_is_refused(world, words):
    with pytest.raises(SimulationError, match=words):
        BulletSimulation(arm_model(world))


def test_couplings_are_refused():
    spec = mujoco.MjSpec()
    for name in ("one", "two"):
        body = spec.worldbody.add_body(name=name, pos=[2, 0, 1])
        body.add_freejoint()
        body.add_geom(size=[0.1, 0, 0])
    spec.add_equality(
        name1="one",
        name2="two",
        type=mujoco.mjtEq.mjEQ_WELD,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
    )
    add_robot(spec, "arm")
    with pytest.raises(SimulationError, match="1 equality constraints"):
        BulletSimulation(spec.compile())


def test_a_robot_that_drives_is_refused():
    with pytest.raises(SimulationError, match="drives on wheels"):
        BulletSimulation(arm_model(kind="mobile_manipulator"))


def test_a_body_led_by_hand_is_refused_when_it_moves():
    world = '<body name="lead" mocap="true" pos="2 0 1"><geom size=".1"/></body>'
    simulation = BulletSimulation(arm_model(world))
    simulation.step()
    simulation.data.mocap_pos[0, 0] -= 0.01
    with pytest.raises(SimulationError, match="ForcePulse"):
        simulation.step()
    simulation.close()
