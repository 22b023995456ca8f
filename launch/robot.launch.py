"""The brain on a real robot: bridge to its topics, fast process, brain.

ros2 launch neural_brain robot.launch.py params_file:=my_robot.yaml
neural-brain up robot params_file:=my_robot.yaml

The robot's own drivers (arm with an effort controller, base, lidar, camera, their tf)
are started separately. Topics and joint names: section robot_node of the parameters.
"""

from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable, Shutdown
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

PACKAGE = "neural_brain"
MODULES = ("sensing", "maps", "world", "executive", "motion", "body")


def generate_launch_description():
    share = FindPackageShare(PACKAGE)
    arguments = [
        DeclareLaunchArgument(
            "compose",
            default_value="true",
            choices=["true", "false"],
            description="all slow modules in one process, or one process a module",
        ),
        DeclareLaunchArgument(
            "params_file",
            default_value=PathJoinSubstitution([share, "config", "brain_nodes.yaml"]),
            description="parameters of all nodes",
        ),
        DeclareLaunchArgument(
            "fast_file",
            default_value="",
            description="parameters of impedance and reflex; empty = defaults",
        ),
        DeclareLaunchArgument(
            "memory_file",
            default_value="",
            description="file of the lasting memory; empty = forget at the end",
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
    composed = node(
        "brain_node",
        [text("link"), text("memory_file")],
        condition=IfCondition(LaunchConfiguration("compose")),
    )
    extra = {"maps": [text("memory_file")], "body": [text("link")]}
    single = [
        node(
            f"{module}_node",
            extra.get(module, []),
            condition=UnlessCondition(LaunchConfiguration("compose")),
        )
        for module in MODULES
    ]
    bridge = node("robot_node", [text("link")])
    return LaunchDescription(
        [*arguments, *environment, bridge, fast, composed, *single]
    )


def node(executable, own, **options):
    """A node with the parameter file, the common parameters and its own."""
    common = {
        "use_sim_time": truth("use_sim_time"),
        "autostart": truth("autostart"),
    }
    return Node(
        package=PACKAGE,
        executable=executable,
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), common, *own],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=Shutdown(),
        **options,
    )


def truth(name):
    """A boolean parameter that is also a launch argument."""
    return ParameterValue(LaunchConfiguration(name), value_type=bool)


def text(name):
    """A text parameter that is also a launch argument."""
    return {name: ParameterValue(LaunchConfiguration(name), value_type=str)}
