import numpy as np
import pytest

from neural_brain.benchmarks.mesh_truth import TrueSurface, planar_fit
from neural_brain.models.geometry import compose2, matrix_from_pose2
from neural_brain.models.surface import Mesh, SurfaceConfig

K = np.array([[60.0, 0.0, 31.5], [0.0, 60.0, 23.5], [0.0, 0.0, 1.0]])
AHEAD = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1], [0, 0, 0, 1]], float)


def test_a_moved_trail_is_moved_back():
    rng = np.random.default_rng(1)
    truth = np.column_stack([rng.normal(size=(30, 2)), rng.uniform(-1, 1, 30)])
    moved = np.array([0.4, -2.0, 1.1])
    trail = np.array([compose2(moved, pose) for pose in truth])
    fit = planar_fit(trail, truth)
    back = np.array([compose2(fit, pose) for pose in trail])
    assert back[:, :2] == pytest.approx(truth[:, :2])


def test_a_robot_that_stood_still_is_turned_by_its_heading():
    truth = np.tile([1.0, 2.0, 0.7], (5, 1))
    trail = np.zeros((5, 3))
    assert planar_fit(trail, truth) == pytest.approx([1.0, 2.0, 0.7])


@pytest.fixture
def wall():
    """A wall 2 m ahead, 4 m wide, and what a camera sees of it."""
    pytest.importorskip(
        "open3d", reason="needs neural_brain[pointcloud]", exc_type=ImportError
    )
    vertices = np.array([[2, -2, 0], [2, 2, 0], [2, 2, 2], [2, -2, 2]], float)
    faces = np.array([[0, 2, 1], [0, 3, 2]])
    true = TrueSurface(vertices, faces)
    true.look(K, AHEAD, (48, 64), SurfaceConfig())
    return true, vertices, faces


def as_mesh(vertices, faces):
    return Mesh(
        vertices=np.asarray(vertices, np.float32),
        faces=np.asarray(faces, np.int32),
        colours=np.zeros((len(vertices), 3), np.uint8),
    )


def test_the_truth_itself_is_perfect(wall):
    true, vertices, faces = wall
    score = true.score(as_mesh(vertices, faces), np.eye(4))
    assert score.error_m < 1e-6
    assert score.complete == 1.0


def test_a_mesh_that_is_off_is_as_far_off(wall):
    true, vertices, faces = wall
    score = true.score(as_mesh(vertices + np.array([0.03, 0, 0]), faces), np.eye(4))
    assert score.error_m == pytest.approx(0.03, abs=1e-4)
    assert score.complete == 1.0
    far = true.score(as_mesh(vertices + np.array([0.08, 0, 0]), faces), np.eye(4))
    assert far.complete == 0.0


def test_half_a_wall_is_half_complete(wall):
    true, vertices, faces = wall
    half = vertices.copy()
    half[[1, 2], 1] = 0.0
    score = true.score(as_mesh(half, faces), np.eye(4))
    assert score.error_m < 1e-6
    assert score.complete == pytest.approx(0.5, abs=0.06)


def test_a_mesh_in_another_frame_is_moved_first(wall):
    true, vertices, faces = wall
    T_home_map = matrix_from_pose2(np.array([1.0, 0.5, 0.3]))
    inverse = np.linalg.inv(T_home_map)
    moved = vertices @ inverse[:3, :3].T + inverse[:3, 3]
    assert true.score(as_mesh(moved, faces), T_home_map).error_m < 1e-6


@pytest.mark.gl
@pytest.mark.slow
def test_a_short_drive_ranks_the_poses(wall):
    from neural_brain.benchmarks.nav_mesh import VARIANTS, one_home, summarise

    row = one_home(1000, seconds=15.0, every=2, small=True)
    assert set(row) == set(VARIANTS)
    assert row["true poses"].error_m < 0.01
    assert row["map"].error_m < row["odometry"].error_m
    metrics = summarise([row, row])
    assert metrics[0].unit == "mm" and "true poses" in metrics[0].baseline
