"""The benchmark of the contact maze, on a small case."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neural_brain.benchmarks.maze_picture import draw
from neural_brain.benchmarks.maze_rig import LIMIT_N, Episode, run_episode
from neural_brain.benchmarks.reflex_maze import candidates, summarise
from neural_brain.models.motion import FixedStiffness, StepConfig
from neural_brain.sim.contact_maze import draw_maze

CONFIG = StepConfig()


@pytest.fixture(scope="module")
def wall():
    """A maze whose way is known so badly that it leads straight into a wall."""
    drawn = draw_maze(np.random.default_rng(1))
    ahead = drawn.centre[1] - drawn.centre[0]
    aside = np.array([-ahead[1], ahead[0]])
    bend = drawn.centre[0] + 0.4 * ahead
    lost = np.array([drawn.centre[0], bend, *(bend + k * aside for k in (1, 2, 3))])
    return replace(drawn, known=lost, blocks=np.zeros((0, 2)), resist_n=np.zeros(0))


def test_an_empty_maze_is_passed_without_much_force():
    drawn = draw_maze(np.random.default_rng(2))
    empty = replace(drawn, blocks=np.zeros((0, 2)), resist_n=np.zeros(0))
    run = run_episode(empty, FixedStiffness(300.0, CONFIG), reflex=True, seed=1)
    assert run.ended == "goal" and run.reflexes == 0
    assert 4.0 < run.time_s < 12.0
    assert run.force_n.max() < LIMIT_N
    assert run.stiffness[10:-1] == pytest.approx(300.0, rel=1e-6)


def test_against_a_wall_a_hand_pushes_with_stiffness_times_step(wall):
    run = run_episode(
        wall, FixedStiffness(300.0, CONFIG), reflex=False, seed=1, horizon_s=3.0
    )
    assert run.ended == "time"
    lasting = run.force_n[-500:].mean()
    assert lasting == pytest.approx(300.0 * CONFIG.step_m, rel=0.3)


def test_the_reflex_takes_a_hand_from_the_wall(wall):
    soft = StepConfig(step_m=0.04)
    runs = [
        run_episode(wall, FixedStiffness(900.0, soft), reflex=r, seed=1, horizon_s=2.0)
        for r in (False, True)
    ]
    assert runs[0].ended == "violation" and runs[0].reflexes == 0
    assert runs[1].ended == "time" and runs[1].reflexes >= 1
    assert runs[1].force_n.max() < LIMIT_N


def made_up(ended, peak_n):
    return Episode(
        ended=ended,
        time_s=5.0,
        force_n=np.array([1.0, peak_n]),
        hand=np.zeros((1, 3)),
        stiffness=np.zeros(1),
        reflexes=0,
    )


def test_the_table_compares_with_the_fixed_one_that_was_best_in_the_same_run():
    good, bad, late = (
        made_up("goal", 9.0),
        made_up("violation", 40.0),
        made_up("time", 9.0),
    )
    runs = {
        "fixed 300": [late, late, late, good],
        "fixed 600": [good, good, bad, bad],
        "fixed 1000": [good, good, late, bad],
        "rule, reflex": [good, good, good, good],
    }
    found = {m.name: m for m in summarise(runs, "rule, reflex")}
    name = "violations less 1/5 of those of fixed 1000, the best fixed one"
    less = found[f"{name} (rule, reflex)"]
    assert less.value == pytest.approx(-0.05) and less.met is True
    assert less.baseline["fixed 600"] == pytest.approx(0.45)
    assert found["success (rule, reflex)"].met is True
    assert found["(successes + 1) / (violations + 1)"].value == 5.0
    assert found["(successes + 1) / (violations + 1)"].baseline["fixed 600"] == 1.0


def test_a_learned_policy_is_compared_only_when_it_is_named():
    assert not any("learned" in name for name in candidates(None))
    assert "learned" in candidates(Path("policy.safetensors"))


def test_the_picture_is_drawn_for_each_case(tmp_path):
    from PIL import Image

    sizes = []
    for count in (1, 2):
        file = tmp_path / f"{count}.png"
        cases = {f"case {i}": (lambda: FixedStiffness(300.0, CONFIG), bool(i))
                 for i in range(count)}  # fmt: skip
        draw(cases, file, horizon_s=0.4)
        with Image.open(file) as picture:
            sizes.append(picture.size)
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 50
    assert sizes[0][0] == sizes[1][0] and sizes[1][1] == 2 * sizes[0][1]
