"""A picture of one contact maze: where the hand went, and what it felt on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neural_brain.benchmarks.maze_rig import (
    HORIZON_S,
    LIMIT_N,
    SETTLE_TICKS,
    STEP_TICKS,
    Episode,
    run_episode,
)
from neural_brain.models.geometry import Array
from neural_brain.models.motion.contact_step import StepChoice
from neural_brain.sim.contact_maze import BLOCK_RADIUS_M, Maze, draw_maze, walls
from neural_brain.sim.physics import TICK_S

SEED = 1000
"""A maze of the tuning range."""
FORCE_TOP_N, STIFFNESS_TOP_N_M = 40.0, 1100.0


def draw(
    cases: dict[str, tuple[Callable[[], StepChoice], bool]],
    path: Path,
    *,
    horizon_s: float = HORIZON_S,
) -> None:
    """Lead the hand through the maze with each choice, and write a PNG file.

    Args:
        cases: name -> what makes the choice, and whether the reflex watches.
        path: of the file.
        horizon_s: longest episode [s].
    """
    mpl.rcParams.update({"font.size": 7.0})
    maze = draw_maze(np.random.default_rng(SEED))
    figure = Figure(figsize=(9.2, 2.0 * len(cases)), layout="constrained")
    rows = figure.subplots(len(cases), 2, squeeze=False, width_ratios=(1.1, 1.0))
    for (left, right), (name, (make, reflex)) in zip(rows, cases.items(), strict=True):
        episode = run_episode(
            maze, make(), reflex=reflex, seed=SEED, horizon_s=horizon_s
        )
        points = _draw_way(left, maze, episode)
        left.set_title(f"{name}: {episode.ended} after {episode.time_s:.1f} s")
        _draw_forces(right, episode)
    rows[0, 0].legend(loc="lower center", fontsize=6)
    figure.colorbar(
        points, ax=rows[:, 0], location="left", label="contact force [N]", aspect=40
    )
    figure.savefig(path, dpi=90)


def _draw_way(axes: Axes, maze: Maze, episode: Episode) -> object:
    """The maze from above, the hand coloured by the largest force of each step."""
    for line in walls(maze):
        axes.plot(line[:, 1], line[:, 0], color="0.35", lw=4)
    known = maze.known
    axes.plot(known[:, 1], known[:, 0], "--", lw=0.9, label="way as it is known")
    for (x, y), resist_n in zip(maze.blocks, maze.resist_n, strict=True):
        shape = mpl.patches.Circle((y, x), BLOCK_RADIUS_M, color="C1", alpha=0.7)
        axes.add_patch(shape)
        axes.annotate(f"{resist_n:.0f} N", (y, x), ha="center", va="center")
    points = axes.scatter(
        episode.hand[:, 1],
        episode.hand[:, 0],
        c=_highest(episode),
        s=9,
        vmin=0.0,
        vmax=LIMIT_N,
        zorder=3,
    )
    axes.set(xlabel="y [m]", ylabel="x [m]", aspect="equal")
    return points


def _draw_forces(axes: Axes, episode: Episode) -> None:
    """Force in every tick and stiffness in every step, over time."""
    ticks = np.arange(len(episode.force_n)) - SETTLE_TICKS
    axes.plot(TICK_S * ticks, episode.force_n, color="C2", lw=0.7)
    axes.axhline(LIMIT_N, color="C3", lw=0.9)
    axes.set(xlabel="time [s]", ylabel="contact force [N]", ylim=(0.0, FORCE_TOP_N))
    steps = STEP_TICKS * np.arange(len(episode.stiffness)) - SETTLE_TICKS
    other = axes.twinx()
    other.plot(TICK_S * steps, episode.stiffness, color="0.5", lw=0.9)
    other.set_ylim(0.0, STIFFNESS_TOP_N_M)
    other.set_ylabel("stiffness along the way [N/m]", color="0.5")


def _highest(episode: Episode) -> Array:
    """Largest force (s,) of each step."""
    count = len(episode.hand)
    force = np.zeros(count * STEP_TICKS)
    known = episode.force_n[: force.size]
    force[: known.size] = known
    return np.asarray(force.reshape(count, STEP_TICKS).max(axis=1))
