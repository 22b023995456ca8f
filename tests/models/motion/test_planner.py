import numpy as np

from neural_brain.models.motion import (
    CostmapConfig,
    make_costmap,
    path_length,
    travel_field,
)


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
