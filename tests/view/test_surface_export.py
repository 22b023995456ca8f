import numpy as np
import pytest
import trimesh

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.surface import Mesh
from neural_brain.view.surface_export import check_target, export_surface, write_whole


@pytest.fixture
def mesh():
    """A coloured tetrahedron."""
    return Mesh(
        vertices=np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]], np.float32),
        faces=np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32),
        colours=np.array(
            [[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]], np.uint8
        ),
    )


@pytest.mark.parametrize("ending", ["ply", "obj", "glb"])
def test_triangles_and_colours_come_back(mesh, tmp_path, ending):
    path = tmp_path / f"home.{ending}"
    export_surface(mesh, path)
    back = trimesh.load(path, force="mesh", process=False)
    assert len(back.faces) == 4
    up = back.vertices[:, 1 if ending == "glb" else 2]
    assert up.max() == pytest.approx(3.0)
    top = int(np.argmax(up))
    assert back.visual.vertex_colors[top, :3] == pytest.approx([10, 20, 30], abs=1)


def test_points_have_no_triangles(mesh, tmp_path):
    export_surface(mesh, tmp_path / "home.ply", points=True)
    back = trimesh.load(tmp_path / "home.ply")
    assert isinstance(back, trimesh.PointCloud)
    assert back.vertices.shape == (4, 3)
    assert back.colors[1][:3] == pytest.approx([0, 255, 0])


def test_a_point_cloud_library_file_holds_points_and_colours(mesh, tmp_path):
    path = tmp_path / "home.pcd"
    export_surface(mesh, path)
    header, _, body = path.read_bytes().partition(b"DATA binary\n")
    assert b"POINTS 4\n" in header
    rows = np.frombuffer(body, [("xyz", "<f4", 3), ("rgb", "<u4")])
    assert np.array_equal(rows["xyz"], mesh.vertices)
    assert rows["rgb"].tolist() == [0xFF0000, 0x00FF00, 0x0000FF, 0x0A141E]


def test_open3d_reads_the_point_cloud_file(mesh, tmp_path):
    open3d = pytest.importorskip(
        "open3d", reason="needs neural_brain[pointcloud]", exc_type=ImportError
    )
    export_surface(mesh, tmp_path / "home.pcd")
    cloud = open3d.io.read_point_cloud(str(tmp_path / "home.pcd"))
    assert np.asarray(cloud.points) == pytest.approx(mesh.vertices)
    assert 255 * np.asarray(cloud.colors) == pytest.approx(mesh.colours)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("home.stl", "known are .ply, .obj, .glb, .pcd"),
        ("home", "known are"),
        ("file/home.ply", "Cannot write"),
        ("folder.ply", "is a folder"),
    ],
)
def test_files_that_cannot_be_written_are_refused(tmp_path, name, told):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.ply").mkdir()
    with pytest.raises(NeuralBrainError, match=told):
        check_target(tmp_path / name)


def test_a_check_leaves_nothing_behind(tmp_path):
    check_target(tmp_path / "new" / "home.ply")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path):
    path = tmp_path / "home.ply"
    path.write_text("old")
    with pytest.raises(TypeError):
        write_whole(path, "not bytes")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
