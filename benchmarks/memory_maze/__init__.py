"""The public Memory Maze (arXiv 2210.13383), played by the package's own maps."""

from neural_brain.benchmarks.memory_maze.command import HELP, add_arguments, run

__all__ = ["HELP", "add_arguments", "run"]
