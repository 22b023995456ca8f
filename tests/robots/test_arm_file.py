"""Arms from URDF and MJCF files: the same arm gives the same terms and moves alike."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.impedance import ArmImpedance, ImpedanceConfig
from neural_brain.models.signals import ArmMode
from neural_brain.robots import MujocoArm, arm_from_file
from neural_brain.robots.arm_file_limits import arm_and_limits
from tests.models.impedance.test_other_arms import limits, run, target

LENGTHS = (0.3, 0.3, 0.1, 0.1, 0.1, 0.08)
AXES = ("0 0 1", "0 1 0", "0 1 0", "1 0 0", "0 1 0", "1 0 0")
MASSES = (2.5, 2.2, 1.9, 1.0, 0.8, 0.5)
BENT = np.array([0.3, -0.6, 1.2, 0.2, 0.7, 0.1])


def urdf():
    """Six links with inertias, meshes that do not exist, a fixed tool, two fingers."""
    parts, last = ['<link name="base_link"/>'], 0.0
    for i, (length, axis, mass) in enumerate(zip(LENGTHS, AXES, MASSES, strict=True)):
        parent = f"link{i}" if i else "base_link"
        parts.append(
            f'<link name="link{i + 1}"><inertial><origin xyz="{length / 2} 0 0"/>'
            f'<mass value="{mass}"/><inertia ixx="0.004" iyy="0.02" izz="0.02" '
            'ixy="0" ixz="0" iyz="0"/></inertial><visual><geometry>'
            '<mesh filename="package://nowhere/link.stl"/></geometry></visual></link>'
            f'<joint name="joint{i + 1}" type="revolute"><parent link="{parent}"/>'
            f'<child link="link{i + 1}"/><origin xyz="{last} 0 0"/><axis xyz="{axis}"/>'
            '<limit lower="-2.8" upper="2.8" effort="60" velocity="2"/></joint>'
        )
        last = length
    parts.append(
        f'<link name="tool"/><joint name="mount" type="fixed"><parent link="link6"/>'
        f'<child link="tool"/><origin xyz="{last} 0 0"/></joint>'
        '<link name="finger"><inertial><mass value="0.1"/><inertia ixx="1e-4" '
        'iyy="1e-4" izz="1e-4" ixy="0" ixz="0" iyz="0"/></inertial></link>'
        '<joint name="grip" type="prismatic"><parent link="tool"/>'
        '<child link="finger"/><axis xyz="0 1 0"/>'
        '<limit lower="0" upper="0.04" effort="9" velocity="1"/></joint>'
    )
    return f'<robot name="arm">{"".join(parts)}</robot>'


def mjcf():
    """The same arm; the fingers are a fixed load."""
    body, tail, last = "", "", 0.0
    for length, axis, mass in zip(LENGTHS, AXES, MASSES, strict=True):
        body += (
            f'<body pos="{last} 0 0"><joint axis="{axis}"/><inertial pos='
            f'"{length / 2} 0 0" mass="{mass}" diaginertia="0.004 0.02 0.02"/>'
        )
        last, tail = length, tail + "</body>"
    body += (
        f'<body pos="{last} 0 0"><site name="tool"/><inertial pos="0 0 0" mass="0.1" '
        'diaginertia="1e-4 1e-4 1e-4"/></body>'
    )
    return f"<mujoco><worldbody>{body}{tail}</worldbody></mujoco>"


ARM = tuple(f"joint{i}" for i in range(1, 7))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "arm.urdf"
    path.write_text(urdf())
    return path


def test_a_urdf_gives_the_terms_of_the_same_arm_in_mjcf(file):
    other = MujocoArm(mujoco.MjModel.from_xml_string(mjcf()), "tool")
    arm, dq = arm_from_file(file, "tool", joints=ARM), np.linspace(-0.5, 0.8, 6)
    assert arm.n == 6
    for each in (arm, other):
        each.update(BENT, dq)
    for term in ("T_base_ee", "jacobian", "mass", "bias"):
        values = getattr(other, term)
        assert np.abs(values).max() > 0.1
        np.testing.assert_allclose(getattr(arm, term), values, atol=1e-6)


def test_the_controller_moves_an_arm_from_a_urdf(file):
    arms = [arm_from_file(file, "tool", joints=ARM) for _ in range(2)]
    control, plant = ArmImpedance(ImpedanceConfig(), arms[0], limits(6)), arms[1]
    plant.update(BENT, np.zeros(6))
    T = plant.T_base_ee.copy()
    T[:3, 3] += (-0.04, 0.03, 0.05)
    stiff = np.diag([500.0] * 3 + [30.0] * 3)
    goal = target(ArmMode.CARTESIAN, BENT.copy(), T, stiff)
    q, dq, fastest = run(control, plant, BENT.copy(), goal, 3000)
    plant.update(q, dq)
    np.testing.assert_allclose(plant.T_base_ee, T, atol=0.01)
    assert fastest < 2.0 and np.abs(dq).max() < 0.05


def test_without_a_list_all_joints_are_the_arm(file):
    assert arm_from_file(file, "link6").n == 7


def test_an_mjcf_file_keeps_the_shapes_that_give_it_its_mass(tmp_path):
    path = tmp_path / "arm.xml"
    path.write_text(
        '<mujoco><worldbody><body><joint axis="0 1 0"/><geom type="capsule" '
        'size="0.03" fromto="0 0 0 0.4 0 0" mass="2"/><site name="tip" pos="0.4 0 0"/>'
        "</body></worldbody></mujoco>"
    )
    arm = arm_from_file(path, "tip")
    arm.update(np.zeros(1), np.zeros(1))
    assert arm.bias[0] == pytest.approx(-2.0 * 9.81 * 0.2, rel=1e-3)


@pytest.mark.parametrize(
    ("ee", "joints", "word"),
    [("hand", ARM, "link6"), ("tool", ("joint1", "elbow"), "elbow")],
)
def test_names_that_are_not_there_are_named(file, ee, joints, word):
    with pytest.raises(ConfigError, match=word):
        arm_from_file(file, ee, joints=joints)


def test_a_file_that_is_no_arm_is_refused(tmp_path):
    path = tmp_path / "arm.urdf"
    path.write_text("<xacro/>")
    with pytest.raises(ConfigError, match=r"arm\.urdf"):
        arm_from_file(path, "tool")


@pytest.mark.parametrize(
    ("ee", "joints"), [("tool", ARM[::-1]), ("link3", ARM), ("tool", (*ARM, "grip"))]
)
def test_joints_that_do_not_lead_to_the_hand_in_their_order_are_refused(
    file, ee, joints
):
    with pytest.raises(ConfigError, match="base to tip"):
        arm_from_file(file, ee, joints=joints)


def test_a_urdf_says_all_limits_but_those_of_turning_on_for_ever(file):
    text = urdf().replace('"revolute"', '"continuous"', 1)
    file.write_text(text.replace(' effort="60" velocity="2"', "", 1))
    _, found = arm_and_limits(file, "tool", ARM)
    assert np.isnan([found.q_min[0], found.q_max[0], found.dq_max[0]]).all()
    assert np.isnan(found.effort_max[0])
    np.testing.assert_allclose(found.q_min[1:], -2.8)
    np.testing.assert_allclose(found.q_max[1:], 2.8)
    assert (found.dq_max[1:] == 2.0).all() and (found.effort_max[1:] == 60.0).all()


def test_an_mjcf_says_efforts_by_joint_or_by_actuator_and_no_speeds(tmp_path):
    path = tmp_path / "arm.xml"
    inner = '<inertial pos="0.1 0 0" mass="1" diaginertia="0.1 0.1 0.1"/>'
    path.write_text(
        '<mujoco><default><default class="big"><general forcerange="-87 80"/></default>'
        '</default><worldbody><body><joint name="a" range="-90 45" '
        f'actuatorfrcrange="-50 50"/>{inner}<body><joint name="b"/>{inner}<body>'
        f'<joint name="c"/>{inner}<site name="tip"/></body></body></body></worldbody>'
        '<actuator><general class="big" joint="a"/><general class="big" joint="b" '
        'gear="0.5"/><motor joint="c" ctrlrange="-3 3" gear="2"/></actuator></mujoco>'
    )
    _, found = arm_and_limits(path, "tip", ("a", "b", "c"))
    np.testing.assert_allclose(found.effort_max, (50.0, 40.0, 6.0))
    np.testing.assert_allclose((found.q_min[0], found.q_max[0]), np.radians((-90, 45)))
    assert np.isnan(found.q_min[1:]).all() and np.isnan(found.dq_max).all()
