"""The benchmark of planes and self-distance: episodes, variants, metrics."""

import numpy as np
import pytest

from neural_brain.benchmarks import reflex_workspace as bench
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.robots import arm_dynamics
from neural_brain.sim.robots import READY


@pytest.fixture(scope="module")
def shape():
    return arm_dynamics(kind="arm").shape()


@pytest.mark.parametrize("kind", ["plane", "self"])
def test_episodes_begin_free_and_ask_for_something_forbidden(shape, kind):
    for number in range(3):
        episode = bench.draw(kind, 1, number, shape)
        gaps = Gaps(episode.watch, shape, 1)
        assert bench.gap_at(gaps, READY) > 0.02
        if kind == "self":
            allowed, forbidden, back = episode.targets
            assert bench.gap_at(gaps, allowed) > 0.03 > -0.03
            assert bench.gap_at(gaps, forbidden) < -0.03
            np.testing.assert_array_equal(back, READY)
        else:
            way = -np.array(episode.watch.planes[0][:3])
            near, behind, home = (T[:3, 3] @ way for T in episode.targets)
            assert home < near < near + 0.05 < behind


def test_only_the_rule_keeps_the_arm_out_and_lets_it_back(shape):
    episode = bench.draw("plane", 1, 0, shape)
    rows = [{name: bench.play(episode, name) for name in bench.VARIANTS}]
    ours, free = rows[0][bench.OURS], rows[0][bench.NONE]
    assert ours.crossed_mm == 0.0 and ours.margin_mm < 2.0
    assert free.crossed_mm > 20.0 and free.looks == 0.0
    assert ours.back_s < bench.PARTS_S[2] <= rows[0][bench.FREEZE].back_s
    metrics = {m.name: m for m in bench.summarise(rows, "planes")}
    share = metrics["episodes without crossing, planes"]
    assert share.met and share.baseline[bench.NONE] == 0.0
    assert metrics["worst crossing, planes"].value == 0.0
