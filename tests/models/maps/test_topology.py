import numpy as np
import pytest

from neural_brain.models.maps import (
    GridConfig,
    OccupancyGrid,
    PlaceConfig,
    PlaceGraph,
    RoomConfig,
    RoomMap,
)
from neural_brain.models.maps.basins import borders, flood

CELL = 0.05


def two_rooms(door_m: float) -> OccupancyGrid:
    """Two rooms of 4 x 4 m beside each other with a door in the wall x = 0."""
    grid = OccupancyGrid(GridConfig())
    size = grid.shape[0]
    x = grid.origin[0] + CELL * (np.arange(size) + 0.5)
    X, Y = np.meshgrid(x, x)
    inside = (np.abs(X) < 4.0) & (np.abs(Y) < 2.0)
    wall = (np.abs(X) < 0.05) & (np.abs(Y) > 0.5 * door_m)
    near = (np.abs(X) < 4.1) & (np.abs(Y) < 2.1)
    grid.lidar[near] = 300
    grid.lidar[inside & ~wall] = -200
    grid._refresh((slice(0, size), slice(0, size)))
    return grid


def maps_of(grid, robot=None, graph=None):
    rooms = RoomMap(RoomConfig())
    rooms.update(grid)
    graph = graph or PlaceGraph(PlaceConfig())
    graph.update(grid, rooms, robot)
    return rooms, graph


@pytest.mark.parametrize(("door_m", "count"), [(0.8, 2), (0.95, 2), (1.6, 1)])
def test_a_door_parts_rooms_and_a_wide_opening_does_not(door_m, count):
    rooms, _ = maps_of(two_rooms(door_m))
    assert len(rooms.regions()) == count
    assert len(rooms.doors) == count - 1


def test_a_door_is_where_it_is_and_as_wide():
    rooms, _ = maps_of(two_rooms(0.9))
    (door,) = rooms.doors
    assert np.hypot(*door.xy) < 0.15
    assert door.width_m == pytest.approx(0.9, abs=0.11)


def test_areas_and_labels_fit_the_rooms():
    rooms, _ = maps_of(two_rooms(0.9))
    areas = sorted(area for _, area in rooms.regions().values())
    assert areas == pytest.approx([15.9, 15.9], abs=0.5)
    left, right = rooms.room_of(np.array([[-2.0, 0.0], [2.0, 0.0]]))
    assert 0 != left != right != 0
    assert rooms.room_of(np.array([[50.0, 50.0]]))[0] == 0


def test_a_table_does_not_cut_a_room():
    grid = two_rooms(1.6)
    size = grid.shape[0]
    x = grid.origin[0] + CELL * (np.arange(size) + 0.5)
    X, Y = np.meshgrid(x, x)
    grid.lidar[(np.abs(X - 2.0) < 0.5) & (np.abs(Y) < 0.7)] = 300
    rooms, _ = maps_of(grid)
    assert len(rooms.regions()) == 1


def test_room_numbers_stay_when_the_map_grows():
    rooms = RoomMap(RoomConfig())
    grid = two_rooms(0.9)
    rooms.update(grid)
    before = rooms.room_of(np.array([[-2.0, 0.0], [2.0, 0.0]]))
    grid.add_depth(0.0, np.array([[-15.0, -15.0]]), np.zeros((0, 2)))  # grows
    rooms.update(grid)
    after = rooms.room_of(np.array([[-2.0, 0.0], [2.0, 0.0]]))
    assert np.array_equal(before, after)


def reachable(graph, start):
    seen, front = set(), [start]
    while front:
        here = front.pop()
        seen.add(here)
        front += [b for a, b in graph.costs if a == here and b not in seen]
    return seen


def test_passages_join_the_rooms_through_the_door():
    _, graph = maps_of(two_rooms(0.9))
    left = graph.nearest(np.array([-3.0, 0.0]))
    right = graph.nearest(np.array([3.0, 0.0]))
    assert right in reachable(graph, left)
    assert any(passage.door for passage in graph.messages()[1])


def test_a_closed_door_ends_the_passages():
    grid = two_rooms(0.9)
    _, graph = maps_of(grid)
    closed = two_rooms(0.0)
    maps_of(closed, graph=graph)
    left = graph.nearest(np.array([-3.0, 0.0]))
    right = graph.nearest(np.array([3.0, 0.0]))
    assert right not in reachable(graph, left)


def test_costs_are_at_least_the_distance_and_can_be_one_sided():
    _, graph = maps_of(two_rooms(0.9))
    _, passages = graph.messages()
    for passage in passages:
        length = np.hypot(*(graph.xy[passage.start] - graph.xy[passage.end]))
        assert passage.cost >= length - 1e-9
    first = passages[0]
    graph.set_penalties({(first.start, first.end): 5.0})
    costs = {(p.start, p.end): p.cost for p in graph.messages()[1]}
    assert costs[first.start, first.end] == pytest.approx(first.cost + 5.0)
    assert costs[first.end, first.start] == pytest.approx(first.cost)


@pytest.mark.parametrize("cost", [-1.0, np.nan])
def test_costs_do_not_fall_below_the_distance(cost):
    _, graph = maps_of(two_rooms(0.9))
    with pytest.raises(ValueError, match="at least 0"):
        graph.set_penalties({(1, 2): cost})


def test_a_driven_way_is_a_passage():
    grid = two_rooms(0.9)
    rooms, graph = maps_of(grid)
    for x in np.arange(-1.5, 1.6, 0.3):
        graph.update(grid, rooms, np.array([x, 0.0, 0.0]))
    driven = set()
    for a, b in graph.travelled:
        driven |= {np.sign(graph.xy[a][0]), np.sign(graph.xy[b][0])}
    assert {-1.0, 1.0} <= driven


def test_flooding_meets_at_the_neck():
    y, x = np.indices((41, 81))
    left, right = np.hypot(x - 20, y - 20), np.hypot(x - 60, y - 20)
    clearance = np.maximum(20 - left, 20 - right).clip(3.0 * (abs(y - 20) < 4)) * CELL
    labels = flood(clearance.astype(np.float32), door_m=1.1, persistence_m=0.08)
    assert labels[20, 20] != labels[20, 60]
    ((_, (_, column)),) = borders(labels, clearance.astype(np.float32)).values()
    assert 36 <= column <= 44
