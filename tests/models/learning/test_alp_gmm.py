import numpy as np

from neural_brain.models.learning import AlpGmm
from neural_brain.models.learning.alp_gmm import fit

LOW, HIGH = np.array([0.0, 10.0]), np.array([1.0, 30.0])


def test_a_mixture_finds_two_heaps():
    rng = np.random.default_rng(0)
    heaps = np.concatenate(
        (rng.normal(0.2, 0.05, (80, 2)), rng.normal(0.8, 0.05, (40, 2)))
    )
    mixture = fit(heaps, 2, rng)
    order = mixture.mean[:, 0].argsort()
    np.testing.assert_allclose(mixture.mean[order], [[0.2] * 2, [0.8] * 2], atol=0.05)
    np.testing.assert_allclose(mixture.share[order], [2 / 3, 1 / 3], atol=0.05)


def test_tasks_are_drawn_where_the_score_changes():
    rng = np.random.default_rng(1)
    tasks, drawn = AlpGmm(LOW, HIGH, rng), []
    for _ in range(400):
        task = tasks.draw()
        drawn.append(task)
        moving = task[0] > 0.7  # elsewhere the score stays what it is
        tasks.tell(task, float(rng.random()) if moving else 0.5)
    share = np.mean(np.array(drawn[200:])[:, 0] > 0.7)
    assert share > 0.5  # 0.3 if uniform


def test_before_the_first_fit_and_always_in_part_tasks_are_uniform_and_in_range():
    tasks = AlpGmm(LOW, HIGH, np.random.default_rng(2), refit=10)
    drawn = []
    for k in range(60):
        drawn.append(tasks.draw())
        tasks.tell(drawn[-1], float(k % 3))
    drawn = np.array(drawn)
    assert (drawn >= LOW).all() and (drawn <= HIGH).all()
    assert drawn[:10, 1].std() > 3.0
