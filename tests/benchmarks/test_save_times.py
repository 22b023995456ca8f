"""Saves at a stop are timed with a map that has all its parts."""

import pytest

from neural_brain.benchmarks.save_times import known_m2, save_metrics, surveyed


@pytest.fixture(scope="module")
def maps():
    return surveyed(20)


def test_a_survey_fills_every_part_of_the_map(maps):
    state = maps.state()
    assert known_m2(maps) > 50.0
    assert len(maps.closer.keys.frames) >= 15
    assert state.rooms and state.places and len(state.landmarks) > 3
    assert maps.views.store.used_bytes > 0


def test_a_save_is_timed_to_the_end_of_its_file(maps):
    middle, late = save_metrics(maps, 5)
    assert middle.name == f"stop saves a map of {known_m2(maps):.0f} m2, p50"
    assert 0.0 < middle.value <= late.value
    assert (late.n, late.unit, late.goal) == (5, "ms", "<= 2000")
