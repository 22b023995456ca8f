"""The live view of a running brain, in the browser: http://127.0.0.1:8080

ros2 launch neural_brain viz.launch.py port:=8081
neural-brain up viz port:=8081
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
    port = ParameterValue(LaunchConfiguration("port"), value_type=int)
    link = ParameterValue(LaunchConfiguration("link"), value_type=str)
    sim_time = ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool)
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "port", default_value="8080", description="TCP port on this machine"
            ),
            DeclareLaunchArgument(
                "link",
                default_value="robot",
                description="fast process whose world is drawn, if it runs here",
            ),
            DeclareLaunchArgument(
                "use_sim_time",
                default_value="true",
                choices=["true", "false"],
                description="true for a simulated robot, false for a real one",
            ),
            DeclareLaunchArgument(
                "namespace", default_value="", description="of the brain's nodes"
            ),
            DeclareLaunchArgument(
                "discovery",
                default_value="LOCALHOST",
                choices=["LOCALHOST", "SUBNET"],
                description="who may talk to the robot: this machine, or the network",
            ),
            SetEnvironmentVariable(
                "ROS_AUTOMATIC_DISCOVERY_RANGE", LaunchConfiguration("discovery")
            ),
            SetEnvironmentVariable(
                "FASTDDS_DEFAULT_PROFILES_FILE",
                PathJoinSubstitution([share, "config", "fastdds.xml"]),
            ),
            Node(
                package=PACKAGE,
                executable="viz_node",
                namespace=LaunchConfiguration("namespace"),
                parameters=[{"use_sim_time": sim_time, "port": port, "link": link}],
                output="screen",
                on_exit=Shutdown(),
            ),
        ]
    )
