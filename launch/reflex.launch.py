"""Only the reflex, between controllers such as Nav2 and a robot: no map, no brain.

ros2 launch neural_brain reflex.launch.py arm:=false params_file:=my_robot.yaml
neural-brain up reflex arm:=false params_file:=my_robot.yaml

    Nav2 -> cmd_vel_in -> body_node -> fast_process -> robot_node -> cmd_vel_out -> base
    policy -> arm_from ---^                                     +--> joints -> arm

It takes the place of Nav2's collision monitor, or stands behind it.
"""

from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription


def generate_launch_description():
    parts = SimpleNamespace(**run_path(str(Path(__file__).with_name("parts.py"))))
    value, node = parts.value, parts.node
    own = [
        ("arm", "true", parts.SWITCH, "false = a base alone, without joints"),
        (
            "cmd_vel_in",
            "cmd_vel_smoothed",
            None,
            "what the planner says (TwistStamped)",
        ),
        ("cmd_vel_out", "cmd_vel", None, "what the base gets; must be another topic"),
        (
            "arm_from",
            "",
            None,
            "joint positions for the arm (Float64MultiArray); empty = it keeps still",
        ),
        (
            "publish_tf",
            "false",
            parts.SWITCH,
            "odom -> base_link, if nobody else publishes it",
        ),
    ]
    shared = parts.arguments(
        "params_file", "fast_file", "link", "namespace", "use_sim_time", "autostart",
        "discovery", "log_level", discovery="SUBNET",
    )  # fmt: skip
    fast = parts.fast_process(
        "--body", "robot", "--fifo", "--link", LaunchConfiguration("link"),
        "--config", LaunchConfiguration("fast_file"),
    )  # fmt: skip
    bridge = node(
        "robot_node",
        {
            **value("link"),
            **value("arm", bool),
            **value("cmd_vel_out", name="body.cmd_vel"),
        },
    )
    body = node(
        "body_node",
        {
            **value("link"),
            "twist_from": "cmd_vel",
            **value("arm_from"),
            **value("publish_tf", bool),
        },
        remappings=[("cmd_vel", LaunchConfiguration("cmd_vel_in"))],
    )
    return LaunchDescription(
        [
            *(parts.argument(*item) for item in own),
            *shared,
            *parts.environment(),
            bridge,
            fast,
            body,
        ]
    )
