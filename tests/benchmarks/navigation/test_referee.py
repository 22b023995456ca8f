"""Near a thing and able to see it is a success; near it behind a wall is none."""

import numpy as np
import pytest

from neural_brain.benchmarks.navigation.lives import referee_of
from neural_brain.benchmarks.navigation.referee import NEAR_M, box_points, gap
from neural_brain.sim.homes import generate_home


@pytest.fixture(scope="module")
def referee():
    return referee_of(generate_home(1004))


def test_success_cells_are_near_and_free(referee):
    space = referee.space
    for thing in referee.home.objects:
        cells = referee.success_cells([thing.id])
        assert not (cells & ~space.free).any()
        assert all(gap(xy, thing) <= NEAR_M for xy in space.xy[cells])


def test_nearly_everything_can_be_reached(referee):
    space = referee.space
    reach = space.joined(np.array(referee.home.start[:2]))
    good = [bool((referee.success_cells([t.id]) & reach).any()) for t in
            referee.home.objects]  # fmt: skip
    assert np.mean(good) > 0.95


def test_a_place_agrees_with_its_cell(referee):
    thing = referee.home.objects[-1]
    cells = referee.success_cells([thing.id])
    xy = referee.space.xy[cells][0]
    assert referee.arrived(xy, [thing.id])
    far = np.array(thing.position[:2]) + 5.0
    assert not referee.arrived(far, [thing.id])
    assert referee.away_m(far, [thing.id]) > 3.0


def test_walls_hide_what_is_near(referee):
    """Some free spots within a metre of things do not count: a wall is between."""
    space, hidden = referee.space, 0
    for thing in referee.home.objects:
        near = [xy for xy in space.xy[space.free][::7] if gap(xy, thing) <= NEAR_M]
        room = referee.home.rooms[thing.room].rect
        for x, y in near:
            outside = not (room[0] <= x <= room[2] and room[1] <= y <= room[3])
            if not referee.arrived(np.array([x, y]), [thing.id]):
                hidden += outside
    assert hidden > 10


def test_points_lie_in_the_bounding_box(referee):
    thing = referee.home.objects[0]
    points = box_points(thing)
    assert points.shape == (15, 3)
    assert max(gap(point, thing) for point in points) == 0.0
    assert np.allclose(points.mean(axis=0), thing.center)
