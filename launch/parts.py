"""What the launch files share: arguments, environment, nodes. They read it by path."""

from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable, Shutdown
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

PACKAGE = "neural_brain"
MODULES = ("sensing", "maps", "world", "executive", "motion", "body")
SWITCH = ["true", "false"]
SHARE = FindPackageShare(PACKAGE)
CONFIG = PathJoinSubstitution([SHARE, "config", "brain_nodes.yaml"])

# name: default, choices, meaning
ARGUMENTS = {
    "compose": (
        "true",
        SWITCH,
        "all slow modules in one process, or one process a module",
    ),
    "params_file": (CONFIG, None, "parameters of all nodes"),
    "fast_file": ("", None, "parameters of impedance and reflex; empty = defaults"),
    "memory_file": ("", None, "file of the lasting memory; empty = forget at the end"),
    "link": (
        "robot",
        None,
        "name of the shared memory, one per robot on a machine",
    ),
    "namespace": ("", None, "of all nodes"),
    "use_sim_time": (
        "false",
        SWITCH,
        "true when the robot is another simulator with /clock",
    ),
    "autostart": ("true", SWITCH, "activate the nodes without a life-cycle manager"),
    "discovery": (
        "LOCALHOST",
        ["LOCALHOST", "SUBNET"],
        "who may talk to the robot: this machine, or the network",
    ),
    "log_level": ("info", ["debug", "info", "warn", "error"], "of all nodes"),
}


def arguments(*names, **defaults):
    """Shared arguments by name, some with a default of their own."""
    return [argument(name, *ARGUMENTS[name], **defaults) for name in names]


def argument(name, default, choices, description, **defaults):
    """One argument of a launch file."""
    return DeclareLaunchArgument(
        name,
        default_value=defaults.get(name, default),
        choices=choices,
        description=description,
    )


def environment():
    """Who may be heard, and how messages travel."""
    profiles = PathJoinSubstitution([SHARE, "config", "fastdds.xml"])
    return [
        SetEnvironmentVariable(
            "ROS_AUTOMATIC_DISCOVERY_RANGE", LaunchConfiguration("discovery")
        ),
        SetEnvironmentVariable("FASTDDS_DEFAULT_PROFILES_FILE", profiles),
    ]


def fast_process(*words):
    """The fast process; names of launch arguments stand for their values."""
    return Node(
        package=PACKAGE,
        executable="fast_process",
        arguments=list(words),
        output="screen",
        on_exit=Shutdown(),
    )


def node(executable, *own, use_sim_time=None, **options):
    """A node with the parameter file, the common parameters and its own."""
    sim_time = use_sim_time or value("use_sim_time", bool)["use_sim_time"]
    common = {"use_sim_time": sim_time, **value("autostart", bool)}
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


def brain(whole, single, **options):
    """The slow modules, in one process or each in its own.

    `whole` are parameters of the one process, `single` those of each module.
    """
    compose = LaunchConfiguration("compose")
    composed = node("brain_node", *whole, condition=IfCondition(compose), **options)
    apart = [
        node(
            f"{module}_node",
            *single.get(module, []),
            condition=UnlessCondition(compose),
            **options,
        )
        for module in MODULES
    ]
    return [composed, *apart]


def value(argument, kind=str, name=None):
    """A parameter that is also a launch argument."""
    typed = ParameterValue(LaunchConfiguration(argument), value_type=kind)
    return {name or argument: typed}
