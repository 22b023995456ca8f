"""Only the reflex, between a planner such as Nav2 and a robot: no map, no brain.

ros2 launch neural_brain reflex.launch.py arm:=false params_file:=my_robot.yaml
neural-brain up reflex arm:=false params_file:=my_robot.yaml

    Nav2 -> cmd_vel_in -> body_node -> fast_process -> robot_node -> cmd_vel_out -> base

It takes the place of Nav2's collision monitor, or stands behind it.
"""

from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

PACKAGE = "neural_brain"


def generate_launch_description():
    share = FindPackageShare(PACKAGE)
    arguments = [
        DeclareLaunchArgument(
            "arm",
            default_value="true",
            choices=["true", "false"],
            description="false = a base alone, without joints",
        ),
        DeclareLaunchArgument(
            "cmd_vel_in",
            default_value="cmd_vel_smoothed",
            description="what the planner says (TwistStamped)",
        ),
        DeclareLaunchArgument(
            "cmd_vel_out",
            default_value="cmd_vel",
            description="what the base gets; must be another topic",
        ),
        DeclareLaunchArgument(
            "publish_tf",
            default_value="false",
            choices=["true", "false"],
            description="odom -> base_link, if nobody else publishes it",
        ),
        DeclareLaunchArgument(
            "params_file",
            default_value=PathJoinSubstitution([share, "config", "brain_nodes.yaml"]),
            description="parameters of both nodes",
        ),
        DeclareLaunchArgument(
            "fast_file",
            default_value="",
            description="parameters of impedance and reflex; empty = defaults",
        ),
        DeclareLaunchArgument(
            "link",
            default_value="robot",
            description="name of the shared memory, one per robot on a machine",
        ),
        DeclareLaunchArgument(
            "namespace", default_value="", description="of all nodes"
        ),
        DeclareLaunchArgument(
            "use_sim_time",
            default_value="false",
            choices=["true", "false"],
            description="true when the robot is another simulator with /clock",
        ),
        DeclareLaunchArgument(
            "autostart",
            default_value="true",
            choices=["true", "false"],
            description="activate the nodes without a life-cycle manager",
        ),
        DeclareLaunchArgument(
            "discovery",
            default_value="SUBNET",
            choices=["LOCALHOST", "SUBNET"],
            description="where the robot's drivers run: on this machine, or elsewhere",
        ),
        DeclareLaunchArgument(
            "log_level",
            default_value="info",
            choices=["debug", "info", "warn", "error"],
            description="of all nodes",
        ),
    ]
    environment = [
        SetEnvironmentVariable(
            "ROS_AUTOMATIC_DISCOVERY_RANGE", LaunchConfiguration("discovery")
        ),
        SetEnvironmentVariable(
            "FASTDDS_DEFAULT_PROFILES_FILE",
            PathJoinSubstitution([share, "config", "fastdds.xml"]),
        ),
    ]
    fast = Node(
        package=PACKAGE,
        executable="fast_process",
        arguments=[
            "--body",
            "robot",
            "--fifo",
            "--link",
            LaunchConfiguration("link"),
            "--config",
            LaunchConfiguration("fast_file"),
        ],
        output="screen",
        on_exit=Shutdown(),
    )
    bridge = node(
        "robot_node",
        {"arm": value("arm", bool), "body.cmd_vel": value("cmd_vel_out", str)},
    )
    body = node(
        "body_node",
        {"twist_from": "cmd_vel", "publish_tf": value("publish_tf", bool)},
        remappings=[("cmd_vel", LaunchConfiguration("cmd_vel_in"))],
    )
    return LaunchDescription([*arguments, *environment, bridge, fast, body])


def node(executable, own, **options):
    """A node with the parameter file, the common parameters and its own."""
    common = {
        "use_sim_time": value("use_sim_time", bool),
        "autostart": value("autostart", bool),
        "link": value("link", str),
    }
    return Node(
        package=PACKAGE,
        executable=executable,
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), {**common, **own}],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=Shutdown(),
        **options,
    )


def value(name, kind):
    """A parameter that is also a launch argument."""
    return ParameterValue(LaunchConfiguration(name), value_type=kind)
