import numpy as np
import pytest

from neural_brain.models.geometry import matrix_from_pose2
from neural_brain.models.signals import RgbdFrame
from neural_brain.models.surface import Fusion, Registration, SurfaceConfig

pytest.importorskip(
    "open3d", reason="needs neural_brain[pointcloud]", exc_type=ImportError
)


@pytest.fixture
def model(room, tour):
    fusion = Fusion(SurfaceConfig(voxel_m=0.03))
    for T in tour:
        fusion.add(room.frame(T), T)
    return fusion


@pytest.fixture
def corner(room):
    """A pose from which two walls and the floor are seen."""
    return room.pose(0.2, -0.1, 0.7)


def apart(A, B):
    return float(np.linalg.norm(A[:3, 3] - B[:3, 3]))


@pytest.mark.parametrize("error", [(0.04, 0.0, 0.0), (-0.02, 0.03, 0.01), (0, 0, 0.02)])
def test_a_shifted_frame_is_brought_back(model, room, corner, error):
    wrong = matrix_from_pose2(np.array(error, float)) @ corner
    found = Registration(model).align(room.frame(corner), wrong)
    assert found.accepted, found.reason
    assert apart(found.T_map_camera, corner) < 0.006
    turn = found.T_map_camera[:3, :3] @ corner[:3, :3].T
    assert abs(np.arctan2(turn[1, 0], turn[0, 0])) < 0.003
    assert found.after < 0.5 * found.before


def test_height_and_tilt_are_never_changed(model, room, corner):
    wrong = matrix_from_pose2(np.array([0.03, 0.02, 0.01])) @ corner
    found = Registration(model).align(room.frame(corner), wrong).T_map_camera
    assert found[2, 3] == pytest.approx(corner[2, 3], abs=1e-9)
    assert found[2, :3] == pytest.approx(corner[2, :3], abs=1e-9)


def test_a_right_pose_is_left_alone(model, room, corner):
    found = Registration(model).align(room.frame(corner), corner)
    assert apart(found.T_map_camera, corner) < 0.006


def test_a_bare_wall_cannot_hold_a_frame(model, room):
    """Along a wall nothing says how far the robot went."""
    T = room.pose(1.0, 0.0, 0.0)
    frame = room.frame(T)
    wall = (frame.rgb == room.shades[3]).all(axis=2)
    bare = RgbdFrame(**{**vars(frame), "depth": np.where(wall, frame.depth, 0.0)})
    wrong = matrix_from_pose2(np.array([0.0, 0.05, 0.0])) @ T
    found = Registration(model).align(bare, wrong)
    assert not found.accepted
    assert found.reason == "not held in all directions"
    assert np.array_equal(found.T_map_camera, wrong)


@pytest.mark.parametrize("error", [(0.3, 0.2, 0.0), (0.0, 0.0, 0.3)])
def test_a_pose_that_is_far_off_is_not_moved(model, room, corner, error):
    wrong = matrix_from_pose2(np.array(error)) @ corner
    found = Registration(model).align(room.frame(corner), wrong)
    assert not found.accepted
    assert np.array_equal(found.T_map_camera, wrong)


def test_without_a_model_nothing_is_changed(room, corner):
    found = Registration(Fusion()).align(room.frame(corner), corner)
    assert (found.accepted, found.reason) == (False, "no model yet")


def test_a_correction_is_carried_to_the_next_frame(model, room):
    """Odometry that is off by 20 cm in the end, 2 cm more at every frame."""
    carrying, forgetting = Registration(model, carry=True), Registration(model)
    yaws = np.linspace(0.5, 0.9, 10)
    for k, yaw in enumerate(yaws):
        true = room.pose(0.2, -0.1, yaw)
        drifted = matrix_from_pose2(np.array([0.02 * (k + 1), 0.0, 0.0])) @ true
        kept = carrying.align(room.frame(true), drifted).T_map_camera
        lost = forgetting.align(room.frame(true), drifted).T_map_camera
    assert apart(kept, true) < 0.01
    assert apart(lost, true) > 0.1
