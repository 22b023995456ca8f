import numpy as np
import pytest

from neural_brain.models.errors import ConfigError, NeuralBrainError
from neural_brain.models.signals import RgbdFrame
from neural_brain.models.surface import Fusion, SurfaceConfig

pytest.importorskip(
    "open3d", reason="needs neural_brain[pointcloud]", exc_type=ImportError
)


@pytest.fixture
def fused(room, tour):
    fusion = Fusion(SurfaceConfig(voxel_m=0.04))
    for T in tour:
        assert fusion.add(room.frame(T), T)
    return fusion


def test_the_mesh_lies_on_the_walls(fused, room):
    mesh = fused.mesh()
    distance = room.distance(mesh.vertices)
    assert distance.mean() < 0.005
    assert np.quantile(distance, 0.99) < 0.03
    assert np.ptp(mesh.vertices, axis=0) == pytest.approx([4.0, 3.0, 1.6], abs=0.1)


def test_colours_are_those_of_the_walls(fused, room):
    mesh = fused.mesh()
    middle = np.abs(mesh.vertices[:, 0] - 2.0) < 0.02
    middle &= (np.abs(mesh.vertices[:, 1]) < 1.0) & (mesh.vertices[:, 2] > 0.3)
    middle &= mesh.vertices[:, 2] < 1.5
    assert np.count_nonzero(middle) > 100
    assert mesh.colours[middle].mean(axis=0) == pytest.approx(room.shades[3], abs=6)


def test_front_sides_face_the_camera(fused):
    mesh = fused.mesh()
    corners = mesh.vertices[mesh.faces].astype(float)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = np.array([0.2, -0.1, 1.2]) - corners[:, 0]
    assert np.mean(np.sum(normals * inward, axis=1) > 0.0) > 0.99


def test_pixels_are_taken_at_their_middle():
    """An edge between two pixels appears where the ray between them passes."""
    K = np.array([[100.0, 0.0, 31.5], [0.0, 100.0, 23.5], [0.0, 0.0, 1.0]])
    depth = np.full((48, 64), 1.003, np.float32)
    depth[:, :40] = 0.0
    rgb = np.full((48, 64, 3), 128, np.uint8)
    frame = RgbdFrame(stamp=0.0, rgb=rgb, depth=depth, K=K, T_base_camera=np.eye(4))
    fusion = Fusion(SurfaceConfig(voxel_m=0.005, min_views=1, min_part_m2=0.0))
    fusion.add(frame, np.eye(4))
    edge = (39.5 - 31.5) / 100.0 * 1.003
    assert fusion.mesh().vertices[:, 0].min() == pytest.approx(edge, abs=0.0051)


def test_what_too_few_frames_show_is_left_out(room, tour):
    fusion = Fusion(SurfaceConfig(voxel_m=0.04, min_views=2))
    for T in (tour[0], tour[0], tour[12]):
        fusion.add(room.frame(T), T)
    assert fusion.mesh().vertices[:, 0].min() > 0.0  # the wall behind was seen once


def test_depth_outside_the_limits_is_no_surface(room, tour):
    fusion = Fusion(SurfaceConfig(max_depth_m=0.4))
    assert not fusion.add(room.frame(tour[0]), tour[0])
    with pytest.raises(NeuralBrainError, match=r"made no surface.*--max-depth"):
        fusion.mesh()


def test_unknown_depth_is_ignored(room, tour):
    frame = room.frame(tour[0])
    spoiled = frame.depth.copy()
    spoiled[:40] = np.nan
    spoiled[40:44], spoiled[44:48] = np.inf, -1.0
    fusion = Fusion(SurfaceConfig(min_views=1))
    assert fusion.add(RgbdFrame(**{**vars(frame), "depth": spoiled}), tour[0])
    assert room.distance(fusion.mesh().vertices).max() < 0.05


def test_memory_is_bounded_and_what_was_fused_stays(room, tour):
    fusion = Fusion(SurfaceConfig(voxel_m=0.01, max_memory_mb=40.0))
    with pytest.raises(NeuralBrainError, match="larger --voxel"):
        for T in tour:
            fusion.add(room.frame(T), T)
    assert fusion.frames > 0
    assert fusion.memory_mb <= 40.0
    assert len(fusion.mesh().faces) > 1000


def test_the_same_frames_make_the_same_surface(room, tour):
    sizes = []
    for _ in range(2):
        fusion = Fusion(SurfaceConfig(voxel_m=0.05))
        for T in tour[:6]:
            fusion.add(room.frame(T), T)
        mesh = fusion.mesh()
        order = np.lexsort(mesh.vertices.T)
        sizes.append(mesh.vertices[order])
    assert np.allclose(*sizes, atol=1e-6)


def test_impossible_parameters_are_refused():
    with pytest.raises(ConfigError, match="voxel_m"):
        SurfaceConfig(voxel_m=0.0)
