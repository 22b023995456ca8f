import numpy as np
import pytest

from neural_brain.models.learning import alarm_limit, prototypes, usual_limit


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_new_episodes_are_missed_or_alarmed_no_more_often_than_promised(share):
    rng = np.random.default_rng(0)
    missed, alarmed = [], []
    for _ in range(400):
        scores = rng.beta(2.0, 5.0, 60)
        new = rng.beta(2.0, 5.0, 50)
        missed.append(np.mean(new <= alarm_limit(scores, share)))
        alarmed.append(np.mean(new > usual_limit(scores, share)))
    assert np.mean(missed) <= share + 0.01 and np.mean(missed) > share - 0.05
    assert np.mean(alarmed) <= share + 0.01 and np.mean(alarmed) > share - 0.05


def test_too_few_dangerous_episodes_make_everything_danger():
    assert alarm_limit(np.array([0.9, 0.8, 0.7]), 0.1) == 0.0
    assert alarm_limit(np.zeros(0), 0.5) == 0.0


def test_too_few_usual_episodes_take_the_strangest():
    assert usual_limit(np.array([1.0, 3.0, 2.0]), 0.01) == 3.0


def test_prototypes_sit_in_the_clusters():
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    points = np.concatenate([c + 0.1 * rng.normal(size=(50, 2)) for c in centres])
    found = prototypes(points, 6, rng)
    far = np.linalg.norm(centres[:, None] - found[None], axis=2).min(axis=1)
    assert (far < 0.5).all()
