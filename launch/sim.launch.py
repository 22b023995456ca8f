"""The whole loop in simulation: fast process, simulated sensors, brain.

ros2 launch neural_brain sim.launch.py seed:=7        (with ROS's launch system)
neural-brain up sim seed:=7                           (without)
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
            "world",
            default_value="home",
            choices=["home", "small_home", "room"],
            description="a home made from the seed, or an empty room",
        ),
        DeclareLaunchArgument("seed", default_value="0", description="of the home"),
        DeclareLaunchArgument(
            "compose",
            default_value="true",
            choices=["true", "false"],
            description="all slow modules in one process, or one process a module",
        ),
        DeclareLaunchArgument(
            "detector",
            default_value="network",
            choices=["network", "coco", "openimages", "both", "oracle", "none"],
            description="what finds objects; oracle = the simulator's own labels",
        ),
        DeclareLaunchArgument(
            "time_scale",
            default_value="1.0",
            description="simulated seconds per real second",
        ),
        DeclareLaunchArgument(
            "params_file",
            default_value=PathJoinSubstitution([share, "config", "brain_nodes.yaml"]),
            description="parameters of all nodes",
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
            "autostart",
            default_value="true",
            choices=["true", "false"],
            description="activate the nodes without a life-cycle manager",
        ),
        DeclareLaunchArgument(
            "discovery",
            default_value="LOCALHOST",
            choices=["LOCALHOST", "SUBNET"],
            description="who may talk to the robot: this machine, or the network",
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
            "--world",
            LaunchConfiguration("world"),
            "--seed",
            LaunchConfiguration("seed"),
            "--link",
            LaunchConfiguration("link"),
            "--time-scale",
            LaunchConfiguration("time_scale"),
        ],
        output="screen",
        on_exit=Shutdown(),
    )
    # On a busy machine `/clock` reaches a node later than the data stamped with it.
    late_clock = {"gate.max_future_s": 0.5}
    extra = {
        "sensing": [text("detector"), late_clock],
        "maps": [text("memory_file"), late_clock],
        "executive": [late_clock],
        "motion": [late_clock],
        "body": [text("link"), late_clock],
    }
    sim = node("sim_node", [text("link")])
    composed = node(
        "brain_node",
        [text("link"), text("memory_file"), text("detector"), late_clock],
        condition=IfCondition(LaunchConfiguration("compose")),
    )
    single = [
        node(
            f"{module}_node",
            extra.get(module, []),
            condition=UnlessCondition(LaunchConfiguration("compose")),
        )
        for module in MODULES
    ]
    return LaunchDescription([*arguments, *environment, fast, sim, composed, *single])


def node(executable, own, **options):
    """A node with the parameter file, the common parameters and its own."""
    common = {"use_sim_time": True}
    autostart = ParameterValue(LaunchConfiguration("autostart"), value_type=bool)
    parameters = [
        LaunchConfiguration("params_file"),
        common,
        {"autostart": autostart},
        *own,
    ]
    return Node(
        package=PACKAGE,
        executable=executable,
        namespace=LaunchConfiguration("namespace"),
        parameters=parameters,
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=Shutdown(),
        **options,
    )


def text(name):
    """A text parameter that is also a launch argument."""
    return {name: ParameterValue(LaunchConfiguration(name), value_type=str)}
