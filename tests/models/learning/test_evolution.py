"""The cross-entropy method finds a known optimum."""

import numpy as np

from neural_brain.models.learning import CrossEntropy


def test_it_climbs_to_the_top_of_a_hill():
    top = np.array([1.0, -2.0, 0.5])
    search = CrossEntropy(np.zeros(3), np.ones(3), np.random.default_rng(0))
    for _ in range(60):
        candidates = search.ask(40)
        search.tell(candidates, -((candidates - top) ** 2).sum(axis=1))
    np.testing.assert_allclose(search.mean, top, atol=0.1)


def test_the_first_candidate_is_the_best_guess():
    search = CrossEntropy(np.ones(4), np.ones(4), np.random.default_rng(1))
    np.testing.assert_array_equal(search.ask(5)[0], np.ones(4))
