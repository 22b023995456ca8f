"""The simulated arm against the published parameters."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.robots import (
    MOUNT_XYZ,
    READY,
    STOWED,
    add_robot,
    index_robot,
    panda,
)


@pytest.fixture(scope="module")
def world():
    model = build_room("mobile_manipulator", half_m=6.0)
    return model, mujoco.MjData(model), index_robot(model)


def random_postures(count):
    rng = np.random.default_rng(1)
    return rng.uniform(panda.Q_MIN, panda.Q_MAX, (count, 7))


def place(world, q):
    model, data, index = world
    mujoco.mj_resetData(model, data)
    data.qpos[index.arm_q] = q
    mujoco.mj_forward(model, data)
    return data


def test_flange_pose_follows_the_published_dh_table(world):
    index = world[2]
    for q in random_postures(20):
        data = place(world, q)
        T = panda.forward_kinematics(q)
        np.testing.assert_allclose(
            data.site_xpos[index.flange_site], T[:3, 3] + MOUNT_XYZ, atol=1e-9
        )
        hand_yaw = T[:3, :3] @ panda.dh_transform(0, 0, 0, -np.pi / 4)[:3, :3]
        R = data.site_xmat[index.flange_site].reshape(3, 3)
        np.testing.assert_allclose(R, hand_yaw, atol=1e-9)


def test_dh_table_gives_a_known_published_pose():
    """The often used start posture puts the flange at (0.3069, 0, 0.5903)."""
    q = np.array([0, -np.pi / 4, 0, -3 * np.pi / 4, 0, np.pi / 2, np.pi / 4])
    position = panda.forward_kinematics(q)[:3, 3]
    np.testing.assert_allclose(position, [0.3069, 0.0, 0.5903], atol=1e-4)


def test_link_masses_and_limits_are_the_published_ones(world):
    model, _, _ = world
    masses = [model.body(f"robot/link{i}").mass[0] for i in range(8)]
    np.testing.assert_allclose(masses, [link.mass for link in panda.LINKS])
    for i in range(7):
        joint = model.joint(f"robot/joint{i + 1}")
        np.testing.assert_allclose(joint.range, [panda.Q_MIN[i], panda.Q_MAX[i]])
        np.testing.assert_allclose(
            model.actuator(f"robot/joint{i + 1}").ctrlrange,
            [-panda.EFFORT_MAX[i], panda.EFFORT_MAX[i]],
        )


def arm_points(data, model):
    """Centres (k, 3) and bounding radii (k,) of the arm's capsules along their axes."""
    points, radii = [], []
    for geom in range(model.ngeom):
        name = model.body(int(model.geom_bodyid[geom])).name
        if not any(part in name for part in ("link", "hand", "finger")):
            continue
        axis = data.geom_xmat[geom].reshape(3, 3)[:, 2]
        half = float(model.geom_size[geom][1]) if "link" in name else 0.0
        for k in (-1.0, 0.0, 1.0):
            points.append(data.geom_xpos[geom] + k * half * axis)
            radii.append(float(model.geom_size[geom][0]))
    return np.array(points), np.array(radii)


def test_stowed_arm_lies_within_the_footprint_and_low(world):
    data = place(world, STOWED)
    points, radii = arm_points(data, world[0])
    assert (np.hypot(points[:, 0], points[:, 1]) + radii).max() < 0.31
    assert (points[:, 2] + radii).max() < 1.1


def test_ready_posture_holds_the_hand_in_front_tool_down(world):
    data, index = place(world, READY), world[2]
    np.testing.assert_allclose(
        data.site_xpos[index.ee_site], [0.5, 0.0, 0.95], atol=2e-3
    )
    tool_axis = data.site_xmat[index.ee_site].reshape(3, 3)[:, 2]
    np.testing.assert_allclose(tool_axis, [0, 0, -1], atol=2e-3)


def test_path_from_stowed_to_ready_is_free_of_self_collision(world):
    model = world[0]
    for k in np.linspace(0.0, 1.0, 40):
        data = place(world, STOWED + k * (READY - STOWED))
        bodies = model.geom_bodyid[data.contact.geom]
        assert (bodies == 0).any(axis=1).all(), k  # only the floor is touched


def test_base_stands_on_its_wheels_with_the_arm_stretched(world):
    model, data, index = world
    q = np.array([0.0, 1.4, 0.0, -0.3, 0.0, 1.7, 0.785])
    place(world, q)
    for _ in range(500):
        bias = data.qfrc_bias[index.arm_dof]
        data.ctrl[index.arm_ctrl] = (
            bias + 600 * (q - data.qpos[index.arm_q]) - 60 * data.qvel[index.arm_dof]
        )
        mujoco.mj_step(model, data)
    up = data.xmat[index.base_body].reshape(3, 3)[2, 2]
    assert np.degrees(np.arccos(up)) < 1.0
    assert data.site_xpos[index.ee_site][0] > 0.75


def test_dynamics_agree_with_the_simulated_robot(world):
    arm = arm_dynamics()
    index, rng = world[2], np.random.default_rng(2)
    for q in random_postures(5):
        data = place(world, q)
        dq = rng.normal(size=7)
        data.qvel[index.arm_dof] = dq
        mujoco.mj_forward(world[0], data)
        arm.update(q, dq)
        np.testing.assert_allclose(
            arm.T_base_ee[:3, 3], data.site_xpos[index.ee_site], atol=1e-9
        )
        np.testing.assert_allclose(arm.bias, data.qfrc_bias[index.arm_dof], atol=1e-6)


def test_mass_matrix_is_symmetric_positive_definite():
    arm = arm_dynamics()
    for q in random_postures(50):
        arm.update(q, np.zeros(7))
        np.testing.assert_allclose(arm.mass, arm.mass.T, atol=1e-12)
        assert np.linalg.eigvalsh(arm.mass).min() > 0.05


def test_jacobian_matches_finite_differences():
    arm, step = arm_dynamics(), 1e-6
    for q in random_postures(5):
        arm.update(q, np.zeros(7))
        jacobian, start = arm.jacobian.copy(), arm.T_base_ee[:3, 3].copy()
        for joint in range(7):
            arm.update(q + step * np.eye(7)[joint], np.zeros(7))
            slope = (arm.T_base_ee[:3, 3] - start) / step
            np.testing.assert_allclose(slope, jacobian[:3, joint], atol=1e-5)


def test_payload_adds_its_weight_to_the_bias():
    plain, loaded = arm_dynamics(), arm_dynamics(payload_kg=1.0)
    plain.update(READY, np.zeros(7))
    loaded.update(READY, np.zeros(7))
    weight = plain.jacobian[:3].T @ np.array([0.0, 0.0, 9.81])
    np.testing.assert_allclose(loaded.bias - plain.bias, weight, atol=1e-6)


def test_an_unknown_robot_kind_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="mobile_manipulator"):
        add_robot(mujoco.MjSpec(), "spaceship")


def test_a_world_without_robot_is_refused():
    model = mujoco.MjModel.from_xml_string("<mujoco/>")
    with pytest.raises(ConfigError, match="add_robot"):
        index_robot(model)
