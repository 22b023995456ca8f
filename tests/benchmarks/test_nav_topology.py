import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from neural_brain.benchmarks.detour_doors import ends, shortcut
from neural_brain.benchmarks.detour_world import PaperHome, in_door
from neural_brain.benchmarks.topology.graphs import building_ways, one_sided, without
from neural_brain.benchmarks.topology.planners import (
    Exact,
    Successor,
    ValueIteration,
    replay,
)
from neural_brain.models.maps.ways import walk
from neural_brain.sim.homes import generate_home


@pytest.fixture(scope="module")
def costs():
    return building_ways(150, np.random.default_rng(3)).costs


def test_a_building_is_nearly_all_joined_and_one_sided(costs):
    _, labels = connected_components(costs, connection="strong")
    assert np.bincount(labels).max() > 0.9 * costs.shape[0]
    assert (costs != costs.T).nnz > 0


def test_value_iteration_agrees_with_dijkstra(costs):
    exact = Exact(costs).value(7)
    assert np.allclose(ValueIteration(costs).value(7), exact)
    way = walk(Exact(costs).following(7, exact), costs, 7)
    assert np.allclose(way, exact)


def test_replay_mends_what_a_closed_door_broke(costs):
    exact = Exact(costs)
    following = exact.following(7, exact.value(7))
    for a in range(costs.shape[0]):  # a door that can be gone around
        b = int(following[a])
        shut = without(costs, {(a, b), (b, a)})
        if np.isfinite(exact.value(7)[a]) and 20.0 < Exact(shut).value(7)[a] < 60.0:
            break
    value, right = Successor(costs).value(7), Successor(shut).value(7)
    assert not np.allclose(value, right, rtol=0.1, atol=0.0)
    assert replay(shut, value, 7, [a, b]) > 0
    assert np.allclose(value, right, rtol=0.1, atol=0.0)


def test_one_sided_costs_only_grow_or_go():
    plain = {(a, b): 1.0 for a in range(30) for b in range(30) if a != b}
    changed = one_sided(plain, np.random.default_rng(0))
    assert set(changed) < set(plain)
    assert min(changed.values()) == 1.0
    assert max(changed.values()) > 1.5


def test_a_pane_stops_the_base_and_is_learned():
    home = generate_home(1303)
    door = shortcut(home)
    robot = PaperHome(home, learns=True)
    robot.hidden = in_door(door)
    robot.hidden.pane = True
    start, goal = ends(home, door)
    robot.pose = np.array([*start, 0.0])
    side = robot.hidden.depth(start)
    trip = robot.trip(goal, 12.0)
    assert trip.stuck >= 1
    assert robot.hidden.depth(robot.pose[:2]) * side > 0.0 or not trip.arrived
    assert robot.experience.messages()
