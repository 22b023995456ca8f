"""A picture of what a player remembers: cells, beams' grid, targets, its way."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from neural_brain.benchmarks.memory_maze.client import MAZES, MazeProcess
from neural_brain.benchmarks.memory_maze.environment import need_python
from neural_brain.benchmarks.memory_maze.episode import RUNGS, play
from neural_brain.benchmarks.memory_maze.maze_map import MazeMap
from neural_brain.benchmarks.memory_maze.sight import COLOURS
from neural_brain.benchmarks.memory_maze.vision import PAINT
from neural_brain.models.geometry import Array


def main() -> None:
    """Play for some steps and draw the map."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", help="picture file")
    parser.add_argument("--maze", choices=MAZES, default="9x9")
    parser.add_argument("--rung", choices=RUNGS, default="rgb")
    parser.add_argument("--seed", type=int, default=1003)
    parser.add_argument("--steps", type=int, default=250)
    args = parser.parse_args()
    extra = args.rung != "rgb"
    maze = MazeProcess(need_python(), args.maze, args.seed, extra=extra)
    try:
        score, player = play(maze, args.rung, args.seed, steps=args.steps)
    finally:
        maze.close()
    assert player is not None
    title = f"{args.maze}, {args.rung}, {args.steps} steps, {score.reward} targets"
    draw(player.memory, np.array(player.way), title, Path(args.out))


def draw(memory: MazeMap, way: Array, title: str, out: Path) -> None:
    """Draw a map and a way (n, 2) [m] into a picture file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 5.6), layout="constrained")
    fine, whole = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, view, name in (
        (fine, memory.grid.view(), "occupancy from beams"),
        (whole, memory.view(), "the same in whole cells, targets, way"),
    ):
        h, w = view.cells.shape
        left, low = view.origin
        extent = (left, left + w * view.resolution, low, low + h * view.resolution)
        shade = np.where(view.cells < 0, 50, 100 - view.cells)
        axes.imshow(shade, cmap="gray", vmin=0, vmax=100, origin="lower",
                    extent=extent)  # fmt: skip
        axes.set_title(name)
        axes.set_xlabel("x [m]")
    fine.set_ylabel("y [m]")
    whole.plot(way[:, 0], way[:, 1], color="tab:cyan", linewidth=0.9)
    for colour, paint in zip(COLOURS, PAINT / 255.0, strict=True):
        place = memory.target(colour)
        if place is not None:
            whole.scatter(*place, s=160, color=np.clip(paint, 0, 1), edgecolor="black",
                          zorder=3)  # fmt: skip
    view = memory.view()
    h, w = np.array(view.cells.shape) * view.resolution
    fine.set_xlim(view.origin[0], view.origin[0] + w)
    fine.set_ylim(view.origin[1], view.origin[1] + h)
    figure.suptitle(title)
    figure.savefig(out, dpi=90)


if __name__ == "__main__":
    main()
