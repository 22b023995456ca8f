import dataclasses

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.sensing import DepthProjector, SensingConfig, points_in_base


@pytest.fixture
def projector():
    return DepthProjector(SensingConfig())


def test_points_of_a_floor_lie_at_height_zero(scene):
    frame, _ = scene.render(scene.camera_pose(tilt=0.6, pan=0.7))
    z = points_in_base(frame)[:, :, 2]
    assert np.nanmax(np.abs(z)) < 1e-3


def test_wall_is_found_where_it_stands(scene, projector):
    frame, _ = scene.render(scene.camera_pose(), wall_x=2.5)
    view = projector.project(frame)
    assert len(view.obstacles) > 50
    np.testing.assert_allclose(view.obstacles[:, 0], 2.5, atol=0.01)
    assert view.free[:, 0].max() < 2.5
    assert np.ptp(view.free[:, 1]) > 3.0
    assert view.view_polygon[:, 0].max() == pytest.approx(2.5, abs=0.05)


def test_box_on_the_floor_is_an_obstacle_and_the_floor_beside_it_is_free(
    scene, projector
):
    box = ((1.2, -0.2, 0.0), (1.6, 0.2, 0.5))
    frame, _ = scene.render(scene.camera_pose(), [box])
    view = projector.project(frame)
    assert len(view.obstacles) >= 10
    assert np.all(view.obstacles[:, 0] > 1.18) and np.all(view.obstacles[:, 0] < 1.62)
    assert np.all(np.abs(view.obstacles[:, 1]) < 0.22)
    beside = (np.abs(view.free[:, 0] - 1.4) < 0.1) & (np.abs(view.free[:, 1]) > 0.4)
    assert beside.sum() > 10
    under = (np.abs(view.free[:, 0] - 1.4) < 0.15) & (np.abs(view.free[:, 1]) < 0.15)
    assert under.sum() == 0


def test_points_are_at_most_one_per_voxel(scene, projector):
    frame, _ = scene.render(scene.camera_pose(), wall_x=2.0)
    obstacles = projector.project(frame).obstacles
    cells = {tuple(cell) for cell in np.floor(obstacles / 0.05).astype(int)}
    assert len(cells) == len(obstacles)


def test_what_hangs_above_the_robot_is_no_obstacle(scene, projector):
    shelf = ((1.5, -1.0, 1.4), (2.0, 1.0, 1.8))
    frame, _ = scene.render(scene.camera_pose(tilt=-0.2), [shelf])
    assert len(projector.project(frame).obstacles) == 0


def test_the_robots_own_parts_are_masked(scene, projector):
    arm = ((0.0, -0.1, 0.4), (0.25, 0.1, 0.8))
    frame, labels = scene.render(scene.camera_pose(tilt=0.9), [arm])
    assert (labels == 1).sum() > 100
    obstacles = projector.project(frame).obstacles
    assert np.all(np.hypot(*obstacles.T) >= 0.3) if len(obstacles) else True


def test_invalid_depth_is_ignored(scene, projector):
    frame, _ = scene.render(scene.camera_pose(), wall_x=2.5)
    clean = projector.project(frame)
    depth = frame.depth.copy()
    depth[::3] = np.nan
    depth[1::3, ::2] = 0.0
    depth[2::3, ::4] = np.inf
    depth[2::3, 1::4] = -1.0
    view = projector.project(dataclasses.replace(frame, depth=depth))
    assert 0.0 < view.valid < clean.valid
    np.testing.assert_allclose(view.obstacles[:, 0], 2.5, atol=0.01)
    assert np.isfinite(view.free).all() and np.isfinite(view.view_polygon).all()


def test_a_blind_camera_sees_nothing(scene, projector):
    frame, _ = scene.render(scene.camera_pose())
    blind = dataclasses.replace(frame, depth=np.full_like(frame.depth, np.nan))
    view = projector.project(blind)
    assert view.valid == 0.0
    assert len(view.obstacles) == len(view.free) == len(view.view_polygon) == 0


def test_single_noisy_pixels_do_not_become_obstacles(scene, projector):
    frame, _ = scene.render(scene.camera_pose(tilt=0.6))
    depth = frame.depth.copy()
    rng = np.random.default_rng(0)
    rows, cols = rng.integers(40, 144, 40), rng.integers(0, 192, 40)
    depth[rows, cols] *= rng.uniform(0.4, 0.9, 40).astype(np.float32)
    view = projector.project(dataclasses.replace(frame, depth=depth))
    assert len(view.obstacles) <= 2


@pytest.mark.parametrize("noise", [0.005, 0.02])
def test_range_noise_moves_a_wall_little(scene, projector, noise):
    frame, _ = scene.render(scene.camera_pose(), wall_x=1.5)
    rng = np.random.default_rng(1)
    noisy = frame.depth + rng.normal(0.0, noise, frame.depth.shape).astype(np.float32)
    view = projector.project(dataclasses.replace(frame, depth=noisy))
    assert abs(np.median(view.obstacles[:, 0]) - 1.5) < 0.02


def test_config_refuses_a_range_out_of_bounds():
    with pytest.raises(ConfigError, match="voxel_m"):
        SensingConfig(voxel_m=0.0)
