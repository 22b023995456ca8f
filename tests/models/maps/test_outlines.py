"""Geometry of polygons, against shapes of which the answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.maps.outlines import (
    area_m2,
    crosses_itself,
    disc,
    distance,
    inside,
    middle,
    touched,
)

BENT = np.array([[0, 0], [4, 0], [4, 1], [1, 1], [1, 3], [0, 3]], float)  # an L


def test_area_and_middle_of_a_bent_polygon():
    assert area_m2(BENT) == pytest.approx(6.0)
    assert area_m2(BENT[::-1]) == pytest.approx(6.0)
    assert np.allclose(middle(BENT), [1.5, 1.0])
    far = BENT + 900.0
    assert np.allclose(middle(far), [901.5, 901.0])


def test_inside_and_distance_of_a_bent_polygon():
    points = np.array([[0.5, 2.0], [2.0, 0.5], [2.0, 2.0], [-1.0, 0.0], [5.0, 2.0]])
    assert inside(BENT, points).tolist() == [True, True, False, False, False]
    apart = distance(BENT, points)
    assert np.allclose(apart, [-0.5, -0.5, 1.0, 1.0, np.sqrt(2.0)])


@given(st.floats(0.05, 50.0), st.floats(-100, 100), st.floats(-100, 100))
def test_a_disc_leaves_nothing_of_it_out(radius, x, y):
    outline = disc(np.array([x, y]), radius)
    angles = np.linspace(0, 2 * np.pi, 100)
    ring = np.array([x, y]) + 0.999 * radius * np.stack(
        [np.cos(angles), np.sin(angles)], axis=1
    )
    assert inside(outline, ring).all()
    assert not crosses_itself(outline)
    assert area_m2(outline) < 1.01 * np.pi * radius**2


@pytest.mark.parametrize(
    "corners",
    [
        [[0, 0], [2, 2], [2, 0], [0, 2]],  # a bow tie
        [[0, 0], [2, 0], [1, 0]],  # runs back on itself
        [[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]],  # a corner on another edge
        [[0, 0], [3, 0], [3, 1], [1, 1], [1, 0.0], [0, 1]],
    ],
)
def test_outlines_that_cross_or_touch_themselves_are_found(corners):
    assert crosses_itself(np.array(corners, float))


@settings(max_examples=60)
@given(st.lists(st.floats(0.3, 5.0), min_size=3, max_size=30))
def test_stars_never_cross_themselves(radii):
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    star = np.array(radii)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert not crosses_itself(star)
    assert distance(star, np.zeros((1, 2)))[0] < 0.0
    cells = touched(star, np.array([-6.0, -6.0]), 0.1, (120, 120))
    rows, columns = np.mgrid[0:120, 0:120]
    centers = np.stack([columns, rows], axis=2).reshape(-1, 2) * 0.1 - 5.95
    well_inside = distance(star, centers) < -0.04
    assert cells.ravel()[well_inside].all()
    assert distance(star, centers[cells.ravel()]).max() < 0.15


def test_cells_far_off_the_grid_do_not_matter():
    huge = np.array([[-1e12, -1e12], [1e12, -1e12], [1e12, 1e12], [-1e12, 1e12]])
    assert touched(huge, np.zeros(2), 0.05, (20, 20)).all()
    assert not touched(BENT + 500.0, np.zeros(2), 0.05, (20, 20)).any()
