import numpy as np
import pytest

from neural_brain.models.maps import GridConfig, OccupancyGrid, scan_points
from neural_brain.models.maps.scan_points import in_map
from neural_brain.models.signals import LaserScan

ORIGIN = np.zeros(3)


def one_scan(ranges, pose_base_laser=ORIGIN):
    ranges = np.asarray(ranges, float)
    return LaserScan(
        stamp=0.0,
        angle_min=-np.pi,
        angle_increment=2.0 * np.pi / len(ranges),
        range_min=0.1,
        range_max=10.0,
        ranges=ranges,
        pose_base_laser=np.asarray(pose_base_laser, float),
    )


def points_of(ranges, pose=ORIGIN):
    scan = one_scan(ranges)
    read = scan_points(scan, max_range_m=25.0, margin_m=0.05, clear_range_m=8.0)
    return in_map(read, np.asarray(pose, float))


def cell_value(grid, x, y):
    view = grid.view()
    column, row = np.floor((np.array([x, y]) - view.origin) / view.resolution)
    return int(view.cells[int(row), int(column)])


def test_a_new_grid_knows_nothing():
    assert np.all(OccupancyGrid(GridConfig()).view().cells == -1)


def test_hits_are_occupied_and_the_way_there_is_free():
    grid = OccupancyGrid(GridConfig())
    for _ in range(3):
        grid.add_scan(points_of(np.full(360, 2.0)))
    assert cell_value(grid, 2.01, 0.01) > 80
    assert cell_value(grid, 1.0, 0.0) < 30
    assert cell_value(grid, 3.0, 0.0) == -1


def test_no_return_clears_and_no_measurement_does_not():
    clear, silent = OccupancyGrid(GridConfig()), OccupancyGrid(GridConfig())
    clear.add_scan(points_of(np.full(360, np.inf)))
    silent.add_scan(points_of(np.full(360, np.nan)))
    assert 0 <= cell_value(clear, 5.0, 0.0) < 50
    assert cell_value(silent, 5.0, 0.0) == -1


def test_too_close_is_an_obstacle_at_the_nearest_range():
    ranges = np.full(360, np.inf)
    ranges[180] = -np.inf  # straight ahead
    grid = OccupancyGrid(GridConfig())
    grid.add_scan(points_of(ranges))
    assert cell_value(grid, 0.1, 0.0) > 50


@pytest.mark.parametrize("value", [0.05, 11.0, -1.0])
def test_finite_ranges_outside_the_limits_are_dropped(value):
    points = points_of(np.full(360, value))
    assert len(points.hits) == 0


def test_a_ghost_vanishes():
    grid = OccupancyGrid(GridConfig())
    person = np.full(360, 3.0)
    person[175:186] = 1.5
    for _ in range(20):
        grid.add_scan(points_of(person))
    assert cell_value(grid, 1.5, 0.0) > 90
    for _ in range(15):
        grid.add_scan(points_of(np.full(360, 3.0)))
    assert 0 <= cell_value(grid, 1.5, 0.0) < 50


def test_a_thin_leg_does_not_widen_the_view_behind_it():
    ranges = np.full(360, 3.0)
    ranges[180] = 1.0
    grid = OccupancyGrid(GridConfig())
    for _ in range(5):
        grid.add_scan(points_of(ranges))
    assert cell_value(grid, 1.0, 0.0) > 80
    assert cell_value(grid, 2.5, 0.0) == -1  # the shadow of the leg


def test_the_grid_grows_and_keeps_what_it_knows():
    grid = OccupancyGrid(GridConfig(start_size_m=4.0))
    grid.add_scan(points_of(np.full(360, 1.0)))
    grid.add_scan(points_of(np.full(360, 6.0), pose=[-9.0, 7.0, 0.5]))
    assert cell_value(grid, 1.01, 0.01) > 50
    assert cell_value(grid, -9.0, 7.0) >= 0
    assert grid.view().cells.shape[0] * 0.05 > 12.0


def test_the_grid_does_not_grow_without_end():
    grid = OccupancyGrid(GridConfig(max_size_m=20.0))
    grid.add_scan(points_of(np.full(360, 2.0), pose=[500.0, 0.0, 0.0]))
    assert max(grid.shape) * 0.05 <= 20.0
    assert np.all(grid.view().cells == -1)


def test_an_old_view_is_not_changed_by_new_scans():
    grid = OccupancyGrid(GridConfig())
    grid.add_scan(points_of(np.full(360, 2.0)))
    view = grid.view()
    kept = view.cells.copy()
    grid.add_scan(points_of(np.full(360, 1.0)))
    assert np.array_equal(view.cells, kept)
    assert grid.view().version > view.version


def test_lidar_does_not_clear_what_depth_saw_and_depth_does():
    grid = OccupancyGrid(GridConfig())
    top = np.array([[1.5, 0.0]])
    for k in range(5):
        grid.add_depth(0.2 * k, top, np.zeros((0, 2)))
    for _ in range(20):
        grid.add_scan(points_of(np.full(360, 3.0)))
    assert cell_value(grid, 1.5, 0.0) > 80
    for k in range(20):
        grid.add_depth(5.0 + 0.2 * k, np.zeros((0, 2)), top)
    assert 0 <= cell_value(grid, 1.5, 0.0) < 50


def test_depth_obstacles_fade_with_time():
    grid = OccupancyGrid(GridConfig(depth_fade_s=10.0))
    for k in range(5):
        grid.add_depth(0.2 * k, np.array([[1.5, 0.0]]), np.zeros((0, 2)))
    far = np.array([[3.0, 3.0]])
    for k in range(60):
        grid.add_depth(1.0 + k, np.zeros((0, 2)), far)
    assert cell_value(grid, 1.5, 0.0) <= 51


def test_the_mean_hit_is_finer_than_a_cell():
    grid = OccupancyGrid(GridConfig())
    rng = np.random.default_rng(0)
    for _ in range(10):
        grid.add_scan(points_of(2.012 + rng.normal(0.0, 0.003, 360)))
    cells = grid.cells_of(np.array([[2.012, 0.005]]))[0]
    x = grid.origin[0] + 0.05 * (cells[1] + grid.hit_mean[cells[0], cells[1], 0])
    assert abs(x - 2.012) < 0.01
