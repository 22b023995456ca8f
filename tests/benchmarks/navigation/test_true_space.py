"""Shortest ways in homes whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks.navigation.true_space import TrueSpace, footprint
from neural_brain.sim.homes import generate_home


@pytest.fixture(scope="module")
def hall():
    """An empty hall of 6 m x 4 m, cut by a wall with a gap of 1 m at its top."""
    home = generate_home(3, small=True)
    wall = (2.95, 0.0, 3.05, 3.0)
    return replace(home, size=(6.0, 4.0), walls=(wall,), doors=(), objects=())


def ways(space, point):
    target = np.zeros(space.free.shape, bool)
    target[space.cell(np.array(point))] = True
    return space.ways_to(target)


def test_a_straight_way_is_as_long_as_the_crow_flies(hall):
    space = TrueSpace(hall)
    lengths = ways(space, (1.0, 1.0))
    for point in ((2.0, 1.0), (1.0, 3.0), (2.0, 2.5), (1.5, 3.2)):
        crow = np.hypot(point[0] - 1.0, point[1] - 1.0)
        assert crow - 0.08 <= lengths[space.cell(np.array(point))] <= 1.03 * crow + 0.08


def test_a_wall_is_gone_round_at_the_radius_of_the_base(hall):
    space = TrueSpace(hall)
    length = ways(space, (1.0, 1.0))[space.cell(np.array((5.0, 1.0)))]
    above = 3.0 + 0.27 - 1.0
    corner = np.hypot(2.0, above)
    assert 2.0 * corner - 0.3 < length < 1.03 * 2.0 * corner + 0.3


def test_a_closed_gap_ends_all_ways(hall):
    space = TrueSpace(replace(hall, walls=((2.95, 0.0, 3.05, 4.0),)))
    length = ways(space, (1.0, 1.0))[space.cell(np.array((5.0, 1.0)))]
    assert np.isinf(length)
    assert not space.joined(np.array((1.0, 1.0)))[space.cell(np.array((5.0, 1.0)))]


def test_what_comes_after_a_target_is_added(hall):
    space = TrueSpace(hall)
    first = ways(space, (2.0, 2.0))
    target = np.zeros(space.free.shape, bool)
    target[space.cell(np.array((2.0, 1.0)))] = True
    both = space.ways_to(target, first)
    assert both[space.cell(np.array((1.0, 1.0)))] == pytest.approx(2.0, abs=0.1)


def test_things_are_in_the_way_unless_they_stand_on_others():
    home = generate_home(3, small=True)
    space = TrueSpace(home)
    for thing in home.objects:
        row, column = space._near(np.array([thing.position[:2]]))
        if thing.position[2] == 0.0:
            assert not space.free[row[0], column[0]]
    assert space.free[space.cell(np.array(home.start[:2]))]


def test_a_footprint_turns_with_its_thing():
    thing = replace(
        generate_home(3, small=True).objects[0],
        position=(1.0, 2.0, 0.0),
        yaw_deg=90,
        size=(2.0, 1.0, 1.0),
    )
    corners = footprint(thing)
    assert np.allclose(np.ptp(corners, axis=0), (1.0, 2.0))
    assert np.allclose(corners.mean(axis=0), (1.0, 2.0))
