"""The nav-scale benchmark: it measures what it says, on small sizes."""

import numpy as np

from neural_brain.benchmarks.nav_scale import (
    grid_times,
    look_times,
    question_times,
    questions,
    strewn,
    summarise,
    update_times,
    view,
)


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
