"""Spots that can be touched lie on flat visible surface and know its direction."""

import numpy as np
import pytest

from neural_brain.models.sensing import touch
from neural_brain.models.sensing.touch import rim_spots
from neural_brain.models.sensing.touch import touch_spots as find_spots

CAMERA = np.array([-0.16, -0.1, 1.15])


def touch_spots(points, camera, scene=None):
    """Spots of a thing that is all that is seen."""
    return find_spots(points, camera, points if scene is None else scene)


def grid(u, v, n=30):
    """Points (n * n, 3) of the parallelogram spanned by u and v from a corner."""
    a, b = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n))
    return a.reshape(-1, 1) * np.array(u) + b.reshape(-1, 1) * np.array(v)


def table(height=0.7):
    return grid((0.6, 0.0, 0.0), (0.0, 0.8, 0.0)) + np.array([0.6, -0.4, height])


def door():
    return grid((0.0, 0.6, 0.0), (0.0, 0.0, 1.2)) + np.array([0.9, -0.3, 0.1])


@pytest.mark.parametrize("noise_m", [0.0, 0.003])
def test_a_table_is_touched_from_above_its_near_part_first(noise_m):
    points = table()
    points = points + np.random.default_rng(0).normal(0.0, noise_m, points.shape)
    spots = touch_spots(points, CAMERA)
    assert len(spots) >= 8
    assert np.all(spots[:, 5] > 0.95)
    assert np.allclose(spots[:, 2], 0.7, atol=0.02)
    away = np.hypot(spots[:, 0], spots[:, 1])
    assert np.all(np.diff(away) >= 0.0)
    assert away[0] < 0.75


def test_a_front_faces_the_camera():
    spots = touch_spots(door(), CAMERA)
    assert len(spots) >= 6
    assert np.all(spots[:, 3] < -0.95)


def test_a_basket_is_touched_on_its_rim():
    wall = grid((0.0, 0.3, 0.0), (0.0, 0.0, 0.25), n=40)
    front, back = wall + np.array([0.6, -0.15, 0.0]), wall + np.array([0.9, -0.15, 0.0])
    floor = grid((0.3, 0.0, 0.0), (0.0, 0.3, 0.0)) + np.array([0.6, -0.15, 0.03])
    basket = np.concatenate([back, floor, front])
    spots = rim_spots(basket, CAMERA, basket)
    assert len(spots) >= 4
    assert np.all(spots[:, 5] == 1.0)
    assert np.all(spots[:, 2] > 0.23)
    assert 0.6 < spots[0, 0] < 0.62  # in the middle of the wall, not at its face
    assert len(rim_spots(floor[:3], CAMERA, basket)) == 0
    below = np.concatenate([basket, table(0.5)])
    assert len(rim_spots(basket, CAMERA, below)) == 0  # it stands under a table


def test_edges_and_leaves_are_no_spots():
    rng = np.random.default_rng(1)
    leaves = rng.uniform([0.7, -0.1, 0.5], [0.9, 0.1, 0.7], (600, 3))
    assert len(touch_spots(leaves, CAMERA)) == 0
    rail = grid((0.0, 0.8, 0.0), (0.0, 0.0, 0.02)) + np.array([0.8, -0.4, 0.7])
    assert len(touch_spots(rail, CAMERA)) == 0


def test_a_shelf_below_a_board_is_not_pressed_from_above():
    shelf, board = table(0.5), table(0.65)
    assert len(touch_spots(shelf, CAMERA)) > 0
    assert len(touch_spots(shelf, CAMERA, np.vstack([shelf, board]))) == 0


def test_nothing_is_reached_for_through_a_thing_before_it():
    back = grid((0.0, 0.8, 0.0), (0.0, 0.0, 0.5)) + np.array([0.45, -0.4, 0.45])
    for thing, height in ((table(0.45), 0.45), (door(), 0.9)):
        spots = touch_spots(thing, CAMERA, np.vstack([thing, back]))
        assert not np.any(np.abs(spots[:, 2] - height) < 0.06)
        assert np.any(np.abs(touch_spots(thing, CAMERA)[:, 2] - height) < 0.06)


def test_what_is_far_or_low_is_left_out():
    assert touch_spots(table() + np.array([2.0, 0.0, 0.0]), CAMERA).shape == (0, 6)
    assert touch_spots(table(0.02), CAMERA).shape == (0, 6)
    assert touch_spots(np.zeros((0, 3)), CAMERA).shape == (0, 6)


@pytest.mark.parametrize("seed", range(6))
def test_normals_are_those_of_the_scatter_around_every_single_point(seed):
    rng = np.random.default_rng(seed)
    things = np.vstack([table(), door(), rng.uniform(0.5, 1.0, (300, 3))])
    noisy = things + rng.normal(0.0, 0.002 * seed, things.shape)
    points = rng.permutation(noisy)[:600]
    flat, normals = touch._normals(points, CAMERA)
    assert flat.any() and not flat.all()
    for point, is_flat, normal in zip(points, flat, normals, strict=True):
        beside = np.linalg.norm(points - point, axis=1) <= touch.NEIGHBOUR_M
        around = points[beside]
        good = len(around) >= touch.LEAST_NEIGHBOURS
        good &= np.linalg.norm(around.mean(axis=0) - point) <= touch.CENTRED_M
        if good:
            values, vectors = np.linalg.eigh(np.cov(around.T))
            good &= values[0] <= touch.ROUGHNESS_M**2
            good &= values[1] >= touch.BREADTH_M**2
        assert is_flat == good
        if good:
            side = np.sign(vectors[:, 0] @ (CAMERA - point))
            assert np.allclose(normal, side * vectors[:, 0], atol=1e-7)
