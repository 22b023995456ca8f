"""Rows of the result: goals hold where they were set, shares are paired."""

import argparse

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze.command import _kept, plan
from neural_brain.benchmarks.memory_maze.episode import Score
from neural_brain.benchmarks.memory_maze.report import maze_metrics, share_metric
from neural_brain.models.errors import ConfigError


def scores(maze, **rewards):
    return [
        Score(
            maze=maze,
            seed=k,
            agent=agent.replace("_", " "),
            reward=reward,
            at=(),
            doing={},
        )
        for agent, values in rewards.items()
        for k, reward in enumerate(values)
    ]


def test_goals_are_the_papers_scores():
    played = scores("9x9", sensed=[30, 32], pose=[31, 33], rgb=[27, 27],
                    oracle=[32, 34], pose_wiped=[10, 12], random=[0, 1])  # fmt: skip
    rows = {row.name: row for row in maze_metrics("9x9", played)}
    assert rows["9x9 rgb: targets"].goal == "> 26.4" and rows["9x9 rgb: targets"].met
    share = rows["9x9 pose: share of the published oracle"]
    assert share.goal == ">= 0.9" and share.met
    assert not rows["9x9 rgb: share of the published oracle"].goal
    assert rows["9x9 pose: targets"].baseline == {
        "our oracle": 33.0,
        "pose, map wiped at each target": 11.0,
        "random": 0.5,
        "human (published)": 26.4,
        "oracle (published)": 34.8,
        "Dreamer TBTT (published)": 33.2,
        "IMPALA (published)": 23.4,
    }


def test_a_missed_goal_stays():
    rows = maze_metrics("15x15", scores("15x15", pose=[50, 52], rgb=[40, 40]))
    assert [row.met for row in rows] == [False, False, None, None]


def test_shares_are_resampled_in_pairs():
    mine, whole = np.array([10.0, 40.0]), np.array([20.0, 80.0])
    metric = share_metric("share", mine, whole)
    assert metric.value == metric.low == metric.high == 0.5


def options(**changes):
    values = {"mazes": ["9x9", "15x15"], "episodes": [2, 1], "jobs": 1,
              "agents": ["pose"], "first_seed": 10_000}  # fmt: skip
    return argparse.Namespace(**(values | changes))


def test_every_agent_plays_the_same_mazes():
    wanted = plan(options(agents=["pose", "oracle"]))
    assert wanted[:2] == [("9x9", 10_000, "pose"), ("9x9", 10_000, "oracle")]
    assert [key[0] for key in wanted].count("15x15") == 2


@pytest.mark.parametrize(
    "changes", [{"episodes": [1, 2, 3]}, {"episodes": [0]}, {"jobs": 0}]
)
def test_numbers_that_do_not_fit_are_refused(changes):
    with pytest.raises(ConfigError, match="--episodes"):
        plan(options(**changes))


def test_a_damaged_record_is_named(tmp_path):
    file = tmp_path / "kept"
    file.write_text('{"commit": "x"}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1"):
        _kept(str(file))
    assert _kept(str(tmp_path / "none")) == {}
