"""Balls cover an arm from a file: all of its surface, and little more than that."""

from xml.etree import ElementTree

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.reflex import WorkspaceConfig
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.robots import arm_from_file
from tests.robots.arms_from_files import made_up_urdf, make, write_bracket
from tests.robots.test_arm_file import ARM, urdf
from tests.robots.test_arm_shape import surface

INERTIAL = (
    '<inertial><mass value="1"/><inertia ixx="0.1" iyy="0.1" izz="0.1" ixy="0" ixz="0" '
    'iyz="0"/></inertial>'
)
STICK = (
    f'<link name="stick">{INERTIAL}<collision><geometry><sphere radius="0.01"/>'
    '</geometry></collision></link><joint name="pump" type="prismatic"><parent '
    'link="link4"/><child link="stick"/><axis xyz="0 0 1"/></joint>'
)
"""A link on a slide without limits."""
ARMS = ("made up", "ur5e", "xarm6")


@pytest.fixture(params=ARMS)
def arm(request, tmp_path):
    return make(request.param, tmp_path)


def shape_of(arm, **tool):
    return arm_from_file(arm.path, arm.ee, joints=arm.joints).shape(**tool)


def read_plainly(path):
    """All geoms of the file as MuJoCo itself reads them, drawn ones too."""
    text = path.read_text()
    if "<robot" not in text:
        return mujoco.MjModel.from_xml_path(str(path))
    root = ElementTree.fromstring(text)
    own = root.find("mujoco")
    own = ElementTree.SubElement(root, "mujoco") if own is None else own
    compiler = own.find("compiler")
    compiler = ElementTree.SubElement(own, "compiler") if compiler is None else compiler
    switches = {"discardvisual": "false", "fusestatic": "false", "strippath": "false"}
    for key, value in {**switches, "balanceinertia": "true"}.items():
        compiler.set(key, value)
    for mesh in root.iter("mesh"):
        name = mesh.get("filename").removeprefix("package://")
        mesh.set("filename", str(path.parent / name))
    spec = mujoco.MjSpec.from_string(ElementTree.tostring(root, encoding="unicode"))
    spec.compiler.fusestatic = False
    return spec.compile()


def solid_geoms(model):
    """Geoms that can touch; of bodies without any, those that are drawn."""
    touches = (model.geom_contype | model.geom_conaffinity) != 0
    able = set(model.geom_bodyid[touches].tolist())
    return [
        g for g in range(model.ngeom) if touches[g] or model.geom_bodyid[g] not in able
    ]


def is_moved(model, geom, joints):
    body = int(model.geom_bodyid[geom])
    while body:
        at, count = int(model.body_jntadr[body]), int(model.body_jntnum[body])
        if any(model.joint(j).name in joints for j in range(at, at + count)):
            return True
        body = int(model.body_parentid[body])
    return False


def pose(arm, model, data, q, rng):
    """The arm at q, all other joints (fingers) anywhere."""
    for joint in range(model.njnt):
        data.qpos[model.jnt_qposadr[joint]] = rng.uniform(*model.jnt_range[joint])
    data.qpos[[model.joint(name).qposadr[0] for name in arm.joints]] = q
    mujoco.mj_kinematics(model, data)


def beyond(points, boxes):
    """How far points (k, 3) are outside the nearest of some rounded boxes (k,) [m]."""
    local = np.einsum("kmi,mij->kmj", points[:, None] - boxes.center, boxes.axes)
    away = np.abs(local)
    around = np.hypot(away[..., 0], away[..., 1])
    away[..., 0] = np.where(boxes.turned, around, away[..., 0])
    away[..., 1] = np.where(boxes.turned, 0.0, away[..., 1])
    outside = np.maximum(away - boxes.half, 0.0)
    return (np.linalg.norm(outside, axis=2) - boxes.radius).min(axis=1)


def test_every_point_of_the_surface_is_in_a_ball(arm):
    shape, model, rng = shape_of(arm), read_plainly(arm.path), np.random.default_rng(0)
    data, found = mujoco.MjData(model), 0
    for _ in range(4):
        q = arm.start + rng.uniform(-1.0, 1.0, arm.start.size)
        pose(arm, model, data, q, rng)
        shape.update(q)
        for geom in solid_geoms(model):
            points = surface(model, data, geom, rng, count=150)
            found += len(points)
            if is_moved(model, geom, arm.joints):
                away = np.linalg.norm(points[:, None] - shape.center, axis=2)
                assert (away - shape.radius).min(axis=1).max() < 1e-5
            else:
                assert beyond(points, shape.body).max() < 1e-5
    assert found > 2000


def test_balls_stand_out_little(arm):
    """From 95 % of all sides no link looks more than 4 cm larger than it is."""
    shape, model, rng = shape_of(arm), read_plainly(arm.path), np.random.default_rng(1)
    data = mujoco.MjData(model)
    pose(arm, model, data, arm.start, rng)
    shape.update(arm.start)
    ways = rng.normal(size=(300, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    for name in sorted(set(shape.name) - {"finger"}):  # those are wherever they can be
        body = model.body(name).id
        geoms = [g for g in solid_geoms(model) if model.geom_bodyid[g] == body]
        points = [surface(model, data, g, rng, count=800) for g in geoms]
        real = (np.concatenate(points) @ ways.T).max(axis=0)
        own = np.array([other == name for other in shape.name])
        told = (shape.center[own] @ ways.T + shape.radius[own][:, None]).max(axis=0)
        assert np.quantile(told - real, 0.95) < 0.04
    assert len(shape.radius) < 130


def test_a_bent_mesh_is_not_filled_up(tmp_path):
    """In the corner of the L, 8 cm from both bars, there is room."""
    shape = shape_of(make("made up", tmp_path))
    shape.update(np.zeros(6))
    corner = np.array([0.3 + 0.16, 0.0, 0.12])
    own = np.array([name == "link2" for name in shape.name])
    away = np.linalg.norm(shape.center[own] - corner, axis=1) - shape.radius[own]
    assert away.min() > 0.03


def test_the_pairs_are_those_of_links_with_another_between_and_of_the_pole(tmp_path):
    shape = shape_of(make("made up", tmp_path))
    links = {frozenset((shape.name[i], shape.name[j])) for i, j in shape.link_pairs}
    assert frozenset(("link2", "link6")) in links
    assert frozenset(("link2", "link3")) not in links
    assert {shape.body.names[m] for _, m in shape.body_pairs} == {"base_link"}
    assert "link1" not in {shape.name[i] for i, _ in shape.body_pairs}
    assert "finger" in {shape.name[i] for i, _ in shape.body_pairs}


def test_a_tool_goes_on_beyond_the_hand(tmp_path):
    arm = make("made up", tmp_path)
    plain, longer = shape_of(arm), shape_of(arm, tool_m=0.2, tool_radius_m=0.02)
    assert len(longer.radius) == len(plain.radius) + 11
    assert longer.name[-1] == "tool" and longer.link[-1] == 6


def without(text, first, last):
    """A text from whose links everything between two words is gone."""
    while first in text:
        start = text.index(first)
        text = text[:start] + text[text.index(last, start) + len(last) :]
    return text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (urdf(), r"link1.*package://nowhere/link\.stl.*AMENT_PREFIX_PATH"),
        (without(urdf(), "<visual>", "</visual>"),
         r"arm\.urdf.*link1, link2.*finger.*collision geometry"),
        (without(made_up_urdf(), "<visual>", "</visual>"),
         r"arm\.urdf.*link3, link5 of the arm.*self_distance"),
        (made_up_urdf().replace('.obj"', '.dae"'), r"bracket\.dae"),
        (made_up_urdf().replace("</robot>", STICK + "</robot>"),
         r"arm\.urdf.*how far pump can slide"),
    ],
)  # fmt: skip
def test_a_link_of_unknown_extent_is_refused(tmp_path, text, words):
    write_bracket(tmp_path / "bracket.obj")
    (tmp_path / "arm.urdf").write_text(text)
    arm = arm_from_file(tmp_path / "arm.urdf", "tool", joints=ARM)
    with pytest.raises(ConfigError, match=f"(?s){words}"):
        arm.shape()


def test_a_fixed_part_of_unknown_extent_matters_to_self_distance_only(tmp_path):
    write_bracket(tmp_path / "bracket.obj")
    battery = (
        f'<link name="battery">{INERTIAL}</link><joint name="bolt" type="fixed">'
        '<parent link="base_link"/><child link="battery"/></joint></robot>'
    )
    path = tmp_path / "arm.urdf"
    path.write_text(made_up_urdf().replace("</robot>", battery))
    shape = arm_from_file(path, "tool", joints=ARM).shape()
    Gaps(WorkspaceConfig(planes=((0.0, 0.0, 1.0, 0.0),)), shape, 48)
    with pytest.raises(ConfigError, match=r"battery in '.*arm\.urdf'.*collision"):
        Gaps(WorkspaceConfig(self_distance=True), shape, 48)


def test_meshes_are_found_in_a_sourced_workspace(tmp_path, monkeypatch):
    meshes = tmp_path / "install" / "share" / "my_arm" / "meshes"
    meshes.mkdir(parents=True)
    write_bracket(meshes / "bracket.obj")
    path = tmp_path / "arm.urdf"
    named = '"package://my_arm/meshes/bracket.obj"'
    path.write_text(made_up_urdf().replace('"bracket.obj"', named))
    arm = arm_from_file(path, "tool", joints=ARM)
    with pytest.raises(ConfigError, match="AMENT_PREFIX_PATH"):
        arm.shape()
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"/nowhere:{tmp_path / 'install'}")
    assert "link2" in arm.shape().name


def test_a_joint_below_the_arm_is_locked_and_names_may_be_missing(tmp_path):
    """A lift below the arm: its dynamics lock it at zero, so its shape does, too."""
    link = '<body pos="0.3 0 0"><joint name="{}" range="-90 90" axis="0 1 0"/>{}'
    rod = '<geom type="capsule" size="0.03" fromto="0 0 0 0.3 0 0" mass="1"/>'
    path = tmp_path / "arm.xml"
    path.write_text(
        '<mujoco><worldbody><geom type="plane" size="1 1 1"/><body><joint name="lift" '
        'type="slide" axis="0 0 1"/><geom size="0.1" mass="3"/>'
        f"{link.format('a', rod)}{link.format('b', rod)}{link.format('c', rod)}"
        '<site name="tip" pos="0.3 0 0"/></body></body></body></body></worldbody>'
        "</mujoco>"
    )
    shape = arm_from_file(path, "tip", joints=("a", "b", "c")).shape()
    shape.update(np.zeros(3))
    assert shape.center[:, 0].max() == pytest.approx(1.2)
    assert sorted(set(shape.link.tolist())) == [1, 2, 3]
    assert np.allclose(shape.body.center, 0.0) and len(shape.body.radius) == 1
