"""The live view of a running brain, in the browser: http://127.0.0.1:8080

ros2 launch neural_brain viz.launch.py port:=8081
neural-brain up viz port:=8081
"""

from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

from launch.actions import Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchDescription


def generate_launch_description():
    parts = SimpleNamespace(**run_path(str(Path(__file__).with_name("parts.py"))))
    own = [
        ("port", "8080", None, "TCP port on this machine"),
        ("link", "robot", None, "fast process whose world is drawn, if it runs here"),
        (
            "use_sim_time",
            "true",
            parts.SWITCH,
            "true for a simulated robot, false for a real one",
        ),
    ]
    view = Node(
        package=parts.PACKAGE,
        executable="viz_node",
        namespace=LaunchConfiguration("namespace"),
        parameters=[
            {
                **parts.value("use_sim_time", bool),
                **parts.value("port", int),
                **parts.value("link"),
            }
        ],
        output="screen",
        on_exit=Shutdown(),
    )
    return LaunchDescription(
        [
            *(parts.argument(*item) for item in own),
            *parts.arguments("namespace", "discovery"),
            *parts.environment(),
            view,
        ]
    )
