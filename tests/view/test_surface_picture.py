import numpy as np
import pytest
import trimesh

from neural_brain.models.surface import Mesh
from neural_brain.view.surface_picture import (
    ABOVE,
    PAPER,
    Look,
    best_oblique,
    draw_surface,
    surface_sheet,
)

pytest.importorskip(
    "open3d", reason="needs neural_brain[pointcloud]", exc_type=ImportError
)


def inside_out_box(colours):
    """A room of 4 x 2 x 2 m whose front sides look inward; one colour a side."""
    box = trimesh.creation.box(extents=[4.0, 2.0, 2.0])
    box.invert()
    box.unmerge_vertices()
    normals = np.repeat(box.face_normals, 3, axis=0)
    side = np.argmax(np.abs(normals), axis=1) * 2 + (normals.sum(axis=1) > 0)
    return Mesh(
        vertices=box.vertices.astype(np.float32),
        faces=box.faces.astype(np.int32),
        colours=np.array(colours, np.uint8)[side],
    )


FLOOR, CEILING = (200, 30, 30), (30, 30, 200)
GREY = (128, 128, 128)


@pytest.fixture
def room():
    return inside_out_box([GREY, GREY, GREY, GREY, CEILING, FLOOR])


def test_from_above_the_ceiling_is_left_out(room):
    image = draw_surface(room, ABOVE, width=230)
    assert image.shape == (130, 230, 3)
    red, _, blue = image[65, 115].astype(int)
    assert red > 120 and blue < 60
    assert tuple(image[2, 2]) == PAPER


def test_from_above_the_plan_has_the_right_size(room):
    """4 m of room and 0.3 m of margin on each side; x to the right, y upwards."""
    image = draw_surface(room, ABOVE, width=460)
    inked = (np.abs(image.astype(int) - PAPER).sum(axis=2) > 60).any(axis=0)
    assert np.count_nonzero(inked) == pytest.approx(400, abs=4)


def test_an_angle_shows_floor_and_far_walls_only(room):
    image = draw_surface(room, Look(azimuth_deg=60.0, elevation_deg=40.0), width=230)
    inked = np.abs(image.astype(int) - PAPER).sum(axis=2) > 60
    colours = image[inked].astype(int)
    assert np.mean(colours[:, 0] > colours[:, 2] + 60) > 0.2  # floor
    assert np.mean(colours[:, 2] > colours[:, 0] + 60) < 0.01  # ceiling


def test_a_single_wall_is_looked_at_from_its_front():
    wall = Mesh(
        vertices=np.array([[2, -1, 0], [2, 1, 0], [2, 1, 2], [2, -1, 2]], np.float32),
        faces=np.array([[0, 2, 1], [0, 3, 2]], np.int32),  # front towards -x
        colours=np.full((4, 3), 90, np.uint8),
    )
    assert best_oblique(wall).azimuth_deg in (15, 345)


def test_the_sheet_has_both_views(room):
    sheet = surface_sheet(room, width=200)
    assert sheet.shape[1] == 400
    inked = np.abs(sheet.astype(int) - PAPER).sum(axis=2) > 60
    assert inked[:, :200].mean() > 0.3 and inked[:, 200:].mean() > 0.2
