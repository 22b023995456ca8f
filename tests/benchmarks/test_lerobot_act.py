"""The lerobot-act benchmark: what it compares, without the training."""

from dataclasses import replace

import numpy as np

from neural_brain.benchmarks.lerobot_act import (
    ACT,
    JOINTS,
    MEAN,
    NEAREST,
    SCRIPT,
    Demonstrations,
    summarise,
)
from neural_brain.robots.press_episodes import PressResult

GOOD = PressResult(
    success=True, pressed_s=1.0, released=True, button_n=10.0, peak_n=11.0,
    stopped=False, outside=0, length_s=12.0,
)  # fmt: skip


def test_the_nearest_and_the_mean_demonstration():
    shown = Demonstrations(
        buttons=np.array([[0.0, 0, 0], [1.0, 0, 0]]),
        actions=[np.zeros((2, 7)), np.full((4, 7), 2.0)],
    )
    assert len(shown.nearest(np.array([0.9, 0, 0]))) == 4
    mean = shown.mean()
    assert mean.shape == (4, 7)
    np.testing.assert_allclose(mean, 1.0)


def test_the_goal_is_set_by_the_script_and_a_miss_is_shown():
    bad = replace(GOOD, success=False, outside=1)
    results = {
        ACT: [GOOD, bad, bad, bad],
        **{name: [GOOD] * 4 for name in (SCRIPT, JOINTS, NEAREST)},
        MEAN: [bad] * 4,
    }
    metrics = {metric.name: metric for metric in summarise(results, [1.0, 2.0])}
    pressed = metrics["buttons pressed"]
    assert (pressed.value, pressed.goal, pressed.met) == (0.25, ">= 0.8", False)
    assert pressed.baseline == {SCRIPT: 1.0, JOINTS: 1.0, NEAREST: 1.0, MEAN: 0.0}
    assert metrics["commands outside limits"].met is False
