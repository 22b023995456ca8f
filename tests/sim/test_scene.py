"""A home as a physics model: truth of its geoms, rest, collisions, pictures."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.categories import CATEGORIES
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.shapes import SHAPES, SOLID_GROUP, VISUAL_GROUP
from neural_brain.sim.owners import owner_of_geom
from neural_brain.sim.scene import (
    build_model,
    category_of_geom,
    object_of_geom,
    start_pose,
)


@pytest.fixture(scope="module")
def home():
    return generate_home(0)


@pytest.fixture(scope="module")
def model(home):
    return build_model(home)


def bounds(model: mujoco.MjModel, geoms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corner (3,) of geoms in the world."""
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for geom in geoms:
        R = data.geom_xmat[geom].reshape(3, 3)
        middle = data.geom_xpos[geom] + R @ model.geom_aabb[geom, :3]
        half = np.abs(R) @ model.geom_aabb[geom, 3:]
        low, high = np.minimum(low, middle - half), np.maximum(high, middle + half)
    return low, high


def test_every_category_has_a_shape() -> None:
    assert set(SHAPES) == set(CATEGORIES[1:])


def test_every_thing_has_a_body_and_geoms_of_its_category(home, model) -> None:
    objects, classes = object_of_geom(model), category_of_geom(model)
    assert objects.shape == classes.shape == (model.ngeom,)
    for thing in home.objects:
        body = model.body(f"obj_{thing.id}")
        assert np.allclose(body.pos[:2], thing.position[:2])
        mine = objects == thing.id
        assert mine.any()
        assert set(classes[mine]) == {CATEGORIES.index(thing.category)}
        assert (model.geom_group[mine] == SOLID_GROUP).any()
    assert (classes[objects < 0] == 0).all()


def test_solid_geoms_touch_and_drawn_ones_do_not(model) -> None:
    solid = model.geom_group == SOLID_GROUP
    drawn = model.geom_group == VISUAL_GROUP
    assert (solid | drawn).all()
    assert (model.geom_contype[solid] == 1).all()
    assert (model.geom_contype[drawn] == 0).all()
    assert (model.geom_conaffinity[drawn] == 0).all()


def test_shapes_have_the_size_that_the_plan_counts_on(home, model) -> None:
    objects = object_of_geom(model)
    for thing in home.objects:
        low, high = bounds(model, np.flatnonzero(objects == thing.id))
        c = abs(np.cos(np.radians(thing.yaw_deg)))
        s = abs(np.sin(np.radians(thing.yaw_deg)))
        w, d, h = thing.size
        wanted = np.array([c * w + s * d, s * w + c * d, h])
        assert (high - low <= wanted + 0.05).all(), thing
        assert high[2] - low[2] >= 0.8 * h, thing
        assert low[2] >= thing.position[2] - 0.01, thing


def test_only_free_things_move(home, model) -> None:
    free = [thing for thing in home.objects if thing.free]
    assert model.nv == 6 * len(free)
    owner = owner_of_geom(model)
    for thing in home.objects:
        body = model.body(f"obj_{thing.id}").id
        assert (model.body_dofnum[body] == 6) == thing.free
        assert (owner == body).any()


@pytest.mark.parametrize("seed", [0, 5, 10000])
def test_things_stay_where_they_were_put(seed: int) -> None:
    home = generate_home(seed)
    model = build_model(home)
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, 2000)
    assert not np.any(data.warning.number)
    for thing in home.objects:
        if thing.free:
            shift = data.body(f"obj_{thing.id}").xpos - np.array(thing.position)
            assert np.linalg.norm(shift) < 0.02, (thing, shift)
            assert abs(data.body(f"obj_{thing.id}").xmat[8]) > 0.99, thing


def test_nothing_moves_or_costs_time_at_rest(model) -> None:
    if not hasattr(mujoco.mjtEnableBit, "mjENBL_SLEEP"):
        pytest.skip("this MuJoCo has no sleeping bodies")
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, 2000)
    assert data.ntree_awake == 0


def test_lidar_sees_under_tables_but_not_through_walls(home, model) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    groups = np.array([1, 0, 0, 0, 0, 0], np.uint8)
    table = next(t for t in home.objects if t.category == "table")
    hit = np.zeros(1, np.int32)
    at = np.array([*table.position[:2], 0.20])
    mujoco.mj_ray(model, data, at, np.array([0.0, 0.0, 1.0]), groups, 1, -1, hit)
    assert object_of_geom(model)[hit[0]] == table.id
    start = np.array([*home.start[:2], 0.20])
    for angle in np.linspace(0.0, 6.2, 40):
        ray = np.array([np.cos(angle), np.sin(angle), 0.0])
        reach = mujoco.mj_ray(model, data, start, ray, groups, 1, -1, hit)
        assert reach > 0.25
        end = start + reach * ray
        assert -0.01 <= end[0] <= home.size[0] + 0.01
        assert -0.01 <= end[1] <= home.size[1] + 0.01


def test_closed_doors_are_bodies() -> None:
    home = next(
        home
        for home in map(generate_home, range(20))
        if any(door.closed for door in home.doors)
    )
    model = build_model(home)
    for door in home.doors:
        body = mujoco.mj_name2id(
            model, int(mujoco.mjtObj.mjOBJ_BODY), f"door_{door.id}"
        )
        assert (body > 0) == door.closed


def test_robot_stands_at_the_start_and_touches_nothing_but_the_floor(home) -> None:
    model = build_model(home, "mobile_manipulator")
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    pose = start_pose(home)
    assert np.allclose(data.body("robot/base_link").xpos[:2], pose[:2])
    owner = owner_of_geom(model)
    floor = model.geom("floor").id
    for a, b in data.contact.geom:
        assert floor in (a, b) or (owner[a] > 0 and owner[b] > 0)


@pytest.mark.gl
def test_colours_look_like_their_words() -> None:
    """Mean pixel colour of every well visible small thing has the hue of its word."""
    from neural_brain.models.sensing.colour import colour_word

    home = generate_home(3)
    model = build_model(home)
    right = total = 0
    for thing, pixels in _close_ups(model, home):
        total += 1
        right += colour_word(pixels) == thing.colour
    assert total >= 20
    assert right / total >= 0.85


def _close_ups(model: mujoco.MjModel, home):
    """Small things and their pixels (n, 3), each seen from 0.8 m before and above."""
    from neural_brain.sim.render import Painter

    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    painter = Painter(model, 96, 72)
    objects = object_of_geom(model)
    camera = mujoco.MjvCamera()
    camera.type = int(mujoco.mjtCamera.mjCAMERA_FREE)
    for thing in home.objects:
        if thing.size[2] >= 0.4 or thing.category == "nightstand":
            continue
        camera.lookat[:] = thing.center
        camera.distance, camera.elevation = 0.8, -35.0
        camera.azimuth = thing.yaw_deg + 60.0
        geoms = painter.segment(data, camera)
        mine = (geoms >= 0) & (objects[np.maximum(geoms, 0)] == thing.id)
        if mine.sum() >= 60:
            yield thing, painter.draw(data, camera)[0][mine]
    painter.close()
