"""The navigation tasks, the way transitions are made, and one small run."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks import gust_run, reflex_navigation
from neural_brain.benchmarks.gust_bound import hit_share
from neural_brain.benchmarks.gust_data import Step, offline, transitions
from neural_brain.benchmarks.gust_figures import judge
from neural_brain.benchmarks.gust_run import (
    BOTH,
    DECISION,
    METHODS,
    RULES,
    SELDOM_RULES,
    TICK,
    Learner,
    Method,
    Score,
    drive,
)
from neural_brain.benchmarks.gust_shield import CANDIDATES, shielded
from neural_brain.benchmarks.gust_tasks import (
    TASKS,
    Gusts,
    World,
    carried,
    gaps,
    inside,
    intermediate,
    keep_off,
    sense,
)
from neural_brain.benchmarks.gust_traveller import Traveller
from neural_brain.models.learning import ReflexTraining, RiskTrainer

CORRIDOR, BLOCK = TASKS["navigation1"], TASKS["navigation2"]
DOOR, DOOR_OWN = TASKS["gap"], TASKS["gap-own"]
CALM = Gusts(chance=0.0)


@pytest.mark.parametrize(
    ("task", "at", "forbidden"),
    [
        (CORRIDOR, (-50, 0), False), (CORRIDOR, (-50, 5.1), True),
        (CORRIDOR, (-81, 0), True), (CORRIDOR, (0, -5.5), True),
        (BLOCK, (-25, 0), True), (BLOCK, (-25, 7.6), False), (BLOCK, (-31, 0), False),
        (DOOR, (-25, 0.5), False), (DOOR, (-25, -0.7), True), (DOOR, (-26.5, 5), False),
    ],
)  # fmt: skip
def test_boxes_are_where_they_should_be(task, at, forbidden):
    assert bool(inside(task, np.array(at, float))) is forbidden


def test_gap_and_direction_to_the_nearest_box():
    distance, away = gaps(CORRIDOR, np.array([[-50.0, 3.0], [-50.0, -4.0]]))
    np.testing.assert_allclose(distance, [[2.0], [1.0]])
    np.testing.assert_allclose(away, [[[0.0, -1.0]], [[0.0, 1.0]]])


def test_in_the_passage_both_sides_are_seen_the_nearest_first():
    distance, away = gaps(DOOR, np.array([-25.0, -0.2]))
    np.testing.assert_allclose(distance, [0.4, 0.8])
    np.testing.assert_allclose(away, [[0.0, 1.0], [0.0, -1.0]])
    seen = sense(DOOR, np.array([-25.0, -0.2, 0.1, 0.3]), np.array([1.0, 0.5]))
    expected = [0.4, 0.8, 0.3, -0.3, -0.1, 0.1, 0.5, -0.5, -1.0, 1.0]
    np.testing.assert_allclose(seen, expected, atol=1e-12)


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


def test_a_held_velocity_lets_a_push_carry_the_target_along():
    task, ends = TASKS["gap-held"], []
    for tracks in (True, False):
        steady = replace(task, tracks=tracks)
        gusts = Gusts(chance=1.0, speed=(0.5, 0.5), length=(3.0, 3.0))
        world = World(steady, 10, (1, 4000), np.random.default_rng(0), gusts)
        world.place(np.full((1, 4000, 2), [-50.0, 0.0]))
        world.begin()
        target = world.at + np.array([0.2, -0.4])
        for left in range(10, 0, -1):
            start = world.at
            world.tick(intermediate(target, start, left, 10))
            target = carried(steady, target, start, world.at, left)
        ends.append(world.at[0] - [-50.0, 0.0])
    np.testing.assert_allclose(np.mean(ends, axis=1), [[0.2, -0.4]] * 2, atol=0.02)
    assert ends[0][:, 0].std() < 0.5 * ends[1][:, 0].std()


def test_a_gust_starts_between_decisions_and_ends():
    gusts = Gusts(chance=1.0, speed=(2.0, 2.0), length=(0.5, 0.5))
    world = World(BLOCK, 10, (1, 200), np.random.default_rng(1), gusts)
    world.place(np.zeros((1, 200, 2)))
    world.begin()
    speeds = []
    for _ in range(20):
        world.tick(np.zeros((1, 200, 2)))
        speeds.append(np.linalg.norm(world.felt, axis=-1) > 1.0)
    blowing = np.array(speeds)[:, 0]
    assert (blowing.sum(axis=0) == 5).all()
    assert len(np.unique(blowing.argmax(axis=0))) == 10


def test_the_rule_keeps_its_distance_and_lets_go():
    at = np.array([[-50.0, 4.5], [-50.0, 4.5], [-50.0, 0.0]])
    wish = np.array([[0.3, 1.0], [0.3, -1.0], [0.3, 1.0]])
    done = keep_off(CORRIDOR, at, wish)
    assert done[0, 1] <= -0.5 and done[0, 0] == 0.3
    np.testing.assert_array_equal(done[1:], wish[1:])


def test_in_the_passage_the_rule_keeps_off_both_sides():
    at, wish = np.array([-25.0, -0.2]), np.array([1.0, 1.0])
    np.testing.assert_allclose(keep_off(DOOR, at, wish), [1.0, 0.5])
    np.testing.assert_allclose(keep_off(DOOR, at, -wish), [-1.0, -0.1])


@pytest.mark.parametrize(("rules", "asked"), [("decision", 3), ("tick", 2 * 3 * 10)])
def test_rules_are_asked_per_decision_or_twice_a_tick(rules, asked, monkeypatch):
    calls = []

    def watched(*args):
        calls.append(args)
        return keep_off(*args)

    monkeypatch.setattr(gust_run, "keep_off", watched)
    monkeypatch.setattr(gust_run, "HORIZON", 3)
    method = Method(name="", rules=rules)
    drive(method, DOOR, 10, range(2), episodes=40, learner=None)
    assert len(calls) == asked


def test_rules_per_decision_prevent_violations_in_the_passage():
    none, seldom = (
        drive(
            Method(name="", rules=rules), DOOR, 10, range(2), episodes=80, learner=None
        )
        for rules in ("", "decision")
    )
    assert seldom.violations.sum() < 0.5 * none.violations.sum()
    assert seldom.successes.sum() >= none.successes.sum()


def test_a_critic_senses_distance_push_and_action_seen_from_the_nearest_box():
    state = np.array([[-50.0, 3.0, 0.5, 2.0], [-50.0, -3.0, 0.5, 2.0]])
    seen = sense(CORRIDOR, state, np.array([[0.2, 1.0], [0.2, 1.0]]))
    np.testing.assert_allclose(seen[0], [2.0, -2.0, 0.5, -1.0, 0.2])
    np.testing.assert_allclose(seen[1], [2.0, 2.0, -0.5, 1.0, -0.2])


def test_the_own_action_is_not_felt():
    world = World(BLOCK, 10, (1, 500), np.random.default_rng(2), CALM)
    world.place(np.zeros((1, 500, 2)))
    world.begin()
    world.tick(np.full((1, 500, 2), 0.8))
    assert np.abs(world.felt.mean(axis=1)).max() < 0.05
    assert world.at.mean() == pytest.approx(0.08, abs=0.01)


def test_transitions_hold_what_was_done_and_where_it_led():
    steps = offline(CORRIDOR, 10, range(2))
    data = transitions(CORRIDOR, steps, keep=4000, seed=0)
    assert data.inputs.shape == data.next_inputs.shape == (2, 4000, 5)
    hit = data.costs == 1.0
    assert set(np.unique(data.costs)) == {0.0, 1.0}
    assert (data.discounts[hit] == 0.0).all()
    assert set(np.unique(data.discounts[~hit])) == {0.8}
    distance, action = data.inputs[hit][:, 0], data.inputs[hit][:, 3]
    assert (distance < 2.0).mean() > 0.9
    assert action.mean() < -0.3  # they did go towards the wall


def test_nothing_can_happen_any_more_to_what_has_arrived():
    dead = np.zeros((1, 1), bool)
    first = Step(
        np.zeros((1, 1, 4)), np.ones((1, 1, 2)), np.ones((1, 1, 2)), ~dead, dead
    )
    data = transitions(BLOCK, [first, first._replace(alive=dead)], keep=1, seed=0)
    assert data.discounts.item() == 0.0 and data.costs.item() == 0.0


class Tilted:
    """Stands in for a trainer: going towards the box is risky, more so close up."""

    def risk(self, seen):
        return np.clip(-seen[..., 3] / np.maximum(seen[..., 0], 0.5), 0.0, 1.0)


def test_the_shield_takes_the_nearest_action_that_is_allowed():
    state = np.zeros((2, 2, 4))
    state[..., 1] = [[3.0, 0.0], [4.0, 4.0]]  # walls at 5
    wish = np.broadcast_to([1.0, 1.0], (2, 2, 2))
    asked = np.array([[True, True], [True, False]])
    action, acted = shielded(Tilted(), CORRIDOR, state, wish, risk_max=0.3, asked=asked)
    np.testing.assert_array_equal(acted, [[True, False], [True, False]])
    np.testing.assert_array_equal(action[0], [[1.0, 0.5], [1.0, 1.0]])
    np.testing.assert_array_equal(action[1], [[1.0, 0.0], [1.0, 1.0]])


def test_the_shield_takes_the_least_risk_where_nothing_is_allowed():
    state = np.array([[[0.0, 4.0, 0.0, 0.0]]])
    trainer = Tilted()
    trainer.risk = lambda seen: 0.5 - 0.1 * seen[..., 3]
    action, acted = shielded(
        trainer,
        CORRIDOR,
        state,
        np.zeros((1, 1, 2)),
        risk_max=0.1,
        asked=np.ones((1, 1), bool),
    )
    assert acted.all() and action[0, 0, 1] == -1.0
    assert (action[0, 0] == CANDIDATES).all(axis=-1).any()


def test_a_wide_berth_around_the_block_does_not_turn_the_traveller_back():
    traveller = Traveller(BLOCK, (1, 200), np.random.default_rng(0))
    side = traveller.wish(np.full((1, 200, 2), [-40.0, 0.0]), 1.0)[..., 1:]
    at = np.concatenate((np.full((1, 200, 1), -31.5), 13.0 * np.sign(side)), axis=-1)
    assert (traveller.wish(at, 1.0)[..., 0] == 1.0).all()


def test_the_traveller_lines_up_before_the_passage_and_then_goes_through():
    at = np.array([[[-50.0, 1.0], [-27.0, 0.5], [-27.0, -0.2], [-25.0, 0.5]]])
    wish = Traveller(DOOR, (1, 4), np.random.default_rng(0)).wish(at, 1.0)
    np.testing.assert_allclose(wish[0], [[1, -1], [-1, -0.5], [1, 0.2], [1, -0.5]])


def test_own_rollouts_end_at_the_walls_less_often_than_random_ones():
    hit = {
        task.name: offline(task, 10, range(2))[-1].hit.mean()
        for task in (DOOR, DOOR_OWN)
    }
    assert 0.05 < hit["gap-own"] < 0.6 * hit["gap"]


def test_holding_the_line_answers_most_slow_pushes_without_a_reflex():
    alone, held = (
        hit_share(10, 0.3, "decision", gusts=DOOR.gusts, holds=holds)
        for holds in (False, True)
    )
    assert hit_share(10, 0.3, "tick", gusts=DOOR.gusts) < 0.2 * held < 0.02 * 1.0
    assert held < 0.1 * alone


@pytest.mark.parametrize("clearance", [0.5, 1.5])
def test_a_perfect_reflex_is_hit_less_often_when_it_looks_more_often(clearance):
    often, seldom = (hit_share(10, clearance, looks) for looks in ("tick", "decision"))
    assert 0.0 < often < 0.7 * seldom < seldom < 0.5


@pytest.mark.slow
def test_reflexes_prevent_violations_in_a_small_run():
    """The rule and a quickly trained critic, against no reflex."""
    pytest.importorskip("torch")
    config = ReflexTraining(
        learning_rate=3e-3, batch=64, target_share=0.03, recovers=False
    )
    data = transitions(CORRIDOR, offline(CORRIDOR, 10, range(2)), keep=5000, seed=0)
    trainer = RiskTrainer(config, data, actions=2)
    trainer.update(800)
    violations = {}
    for method in METHODS:
        learner = None
        if method.looks:
            learner = Learner(trainer=copy.deepcopy(trainer), updates=5, risk_max=0.1)
        score = drive(method, CORRIDOR, 10, range(2), episodes=80, learner=learner)
        violations[method.name] = score.violations.sum()
        assert (score.successes + score.violations <= 80).all()
    for name in (SELDOM_RULES, RULES, DECISION, TICK, BOTH):
        assert violations[name] < 0.6 * violations["none"]


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
    monkeypatch.setattr(reflex_navigation, "LIMITS", (0.2,))
    monkeypatch.setattr(gust_run, "HORIZON", 10)
    job = ("navigation2", 10, 1000, 2, 40, True)
    first, rows = reflex_navigation.kept(job, tmp_path)
    monkeypatch.setattr(reflex_navigation, "work", None)  # it must not work again
    again, rows_again = reflex_navigation.kept(job, tmp_path)
    assert len(rows) == 2 and rows == rows_again and first.keys() == again.keys()
    for name, score in first.items():
        np.testing.assert_array_equal(score.ratio, again[name].ratio)


def test_a_method_that_a_finished_task_lacks_is_run_alone(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    job, ran = ("navigation2", 10, 1000, 2, 40, False), []

    def watched(method, *args, **options):
        ran.append(method.name)
        return drive(method, *args, **options)

    monkeypatch.setattr(gust_run, "HORIZON", 10)
    monkeypatch.setattr(reflex_navigation, "drive", watched)
    for methods in (METHODS[:1], (METHODS[0], METHODS[3])):
        monkeypatch.setattr(reflex_navigation, "METHODS", methods)
        scores, _ = reflex_navigation.kept(job, tmp_path)
    assert ran == list(scores) == ["none", SELDOM_RULES]
