from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.maps.tolls import crossing_prices
from neural_brain.models.motion import (
    CostmapConfig,
    make_costmap,
    path_length,
    travel_field,
)
from neural_brain.models.signals import CLOSED_M, GridView, Route, Toll


def plan(world, start, goal, **config):
    costmap = make_costmap(world.grid(), CostmapConfig(**config), 0.27)
    field = travel_field(costmap, np.array(start))
    return costmap, field.path_to(np.array(goal)) if field else None


def test_the_way_in_the_open_is_nearly_straight(world):
    _, path = plan(world, [-3.0, -2.0], [3.0, 1.0])
    assert path_length(path) < 1.05 * np.hypot(6.0, 3.0)
    assert np.allclose(path[0], [-3.0, -2.0])
    assert np.allclose(path[-1], [3.0, 1.0])


def test_the_way_keeps_clear_of_walls(world):
    world.box(-4.0, -0.1, 1.0, 0.1)
    costmap, path = plan(world, [-3.0, -2.0], [-3.0, 2.0])
    assert costmap.clearance_at(path).min() >= 0.27
    assert path[:, 0].max() > 1.25
    assert path_length(path) < 10.5


def test_it_goes_through_a_door(world):
    world.box(-4.0, -0.08, -0.425, 0.08).box(0.425, -0.08, 4.0, 0.08)
    _, path = plan(world, [0.3, -2.0], [0.3, 2.0])
    middle = path[np.argmin(np.abs(path[:, 1]))]
    assert abs(middle[0]) < 0.12


def test_there_is_no_way_through_a_gap_that_is_too_narrow(world):
    world.box(-4.0, -0.1, -0.25, 0.1).box(0.25, -0.1, 4.0, 0.1)
    _, path = plan(world, [0.0, -2.0], [0.0, 2.0])
    assert path is None


def test_unknown_space_is_not_driven_on(world):
    world.known[:, 70:90] = -1
    _, path = plan(world, [-3.0, 0.0], [3.0, 0.0])
    assert path is None


def test_extra_obstacles_close_a_way(world):
    world.box(-4.0, -0.1, -0.5, 0.1).box(0.5, -0.1, 4.0, 0.1)
    person = np.array([[x, 0.0] for x in np.arange(-0.5, 0.5, 0.05)])
    costmap = make_costmap(world.grid(), CostmapConfig(), 0.27, person)
    field = travel_field(costmap, np.array([0.0, -2.0]))
    assert field.path_to(np.array([0.0, 2.0])) is None


def test_a_start_inside_the_inflation_is_moved_out(world):
    costmap = make_costmap(world.grid(), CostmapConfig(), 0.27)
    field = travel_field(costmap, np.array([-3.75, 0.0]))
    assert field.start[0] > -3.65
    assert field.path_to(np.array([0.0, 0.0])) is not None


def test_costs_agree_with_plans(world):
    world.box(-4.0, -0.1, 1.0, 0.1)
    costmap = make_costmap(world.grid(), CostmapConfig(narrow_cost=0.0), 0.27)
    field = travel_field(costmap, np.array([-3.0, -2.0]))
    goal = np.array([-3.0, 2.0])
    cost = float(field.cost_to(goal))
    length = path_length(field.path_to(goal))
    assert length <= cost + 0.1 < 1.15 * length + 0.1


def two_doors(world):
    """A wall across the room with a door near the middle and one on the far left."""
    return (
        world.box(-4.0, -0.08, -3.4, 0.08)
        .box(-2.5, -0.08, -0.45, 0.08)
        .box(0.45, -0.08, 4.0, 0.08)
    )


def toll(price, heading=np.pi / 2) -> Toll:
    return Toll(x_m=0.0, y_m=0.0, heading_rad=heading, half_width_m=0.6, price_m=price)


def crossing_x(world, start, goal, tolls):
    costmap = make_costmap(world.grid(), CostmapConfig(), 0.27)
    field = travel_field(costmap, np.array(start), tolls=tolls)
    path = field.path_to(np.array(goal))
    return None if path is None else path[np.argmin(np.abs(path[:, 1]))][0]


def test_a_dear_door_is_not_taken_while_there_is_another_one(world):
    two_doors(world)
    there, back = ([1.0, -2.0], [1.0, 2.0]), ([1.0, 2.0], [1.0, -2.0])
    assert abs(crossing_x(world, *there, ())) < 0.3
    assert crossing_x(world, *there, (toll(20.0),)) < -2.5
    assert abs(crossing_x(world, *back, (toll(20.0),))) < 0.3
    assert abs(crossing_x(world, *there, (toll(1.0),))) < 0.3


def test_a_closed_way_is_no_way_at_all(world):
    world.box(-4.0, -0.08, -0.45, 0.08).box(0.45, -0.08, 4.0, 0.08)
    there = ([1.0, -2.0], [1.0, 2.0])
    assert crossing_x(world, *there, (toll(20.0),)) is not None
    assert crossing_x(world, *there, (toll(CLOSED_M),)) is None
    assert crossing_x(world, *there[::-1], (toll(CLOSED_M),)) is not None


def test_the_string_is_not_pulled_across_a_toll(world):
    costmap = make_costmap(world.grid(), CostmapConfig(), 0.27)
    line = Toll(x_m=0.0, y_m=0.0, heading_rad=0.0, half_width_m=1.5, price_m=30.0)
    field = travel_field(costmap, np.array([-2.0, 0.3]), tolls=(line,))
    goal = np.array([2.0, 0.3])
    path = field.path_to(goal)
    line = replace(line, half_width_m=1.4)  # 0.1 m apart, points cut corners
    assert crossing_prices([line], path[:-1], path[1:]).sum() == 0.0
    assert path_length(path) < float(field.cost_to(goal)) < 10.0


def test_the_base_fits_where_it_has_driven(world):
    """A door that the grid shows one cell too narrow on each side."""
    world.box(-4.0, -0.1, -0.25, 0.1).box(0.25, -0.1, 4.0, 0.1)
    route = Route(way=np.array([[0.0, -1.5], [0.0, 1.5]]), took_s=9.0)
    for ways, found in (((), False), ((route,), True)):
        costmap = make_costmap(world.grid(), CostmapConfig(), 0.27, routes=ways)
        for way in (1.0, -1.0):  # as it was driven, and back
            field = travel_field(costmap, np.array([0.5, -2.0 * way]))
            assert (field.path_to(np.array([0.5, 2.0 * way])) is not None) is found
    world.box(-0.1, -0.1, 0.1, 0.1)  # something stands there now
    costmap = make_costmap(world.grid(), CostmapConfig(), 0.27, routes=(route,))
    field = travel_field(costmap, np.array([0.5, -2.0]))
    assert field.path_to(np.array([0.5, 2.0])) is None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=9),
    st.integers(0, 2**32 - 1),
)
def test_routes_open_only_what_is_nearly_wide_enough(way, seed):
    cells = np.where(np.random.default_rng(seed).random((60, 60)) < 0.02, 100, 0)
    grid = GridView(
        cells=cells.astype(np.int8), origin=np.full(2, -1.5), resolution=0.05, version=1
    )
    route = Route(way=np.array(way), took_s=1.0)
    costmap = make_costmap(grid, CostmapConfig(), 0.27, routes=(route,))
    plain = make_costmap(grid, CostmapConfig(), 0.27)
    assert np.all(costmap.clearance[costmap.passable] >= 0.22 - 1e-6)
    assert np.all(costmap.passable[plain.passable])
