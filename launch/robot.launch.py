"""The brain on a real robot: bridge to its topics, fast process, brain.

ros2 launch neural_brain robot.launch.py params_file:=my_robot.yaml
neural-brain up robot params_file:=my_robot.yaml

The robot's own drivers (arm with an effort controller, base, lidar, camera, their tf)
are started separately. Topics and joint names: section robot_node of the parameters.
"""

from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription


def generate_launch_description():
    parts = SimpleNamespace(**run_path(str(Path(__file__).with_name("parts.py"))))
    link, memory = parts.value("link"), parts.value("memory_file")
    arguments = parts.arguments(
        "compose", "params_file", "fast_file", "memory_file", "link", "namespace",
        "use_sim_time", "autostart", "discovery", "log_level", discovery="SUBNET",
    )  # fmt: skip
    fast = parts.fast_process(
        "--body", "robot", "--fifo", "--link", LaunchConfiguration("link"),
        "--config", LaunchConfiguration("fast_file"),
    )  # fmt: skip
    bridge = parts.node("robot_node", link)
    brain = parts.brain([link, memory], {"maps": [memory], "body": [link]})
    return LaunchDescription([*arguments, *parts.environment(), bridge, fast, *brain])
