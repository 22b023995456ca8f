"""The nav-scale benchmark: it measures what it says, on small sizes."""

import numpy as np
import pytest

from neural_brain.benchmarks.nav_scale import (
    grid_times,
    look_times,
    question_times,
    questions,
    strewn,
    summarise,
    topology_rows,
    update_times,
    view,
)
from neural_brain.benchmarks.topology.floors import floor_grid
from neural_brain.models.maps import PlaceConfig, PlaceGraph, RoomConfig, RoomMap


def test_a_frame_shows_things_that_are_there():
    rng = np.random.default_rng(1)
    landmarks = strewn(500, rng)
    shown = [
        view(landmarks, np.array([10.0, 12.0, yaw]), 0.0, rng)
        for yaw in (0.0, 1.5, 3.0, -1.5)
    ]
    assert 4 < sum(len(percepts.objects) for percepts in shown) <= 48
    for percepts in shown:
        landmarks.update(percepts, percepts.pose_odom_base, lambda *_: True)
    assert len(landmarks.tracks) < 520  # they are known again, not made anew


def test_every_part_is_timed_and_summed_up():
    rng = np.random.default_rng(2)
    updates, asks = {}, {}
    for size in (100, 400):
        landmarks = strewn(size, rng)
        updates[size] = update_times(landmarks, 5, rng)
        asks[size] = question_times(landmarks, 5, rng)
    looks = {size: look_times(size, 5) for size in (100, 400)}
    metrics = summarise(updates, {100: grid_times(100, 3)})
    metrics += questions(asks, looks)
    assert metrics[-1].name == "question, p95, 400 features"
    assert all(metric.value >= 0.0 for metric in metrics)
    assert metrics[0].name == "update of a frame, p50, 400 landmarks"
    assert set(metrics[0].baseline) == {"100 landmarks"}
    assert all(metric.goal for metric in metrics)


def test_passes_are_timed_by_area_and_with_many_landmarks():
    few, later, many, crowded = topology_rows((60, 100), 300)
    assert few.name == "first topology pass, 100 m2"
    assert set(later.baseline) == {"60 m2"}
    assert many.name == "first topology pass, 300 landmarks on 100 m2"
    assert all(metric.value > 0.0 for metric in (few, later, many, crowded))
    assert not any(metric.goal for metric in (few, later, many, crowded))


@pytest.mark.parametrize("area_m2", [60, 400])
def test_a_generated_floor_has_rooms_that_doors_join(area_m2):
    grid = floor_grid(area_m2, np.random.default_rng(0))
    rooms, graph = RoomMap(RoomConfig()), PlaceGraph(PlaceConfig())
    rooms.update(grid)
    graph.update(grid, rooms, None)
    count = len(rooms.regions())
    assert area_m2 / 30.0 < count < area_m2 / 12.0
    assert len(rooms.doors) >= count - 2
    assert any(passage.door for passage in graph.messages()[1])
