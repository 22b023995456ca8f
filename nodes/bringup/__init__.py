"""Start the launch files of this package, with or without ROS's own launch system."""

from neural_brain.nodes.bringup.runner import (
    LaunchError,
    describe,
    launch_file,
    run_launch,
)

__all__ = ["LaunchError", "describe", "launch_file", "run_launch"]
