"""The nav-scale benchmark: it measures what it says, on small sizes."""

import numpy as np
import pytest

from neural_brain.benchmarks.nav_scale import (
    LARGEST,
    LARGEST_M2,
    WHOLE,
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


def test_every_part_is_timed_while_it_works():
    rng = np.random.default_rng(2)
    landmarks = strewn(400, rng)
    views = sum(track.count for track in landmarks.tracks.values())
    assert len(update_times(landmarks, 5, rng)) == 5
    after = sum(track.count for track in landmarks.tracks.values())
    assert after > views  # the frames were fused
    assert len(question_times(landmarks, 6, rng)) == 6
    assert len(look_times(100, 7)) == 7
    assert len(grid_times(100, 3)) == 3
    assert len(grid_times(LARGEST_M2, 1)) == 1


def test_percentiles_and_growth_are_those_of_what_was_fed():
    updates = {100: [1.0, 3.0], 400: [4.0, 4.0, 16.0]}
    median, late, scan, growth = summarise(updates, {50: [5.0], 100: [30.0]})
    assert median.name == "update of a frame, p50, 400 landmarks"
    assert (median.value, median.n, median.met) == (4.0, 3, True)
    assert median.baseline == {"100 landmarks": 2.0}
    assert late.value == pytest.approx(14.8) and late.name.endswith(
        "p95, 400 landmarks"
    )
    assert (scan.value, scan.met, scan.baseline) == (30.0, False, {"50 m2": 5.0})
    assert growth.name == "mean update, 400 over 100 landmarks"
    assert growth.value == pytest.approx(8.0 / 2.0)  # means, not medians
    assert growth.low == pytest.approx(2.0) and growth.high == pytest.approx(8.0)
    assert (growth.goal, growth.met) == ("<= 2", False)


def test_questions_have_goals_of_their_size():
    asks = {1000: [1.0], WHOLE: [4.0], LARGEST: [19.0]}
    looks = {1000: [1.0], WHOLE: [6.0], LARGEST: [21.0]}
    found = {metric.name: metric for metric in questions(asks, looks)}
    assert len(found) == 8
    verdicts = {name: (metric.goal, metric.met) for name, metric in found.items()}
    for share in ("p50", "p95"):
        assert verdicts[f"question, {share}, {WHOLE} landmarks"] == ("<= 5", True)
        assert verdicts[f"question, {share}, {LARGEST} landmarks"] == ("<= 20", True)
        assert verdicts[f"question, {share}, {WHOLE} features"] == ("<= 5", False)
        assert verdicts[f"question, {share}, {LARGEST} features"] == ("<= 20", False)


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
