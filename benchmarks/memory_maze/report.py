"""Scores as metrics: against the paper's human and oracle, and against our own."""

from __future__ import annotations

import numpy as np

from neural_brain.benchmarks.memory_maze.episode import RUNGS, Score
from neural_brain.benchmarks.result import Metric, mean_metric

# Pasukonis et al. 2022 (arXiv 2210.13383) and the README of its repository.
HUMAN = {"9x9": 26.4, "11x11": 44.3, "13x13": 55.5, "15x15": 67.7}
ORACLE = {"9x9": 34.8, "11x11": 58.0, "13x13": 74.5, "15x15": 87.7}
LEARNED = {"9x9": {"Dreamer TBTT (published)": 33.2, "IMPALA (published)": 23.4}}
ENOUGH = ">= 0.9"


def maze_metrics(maze: str, scores: list[Score]) -> list[Metric]:
    """Rows of one maze; agents that did not play are left out."""
    rewards = {
        agent: np.array([s.reward for s in scores if s.agent == agent], float)
        for agent in dict.fromkeys(s.agent for s in scores)
    }
    beside = {
        _name(agent): float(values.mean())
        for agent, values in rewards.items()
        if agent not in RUNGS
    }
    beside |= {
        "human (published)": HUMAN[maze],
        "oracle (published)": ORACLE[maze],
        **LEARNED.get(maze, {}),
    }
    rows = []
    for rung in (rung for rung in RUNGS if rung in rewards):
        mine = rewards[rung]
        held = rung != "rgb"  # the goals for larger mazes hold for a given pose
        rows.append(
            mean_metric(
                f"{maze} {rung}: targets",
                mine,
                "",
                goal=f"> {HUMAN[maze]}" if held or maze == "9x9" else "",
                baseline=beside,
            )
        )
        rows.append(
            mean_metric(
                f"{maze} {rung}: share of the published oracle",
                mine / ORACLE[maze],
                "",
                goal=ENOUGH if held else "",
            )
        )
        if "oracle" in rewards:
            name = f"{maze} {rung}: share of our oracle, same mazes"
            rows.append(share_metric(name, mine, rewards["oracle"]))
    return rows


def share_metric(name: str, mine: np.ndarray, whole: np.ndarray) -> Metric:
    """Ratio of two sums over the same mazes, resampled in pairs."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(mine), size=(2000, len(mine)))
    ratios = mine[picks].sum(axis=1) / np.maximum(whole[picks].sum(axis=1), 1.0)
    low, high = np.percentile(ratios, [2.5, 97.5])
    value = float(mine.sum() / max(whole.sum(), 1.0))
    return Metric(name=name, value=value, low=float(low), high=float(high), unit="",
                  n=len(mine))  # fmt: skip


def _name(agent: str) -> str:
    return {"oracle": "our oracle", "pose wiped": "pose, map wiped at each target"}.get(
        agent, agent
    )
