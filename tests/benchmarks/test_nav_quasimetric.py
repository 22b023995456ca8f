from collections import defaultdict

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from neural_brain.benchmarks.nav_quasimetric import building, built, summarise
from neural_brain.benchmarks.topology import driven
from neural_brain.benchmarks.topology.distances import (
    Distances,
    alt,
    fitted_alt,
    guided_search,
)
from neural_brain.benchmarks.topology.quasimetric import iqe, mrn, one_way

HEADS = (iqe, mrn, one_way)


@pytest.fixture(scope="module")
def costs():
    return building(150, 3)


@pytest.mark.parametrize("head", HEADS)
def test_derivatives_agree_with_small_steps(head):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 6, 16))
    d, by_x, by_y = head(x, y)
    for k in range(16):
        step = np.zeros(16)
        step[k] = 1e-6
        assert np.allclose((head(x + step, y)[0] - d) / 1e-6, by_x[:, k], atol=1e-4)
        assert np.allclose((head(x, y + step)[0] - d) / 1e-6, by_y[:, k], atol=1e-4)


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_a_quasimetric(head):
    rng = np.random.default_rng(1)
    x, y, z = rng.normal(size=(3, 500, 16))
    assert np.allclose(head(x, x)[0], 0.0)
    assert np.all(head(x, y)[0] >= 0.0)
    assert np.all(head(x, z)[0] <= head(x, y)[0] + head(y, z)[0] + 1e-9)
    assert not np.allclose(head(x, y)[0], head(y, x)[0])


def test_alt_is_a_lower_bound_with_which_the_search_stays_exact(costs):
    table, rule = dijkstra(costs), alt(costs)
    for goal in range(0, costs.shape[0], 29):
        guess = rule.to_goal(goal)
        assert np.all(guess <= table[:, goal] + 1e-9)
        found, settled = guided_search(costs, 5, goal, guess)
        blind, more = guided_search(costs, 5, goal, np.zeros(len(guess)))
        assert found == pytest.approx(table[5, goal]) == pytest.approx(blind)
        assert settled <= more


def test_learning_lessens_the_error_of_what_is_learned_from(costs):
    known = Distances(costs, np.random.default_rng(2))
    start, end, way = known.draw(4000)

    def error(rule):
        return np.mean(
            (rule.head(rule.vectors[start], rule.vectors[end])[0] / way - 1) ** 2
        )

    assert error(fitted_alt(costs, known, 200)) < 0.8 * error(alt(costs))


def test_pairs_that_are_held_are_never_learned_from(costs):
    known = Distances(costs, np.random.default_rng(3))
    learned, held = (
        set(zip(*known.draw(3000, held=held)[:2], strict=True))
        for held in (False, True)
    )
    assert learned
    assert held
    assert not learned & held


def test_drives_tell_exact_ways_and_guesses_keep_what_is_known(costs):
    rng = np.random.default_rng(4)
    true_m = dijkstra(costs)
    xy = rng.uniform(0.0, 20.0, (costs.shape[0], 2))
    known = driven.drive(xy, costs, 5, rng)
    told = np.isfinite(known.ways)
    assert told.sum() > 20
    assert np.allclose(known.ways[told], true_m[told])
    table = dijkstra(known.passages)
    assert np.allclose(table[told], true_m[told])
    assert not np.any(driven.unseen(known, true_m) & told)


def test_every_rule_is_built_and_summed_up(costs):
    samples = defaultdict(lambda: defaultdict(list))
    rules, _ = built(costs, 5, np.random.default_rng(5), samples)
    assert len(rules) == 7
    exact = rules["Dijkstra"].to_goal(9)
    assert np.allclose(rules["exact table"].to_goal(9), exact, rtol=1e-5)
    assert rules["exact table"].size_b == 4 * costs.shape[0] ** 2
    assert [metric.unit for metric in summarise("x", samples)] == ["MB", "s"]
