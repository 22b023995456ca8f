"""Balls cover the arm of every robot; their gaps and gradients are those of MuJoCo."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.reflex import WorkspaceConfig
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.robots.arm_shape import MujocoArmShape
from neural_brain.robots.dynamics import MujocoArm, arm_dynamics
from neural_brain.sim.robots import (
    PACKAGED_ARMS,
    READY,
    add_robot,
    index_robot,
    rest_posture,
)

KINDS = ("mobile_manipulator", "ur5e", "so101")
WATCH = WorkspaceConfig(planes=((0.0, 0.6, 0.8, 0.3),), self_distance=True)
SHAPES = {}


def shape_of(kind):
    if kind in PACKAGED_ARMS and not PACKAGED_ARMS[kind].source.version:
        pytest.skip(f"{PACKAGED_ARMS[kind].source.command} brings this arm")
    if kind not in SHAPES:
        SHAPES[kind] = arm_dynamics(kind=kind).shape()
    return SHAPES[kind]


def robot_of(kind):
    spec = mujoco.MjSpec()
    add_robot(spec, kind)
    return spec.compile()


def postures(kind, count=20):
    start = READY if kind == "mobile_manipulator" else rest_posture(kind)
    return start + np.random.default_rng(1).uniform(-0.8, 0.8, (count, start.size))


def set_arm(model, data, q):
    data.qpos[:] = model.qpos0
    data.qpos[index_robot(model).arm_q] = q
    mujoco.mj_kinematics(model, data)


def on_arm(model, geom):
    """Solid geoms that a joint of the arm moves, fingers too."""
    if not (model.geom_contype[geom] or model.geom_conaffinity[geom]):
        return False
    body, arm = model.geom_bodyid[geom], model.dof_jntid[index_robot(model).arm_dof]
    while body:
        if body in model.jnt_bodyid[arm]:
            return True
        body = model.body_parentid[body]
    return False


def surface(model, data, geom, rng, count=60):
    """Points on the surface of a geom, found from outside."""
    at, turn = data.geom_xpos[geom], data.geom_xmat[geom].reshape(3, 3)
    box = model.geom_aabb[geom]
    found, normal = [], np.zeros(3)
    for _ in range(count):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        inside = at + turn @ (box[:3] + rng.uniform(-0.4, 0.4, 3) * box[3:])
        start = inside + way
        if model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_MESH):
            far = mujoco.mj_rayMesh(model, data, geom, start, -way, normal)
        else:
            size, kind = model.geom_size[geom], int(model.geom_type[geom])
            far = mujoco.mju_rayGeom(at, turn.ravel(), size, start, -way, kind, normal)
        if far >= 0.0:
            found.append(start - far * way)
    return np.array(found).reshape(-1, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_balls_cover_the_arm(kind):
    shape, model = shape_of(kind), robot_of(kind)
    data, rng = mujoco.MjData(model), np.random.default_rng(0)
    geoms = [geom for geom in range(model.ngeom) if on_arm(model, geom)]
    for q in postures(kind, 3):
        set_arm(model, data, q)
        shape.update(q)
        for geom in geoms:
            points = surface(model, data, geom, rng)
            assert len(points) > 10
            away = np.linalg.norm(points[:, None] - shape.center, axis=2)
            assert (away - shape.radius).min(axis=1).max() < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_balls_stand_out_little(kind):
    """Of capsules by 5 mm; of boxes and meshes by the corners of their cells."""
    shape = shape_of(kind)
    thickest = 0.068 if kind == "mobile_manipulator" else 0.06 + 0.006
    assert shape.radius.max() < thickest


@pytest.mark.parametrize("kind", KINDS)
def test_gaps_are_never_larger_than_the_real_distance(kind):
    """`mj_geomDistance` of the pairs of bodies that are watched is at least the gap."""
    shape, model = shape_of(kind), robot_of(kind)
    data = mujoco.MjData(model)
    gaps = Gaps(WorkspaceConfig(self_distance=True, self_margin_m=0.0), shape, 48)
    pairs = {tuple(n.removeprefix("self-distance ").split("-")) for n in gaps._names}
    for q in postures(kind, 8):
        set_arm(model, data, q)
        gaps.forget()
        gaps.place(q)
        gaps.look(q, 10.0)
        for first, second in sorted(pairs):
            name = f"self-distance {first}-{second}"
            rows = [k for k, other in enumerate(gaps._names) if other == name]
            real = body_distance(model, data, first, second)
            assert gaps._all[rows].min() <= real + 1e-5


def body_distance(model, data, first, second):
    a, b = (model.body(f"robot/{name}").id for name in (first, second))
    solid = (model.geom_contype | model.geom_conaffinity) != 0
    return min(
        mujoco.mj_geomDistance(model, data, int(i), int(j), 3.0, np.zeros(6))
        for i in np.flatnonzero(solid & (model.geom_bodyid == a))
        for j in np.flatnonzero(solid & (model.geom_bodyid == b))
    )


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_slopes_of_the_gaps(kind):
    shape, step = shape_of(kind), 1e-6
    gaps = Gaps(WATCH, shape, 10_000)
    for q in postures(kind, 4):
        slopes = []
        for joint in range(q.size):
            ends = []
            for sign in (1.0, -1.0):
                moved = q.copy()
                moved[joint] += sign * step
                gaps.forget()
                gaps.place(moved)
                gaps.look(moved, 10.0)
                ends.append(gaps._all.copy())
            slopes.append((ends[0] - ends[1]) / (2.0 * step))
        gaps.forget()
        gaps.place(q)
        gaps.look(q, 10.0)
        outside = gaps._all > -0.02  # inside a box the nearest face may change
        np.testing.assert_allclose(
            gaps.gradients[outside], np.array(slopes).T[outside], atol=1e-4
        )


@pytest.mark.parametrize("kind", KINDS)
def test_no_gap_changes_faster_than_reach_tells(kind):
    shape = shape_of(kind)
    gaps, rng = Gaps(WATCH, shape, 48), np.random.default_rng(2)
    for q in postures(kind, 20):
        gaps.forget()
        gaps.place(q)
        gaps.look(q, 10.0)
        before = gaps._all.copy()
        moved = q + rng.uniform(-0.5, 0.5, q.size)
        promised = gaps.least(moved)
        shape.update(moved)
        gaps.forget()
        gaps.look(moved, 10.0)
        way = float(np.abs(moved - q) @ shape.reach)
        assert np.abs(gaps._all - before).max() <= way + 1e-9
        assert gaps._all.min() >= promised - 1e-9


def test_followed_gaps_stay_within_a_tenth_of_a_millimetre():
    shape = shape_of("mobile_manipulator")
    gaps, rng = Gaps(WATCH, shape, 48), np.random.default_rng(3)
    followed = 0
    for q in postures("mobile_manipulator", 40):
        gaps.forget()
        gaps.place(q)
        gaps.look(q, 0.5)
        rows = gaps._rows.copy()
        moved = q + rng.uniform(-0.006, 0.006, q.size)
        if rows.size and gaps.follows(moved, 0.5):
            followed += 1
            told = gaps.values(moved)
            shape.update(moved)
            gaps.forget()
            gaps.look(moved, 10.0)
            # What is convex outside errs to the safe side by more than it promises.
            assert (told - gaps._all[rows]).max() < 1e-4 + 1e-9
    assert followed > 10
    assert not gaps.follows(q + 0.2, 0.5)


def test_a_tool_goes_on_beyond_the_hand():
    arm = arm_dynamics()
    plain, longer = arm.shape(), arm.shape(tool_m=0.2, tool_radius_m=0.02)
    arm.update(READY, np.zeros(7))
    longer.update(READY)
    tip = arm.T_base_ee[:3, 3] + 0.2 * arm.T_base_ee[:3, 2]
    assert len(longer.radius) == len(plain.radius) + 11
    assert np.abs(longer.center - tip).sum(axis=1).min() < 1e-9
    assert longer.link[-1] == 7


CHAIN = """<mujoco><worldbody><geom type="plane" size="1 1 1"/>
<body pos="0 0 0.5"><joint axis="0 0 1" range="-2 2"/>{geom}
<body pos="0.3 0 0"><joint type="slide" axis="1 0 0" range="0 0.2"/>{geom}
<site name="tip" pos="0.3 0 0"/></body></body></worldbody></mujoco>"""
ROD = '<geom type="capsule" size="0.03" fromto="0 0 0 0.3 0 0" mass="1"/>'


def named(xml):
    spec = mujoco.MjSpec.from_string(xml)
    for index, body in enumerate(spec.bodies[1:]):
        body.name = f"link{index + 1}"
        body.joints[0].name = f"joint{index + 1}"
    return spec


def test_slides_and_models_of_one_s_own():
    shape = MujocoArmShape(named(CHAIN.format(geom=ROD)), named(
        CHAIN.format(geom=ROD)).compile(), "tip")  # fmt: skip
    np.testing.assert_allclose(shape.reach[1], 1.0)
    assert shape.reach[0] >= 0.6 + 0.2
    shape.update(np.array([0.0, 0.1]))
    end = shape.center[shape.link == 2][:, 0].max()
    assert end == pytest.approx(0.7)
    np.testing.assert_allclose(shape.screws[1], [1, 0, 0, 0, 0, 0])
    assert not shape.body.names  # the floor is no part of the robot


def test_an_arm_without_solid_geoms_is_refused():
    bare = CHAIN.format(geom='<geom size="0.1" mass="1" contype="0" conaffinity="0"/>')
    with pytest.raises(ConfigError, match="No link"):
        MujocoArmShape(named(bare), named(bare).compile(), "tip")


def test_dynamics_of_an_unknown_shape_say_so():
    model = named(CHAIN.format(geom=ROD)).compile()
    with pytest.raises(ConfigError, match="not known where"):
        MujocoArm(model, "tip").shape()
