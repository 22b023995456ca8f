"""The navigation tasks, the way transitions are made, and one small run."""

import numpy as np
import pytest

from neural_brain.benchmarks import reflex_navigation
from neural_brain.benchmarks.gust_run import (
    Learner,
    Method,
    Score,
    drive,
    learned,
    offline,
    transitions,
)
from neural_brain.benchmarks.gust_tasks import (
    TASKS,
    Gusts,
    World,
    gap,
    inside,
    intermediate,
    keep_off,
)
from neural_brain.benchmarks.reflex_navigation import BOTH, METHODS, judge
from neural_brain.models.learning import ReflexTraining, RiskTrainer

CORRIDOR, BLOCK = TASKS["navigation1"], TASKS["navigation2"]
CALM = Gusts(chance=0.0)


@pytest.mark.parametrize(
    ("task", "at", "forbidden"),
    [
        (CORRIDOR, (-50, 0), False), (CORRIDOR, (-50, 5.1), True),
        (CORRIDOR, (-81, 0), True), (CORRIDOR, (0, -5.5), True),
        (BLOCK, (-25, 0), True), (BLOCK, (-25, 7.6), False), (BLOCK, (-31, 0), False),
    ],
)  # fmt: skip
def test_boxes_are_those_of_the_paper(task, at, forbidden):
    assert bool(inside(task, np.array(at, float))) is forbidden


def test_gap_and_direction_to_the_nearest_box():
    distance, away = gap(CORRIDOR, np.array([[-50.0, 3.0], [-50.0, -4.0]]))
    np.testing.assert_allclose(distance, [2.0, 1.0])
    np.testing.assert_allclose(away, [[0.0, -1.0], [0.0, 1.0]])


@pytest.mark.parametrize("ticks", [10, 25])
def test_a_decision_moves_as_far_as_one_step_of_the_paper_whatever_the_ticks(ticks):
    world = World(CORRIDOR, ticks, (1, 4000), np.random.default_rng(0), CALM)
    world.place(np.zeros((1, 4000, 2)))
    world.begin()
    for left in range(ticks, 0, -1):
        target = np.array([0.7, -0.4])
        world.tick(intermediate(target, world.at, left, ticks))
    np.testing.assert_allclose(world.at.mean(axis=1)[0], [0.7, -0.4], atol=0.01)
    assert world.at[..., 0].std() < 0.05


def test_a_gust_starts_between_decisions_and_ends():
    gusts = Gusts(chance=1.0, speed=(2.0, 2.0), length=(0.5, 0.5))
    world = World(BLOCK, 10, (1, 200), np.random.default_rng(1), gusts)
    world.place(np.zeros((1, 200, 2)))
    world.begin()
    speeds = []
    for _ in range(20):
        world.tick(np.zeros((1, 200, 2)))
        speeds.append(np.linalg.norm(world.moved, axis=-1) > 1.0)
    blowing = np.array(speeds)[:, 0]
    assert (blowing.sum(axis=0) == 5).all()
    assert len(np.unique(blowing.argmax(axis=0))) == 10


def test_the_rule_keeps_its_distance_and_lets_go():
    at = np.array([[-50.0, 4.5], [-50.0, 4.5], [-50.0, 0.0]])
    wish = np.array([[0.3, 1.0], [0.3, -1.0], [0.3, 1.0]])
    done = keep_off(CORRIDOR, at, wish, 1.0)
    assert done[0, 1] <= -0.5 and done[0, 0] == 0.3
    np.testing.assert_array_equal(done[1:], wish[1:])


def test_transitions_hold_what_was_done_and_where_it_led():
    recorder = offline(CORRIDOR, 10, range(2))
    data = transitions(recorder.ticks, 2, discount=0.9, keep=4000, seed=0)
    assert data.inputs.shape == data.next_inputs.shape == (2, 4000, 6)
    hit = data.costs > 0.0
    assert set(np.unique(data.costs[hit])) <= {1.0, 0.9}
    assert (data.discounts[hit] == 0.0).all()
    assert np.isclose(data.discounts[data.discounts > 0.0], 0.81).all()
    y, action = data.inputs[hit][:, 1], data.inputs[hit][:, 5]
    near_wall = np.abs(data.inputs[hit][:, :2]) > [75.0, 4.0]
    assert near_wall.any(axis=1).mean() > 0.95
    assert (np.sign(y) * action).mean() > 0.3  # they did go towards the wall


@pytest.mark.slow
def test_reflexes_prevent_violations_in_a_small_run():
    """The rule and a quickly trained critic per tick, against no reflex."""
    pytest.importorskip("torch")
    violations = {}
    for method in METHODS:
        if method.name in ("none", "rules per tick", "critic per tick"):
            learner = None
            if method.looks:
                steps = offline(CORRIDOR, 10, range(2))
                data = learned(method, CORRIDOR, 10, steps, keep=5000, seed=0)
                config = ReflexTraining(learning_rate=3e-3, target_share=0.03)
                trainer = RiskTrainer(config, data, actions=2)
                trainer.update(2500)
                learner = Learner(trainer=trainer, updates=5)
            score = drive(method, CORRIDOR, 10, range(2), episodes=80, learner=learner)
            violations[method.name] = score.violations.sum()
            assert (score.successes + score.violations <= 80).all()
    assert violations["rules per tick"] < 0.6 * violations["none"]
    assert violations["critic per tick"] < 0.6 * violations["none"]


def test_the_same_seeds_give_the_same_counts():
    method = Method(name="none")
    one, two = (
        drive(method, BLOCK, 10, range(2), episodes=40, learner=None) for _ in range(2)
    )
    np.testing.assert_array_equal(one.successes, two.successes)
    np.testing.assert_array_equal(one.violations, two.violations)


def test_comparisons_are_made_of_the_figures():
    values = np.array([9.0, 19.0])
    scores = {
        m.name: Score(successes=values * k, violations=values * 0, interrupts=values)
        for k, m in enumerate(METHODS, start=1)
    }
    metrics = {m.name: m for m in judge("x", scores)}
    best = np.mean([s.ratio.mean() for n, s in scores.items() if n == "rules per tick"])
    found = metrics["x, rules + critic over the best other"]
    assert found.value == pytest.approx(scores[BOTH].ratio.mean() / best)
    assert found.met is True and found.low <= found.value <= found.high


@pytest.mark.slow
def test_a_finished_task_is_read_from_its_file(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(reflex_navigation, "OFFLINE_UPDATES", 10)
    monkeypatch.setattr(reflex_navigation, "OFFLINE_STEPS", 300)
    job = ("navigation2", 10, 2, 40, True)
    first, rows = reflex_navigation.kept(job, tmp_path)
    monkeypatch.setattr(reflex_navigation, "work", None)  # it must not work again
    again, rows_again = reflex_navigation.kept(job, tmp_path)
    assert len(rows) == 6 and rows == rows_again and first.keys() == again.keys()
    for name, score in first.items():
        np.testing.assert_array_equal(score.ratio, again[name].ratio)
